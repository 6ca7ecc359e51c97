package queue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starfleet-go/starfleet/queue"
)

// shipError is an error of a type of its own.
type shipError struct{ text string }

func (e *shipError) Error() string { return e.text }

// steered is an error that knows its disposition.
type steered struct {
	inner       error
	disposition queue.Disposition
}

func (e *steered) Error() string                  { return "steered: " + e.inner.Error() }
func (e *steered) Unwrap() error                  { return e.inner }
func (e *steered) Disposition() queue.Disposition { return e.disposition }

func TestDispositionOf(t *testing.T) {
	t.Parallel()
	ship := &shipError{"boom"}
	for _, test := range []struct {
		name string
		err  error
		want queue.Disposition
	}{
		{"nil", nil, queue.Disposition{Action: queue.Acknowledge}},
		{"any error", errors.New("boom"), queue.Disposition{Action: queue.Retry, Class: "error"}},
		{"its own type", ship, queue.Disposition{Action: queue.Retry, Class: "queue_test.shipError"}},
		{"wrapped", fmt.Errorf("in account: %w", ship), queue.Disposition{Action: queue.Retry, Class: "queue_test.shipError"}},
		{"joined", errors.Join(errors.New("a"), ship), queue.Disposition{Action: queue.Retry, Class: "error"}},
		{"joined first", errors.Join(ship, errors.New("a")), queue.Disposition{Action: queue.Retry, Class: "queue_test.shipError"}},
		{"context", context.DeadlineExceeded, queue.Disposition{Action: queue.Retry, Class: "context.deadlineExceededError"}},
		{
			"a disposer's class is that of what it wraps", &steered{ship, queue.Disposition{Action: queue.DeadLetter}},
			queue.Disposition{Action: queue.DeadLetter, Class: "queue_test.shipError"},
		},
		{
			"a disposer's own class", fmt.Errorf("x: %w", &steered{ship, queue.Disposition{Action: queue.Retry, After: time.Minute, Class: "Own"}}),
			queue.Disposition{Action: queue.Retry, After: time.Minute, Class: "Own"},
		},
	} {
		if diff := cmp.Diff(test.want, queue.DispositionOf(test.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempt  int
		from, to time.Duration
	}{
		{-1, 5 * time.Second, 10 * time.Second},
		{1, 5 * time.Second, 10 * time.Second},
		{2, 10 * time.Second, 20 * time.Second},
		{5, 80 * time.Second, 160 * time.Second},
		{7, 320 * time.Second, 640 * time.Second},
		{8, 450 * time.Second, 900 * time.Second},
		{1000, 450 * time.Second, 900 * time.Second},
	} {
		if got := queue.Backoff(test.attempt, 0); got != test.from {
			t.Errorf("attempt %d: at least %v, want %v", test.attempt, got, test.from)
		}
		if got := queue.Backoff(test.attempt, 0.9999999999); got > test.to || got < test.to-time.Millisecond {
			t.Errorf("attempt %d: at most %v, want %v", test.attempt, got, test.to)
		}
	}
}

// settler is a Settler that notes what it is asked to do.
type settler struct {
	limit                        int
	limitErr, hideErr, letterErr error
	resendErr                    error
	hidden, resent               []time.Duration
	letters                      []queue.Cause
}

func (s *settler) ChangeVisibility(_ context.Context, _ queue.Message, d time.Duration) error {
	s.hidden = append(s.hidden, d)
	return s.hideErr
}
func (s *settler) MaxReceives(context.Context, queue.Message) (int, error) {
	return s.limit, s.limitErr
}
func (s *settler) DeadLetter(_ context.Context, _ queue.Message, c queue.Cause) error {
	s.letters = append(s.letters, c)
	return s.letterErr
}
func (s *settler) Resend(_ context.Context, _ queue.Message, d time.Duration) error {
	s.resent = append(s.resent, d)
	return s.resendErr
}

func TestSettle(t *testing.T) {
	t.Parallel()
	boom := &shipError{"boom"}
	cause := queue.Cause{Class: "queue_test.shipError", Message: "boom"}
	steer := func(a queue.Action, after time.Duration) error {
		return &steered{boom, queue.Disposition{Action: a, After: after}}
	}
	steeredCause := queue.Cause{Class: "queue_test.shipError", Message: "steered: boom"}
	fails := errors.New("no connection")
	for _, test := range []struct {
		name    string
		settler settler
		receive int
		err     error
		done    bool
		want    queue.SettleOutcome
		hidden  []time.Duration
		letters []queue.Cause
	}{
		{name: "success", settler: settler{limit: 4}, receive: 4, done: true},
		{name: "skip", settler: settler{limit: 4}, receive: 1, err: steer(queue.Acknowledge, 0), done: true},
		{
			name: "retry backs off", settler: settler{limit: 4}, receive: 2, err: boom,
			want: queue.SettleOutcome{Action: queue.Retry, After: 15 * time.Second, Cause: cause}, hidden: []time.Duration{15 * time.Second},
		},
		{
			name: "retry after", settler: settler{limit: 4}, receive: 1, err: steer(queue.Retry, time.Hour),
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Hour, Cause: steeredCause}, hidden: []time.Duration{time.Hour},
		},
		{
			name: "retry after more than 12 hours", settler: settler{limit: 4}, receive: 1, err: steer(queue.Retry, 24*time.Hour),
			want: queue.SettleOutcome{Action: queue.Retry, After: 12 * time.Hour, Cause: steeredCause}, hidden: []time.Duration{12 * time.Hour},
		},
		{
			name: "hiding fails", settler: settler{limit: 4, hideErr: fails}, receive: 1, err: boom,
			want: queue.SettleOutcome{Action: queue.Retry, Cause: cause, Err: fails}, hidden: []time.Duration{8 * time.Second},
		},
		{
			name: "last receive", settler: settler{limit: 4}, receive: 4, err: boom, done: true,
			want: queue.SettleOutcome{Action: queue.DeadLetter, Cause: cause}, letters: []queue.Cause{cause},
		},
		{
			name: "last receive of a retry after", settler: settler{limit: 4}, receive: 4, err: steer(queue.Retry, time.Hour), done: true,
			want: queue.SettleOutcome{Action: queue.DeadLetter, Cause: steeredCause}, letters: []queue.Cause{steeredCause},
		},
		{
			name: "dead-letter at once", settler: settler{limit: 4}, receive: 1, err: steer(queue.DeadLetter, 0), done: true,
			want: queue.SettleOutcome{Action: queue.DeadLetter, Cause: steeredCause}, letters: []queue.Cause{steeredCause},
		},
		{
			name: "dead-lettering fails", settler: settler{limit: 4, letterErr: fails}, receive: 4, err: boom,
			want: queue.SettleOutcome{Action: queue.DeadLetter, Cause: cause, Err: fails}, letters: []queue.Cause{cause},
		},
		{
			name: "no dead-letter queue", receive: 1, err: steer(queue.DeadLetter, 0),
			want: queue.SettleOutcome{Action: queue.Retry, After: 8 * time.Second, Cause: steeredCause}, hidden: []time.Duration{8 * time.Second},
		},
		{
			name: "no dead-letter queue any more", settler: settler{limit: 4, letterErr: queue.ErrNoDeadLetterQueue}, receive: 4, err: steer(queue.Retry, time.Hour),
			want:   queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Cause: steeredCause},
			hidden: []time.Duration{time.Minute}, letters: []queue.Cause{steeredCause},
		},
		{
			name: "unknown redrive policy", settler: settler{limitErr: fails}, receive: 9, err: boom,
			want:   queue.SettleOutcome{Action: queue.Retry, After: 11*time.Minute + 15*time.Second, Cause: cause, Err: fails},
			hidden: []time.Duration{11*time.Minute + 15*time.Second},
		},
		{
			name: "unknown redrive policy, dead-letter at once", settler: settler{limitErr: fails}, receive: 1, err: steer(queue.DeadLetter, 0), done: true,
			want: queue.SettleOutcome{Action: queue.DeadLetter, Cause: steeredCause}, letters: []queue.Cause{steeredCause},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			s := test.settler
			done, got := queue.Settle(t.Context(), &s, queue.Message{ID: "m", ReceiveCount: test.receive}, test.err, queue.SettleOptions{
				Logger: slog.New(slog.NewTextHandler(&logged, nil)), Random: func() float64 { return 0.5 },
			})
			if done != test.done {
				t.Errorf("done is %v, want %v", done, test.done)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.hidden, s.hidden); diff != "" {
				t.Errorf("hidden (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.letters, s.letters); diff != "" {
				t.Errorf("dead letters (-want +got):\n%s", diff)
			}
			if quiet := got.Action == queue.Acknowledge; quiet != (logged.Len() == 0) {
				t.Errorf("logged: %s", logged.String())
			}
		})
	}
}

func TestSettleNeedsNoOptions(t *testing.T) {
	t.Parallel()
	s := &settler{limit: 2}
	for range 100 {
		done, got := queue.Settle(t.Context(), s, queue.Message{ReceiveCount: 1}, errors.New("boom"), queue.SettleOptions{})
		if done || got.After < 5*time.Second || got.After > 10*time.Second {
			t.Fatalf("%v, %+v", done, got)
		}
	}
}

func TestSettleCutsLongErrors(t *testing.T) {
	t.Parallel()
	s := &settler{limit: 1}
	_, got := queue.Settle(t.Context(), s, queue.Message{ReceiveCount: 1}, errors.New("a"+strings.Repeat("ä", 1000)+"\x00"), queue.SettleOptions{})
	if n := len(got.Cause.Message); n != 1023 {
		t.Errorf("%d bytes of the error travel, want 1,023: the last whole character within 1 KiB", n)
	}
}
