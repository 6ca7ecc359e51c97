package githubsync_test

import (
	"archive/zip"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/secret"
)

const (
	askToken = "POST /app/installations/" + installation + "/access_tokens"
	askFiles = "GET /repos/fakeorg/myrepo/zipball/"
)

// TestTokensAreKept: by App, installation and repository, until shortly before they expire.
func TestTokensAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	for _, step := range []struct {
		after  time.Duration
		issued int
	}{{0, 1}, {0, 1}, {54 * time.Minute, 1}, {2 * time.Minute, 2}, {time.Minute, 2}, {time.Hour, 3}} {
		w.clock = w.clock.Add(step.after)
		w.must(w.run(payload(), true))
		if w.github.issued != step.issued {
			t.Errorf("at %s: %d tokens, want %d", w.clock, w.github.issued, step.issued)
		}
	}
	other := w.run(payload(func(p *githubsync.Payload) { p.GitHubAppID = "7654321" }), true)
	if other.Err == nil || w.github.count(askToken) != 3+2 {
		t.Errorf("another App: %v, %d requests for tokens", other.Err, w.github.count(askToken))
	}
}

func TestBranchWithASlash(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.vault.versions = []string{entries(owner, personalToken)}
	w.must(w.run(payload(byToken, func(p *githubsync.Payload) { p.BranchName = "feature/a#1" }), true))
}

// TestTokenOfTheSecret: a token opens a repository without an App; one of a repository stands above that of its owner.
func TestTokenOfTheSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(fourFiles)
	w.vault.versions = []string{entries(owner, "hush_of_all", owner+"/"+repo, personalToken+"\n")}
	w.must(w.run(payload(byToken), true))
	if len(w.s3.puts) != 4 || w.github.count(askToken) != 0 {
		t.Errorf("uploads %v, requests %v", w.s3.puts, w.github.requests)
	}
}

func TestKeyInPKCS8(t *testing.T) {
	t.Parallel()
	der, err := x509.MarshalPKCS8PrivateKey(appKey())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t).with(fourFiles)
	w.vault.versions = []string{entries(owner, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))}
	w.must(w.run(payload(), true))
}

// TestCredentialsAtFault: each is said without what the secret has, and not tried again.
func TestCredentialsAtFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		section string
		payload githubsync.Payload
		want    string
	}{
		"none":                  {entries("other", "hush"), payload(), "entry fakeorg: there is none"},
		"a token for an App":    {entries(owner, personalToken), payload(), "it is no private key"},
		"a key without an App":  {entries(owner, keyPEM(appKey())), payload(byToken), "set GitHubAppId"},
		"an empty token":        {entries(owner, ""), payload(byToken), "it is no token"},
		"a token in two lines":  {entries(owner, "hush\nhush: x"), payload(byToken), "it is no token"},
		"a key in one line":     {entries(owner, strings.ReplaceAll(keyPEM(appKey()), "\n", " ")), payload(), "does each line of it end in \\n"},
		"a certificate":         {entries(owner, strings.ReplaceAll(keyPEM(appKey()), "RSA PRIVATE KEY", "CERTIFICATE")[:200]+"\n-----END CERTIFICATE-----\n"), payload(), "it"},
		"of the repository too": {entries(owner, keyPEM(appKey()), owner+"/"+repo, "hush"), payload(), "entry fakeorg/myrepo"},
	} {
		w := newWorld(t).with(fourFiles)
		w.vault.versions = []string{test.section}
		r := w.run(test.payload, true)
		var fault *githubsync.CredentialError
		if !errors.As(r.Err, &fault) || !strings.Contains(r.Err.Error(), test.want) || !deadLettered(r) || len(w.github.requests) > 0 {
			t.Errorf("%s: error %v, requests %v", name, r.Err, w.github.requests)
		}
	}
	w := newWorld(t).with(fourFiles)
	w.vault.versions = []string{`["hush"]`}
	var malformed *secret.MalformedError
	if r := w.run(payload(), true); !errors.As(r.Err, &malformed) {
		t.Errorf("error %v", r.Err)
	}
}

