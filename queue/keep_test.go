package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starfleet-go/starfleet/queue"
)

// TestSettleKeeps: what is kept is hidden, and sent anew where hiding it would lose it; it is never dead-lettered.
func TestSettleKeeps(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	fails := errors.New("no connection")
	cause := queue.Cause{Class: "Halted", Message: "steered: boom"}
	minute := []time.Duration{time.Minute}
	for _, test := range []struct {
		name         string
		settler      settler
		receive      int
		sent         time.Time
		after        time.Duration
		done         bool
		want         queue.SettleOutcome
		hide, resend []time.Duration
	}{
		{
			name: "an early delivery is hidden", settler: settler{limit: 4}, receive: 1, sent: now.Add(-time.Hour), after: time.Minute,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Cause: cause}, hide: minute,
		},
		{
			name: "half of the deliveries are left for when it can be handled", settler: settler{limit: 4}, receive: 2, after: time.Minute, done: true,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Resent: true, Cause: cause}, resend: minute,
		},
		{
			name: "the only delivery is sent anew", settler: settler{limit: 1}, receive: 1, after: time.Minute, done: true,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Resent: true, Cause: cause}, resend: minute,
		},
		{
			name: "a delay has its limit", settler: settler{limit: 4}, receive: 4, after: time.Hour, done: true,
			want:   queue.SettleOutcome{Action: queue.Retry, After: 15 * time.Minute, Resent: true, Cause: cause},
			resend: []time.Duration{15 * time.Minute},
		},
		{
			name: "an old message is sent anew before its queue forgets it", settler: settler{limit: 1000}, receive: 4, sent: now.Add(-25 * time.Hour),
			after: time.Minute, done: true,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Resent: true, Cause: cause}, resend: minute,
		},
		{
			name: "without a redrive policy nothing takes it away", receive: 1000, after: time.Minute,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Cause: cause}, hide: minute,
		},
		{
			name: "a redrive policy that cannot be read may be any", settler: settler{limitErr: fails}, receive: 1, after: time.Minute, done: true,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Resent: true, Cause: cause}, resend: minute,
		},
		{
			name: "it cannot be sent anew", settler: settler{limit: 4, resendErr: fails}, receive: 4, after: time.Minute,
			want: queue.SettleOutcome{Action: queue.Retry, After: time.Minute, Cause: cause, Err: fails}, resend: minute, hide: minute,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := test.settler
			err := &steered{errors.New("boom"), queue.Disposition{Action: queue.Retry, After: test.after, Keep: true, Class: "Halted"}}
			done, got := queue.Settle(t.Context(), &s, queue.Message{ID: "m", ReceiveCount: test.receive, SentAt: test.sent}, err, queue.SettleOptions{
				Now: func() time.Time { return now },
			})
			if done != test.done {
				t.Errorf("done is %v, want %v", done, test.done)
			}
			for what, diff := range map[string]string{
				"outcome": cmp.Diff(test.want, got, cmpopts.EquateErrors()), "hidden": cmp.Diff(test.hide, s.hidden),
				"resent": cmp.Diff(test.resend, s.resent), "dead letters": cmp.Diff([]queue.Cause(nil), s.letters),
			} {
				if diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}
		})
	}
}

// TestKeptForAMonth: a task that is kept for longer than any redrive policy and any retention allows is there in the end, once.
func TestKeptForAMonth(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	dead, _ := queue.NewMemory(queue.MemoryConfig{Now: clock})
	q, err := queue.NewMemory(queue.MemoryConfig{MaxReceives: 3, DeadLetters: dead, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("task")}}); err != nil {
		t.Fatal(err)
	}
	kept := &steered{errors.New("halted"), queue.Disposition{Action: queue.Retry, After: 12 * time.Hour, Keep: true}}
	for deliveries := range 60 {
		messages, err := q.Receive(t.Context(), queue.ReceiveOptions{})
		if err != nil || len(messages) != 1 {
			t.Fatalf("delivery %d: %d messages, error %v; %d dead letters", deliveries, len(messages), err, dead.Len())
		}
		m := messages[0]
		if age := now.Sub(m.SentAt); m.Body != "task" || age > 48*time.Hour {
			t.Fatalf("delivery %d: %q, sent %v ago", deliveries, m.Body, age)
		}
		done, outcome := queue.Settle(t.Context(), q, m, kept, queue.SettleOptions{Now: clock})
		if outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
		if done {
			if err := q.Delete(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		next, waiting := q.NextVisible()
		if !waiting {
			t.Fatalf("delivery %d: nothing waits", deliveries)
		}
		now = next
	}
	if q.Len() != 1 || dead.Len() != 0 {
		t.Errorf("%d messages and %d dead letters, want one and none", q.Len(), dead.Len())
	}
}

func TestNewCopy(t *testing.T) {
	t.Parallel()
	full := map[string]string{}
	for i := range queue.MaxAttributes {
		full[fmt.Sprint("a", i)] = "v"
	}
	m := queue.Message{ID: "m-1", Body: "body", GroupID: "g", Attributes: map[string]string{"b": "2", "a": "1"}}
	if diff := cmp.Diff(queue.Outgoing{
		ID: "0", Body: []byte("body"), GroupID: "g", Delay: queue.MaxDelay,
		Attributes: []queue.Attribute{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: queue.AttributeSourceMessageID, Value: "m-1"}},
	}, queue.NewCopy(m, time.Hour, queue.Limits{})); diff != "" {
		t.Error(diff)
	}
	fifo := queue.NewCopy(queue.Message{ID: "m-1", Body: "body"}, time.Hour, queue.Limits{FIFO: true})
	if fifo.GroupID != "m-1" || fifo.DeduplicationID != "m-1" || fifo.Delay != 0 {
		t.Errorf("FIFO: %+v", fifo)
	}
	if got := queue.NewCopy(queue.Message{ID: "m-1", Body: "body", Attributes: full}, 0, queue.Limits{}); len(got.Attributes) != queue.MaxAttributes {
		t.Errorf("%d attributes", len(got.Attributes))
	}
	if got := queue.NewCopy(m, 0, queue.Limits{MessageBytes: 30}); got.Size() > 30 {
		t.Errorf("a copy of %d bytes does not fit where its message did", got.Size())
	}
}
