package queue_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/starfleet-go/starfleet/queue"
)

func TestGiveBack(t *testing.T) {
	t.Parallel()
	fails := errors.New("no connection")
	for _, test := range []struct {
		name           string
		settler        settler
		receives       int
		source         string
		done, failed   bool
		fifo           bool
		hidden, resent []time.Duration
	}{
		{name: "visible at once", receives: 3, hidden: []time.Duration{0}},
		{name: "deliveries are left", settler: settler{limit: 4}, receives: 3, hidden: []time.Duration{0}},
		{name: "the last one is sent anew", settler: settler{limit: 3}, receives: 3, done: true, resent: []time.Duration{0}},
		{name: "the policy cannot be read", settler: settler{limitErr: fails}, receives: 1, done: true, resent: []time.Duration{0}},
		{name: "it cannot be sent anew", settler: settler{limit: 3, resendErr: fails}, receives: 3, failed: true, hidden: []time.Duration{0}, resent: []time.Duration{0}},
		{name: "a FIFO queue", settler: settler{limit: 3}, receives: 3, source: "arn:aws:sqs:r:1:q.fifo", hidden: []time.Duration{0}},
		{name: "a FIFO queue whose name is not known", settler: settler{limit: 3}, receives: 3, fifo: true, hidden: []time.Duration{0}},
		{name: "the policy cannot be read of a FIFO queue", settler: settler{limitErr: fails}, receives: 3, fifo: true, hidden: []time.Duration{0}},
		{name: "it fails", settler: settler{hideErr: fails}, receives: 1, failed: true, hidden: []time.Duration{0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			done, err := queue.GiveBack(t.Context(), &test.settler, queue.Message{ID: "m", ReceiveCount: test.receives, SourceARN: test.source}, test.fifo)
			if done != test.done || (err != nil) != test.failed || err != nil && !errors.Is(err, fails) {
				t.Errorf("done %v, error %v", done, err)
			}
			if diff := cmp.Diff([][]time.Duration{test.hidden, test.resent}, [][]time.Duration{test.settler.hidden, test.settler.resent}, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("hidden and resent (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSettleBackoff: a caller's own back-off, and the 12 hours that SQS counts from the receipt.
func TestSettleBackoff(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ held, backoff, want time.Duration }{
		{0, 8 * time.Second, 8 * time.Second},
		{time.Hour, 8 * time.Second, 8 * time.Second},
		{0, 18 * time.Hour, 12 * time.Hour},
		{time.Hour + time.Millisecond, 18 * time.Hour, 11*time.Hour - time.Second},
		{12*time.Hour + time.Second, time.Hour, time.Second},
		{-time.Hour, 18 * time.Hour, 12 * time.Hour},
	} {
		s := &settler{}
		_, outcome := queue.Settle(t.Context(), s, queue.Message{ReceiveCount: 3}, errors.New("x"), queue.SettleOptions{
			Now: func() time.Time { return now }, Received: now.Add(-test.held), Backoff: func(int) time.Duration { return test.backoff },
		})
		if outcome.After != test.want || len(s.hidden) != 1 || s.hidden[0] != test.want {
			t.Errorf("%+v: hidden for %v, outcome %+v", test, s.hidden, outcome)
		}
	}
}