// TestRateLimits: GitHub's two limits, at both of its requests, and what only looks like one.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	reset := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	left := map[string]string{"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": reset(time.Hour)} // of the hour's limit
	for name, test := range map[string]struct {
		status  int
		headers map[string]string
		says    string        // message and documentation, where they are not those of any refusal
		want    time.Duration // 0: no limit
	}{
		"retry-after":             {403, map[string]string{"Retry-After": "90", "X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": reset(time.Hour)}, "", 90 * time.Second},
		"retry-after with 429":    {429, map[string]string{"Retry-After": "30"}, "", 30 * time.Second},
		"retry-after, a date":     {429, map[string]string{"Retry-After": now.Add(2 * time.Minute).Format(http.TimeFormat)}, "", 2 * time.Minute},
		"retry-after, zero":       {429, map[string]string{"Retry-After": "0"}, "", time.Second},
		"retry-after, nonsense":   {403, map[string]string{"Retry-After": "soon"}, "", time.Minute},
		"used up":                 {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset(25 * time.Minute)}, "", 25 * time.Minute},
		"used up, 429":            {429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset(time.Minute)}, "", time.Minute},
		"used up until just now":  {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset(-time.Minute)}, "", time.Second},
		"used up, no time":        {403, map[string]string{"X-RateLimit-Remaining": "0"}, "", time.Minute},
		"429 alone":               {429, nil, "", time.Minute},
		"403 is about permission": {403, left, `{"message":"Resource not accessible by integration","documentation_url":"https://docs.github.com/rest/apps/apps#x"}`, 0},
		"no words":                {403, left, "<html>", 0},
		"secondary": {
			403, left, `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`, time.Minute,
		},
		"secondary, by the documentation": {
			403, left, `{"message":"Slow down","documentation_url":"https://docs.github.com/rest/overview/resources-in-the-rest-api#secondary-rate-limits"}`, time.Minute,
		},
		"abuse, as it was called": {
			403, left, `{"message":"You have triggered an abuse detection mechanism","documentation_url":"https://docs.github.com/rest#abuse-rate-limits"}`, time.Minute,
		},
		"secondary, with a time": {403, map[string]string{"Retry-After": "300"}, `{"message":"You have exceeded a secondary rate limit"}`, 5 * time.Minute},
		"404 is no limit":        {404, left, `{"message":"Not the rate limit"}`, 0},
		"503 is no limit":        {503, map[string]string{"Retry-After": "5"}, "", 0},
	} {
		for _, at := range []string{"POST ", "GET "} {
			w := newWorld(t).with(fourFiles)
			w.github.intercept = func(rw http.ResponseWriter, r *http.Request) bool {
				if !strings.HasPrefix(r.Method+" ", at) {
					return false
				}
				for key, value := range test.headers {
					rw.Header().Set(key, value)
				}
				if test.says == "" {
					refuse(rw, test.status, "You have exceeded a limit")
					return true
				}
				rw.WriteHeader(test.status)
				fmt.Fprint(rw, test.says)
				return true
			}
			r := w.run(payload(), true)
			disposition := queue.DispositionOf(r.Err)
			var limit *githubsync.RateLimitError
			limited := errors.As(r.Err, &limit)
			if limited != (test.want > 0) || deadLettered(r) != (test.status == http.StatusNotFound) || disposition.After != test.want || (r.Outcome == starfleet.OutcomeThrottled) != limited {
				t.Errorf("%s at %s: %s, %+v, error %v", name, at, r.Outcome, disposition, r.Err)
			}
			if len(w.s3.actions) > 0 {
				t.Errorf("%s: calls %v", name, w.s3.actions)
			}
		}
	}
}

// TestRefusedCredentials: the secret is invalidated and read again, and the request is made once more; not twice.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rotated := newWorld(t).with(fourFiles)
	rotated.vault.versions = []string{entries(owner, keyPEM(other)), entries(owner, keyPEM(appKey()))}
	rotated.must(rotated.run(payload(), true))
	if rotated.vault.invalidated != 1 || rotated.github.count(askToken) != 2 {
		t.Errorf("the key was rotated: %d times invalidated, requests %v", rotated.vault.invalidated, rotated.github.requests)
	}

	revoked := newWorld(t).with(fourFiles)
	revoked.must(revoked.run(payload(), true))
	revoked.github.revoked["hush_issued_1"] = true
	revoked.must(revoked.run(payload(), true))
	if revoked.vault.invalidated != 1 || revoked.github.issued != 2 {
		t.Errorf("the App's token was revoked: %d times invalidated, %d tokens", revoked.vault.invalidated, revoked.github.issued)
	}

	renewed := newWorld(t).with(fourFiles)
	renewed.vault.versions = []string{entries(owner, "hush_expired"), entries(owner, personalToken)}
	renewed.must(renewed.run(payload(byToken), true))

	hopeless := newWorld(t).with(fourFiles)
	hopeless.vault.versions = []string{entries(owner, "hush_expired")}
	r := hopeless.run(payload(byToken), true)
	var status *githubsync.StatusError
	if !errors.As(r.Err, &status) || status.Status != http.StatusUnauthorized || status.Message != "Bad credentials" || deadLettered(r) {
		t.Errorf("error %v", r.Err)
	}
	if hopeless.vault.invalidated != 1 || hopeless.github.count(askFiles) != 2 || len(hopeless.s3.actions) > 0 {
		t.Errorf("%d times invalidated, requests %v", hopeless.vault.invalidated, hopeless.github.requests)
	}
}

