package slackalert_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/secret"
)

// post is one chat.postMessage as the fake saw it.
type post struct {
	At             time.Duration
	Path, Token    string
	Channel, Text  string
	Blocks, Others string
}

// fakeSlack is an HTTP client that answers as Slack does. Its answers come from answers, the last of which stays.
type fakeSlack struct {
	answers []func() (status int, header http.Header, body string)

	mu    sync.Mutex
	begin time.Time
	posts []post
}

func ok() (int, http.Header, string) { return 200, nil, `{"ok":true,"channel":"C1","ts":"1.2"}` }

func refused(code string) func() (int, http.Header, string) {
	return func() (int, http.Header, string) { return 200, nil, fmt.Sprintf(`{"ok":false,"error":%q}`, code) }
}

func limited(seconds string) func() (int, http.Header, string) {
	return func() (int, http.Header, string) { return 429, http.Header{"Retry-After": {seconds}}, "" }
}

func down() (int, http.Header, string) { return 503, nil, "<html>" }

func (f *fakeSlack) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	token := form.Get("token") + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	f.posts = append(f.posts, post{At: time.Since(f.begin), Path: r.URL.Path, Token: token, Channel: form.Get("channel"), Text: form.Get("text"),
		Blocks: form.Get("blocks"), Others: form.Get("attachments")})
	answer := ok
	if len(f.answers) > 0 {
		answer = f.answers[min(len(f.posts), len(f.answers))-1]
	}
	status, header, text := answer()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: header, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// rotating is a source whose token changes when it is invalidated.
type rotating struct {
	mu          sync.Mutex
	tokens      []string
	invalidated int
}

func (r *rotating) Section(ctx context.Context, name string, target any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	doc, err := secret.Parse("fleet", fmt.Appendf(nil, `{"STARFLEET":{"SlackToken":%q}}`, r.tokens[min(r.invalidated, len(r.tokens)-1)]))
	if err != nil {
		return err
	}
	return doc.Section(ctx, name, target)
}

func (r *rotating) Invalidate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.invalidated++
}

func newSlack(t *testing.T, f *fakeSlack, tokens ...string) *slackalert.Slack {
	t.Helper()
	f.begin = time.Now()
	s, err := slackalert.New(slackalert.Config{Secrets: &rotating{tokens: tokens}, Client: f, URL: "https://slack.test/api/"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message(title, text string) alert.Message {
	return alert.Message{Channel: "C1", Priority: alert.Problem, Title: title, Text: text}
}

// TestMessageIsThatOfTheOriginal: two blocks, header and section, the header as text, an emoji and two spaces for each priority.
func TestMessageIsThatOfTheOriginal(t *testing.T) {
	t.Parallel()
	for priority, emoji := range map[alert.Priority]string{
		alert.Informational: "ℹ️", alert.Success: "✅", alert.Important: "📣", alert.Problem: "🚨",
	} {
		f := &fakeSlack{}
		m := message("Title", "a *body*\nof two lines")
		m.Priority = priority
		if err := newSlack(t, f, "xoxb-1").Alert(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := f.posts[0]
		if got.Path != "/api/chat.postMessage" || got.Token != "xoxb-1" || got.Channel != "C1" || got.Text != emoji+"  Title" || got.Others != "" {
			t.Errorf("%+v", got)
		}
		var blocks any
		if err := json.Unmarshal([]byte(got.Blocks), &blocks); err != nil {
			t.Fatal(err)
		}
		want := []any{
			map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "emoji": true, "text": emoji + "  Title"}},
			map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "verbatim": true, "text": "a *body*\nof two lines"}},
		}
		if diff := cmp.Diff(want, blocks); diff != "" {
			t.Error(diff)
		}
	}
}

// TestEscapedAndCut: nothing becomes a link or a mention, and nothing is longer than Slack takes.
func TestEscapedAndCut(t *testing.T) {
	t.Parallel()
	f := &fakeSlack{}
	hostile := "<!channel> <https://evil|x> & \u202e\x1b[2J"
	if err := newSlack(t, f, "x").Alert(t.Context(), message(hostile+strings.Repeat("<🚨", 200)+"\nline", hostile+strings.Repeat("<🚨", 3000))); err != nil {
		t.Fatal(err)
	}
	var blocks []struct{ Text struct{ Text string } }
	if err := json.Unmarshal([]byte(f.posts[0].Blocks), &blocks); err != nil {
		t.Fatal(err)
	}
	for i, limit := range []int{150, 3000} {
		text := blocks[i].Text.Text
		if n := len(utf16.Encode([]rune(text))); n > limit || n < limit-10 {
			t.Errorf("block %d has %d characters", i, n)
		}
		if strings.ContainsAny(text, "<>\u202e\x1b") || !strings.Contains(text, "&lt;!channel&gt;") || !strings.HasSuffix(text, "…") {
			t.Errorf("block %d: %s", i, text)
		}
	}
	if f.posts[0].Text != blocks[0].Text.Text || strings.Contains(f.posts[0].Text, "\n") {
		t.Errorf("text %q", f.posts[0].Text)
	}
	if err := newSlack(t, f, "x").Alert(t.Context(), message("only a title", "")); err != nil || strings.Contains(f.posts[1].Blocks, `"text":""`) {
		t.Errorf("%s, error %v", f.posts[1].Blocks, err)
	}
}

