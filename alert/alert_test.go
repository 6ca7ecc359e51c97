package alert_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/idempotency"
)

// sink records, and fails as it is told to.
type sink struct {
	fail error
	boom bool

	mu  sync.Mutex
	got []alert.Message
}

func (s *sink) Alert(_ context.Context, m alert.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boom {
		panic("boom")
	}
	if s.fail != nil {
		return s.fail
	}
	s.got = append(s.got, m)
	return nil
}

// TestCase25Priorities: with the threshold IMPORTANT, PROBLEM and IMPORTANT are sent and SUCCESS is not; and all other pairs.
func TestCase25Priorities(t *testing.T) {
	t.Parallel()
	all := []alert.Priority{alert.None, alert.Problem, alert.Important, alert.Success, alert.Informational}
	for i, threshold := range all {
		for j, message := range all {
			if got, want := threshold.Sends(message), j > 0 && j <= i; got != want {
				t.Errorf("%s sends %s: %t", threshold, message, got)
			}
		}
		if back, err := alert.ParsePriority(threshold.String()); err != nil || back != threshold {
			t.Errorf("%s reads as %s, error %v", threshold, back, err)
		}
	}
	for _, bad := range []string{"", "problem", "Problem", "URGENT", "Priority(9)"} {
		if _, err := alert.ParsePriority(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

var route = alert.Route{Channel: "C1", Threshold: alert.Informational}

// TestDigestIsOneMessageAClass: hundreds of failures are one message for each class and run, with their number and the first targets.
func TestDigestIsOneMessageAClass(t *testing.T) {
	t.Parallel()
	d := alert.NewDigest(route)
	for i := range 200 {
		f := alert.Failure{Ship: "LogRetention", Template: "keep", RunID: "run1", Class: "assume.DeniedError", AccountID: fmt.Sprintf("%012d", i),
			Region: "eu-west-1", Text: fmt.Sprint("denied ", i%10), DeadLettered: i < 50}
		if i%2 == 1 {
			f.Class, f.Text, f.DeadLettered = "PanicError", "panic: x", true
		}
		d.Fail(f)
	}
	d.Fail(alert.Failure{Ship: "LogRetention", Template: "keep", RunID: "run2", Class: "PanicError", AccountID: "000000000001", Text: "panic: x"})
	messages := d.Messages()
	if len(messages) != 3 {
		t.Fatalf("%d messages: %+v", len(messages), messages)
	}
	want := alert.Message{
		Channel: "C1", Priority: alert.Problem, Title: "LogRetention: assume.DeniedError (100)",
		Text: "100 failed, 25 of them dead-lettered, the others to be tried again\ntemplate: keep\nrun: run1\n" +
			"in: 000000000000 eu-west-1, 000000000002 eu-west-1, 000000000004 eu-west-1, 000000000006 eu-west-1, 000000000008 eu-west-1 and 95 more\n" +
			"error: denied 0\nerror: denied 2\nerror: denied 4\nand 40 other errors of this class",
		Ship: "LogRetention", Template: "keep", RunID: "run1", Class: "assume.DeniedError", Count: 100,
		Targets: []string{"000000000000 eu-west-1", "000000000002 eu-west-1", "000000000004 eu-west-1", "000000000006 eu-west-1", "000000000008 eu-west-1"},
	}
	got := messages[0]
	if got.Key == "" || got.Key == messages[1].Key || messages[1].Key == messages[2].Key {
		t.Errorf("keys %q", []string{got.Key, messages[1].Key, messages[2].Key})
	}
	got.Key = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text := messages[1].Text; !strings.HasPrefix(text, "100 failed, dead-lettered\n") {
		t.Error(text)
	}
	if text := messages[2].Text; !strings.HasPrefix(text, "1 failed, to be tried again\n") || !strings.Contains(text, "run: run2") {
		t.Error(text)
	}
}

// TestDigestOfNotes: what a ship tells of several tasks is one message, and the threshold applies.
func TestDigestOfNotes(t *testing.T) {
	t.Parallel()
	d := alert.NewDigest(alert.Route{Channel: "C1", Threshold: alert.Important})
	for i := range 25 {
		d.Note(alert.Note{Ship: "S", Template: "t", RunID: "r", Priority: alert.Important, Title: "Roles changed", AccountID: fmt.Sprintf("%012d", i), Text: "role x"})
	}
	d.Note(alert.Note{Ship: "S", Priority: alert.Success, Title: "All good", Text: "fine"})
	d.Note(alert.Note{Ship: "S", Priority: alert.None, Title: "Nothing", Text: "fine"})
	d.Note(alert.Note{Ship: "S", Priority: alert.Problem, Title: "Single", Text: "no target"})
	messages := d.Messages()
	if len(messages) != 2 {
		t.Fatalf("%d messages: %+v", len(messages), messages)
	}
	first := messages[0]
	if first.Title != "Roles changed" || first.Count != 25 || first.Key != "" || !strings.HasPrefix(first.Text, "000000000000: role x\n000000000001: role x\n") ||
		!strings.HasSuffix(first.Text, "and 5 more\ntemplate: t\nrun: r") {
		t.Errorf("%+v", first)
	}
	if messages[1].Text != "no target" {
		t.Errorf("%+v", messages[1])
	}
	if silent := alert.NewDigest(alert.Route{}); len(silent.Messages()) != 0 {
		t.Error("an empty digest has messages")
	}
}

func failure(run string) []alert.Message {
	d := alert.NewDigest(route)
	d.Fail(alert.Failure{Ship: "S", RunID: run, Class: "PanicError", Text: "x"})
	return d.Messages()
}

// TestOncePerHour: across invocations, a class of a run is told once an hour; another run, at once; and what could not be sent, again.
func TestOncePerHour(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	store := idempotency.NewMemory(func() time.Time { return now })
	s := &sink{fail: errors.New("down")}
	delivery := alert.Delivery{Alerter: s, Once: store}
	send := func(run string, want int) {
		t.Helper()
		delivery.Send(t.Context(), failure(run))
		if len(s.got) != want {
			t.Errorf("%d messages were sent, want %d", len(s.got), want)
		}
	}
	send("a", 0)
	s.fail = nil
	send("a", 1)
	send("a", 1)
	send("b", 2)
	now = now.Add(time.Hour - time.Second)
	send("a", 2)
	now = now.Add(time.Second)
	send("a", 3)
	delivery.Once = nil
	send("a", 4)
	send("a", 5)
}

// TestDeliveryNeverFails: an alerter that fails or panics, a store that fails, a context that ended: each is logged, and nothing more.
func TestDeliveryNeverFails(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		sink *sink
		once idempotency.Store
		log  string
		sent int
	}{
		"fails":            {t.Context(), &sink{fail: errors.New("down")}, nil, "down", 0},
		"panics":           {t.Context(), &sink{boom: true}, idempotency.NewMemory(nil), "boom", 0},
		"no time":          {ended, &sink{}, nil, "no time is left", 0},
		"the store is out": {t.Context(), &sink{}, brokenStore{}, "without knowing", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			alert.Delivery{Alerter: test.sink, Once: test.once, Logger: slog.New(slog.NewTextHandler(&log, nil))}.Send(test.ctx, failure("a"))
			if !strings.Contains(log.String(), test.log) || len(test.sink.got) != test.sent {
				t.Errorf("%d sent, log %s", len(test.sink.got), log.String())
			}
		})
	}
	alert.Delivery{}.Send(t.Context(), failure("a"))
}

type brokenStore struct{ idempotency.Store }

func (brokenStore) Begin(context.Context, string, time.Duration) (idempotency.Claim, error) {
	return idempotency.Claim{}, errors.New("out")
}

func TestAll(t *testing.T) {
	t.Parallel()
	a, b, c := &sink{}, &sink{fail: errors.New("down")}, &sink{}
	err := alert.All(a, b, c, alert.Discard{}).Alert(t.Context(), alert.Message{Title: "x"})
	if !errors.Is(err, b.fail) || len(a.got) != 1 || len(c.got) != 1 {
		t.Errorf("error %v, %d and %d", err, len(a.got), len(c.got))
	}
}

// TestCut: never longer than the limit, whole where it fits, and what was escaped is never cut apart.
func TestCut(t *testing.T) {
	t.Parallel()
	escape := func(r rune) string {
		if r == '&' {
			return "&amp;"
		}
		return string(r)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab&ü🚨"))).Draw(t, "text")
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		full := strings.ReplaceAll(text, "&", "&amp;")
		got := alert.Cut(text, limit, escape)
		if len(utf16.Encode([]rune(full))) <= limit {
			if got != full {
				t.Fatalf("%q fits, and became %q", full, got)
			}
			return
		}
		kept, cut := strings.CutSuffix(got, alert.Ellipsis)
		if !cut || len(utf16.Encode([]rune(got))) > limit || !strings.HasPrefix(full, kept) || strings.Count(kept, "&") != strings.Count(kept, ";") {
			t.Fatalf("%q became %q", full, got)
		}
	})
}

func TestPlain(t *testing.T) {
	t.Parallel()
	if got := alert.Plain("a\x1b[31m\tb\nc\u202ed\u200be\x00é\xff"); got != "a [31m b\ncde é" {
		t.Errorf("%q", got)
	}
}
