package starfleet

import (
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/queue"
)

// Permanent marks err as one that no retry can cure. Returned from Execute, the task is dead-lettered at once,
// with err's class and text. Permanent(nil) is nil. errors.Is and errors.As see through it.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &PermanentError{Err: err}
}

// RetryAfter asks for another attempt of the task after d, in place of the usual back-off: the message is hidden for d,
// at least a second and at most SQS's 12 hours counted from its receipt. The attempt counts as one.
// err says why and may be nil. errors.Is and errors.As see through it.
func RetryAfter(d time.Duration, err error) error {
	return &RetryAfterError{After: max(d, time.Second), Err: err}
}

// Skip ends the task without work: it is acknowledged and recorded as skipped, with the reason.
func Skip(reason string) error { return &SkipError{Reason: reason} }

// PermanentError is made by [Permanent].
type PermanentError struct{ Err error }

// Error is the text of the error that was marked.
func (e *PermanentError) Error() string {
	if e.Err == nil {
		return "permanent error"
	}
	return e.Err.Error()
}

// Unwrap is the error that was marked.
func (e *PermanentError) Unwrap() error { return e.Err }

// Disposition dead-letters the task at once.
func (e *PermanentError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.DeadLetter}
}

// RetryAfterError is made by [RetryAfter].
type RetryAfterError struct {
	After time.Duration
	Err   error
}

// Error says when the task is tried again, and why.
func (e *RetryAfterError) Error() string {
	if e.Err == nil {
		return "retry after " + e.After.String()
	}
	return fmt.Sprintf("retry after %s: %v", e.After, e.Err)
}

// Unwrap is the reason; it may be nil.
func (e *RetryAfterError) Unwrap() error { return e.Err }

// Disposition retries the task after the time asked for.
func (e *RetryAfterError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, After: e.After}
}

// SkipError is made by [Skip].
type SkipError struct{ Reason string }

// Error is "skipped: " and the reason.
func (e *SkipError) Error() string { return "skipped: " + e.Reason }

// Disposition acknowledges the task.
func (e *SkipError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Acknowledge, Class: "SkipError"}
}

// RefusedError is a guard's refusal: the task must not run here, whatever its template says.
// The task is dead-lettered at once, before any credentials are asked for.
type RefusedError struct {
	// Guard names the rule, such as "Fleet.NeverTouch" or "starfleet-not-after".
	Guard string
	// Reason says what was wrong, with the account and region where they are known.
	Reason string
}

// Error is "refused by GUARD: REASON".
func (e *RefusedError) Error() string { return "refused by " + e.Guard + ": " + e.Reason }

// Disposition dead-letters the task at once.
func (e *RefusedError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.DeadLetter, Class: "RefusedError"}
}

// haltedRetry is how long a halted task is hidden at most before it is asked again whether the halt was lifted.
const haltedRetry = 5 * time.Minute

// HaltedError is a task, or a run, that a halt holds up; see [WithHalts]. Its message is hidden until the halt ends, or for 5 minutes where that
// is later or unknown, and then looked at again. However often that is, it is never dead-lettered for it.
type HaltedError struct {
	// Order is the halt.
	Order halt.Order
	// Now is when the message met it.
	Now time.Time
}

// Error says what is halted, why, by whom and until when.
func (e *HaltedError) Error() string {
	text := "halted: " + e.Order.Scope.String()
	if e.Order.By != "" {
		text += ", by " + e.Order.By
	}
	if !e.Order.Until.IsZero() {
		text += ", until " + e.Order.Until.UTC().Format(time.RFC3339)
	}
	return text + ": " + e.Order.Reason
}

// Disposition hides the message and keeps it, however often it is delivered.
func (e *HaltedError) Disposition() queue.Disposition {
	after := haltedRetry
	if !e.Order.Until.IsZero() {
		after = min(after, max(e.Order.Until.Sub(e.Now), time.Second))
	}
	return queue.Disposition{Action: queue.Retry, After: after, Keep: true, Class: "HaltedError"}
}

// PanicError is a panic in Execute or in a middleware, turned into the failure of that one task.
type PanicError struct {
	Value any
	Stack []byte
}

// Error names the panic's value; the stack is logged, not part of the text.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Disposition retries the task: a panic may be the account's, and the last attempt dead-letters it.
func (e *PanicError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, Class: "PanicError"}
}

// errorClass is the name under which an error goes to dead letters and logs: that of its own type, however it was wrapped.
func errorClass(err error) string { return queue.DispositionOf(err).Class }