// TestOneMessageASecond in a channel, and channels do not wait for each other.
func TestOneMessageASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		s := newSlack(t, f, "x")
		var group sync.WaitGroup
		for i := range 6 {
			group.Go(func() {
				m := message("t", "b")
				m.Channel = fmt.Sprint("C", i%2)
				if err := s.Alert(t.Context(), m); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		at := map[string][]time.Duration{}
		for _, p := range f.posts {
			at[p.Channel] = append(at[p.Channel], p.At)
		}
		want := []time.Duration{0, time.Second, 2 * time.Second}
		if diff := cmp.Diff(map[string][]time.Duration{"C0": want, "C1": want}, at); diff != "" {
			t.Error(diff)
		}
	})
}

// TestSlackThrottlesOrIsDown: Retry-After is honoured, an outage is tried three times, and neither outlives the time that is left.
func TestSlackThrottlesOrIsDown(t *testing.T) {
	t.Parallel()
	type answers = []func() (int, http.Header, string)
	for name, test := range map[string]struct {
		answers answers
		limit   time.Duration
		at      []time.Duration
		fails   bool
	}{
		"throttled":             {answers{limited("7"), ok}, time.Minute, []time.Duration{0, 7 * time.Second}, false},
		"throttled in the body": {answers{refused("ratelimited"), ok}, time.Minute, []time.Duration{0, time.Second}, false},
		"down, then up":         {answers{down, down, ok}, time.Minute, []time.Duration{0, time.Second, 2 * time.Second}, false},
		"down":                  {answers{down}, time.Minute, []time.Duration{0, time.Second, 2 * time.Second}, true},
		"no time to wait":       {answers{limited("70"), ok}, time.Minute, []time.Duration{0}, true},
		"refused":               {answers{refused("channel_not_found")}, time.Minute, []time.Duration{0}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fakeSlack{answers: test.answers}
				ctx, cancel := context.WithTimeout(t.Context(), test.limit)
				defer cancel()
				err := newSlack(t, f, "xoxb-1").Alert(ctx, message("t", "b"))
				if (err != nil) != test.fails || (err != nil && strings.Contains(err.Error(), "xoxb")) {
					t.Errorf("error %v", err)
				}
				var at []time.Duration
				for _, p := range f.posts {
					at = append(at, p.At)
				}
				if diff := cmp.Diff(test.at, at); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestTokenIsReadAnew: once, when Slack refuses it and the secret has another one by now.
func TestTokenIsReadAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{answers: []func() (int, http.Header, string){refused("invalid_auth"), ok}}
		if err := newSlack(t, f, "old", "new").Alert(t.Context(), message("t", "b")); err != nil {
			t.Fatal(err)
		}
		if len(f.posts) != 2 || f.posts[0].Token != "old" || f.posts[1].Token != "new" {
			t.Errorf("%+v", f.posts)
		}
		for _, tokens := range [][]string{{"same"}, {"old", "new", "newer"}} {
			f := &fakeSlack{answers: []func() (int, http.Header, string){refused("token_revoked")}}
			var refusal *slackalert.APIError
			err := newSlack(t, f, tokens...).Alert(t.Context(), message("t", "b"))
			if !errors.As(err, &refusal) || refusal.Code != "token_revoked" || len(f.posts) != min(len(tokens), 2) {
				t.Errorf("%d posts, error %v", len(f.posts), err)
			}
		}
	})
}

func TestNoTokenNoChannel(t *testing.T) {
	t.Parallel()
	f := &fakeSlack{}
	s, err := slackalert.New(slackalert.Config{Secrets: secret.None{}, Client: f})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Alert(t.Context(), message("t", "b")); !errors.Is(err, secret.ErrNotConfigured) {
		t.Error(err)
	}
	if err := s.Alert(t.Context(), alert.Message{Priority: alert.Problem}); err == nil || !strings.Contains(err.Error(), "ChannelId") {
		t.Error(err)
	}
	if err := newSlack(t, f, "").Alert(t.Context(), message("t", "b")); err == nil || !strings.Contains(err.Error(), "SlackToken") {
		t.Error(err)
	}
	if len(f.posts) != 0 {
		t.Errorf("%+v", f.posts)
	}
	if _, err := slackalert.New(slackalert.Config{Timeout: -1}); err == nil || !strings.Contains(err.Error(), "Secrets") || !strings.Contains(err.Error(), "Timeout") {
		t.Error(err)
	}
}

// TestOpen: SlackEnabled decides, as a boolean.
func TestOpen(t *testing.T) {
	t.Parallel()
	const text = `STARFLEET:
  DeploymentRegion: us-east-1
  TemplateBucket: b
  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/1/q
  SecretsManager: {SecretId: s, SecretRegion: us-east-1}
  SlackEnabled: `
	for value, want := range map[string]bool{"true": true, "false": false, `"False"`: false} {
		c, err := config.Load(fstest.MapFS{"fleet.yaml": {Data: []byte(text + value)}})
		if err != nil {
			t.Fatal(err)
		}
		alerter, err := slackalert.Open(c, secret.None{})
		if _, on := alerter.(*slackalert.Slack); err != nil || on != want {
			t.Errorf("SlackEnabled %s: %T, error %v", value, alerter, err)
		}
	}
}
