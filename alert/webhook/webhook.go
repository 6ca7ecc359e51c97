package webhook

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/secret"
)

// What a Config that is silent means.
const (
	// DefaultTimeout is for one request: 5 seconds.
	DefaultTimeout = 5 * time.Second
	// DefaultAttempts is how often a message is sent at most.
	DefaultAttempts = 3
)

// firstPause is how long the second attempt waits when the answer does not say; each further one waits twice as long.
const firstPause = 500 * time.Millisecond

// HTTPClient sends one request. *http.Client is one.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

// Config is what a Webhook is made of.
type Config struct {
	// URL is where messages are posted. Required; https, or http for a loopback host. It may hold a token and is never part of an error.
	URL secret.Value

	// Key signs the requests. Default: they are not signed.
	Key secret.Value

	// Client sends the requests. Default: one that follows no redirects.
	Client HTTPClient

	// Timeout is for one request. Default: DefaultTimeout.
	Timeout time.Duration

	// Attempts is how often a message is sent at most. Default: DefaultAttempts.
	Attempts int

	// Now is the clock of signatures. Default: time.Now.
	Now func() time.Time
}

// Webhook is the sink. It is an alert.Alerter, safe for concurrent use. Make one with New.
type Webhook struct{ cfg Config }

var _ alert.Alerter = (*Webhook)(nil)

// New makes a sink. The error names the fields of cfg at fault. Nothing is sent yet.
func New(cfg Config) (*Webhook, error) {
	faults := []error{checkURL(cfg.URL.Reveal())}
	if cfg.Timeout < 0 {
		faults = append(faults, fmt.Errorf("webhook: Config.Timeout is %v: it can not be negative", cfg.Timeout))
	}
	if cfg.Attempts < 0 {
		faults = append(faults, fmt.Errorf("webhook: Config.Attempts is %d: it can not be negative", cfg.Attempts))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	cfg.Timeout, cfg.Attempts = cmp.Or(cfg.Timeout, DefaultTimeout), cmp.Or(cfg.Attempts, DefaultAttempts)
	if cfg.Client == nil {
		cfg.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Webhook{cfg: cfg}, nil
}

// checkURL wants https, or http on this machine. The URL is not part of the error.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("webhook: Config.URL is no URL with a host and without a user")
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	loopback := host == "localhost" || (ip != nil && ip.IsLoopback())
	if u.Scheme == "https" || (u.Scheme == "http" && loopback) {
		return nil
	}
	return errors.New("webhook: Config.URL must be https, or http for a loopback host")
}

// body is a message on the wire. Its form is stable.
type body struct {
	Version  int      `json:"version"`
	Priority string   `json:"priority"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Channel  string   `json:"channel,omitempty"`
	Ship     string   `json:"ship,omitempty"`
	Template string   `json:"template,omitempty"`
	RunID    string   `json:"run,omitempty"`
	Class    string   `json:"class,omitempty"`
	Count    int      `json:"count,omitzero"`
	Targets  []string `json:"targets,omitempty"`
	Key      string   `json:"key,omitempty"`
}

// Alert posts one message. It fails with a *StatusError when the last answer was not 2xx, and otherwise with the reason why there was none.
func (w *Webhook) Alert(ctx context.Context, m alert.Message) error {
	data, err := json.Marshal(body{
		Version: 1, Priority: m.Priority.String(), Title: alert.Plain(m.Title), Text: alert.Plain(m.Text), Channel: m.Channel, Ship: m.Ship,
		Template: m.Template, RunID: m.RunID, Class: m.Class, Count: m.Count, Targets: m.Targets, Key: m.Key,
	})
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	for attempt := 1; ; attempt++ {
		err = w.post(ctx, data)
		pause, again := retryable(err, attempt)
		if !again || attempt >= w.cfg.Attempts {
			return err
		}
		if wait(ctx, pause) != nil {
			return err
		}
	}
}

func (w *Webhook) post(ctx context.Context, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.cfg.URL.Reveal(), bytes.NewReader(data))
	if err != nil {
		return errors.New("webhook: the request could not be made") // the error would show the URL
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "starfleet")
	if !w.cfg.Key.IsZero() {
		request.Header.Set(SignatureHeader, sign(w.cfg.Key, w.cfg.Now(), data))
	}
	response, err := w.cfg.Client.Do(request)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		return fmt.Errorf("webhook: no answer: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
	if response.StatusCode >= 200 && response.StatusCode < 300 {
		return nil
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return &StatusError{Status: response.StatusCode, RetryAfter: time.Duration(max(seconds, 0)) * time.Second}
}

// StatusError is an answer that does not accept the message.
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// RetryAfter is how long the answer asks to wait, 0 when it does not say.
	RetryAfter time.Duration
}

// Error is the status.
func (e *StatusError) Error() string {
	return fmt.Sprintf("webhook: the answer was %d %s", e.Status, http.StatusText(e.Status))
}

// retryable says whether another attempt may succeed, and how long it has to wait.
func retryable(err error, attempt int) (time.Duration, bool) {
	if err == nil {
		return 0, false
	}
	pause := firstPause << min(attempt-1, 6)
	var status *StatusError
	if !errors.As(err, &status) {
		return pause, true
	}
	return max(pause, status.RetryAfter), status.Status == http.StatusTooManyRequests || status.Status >= 500
}

// wait fails at once when ctx would end first.
func wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
