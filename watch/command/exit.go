package command

import (
	"fmt"

	"github.com/starfleet-go/starfleet/watch"
)

// The exit statuses that say more than done or failed.
const (
	StatusReject = 3 // delete the message although it failed
	StatusLater  = 4 // give the message back, which is no failure
)

// ExitError is a program that did not end with status 0, or was told to end.
type ExitError struct {
	// Code is the exit status, -1 when a signal ended the program.
	Code int
	// Signal is the name of that signal, such as KILL; "" when the program ended by itself.
	Signal string
	// Cause is why the program was told to end; nil when it was not.
	Cause error
}

// Error says how the program ended, and why it was told to.
func (e *ExitError) Error() string {
	how := fmt.Sprintf("exit status %d", e.Code)
	if e.Signal != "" {
		how = "ended by signal " + e.Signal
	}
	if e.Cause != nil {
		return fmt.Sprintf("%v: %s", e.Cause, how)
	}
	return how
}

// Unwrap is Cause; it may be nil.
func (e *ExitError) Unwrap() error { return e.Cause }

// meaning is what the end of a program means for its message.
func (e *ExitError) meaning() error {
	switch {
	case e.Cause != nil:
		return e
	case e.Code == 0:
		return nil
	case e.Code == StatusReject:
		return watch.Reject(e)
	case e.Code == StatusLater:
		return watch.Later(e)
	}
	return e
}
