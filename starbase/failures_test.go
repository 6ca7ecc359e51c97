package starbase

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/queue"
)

// TestFailuresOfOneMessage: what becomes of a message that led to several runs.
func TestFailuresOfOneMessage(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	halted := &starfleet.HaltedError{Order: halt.Order{Reason: "r", At: now}, Now: now}
	permanent, transient := starfleet.Permanent(errors.New("at fault")), errors.New("reset")
	later := starfleet.RetryAfter(time.Hour, transient)
	for name, test := range map[string]struct {
		failures failures
		want     queue.Disposition
	}{
		"permanent all":                    {failures{permanent, permanent}, queue.Disposition{Action: queue.DeadLetter, Class: "error"}},
		"one can be cured":                 {failures{permanent, transient}, queue.Disposition{Action: queue.Retry, Class: "error"}},
		"the longest wait":                 {failures{later, transient}, queue.Disposition{Action: queue.Retry, Class: "error", After: time.Hour}},
		"halted":                           {failures{halted}, queue.Disposition{Action: queue.Retry, Class: "HaltedError", After: 5 * time.Minute, Keep: true}},
		"halted, and permanent":            {failures{halted, permanent}, queue.Disposition{Action: queue.Retry, Class: "HaltedError", After: 5 * time.Minute, Keep: true}},
		"permanent, and halted":            {failures{permanent, halted}, queue.Disposition{Action: queue.Retry, Class: "HaltedError", After: 5 * time.Minute, Keep: true}},
		"halted, and one that may be lost": {failures{halted, transient}, queue.Disposition{Action: queue.Retry, Class: "HaltedError", After: 5 * time.Minute, Keep: true}},
		"the other way round":              {failures{transient, halted}, queue.Disposition{Action: queue.Retry, Class: "error", After: 5 * time.Minute, Keep: true}},
	} {
		if diff := cmp.Diff(test.want, test.failures.Disposition()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
