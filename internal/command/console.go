package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// The exit statuses that every command has. Others are given by a StatusError.
const (
	StatusDone   = 0
	StatusFailed = 1
	StatusUsage  = 2
)

// UsageError is a wrong use of the command line: exit status 2.
type UsageError struct {
	// Problem says what is wrong, Hint what to do; Hint may be empty.
	Problem, Hint string
}

// Error is the problem, and the hint where there is one.
func (e *UsageError) Error() string {
	if e.Hint == "" {
		return e.Problem
	}
	return e.Problem + ": " + e.Hint
}

// Usagef makes a UsageError without a hint.
func Usagef(format string, args ...any) error {
	return &UsageError{Problem: fmt.Sprintf(format, args...)}
}

// StatusError ends a command with an exit status of its own. Err is reported, unless it is nil.
type StatusError struct {
	Status int
	Err    error
}

// Error is the text of Err, or the status.
func (e *StatusError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Status)
	}
	return e.Err.Error()
}

// Unwrap is Err; it may be nil.
func (e *StatusError) Unwrap() error { return e.Err }

// Console is what a command runs at.
type Console struct {
	Streams
	// Program is the name of the program, for messages.
	Program string
	// JSON says that the command was asked for `-o json`: then each line on Err is a JSON object too.
	JSON bool
	// Getenv looks an environment variable up, as os.LookupEnv does.
	Getenv func(string) (string, bool)
	// OutPaint and ErrPaint colour what goes to Out and Err.
	OutPaint, ErrPaint Paint
}

// NewConsole is the console of a program. Colours follow what getenv says of them.
func NewConsole(program string, s Streams, getenv func(string) (string, bool)) *Console {
	return &Console{
		Streams: s, Program: program, Getenv: getenv,
		OutPaint: NewPaint(s.OutTerminal, getenv), ErrPaint: NewPaint(s.ErrTerminal, getenv),
	}
}

// WithSignals is a context that SIGINT and SIGTERM end; stop frees what it holds.
func WithSignals(ctx context.Context) (_ context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends a process that does not heed the first
	return ctx, stop
}

// Finish reports an error and is the exit status for it. command is the words before the flags, for the hint after wrong usage; "" is the
// program.
func (c *Console) Finish(command string, err error) int {
	if err == nil {
		return StatusDone
	}
	var usage *UsageError
	if errors.As(err, &usage) {
		if command == "" {
			command = c.Program
		}
		_, _ = fmt.Fprintf(c.Err, "%s %s\nTry: %s --help\n", c.ErrPaint.Red(c.Program+":"), Safe(usage.Error()), command)
		return StatusUsage
	}
	var status *StatusError
	if errors.As(err, &status) {
		if status.Err != nil {
			c.Report(status.Err)
		}
		return status.Status
	}
	c.Report(err)
	return StatusFailed
}

// Report tells of an error on Err: a line for each fault, or a JSON object under `-o json`.
func (c *Console) Report(err error) {
	if c.JSON {
		writeFaultsJSON(c.Err, Faults(err))
		return
	}
	writeFaultsText(c.Err, c.Program, c.ErrPaint, Faults(err))
}

// Note tells of something on Err that is no fault: a line, or a JSON object {"level":"note","message":...} under `-o json`.
func (c *Console) Note(format string, args ...any) { c.notice("note", c.ErrPaint.Faint, format, args) }

// Warn is Note for what may well be a mistake; its level is "warning".
func (c *Console) Warn(format string, args ...any) {
	c.notice("warning", c.ErrPaint.Yellow, format, args)
}
