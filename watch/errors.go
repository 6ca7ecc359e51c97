package watch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/starfleet-go/starfleet/queue"
)

// The causes with which a handler's context ends: context.Cause tells them apart.
var (
	// ErrStopped: the process ends, and the grace is over. The message is given back at once.
	ErrStopped = errors.New("the worker is stopping")
	// ErrLeaseLost: the message is no longer held. Another worker may be at work on it. A handler that returns nil all the same says that it is
	// done, and it is deleted; nothing else that it says counts. A command that was ended for it is not done, whatever its exit status.
	ErrLeaseLost = errors.New("the lease of the message was lost")
	// ErrLimit: the job took longer than Config.Limit.
	ErrLimit = errors.New("the job took longer than its limit")
	// ErrHeldTooLong: the message has been held for almost 12 hours, the most that SQS allows.
	ErrHeldTooLong = errors.New("the message was held for as long as SQS allows, 12 hours")
)

// RejectedError is made by [Reject].
type RejectedError struct{ Err error }

// Reject ends a message for good although it failed: it is deleted, and counted and logged as a failure. errors.Is and errors.As see
// through it. Reject(nil) is a rejection without a reason.
func Reject(err error) error { return &RejectedError{Err: err} }

// Error is "rejected" and the reason.
func (e *RejectedError) Error() string { return withReason("rejected", e.Err) }

// Unwrap is the reason; it may be nil.
func (e *RejectedError) Unwrap() error { return e.Err }

// Disposition deletes the message.
func (e *RejectedError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Acknowledge}
}

// LaterError is made by [Later].
type LaterError struct{ Err error }

// Later gives a message back, to be tried again after the usual back-off, and is no failure: it is neither counted nor logged as one. At the
// last delivery that the queue allows the message goes to the dead letters all the same. errors.Is and errors.As see through it; err may be nil.
func Later(err error) error { return &LaterError{Err: err} }

// Error is "later" and the reason.
func (e *LaterError) Error() string { return withReason("later", e.Err) }

// Unwrap is the reason; it may be nil.
func (e *LaterError) Unwrap() error { return e.Err }

// Disposition retries the message.
func (e *LaterError) Disposition() queue.Disposition { return queue.Disposition{Action: queue.Retry} }

func withReason(what string, err error) string {
	if err == nil {
		return what
	}
	return what + ": " + err.Error()
}

// MalformedError is a message that cannot be handled, because it lacks what every message has. It is that message's failure.
type MalformedError struct {
	// Missing names what is not there.
	Missing string
}

// Error names what is missing.
func (e *MalformedError) Error() string { return "the message has no " + e.Missing }

// AbandonedError is returned by Run when handlers did not return after their contexts had ended. Their messages were given back, as far as they
// were still held.
type AbandonedError struct {
	// Messages are the ids of the messages.
	Messages []string
}

// Error names the messages, up to five.
func (e *AbandonedError) Error() string {
	named := strings.Join(e.Messages[:min(len(e.Messages), 5)], ", ")
	if more := len(e.Messages) - 5; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("watch: %d handlers did not end when they were told to; given back: %s", len(e.Messages), named)
}
