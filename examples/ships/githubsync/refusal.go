package githubsync

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
)

const (
	// defaultWait is for a limit that says no time: GitHub asks to wait for a minute at least.
	defaultWait = time.Minute
	// maxMessage is how much of GitHub's words an error repeats, in characters.
	maxMessage = 200
)

// hints say what to do about an answer, whatever was asked.
var hints = map[int]string{
	http.StatusUnauthorized: "the key or token is wrong, expired or revoked: renew it in section " + SecretSection + " of the fleet's secret",
	http.StatusForbidden: "the App or token may not: grant it the permission Contents: read-only, and let a token through the single sign-on of the organization " +
		"where it has one",
}

// refusal makes an error of an answer: *RateLimitError or *StatusError.
func (g *github) refusal(answer *http.Response, doing string) error {
	var said words
	_ = json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&said) // an answer without words has a status
	if wait, limited := g.rateLimit(answer, said); limited {
		return &RateLimitError{Doing: doing, After: wait}
	}
	return &StatusError{Doing: doing, Status: answer.StatusCode, Message: alert.Cut(alert.Plain(said.Message), maxMessage, nil), Hint: hints[answer.StatusCode]}
}

// words are what GitHub says of a request that it refuses.
type words struct {
	Message          string `json:"message"`
	DocumentationURL string `json:"documentation_url"`
}

// ofRateLimit says whether they are about a rate limit. They are the only sign of one that has no header.
func (w words) ofRateLimit() bool {
	return strings.Contains(strings.ToLower(w.Message), "rate limit") || strings.Contains(w.DocumentationURL, "rate-limits")
}

// rateLimit says whether an answer is a rate limit's, and for how long. GitHub has two: one by the hour, which is used up when
// x-ratelimit-remaining is 0 and comes back at x-ratelimit-reset, in seconds since 1970; and one for bursts, the secondary one, with
// Retry-After or with no more than words. Each answers 403 or 429. A 403 without these is about permissions.
func (g *github) rateLimit(answer *http.Response, said words) (time.Duration, bool) {
	if answer.StatusCode != http.StatusForbidden && answer.StatusCode != http.StatusTooManyRequests {
		return 0, false
	}
	now := g.now()
	if text := answer.Header.Get("Retry-After"); text != "" {
		if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
			return max(time.Duration(seconds)*time.Second, time.Second), true
		}
		if at, err := http.ParseTime(text); err == nil {
			return until(at, now), true
		}
		return defaultWait, true
	}
	if answer.Header.Get("X-RateLimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(answer.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return until(time.Unix(reset, 0), now), true
		}
		return defaultWait, true
	}
	return defaultWait, answer.StatusCode == http.StatusTooManyRequests || said.ofRateLimit()
}

// until is the time between, in whole seconds, rounded up.
func until(at, now time.Time) time.Duration {
	return max((at.Sub(now) + time.Second - 1).Truncate(time.Second), time.Second)
}

// steer says what becomes of the task after an error of GitHub's, of the secret or of the archive: a limit is waited for, what is as it is
// dead-letters the task at once, and everything else is tried again.
func steer(err error) error {
	var (
		limit      *RateLimitError
		status     *StatusError
		credential *CredentialError
		archive    *ArchiveError
		bucket     *BucketError
	)
	switch {
	case errors.As(err, &limit):
		return starfleet.RetryAfter(limit.After, err)
	case errors.As(err, &status) && lasting(status.Status), errors.As(err, &credential), errors.As(err, &archive), errors.As(err, &bucket):
		return starfleet.Permanent(err)
	}
	return err
}

// lasting are answers that the same question gets again.
func lasting(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusUnavailableForLegalReasons:
		return true
	}
	return false
}

// refused says whether GitHub does not take the credential.
func refused(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status == http.StatusUnauthorized
}
