package starbase

import (
	"errors"
	"fmt"
	"strings"

	"github.com/starfleet-go/starfleet/queue"
)

// Why a ship cannot be tasked.
const (
	notInFleet   = "it is not in the fleet of this Starbase: register it, or add its manifest"
	notAShip     = "the configuration has no section for it"
	shipDisabled = "it is not enabled in the configuration"
)

// UnknownShipError is a message or template for a ship that this Starbase does not task. No retry cures it.
type UnknownShipError struct {
	// Ship is the name, as it was given.
	Ship string
	// Reason says why the ship is not tasked.
	Reason string
}

// Error names the ship and the reason.
func (e *UnknownShipError) Error() string {
	return fmt.Sprintf("ship %q cannot be tasked: %s", e.Ship, e.Reason)
}

// ShipFaultError is a message for a ship whose section of the configuration is at fault. It is retried: a configuration that is put
// right cures it.
type ShipFaultError struct {
	// Ship is the name of the ship and of its section.
	Ship string
	// Err is what is wrong with the section.
	Err error
}

// Error names the ship and every fault.
func (e *ShipFaultError) Error() string {
	return fmt.Sprintf("ship %s is not tasked, its section of the configuration is at fault: %v", e.Ship, e.Err)
}

// Unwrap is what is wrong with the section.
func (e *ShipFaultError) Unwrap() error { return e.Err }

// WrongBucketError is an S3 event of another bucket than the template bucket. No retry cures it.
type WrongBucketError struct {
	// Bucket is the event's, Want is STARFLEET.TemplateBucket.
	Bucket, Want string
}

// Error names both buckets.
func (e *WrongBucketError) Error() string {
	return fmt.Sprintf("the event is of bucket %q, the template bucket is %q: correct the bucket's notification or TemplateBucket",
		e.Bucket, e.Want)
}

// EventError is an event that is none of those that a Starbase knows. No retry cures it.
type EventError struct {
	// Problem says what the event lacks. It names keys and never holds values of the event's body.
	Problem string
	// Err is the error of the decoder, where there is one.
	Err error
}

// Error says what the event lacks.
func (e *EventError) Error() string {
	if e.Err != nil {
		return e.Problem + ": " + e.Err.Error()
	}
	return e.Problem
}

// Unwrap is the error of the decoder; it may be nil.
func (e *EventError) Unwrap() error { return e.Err }

// failures are the failures of one message that led to several runs. The message is retried as soon as one of them can be cured.
type failures []error

// err is nil when nothing failed, and the one failure where there is one alone.
func (f failures) err() error {
	switch len(f) {
	case 0:
		return nil
	case 1:
		return f[0]
	default:
		return f
	}
}

// Error is one line a failure.
func (f failures) Error() string {
	lines := make([]string, len(f))
	for i, err := range f {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As find each failure.
func (f failures) Unwrap() []error { return f }

// Disposition retries the message unless every failure is permanent. It is kept from its dead letters while something in it is halted.
func (f failures) Disposition() queue.Disposition {
	d := queue.Disposition{Action: queue.DeadLetter}
	for _, err := range f {
		this := queue.DispositionOf(err)
		if this.Action == queue.Retry {
			d.Keep = d.Keep || this.Keep
		}
		if this.Action != queue.DeadLetter && d.Action == queue.DeadLetter {
			d = queue.Disposition{Action: queue.Retry, Class: this.Class, Keep: d.Keep, After: d.After}
		}
		if d.Class == "" {
			d.Class = this.Class
		}
		d.After = max(d.After, this.After)
	}
	return d
}

// add appends err, if there is one.
func (f *failures) add(err error) {
	var several failures
	switch {
	case err == nil:
	case errors.As(err, &several):
		*f = append(*f, several...)
	default:
		*f = append(*f, err)
	}
}
