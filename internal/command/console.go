package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
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

// Program is a command line: its name, what it is for, and its grammar, a pointer to a struct for kong whose
// commands have a Run method that takes a context.Context, a *Console and Bindings.
type Program struct {
	Name, Description string
	Grammar           any
	Bindings          []any
	// Vars are put into help texts and defaults, where they say ${name}.
	Vars map[string]string
}

// Main parses the arguments, runs the command that they name, reports what went wrong and returns the exit status.
// SIGINT and SIGTERM end the context of the command.
func (p Program) Main(ctx context.Context, args []string, s Streams, getenv func(string) (string, bool)) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends a process that does not heed the first
	console := &Console{
		Streams: s, Program: p.Name, Getenv: getenv,
		OutPaint: NewPaint(s.OutTerminal, getenv), ErrPaint: NewPaint(s.ErrTerminal, getenv),
	}
	answered := false // kong printed the help and is done
	parser, err := p.parser(console, func(int) { answered = true })
	if err != nil {
		return console.finish("", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case answered:
		return StatusDone
	case err != nil:
		return console.finish(commandOf(err), &UsageError{Problem: err.Error()})
	}
	console.JSON = wantsJSON(parsed)
	parsed.BindTo(ctx, (*context.Context)(nil))
	return console.finish(parsed.Selected().FullPath(), parsed.Run(append([]any{console}, p.Bindings...)...))
}

// parser is kong set up as all our command lines have it.
func (p Program) parser(c *Console, exit func(int)) (*kong.Kong, error) {
	return kong.New(p.Grammar,
		kong.Name(p.Name),
		kong.Description(p.Description),
		kong.Writers(c.Out, c.Err),
		kong.Exit(exit),
		kong.Vars(p.Vars),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
		kong.PostBuild(func(k *kong.Kong) error {
			p.expandDetails(k.Model.Node)
			return nil
		}),
	)
}

// expandDetails puts Vars into the detailed help of commands, which kong leaves as it is.
func (p Program) expandDetails(node *kong.Node) {
	for name, value := range p.Vars {
		node.Detail = strings.ReplaceAll(node.Detail, "${"+name+"}", value)
	}
	for _, child := range node.Children {
		p.expandDetails(child)
	}
}

// helpWidth is where help texts are wrapped at the latest, in columns.
const helpWidth = 100

// Model is the grammar as kong understood it, for what is made of it, such as completion scripts.
func (p Program) Model() (*kong.Application, error) {
	parser, err := p.parser(&Console{}, func(int) {})
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}

// commandOf is the command whose arguments could not be parsed, "" when not even that is known.
func commandOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		return parse.Context.Selected().FullPath()
	}
	return ""
}

// wantsJSON says whether the flag --output of the command, where it has one, is json.
func wantsJSON(parsed *kong.Context) bool {
	for _, flag := range parsed.Flags() {
		if flag.Name == "output" {
			return parsed.FlagValue(flag) == "json"
		}
	}
	return false
}

// finish reports an error and is the exit status for it.
func (c *Console) finish(command string, err error) int {
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
