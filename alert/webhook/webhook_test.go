package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/alert/webhook"
	"github.com/starfleet-go/starfleet/secret"
)

var problem = alert.Message{
	Channel: "C1", Priority: alert.Problem, Title: "LogRetention: PanicError (2)", Text: "2 failed\nrun: r \x1b[2J", Ship: "LogRetention",
	Template: "keep", RunID: "r", Class: "PanicError", Count: 2, Targets: []string{"111122223333 eu-west-1"}, Key: "alert-1",
}

func newWebhook(t *testing.T, cfg webhook.Config) *webhook.Webhook {
	t.Helper()
	w, err := webhook.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestPost: the documented JSON, over HTTP, with a signature that Verify accepts.
func TestPost(t *testing.T) {
	t.Parallel()
	key := secret.New("key")
	var (
		got    map[string]any
		header http.Header
		raw    []byte
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ = io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &got)
		header = r.Header
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	now := time.Unix(1_800_000_000, 0)
	if err := newWebhook(t, webhook.Config{URL: secret.New(server.URL), Key: key, Now: func() time.Time { return now }}).Alert(t.Context(), problem); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"version": 1.0, "priority": "PROBLEM", "title": "LogRetention: PanicError (2)", "text": "2 failed\nrun: r  [2J", "channel": "C1",
		"ship": "LogRetention", "template": "keep", "run": "r", "class": "PanicError", "count": 2.0, "targets": []any{"111122223333 eu-west-1"}, "key": "alert-1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	signature := header.Get(webhook.SignatureHeader)
	if err := webhook.Verify(key, signature, raw, now.Add(time.Minute), time.Minute); err != nil || header.Get("Content-Type") != "application/json" {
		t.Errorf("error %v, header %v", err, header)
	}
	for name, err := range map[string]error{
		"another body": webhook.Verify(key, signature, append(raw, ' '), now, time.Minute),
		"another key":  webhook.Verify(secret.New("other"), signature, raw, now, time.Minute),
		"no key":       webhook.Verify(secret.Value{}, signature, raw, now, time.Minute),
		"too old":      webhook.Verify(key, signature, raw, now.Add(2*time.Minute), time.Minute),
		"too new":      webhook.Verify(key, signature, raw, now.Add(-2*time.Minute), time.Minute),
		"another time": webhook.Verify(key, strings.Replace(signature, "t=18", "t=19", 1), raw, now, 1<<62),
		"malformed":    webhook.Verify(key, "v1=00", raw, now, time.Minute),
		"empty":        webhook.Verify(key, "", raw, now, time.Minute),
	} {
		if !errors.Is(err, webhook.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := newWebhook(t, webhook.Config{URL: secret.New(server.URL)}).Alert(t.Context(), alert.Message{Priority: alert.Success, Title: "x"}); err != nil {
		t.Fatal(err)
	}
	if header.Get(webhook.SignatureHeader) != "" || string(raw) != `{"version":1,"priority":"SUCCESS","title":"x","text":""}` {
		t.Errorf("%s, header %v", raw, header)
	}
}

// doer answers as it is told to, without a network.
type doer func(n int) (int, string, error)

func (d doer) client(calls *atomic.Int32) webhook.HTTPClient { return &counting{d, calls} }

type counting struct {
	answer doer
	calls  *atomic.Int32
}

func (c *counting) Do(*http.Request) (*http.Response, error) {
	status, retryAfter, err := c.answer(int(c.calls.Add(1)))
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}}, Body: http.NoBody}, nil
}

func TestRetries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer doer
		calls  int32
		took   time.Duration
		fails  bool
	}{
		"accepted":         {func(int) (int, string, error) { return 204, "", nil }, 1, 0, false},
		"down, then up":    {func(n int) (int, string, error) { return map[bool]int{true: 200, false: 503}[n == 3], "", nil }, 3, 1500 * time.Millisecond, false},
		"down":             {func(int) (int, string, error) { return 500, "", nil }, 3, 1500 * time.Millisecond, true},
		"no answer":        {func(int) (int, string, error) { return 0, "", errors.New("refused") }, 3, 1500 * time.Millisecond, true},
		"asks to wait":     {func(n int) (int, string, error) { return map[bool]int{true: 200, false: 429}[n == 2], "9", nil }, 2, 9 * time.Second, false},
		"asks too much":    {func(int) (int, string, error) { return 429, "90", nil }, 1, 0, true},
		"refused":          {func(int) (int, string, error) { return 403, "", nil }, 1, 0, true},
		"sends us further": {func(int) (int, string, error) { return 302, "", nil }, 1, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				w := newWebhook(t, webhook.Config{URL: secret.New("https://hooks.test/T0KEN"), Client: test.answer.client(&calls)})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begin := time.Now()
				err := w.Alert(ctx, problem)
				if (err != nil) != test.fails || (err != nil && strings.Contains(err.Error(), "T0KEN")) {
					t.Errorf("error %v", err)
				}
				if calls.Load() != test.calls || time.Since(begin) != test.took {
					t.Errorf("%d requests in %s, want %d in %s", calls.Load(), time.Since(begin), test.calls, test.took)
				}
			})
		})
	}
}

// TestNoRedirectNoURLInErrors with the package's own client.
func TestNoRedirectNoURLInErrors(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	var status *webhook.StatusError
	w := newWebhook(t, webhook.Config{URL: secret.New(server.URL + "/T0KEN"), Attempts: 1})
	if err := w.Alert(t.Context(), problem); !errors.As(err, &status) || status.Status != http.StatusTemporaryRedirect || visits.Load() != 1 {
		t.Errorf("%d visits, error %v", visits.Load(), err)
	}
	server.Close()
	if err := w.Alert(t.Context(), problem); err == nil || strings.Contains(err.Error(), "T0KEN") {
		t.Errorf("error %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "hooks", "http://hooks.test/x", "ftp://hooks.test", "https://", "https://user:T0KEN@hooks.test", "https://%zz", "https:///T0KEN"} {
		if _, err := webhook.New(webhook.Config{URL: secret.New(bad)}); err == nil || strings.Contains(err.Error(), "T0KEN") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"https://hooks.test/x", "http://127.0.0.1:80", "http://localhost/x", "http://[::1]:1/x"} {
		if _, err := webhook.New(webhook.Config{URL: secret.New(good)}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	if _, err := webhook.New(webhook.Config{URL: secret.New("https://a.test"), Timeout: -1, Attempts: -1}); err == nil ||
		!strings.Contains(err.Error(), "Timeout") || !strings.Contains(err.Error(), "Attempts") {
		t.Error(err)
	}
}
