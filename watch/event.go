package watch

import (
	"errors"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// Kind is the kind of an Event.
type Kind uint8

// The kinds of events.
const (
	// Polled: the queue was asked, and answered with Event.Messages messages, which may be none.
	Polled Kind = iota + 1
	// PollFailed: the queue could not be asked; see Event.Err. It is asked again after Event.Pause, which is 0 where other calls go on.
	PollFailed
	// Began: a handler was called with a message.
	Began
	// Ended: a handler returned, or was left behind when the worker stopped, and its message was settled; see Event.Result.
	Ended
	// Stopping: nothing more is received.
	Stopping
)

// Event is something that happened.
type Event struct {
	Kind Kind
	// Time is when.
	Time time.Time
	// Messages is how many messages were received; for Polled.
	Messages int
	// Message is the message; for Began and Ended.
	Message queue.Message
	// Result is what came of it; for Ended.
	Result Result
	// Err is why the queue could not be asked, Pause how long nothing is asked; for PollFailed.
	Err   error
	Pause time.Duration
}

// Outcome is what came of a job.
type Outcome string

// The outcomes.
const (
	Done      Outcome = "done"       // the handler returned nil, or an error that acknowledges
	Rejected  Outcome = "rejected"   // deleted, and a failure
	Returned  Outcome = "returned"   // given back with back-off, and no failure
	Failed    Outcome = "failed"     // given back with back-off or dead-lettered, and a failure
	GivenBack Outcome = "given-back" // given back at once, because the worker stops
	Lost      Outcome = "lost"       // the lease was lost before the handler failed, or did not return: nothing is said of the message
)

// Result is what came of a message.
type Result struct {
	Outcome Outcome
	// Err is what the handler returned; of one that was left behind, why.
	Err error
	// Action is what became of the message, After how long it was hidden for a retry.
	Action queue.Action
	After  time.Duration
	// Settle is what failed while the message was deleted, given back or dead-lettered. It comes back when its lease ends.
	Settle error
	// Duration is how long the handler took. Response is the time from when the message was sent until the handler returned, 0 when that is
	// not known.
	Duration, Response time.Duration
}

// Failure says whether the result counts as a failure.
func (r Result) Failure() bool {
	return r.Outcome == Rejected || r.Outcome == Failed || r.Outcome == Lost
}

// outcomeOf tells what a handler's error is, where the lease was kept and nothing stopped it. It says nothing else than what becomes of the
// message: of several errors one that is retried, or dead-lettered, makes the whole a failure.
func outcomeOf(err error) Outcome {
	switch d := queue.DispositionOf(err); {
	case d.Action == queue.Acknowledge:
		if _, rejected := errors.AsType[*RejectedError](err); rejected {
			return Rejected
		}
		return Done
	case d.Keep, d.Action == queue.Retry && later(err):
		return Returned
	default:
		return Failed
	}
}

// later says whether an error is a LaterError, and no other beside it.
func later(err error) bool {
	if _, ok := err.(*LaterError); ok { //nolint:errorlint // the tree is walked here
		return true
	}
	switch wrapped := err.(type) { //nolint:errorlint // likewise
	case interface{ Unwrap() error }:
		inner := wrapped.Unwrap()
		return inner != nil && later(inner)
	case interface{ Unwrap() []error }:
		found := false
		for _, inner := range wrapped.Unwrap() {
			if inner == nil {
				continue
			}
			if !later(inner) {
				return false
			}
			found = true
		}
		return found
	}
	return false
}