// TestWhatGitHubDoesNotHave is not tried again, and says where to look.
func TestWhatGitHubDoesNotHave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*githubsync.Payload)
		want   []string
	}{
		"branch":       {func(p *githubsync.Payload) { p.BranchName = "missing" }, []string{"404", "fakeorg/myrepo@missing", "BranchName", "Contents: read-only"}},
		"installation": {func(p *githubsync.Payload) { p.GitHubInstallationID = "1" }, []string{"404", "installation 1 of GitHub App 1234567", "GitHubInstallationId"}},
	} {
		w := newWorld(t).with(fourFiles)
		r := w.run(payload(test.change), true)
		if !deadLettered(r) {
			t.Errorf("%s: %v", name, r.Err)
		}
		for _, want := range test.want {
			if !strings.Contains(fmt.Sprint(r.Err), want) {
				t.Errorf("%s: %v does not say %s", name, r.Err, want)
			}
		}
	}
	w := newWorld(t).with(fourFiles)
	w.vault.versions = []string{entries(owner, keyPEM(appKey()))}
	w.github.intercept = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			refuse(rw, http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
		}
		return r.Method == http.MethodPost
	}
	if r := w.run(payload(), true); !deadLettered(r) || !strings.Contains(r.Err.Error(), "no access to fakeorg/myrepo") {
		t.Errorf("error %v", r.Err)
	}
}

// TestErrorsOfTheDownload: they hold no part of the archive's address, whose query opens it, and are tried again.
func TestErrorsOfTheDownload(t *testing.T) {
	t.Parallel()
	cut := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("PK"))
		panic(http.ErrAbortHandler)
	}
	drop := func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	loop := func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, r.URL.String(), http.StatusFound)
		return true
	}
	gone := func(w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, http.StatusBadGateway, "try later "+strings.Repeat("x", 1000))
		return true
	}
	astray := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Location", "http://[::1/?token="+archiveToken)
		w.WriteHeader(http.StatusFound)
		return true
	}
	for name, deliver := range map[string]func(http.ResponseWriter, *http.Request) bool{"cut": cut, "dropped": drop, "a loop": loop, "gone": gone, "no address": astray} {
		w := newWorld(t).with(fourFiles)
		w.github.deliver = deliver
		r := w.run(payload(), true)
		if r.Err == nil || deadLettered(r) || strings.Contains(r.Err.Error(), "token=") || len(r.Err.Error()) > 500 || len(w.s3.actions) > 0 {
			t.Errorf("%s: %v", name, r.Err)
		}
	}
	for _, extract := range []bool{true, false} {
		w := newWorld(t)
		w.github.archive = []byte("<html>not an archive</html>")
		r := w.run(payload(func(p *githubsync.Payload) { p.ExtractZipContents = extract }), true)
		if !errors.Is(r.Err, zip.ErrFormat) || deadLettered(r) || len(w.s3.actions) > 0 {
			t.Errorf("no archive: %v", r.Err)
		}
	}
}

// TestAnswersWithoutAToken are refused without being quoted.
func TestAnswersWithoutAToken(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "{}", `{"token":""}`, `{"token":"hush hush"}`, `{"token":"hush","expires_at":"hush"}`, `{"token":["hush"]}`} {
		w := newWorld(t).with(fourFiles)
		w.github.intercept = func(rw http.ResponseWriter, r *http.Request) bool {
			rw.WriteHeader(http.StatusCreated)
			fmt.Fprint(rw, answer)
			return true
		}
		if r := w.run(payload(), true); r.Err == nil || !strings.Contains(r.Err.Error(), "the answer has no token") {
			t.Errorf("%q: %v", answer, r.Err)
		}
	}
}
