package queue

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Action is what becomes of a message.
type Action uint8

// The actions. The zero value acknowledges.
const (
	// Acknowledge: the message is done and is deleted.
	Acknowledge Action = iota
	// Retry: the message is hidden for a while and delivered again.
	Retry
	// DeadLetter: the message goes to the dead-letter queue, with the error.
	DeadLetter
)

// String is the action's name in logs: "acknowledge", "retry" or "dead-letter".
func (a Action) String() string {
	switch a {
	case Acknowledge:
		return "acknowledge"
	case Retry:
		return "retry"
	case DeadLetter:
		return "dead-letter"
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// Disposition is what an error means for its message.
type Disposition struct {
	// Action is what becomes of the message.
	Action Action
	// After is how long a retry waits; for the action Retry only. 0 means Backoff, and more than 12 h means 12 h.
	After time.Duration
	// Keep says that a retry is not the message's own fault, so that it is never dead-lettered for it, however often it was
	// delivered: before the deliveries that the redrive policy allows are used up, it is sent again as a new message, and deleted; see Settle.
	// For the action Retry only.
	Keep bool
	// Class is the kind of error, for the dead letter and the log. "" means the name of the error's own type.
	Class string
}

// Disposer is implemented by errors that know what they mean for their message. It is looked for with errors.As.
type Disposer interface{ Disposition() Disposition }

// DispositionOf is what err means for its message: nil acknowledges, a Disposer speaks for itself and for what it wraps, any other error
// is retried. Of several errors, as errors.Join makes them, one that is retried decides, then one that is dead-lettered: the message is
// acknowledged only when each of them says so. The class is set for every err but nil.
func DispositionOf(err error) Disposition {
	if err == nil {
		return Disposition{}
	}
	d := disposition(err)
	if d.Class == "" {
		d.Class = errorClass(err)
	}
	return d
}

// disposition looks for the Disposers in err's tree, from the outside in.
func disposition(err error) Disposition {
	if disposer, ok := err.(Disposer); ok {
		return disposer.Disposition()
	}
	switch wrapped := err.(type) {
	case interface{ Unwrap() error }:
		if inner := wrapped.Unwrap(); inner != nil {
			return disposition(inner)
		}
	case interface{ Unwrap() []error }:
		return strongest(wrapped.Unwrap())
	}
	return Disposition{Action: Retry}
}

// strongest decides between several errors. Of those that are retried the longest wait counts, and a message is kept from its dead letters
// only when all of them ask for it.
func strongest(errs []error) Disposition {
	var chosen *Disposition
	for _, err := range errs {
		if err == nil {
			continue
		}
		d := disposition(err)
		switch {
		case chosen == nil, weight(d.Action) > weight(chosen.Action):
			chosen = &d
		case d.Action == Retry && chosen.Action == Retry:
			chosen.Keep = chosen.Keep && d.Keep
			chosen.After = max(chosen.After, d.After)
		}
	}
	if chosen == nil {
		return Disposition{Action: Retry}
	}
	return *chosen
}

func weight(a Action) int {
	switch a {
	case Retry:
		return 2
	case DeadLetter:
		return 1
	default:
		return 0
	}
}

// errorClass is the name of the first type in err's tree that says more than that an error was wrapped.
func errorClass(err error) string {
	for err != nil {
		_, disposer := err.(Disposer)
		var inner error
		switch wrapped := err.(type) {
		case interface{ Unwrap() error }:
			inner = wrapped.Unwrap()
		case interface{ Unwrap() []error }:
			if all := wrapped.Unwrap(); len(all) > 0 {
				inner = all[0]
			}
		}
		name := strings.TrimPrefix(reflect.TypeOf(err).String(), "*")
		bare := strings.HasPrefix(name, "fmt.") || strings.HasPrefix(name, "errors.")
		if !bare && (!disposer || inner == nil) {
			return name
		}
		err = inner
	}
	return "error"
}

const (
	firstBackoff = 10 * time.Second
	maxBackoff   = 15 * time.Minute
)

// Backoff is how long a message waits before its next delivery, after attempt deliveries (from 1; less counts as 1):
// 10 s x 2^(attempt-1), at most 15 min, of which the upper half is left to chance. random is in [0,1).
func Backoff(attempt int, random float64) time.Duration {
	full := maxBackoff
	if attempt = max(attempt, 1); attempt <= 7 { // 10 s x 2^7 is above 15 min
		full = min(firstBackoff<<(attempt-1), maxBackoff)
	}
	return full/2 + time.Duration(random*float64(full/2))
}
