package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/internal/command"
)

type flyCommand struct {
	Status int    `default:"0" help:"status"`
	Output string `short:"o" enum:"text,json" default:"text" help:"form"`
}

func (flyCommand) Help() string { return "To ${place}." }

func (f *flyCommand) Run(ctx context.Context, c *command.Console, where *string) error {
	c.Note("to %s", *where)
	c.Warn("fast")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f.Status != 0 {
		return &command.StatusError{Status: f.Status, Err: errors.New("crashed")}
	}
	return nil
}

func fly(ctx context.Context, environment map[string]string, terminal bool, args ...string) (status int, out, errs string) {
	var outs, errors bytes.Buffer
	where := "Mars\x1b"
	p := commandLine{
		Name: "rocket", Description: "Flies.", Vars: map[string]string{"place": "Mars"}, Bindings: []any{&where},
		Grammar: &struct {
			Fly flyCommand `cmd:"" help:"Fly."`
		}{},
	}
	lookup := func(name string) (string, bool) { value, ok := environment[name]; return value, ok }
	status = p.Main(ctx, args, command.Streams{In: strings.NewReader(""), Out: &outs, Err: &errors, OutTerminal: terminal, ErrTerminal: terminal}, lookup)
	return status, outs.String(), errors.String()
}

func TestProgramMapsErrorsToExitStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   []string
		status int
		errs   string
	}{
		{[]string{"fly"}, 0, "note: to Mars\\x1b\nwarning: fast\n"},
		{[]string{"fly", "--status", "3"}, 3, "note: to Mars\\x1b\nwarning: fast\nrocket: crashed\n"},
		{[]string{"fly", "--status", "3", "-o", "json"}, 3, `{"level":"note","message":"to Mars\u001b"}` + "\n" + `{"level":"warning","message":"fast"}` + "\n" +
			`{"file":"","line":0,"column":0,"path":"","problem":"crashed","hint":""}` + "\n"},
		{[]string{"fly", "--status", "x"}, 2, "rocket: --status: expected a valid 64 bit int but got \"x\"\nTry: rocket fly --help\n"},
		{[]string{"\x1b[2J"}, 2, "rocket: unexpected argument \\x1b[2J\nTry: rocket --help\n"},
	} {
		status, out, errs := fly(t.Context(), nil, false, c.args...)
		if status != c.status || out != "" || errs != c.errs {
			t.Errorf("%q: status %d, %q, %q", c.args, status, out, errs)
		}
	}
}

func TestProgramEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status, _, errs := fly(ctx, nil, false, "fly"); status != 1 || !strings.Contains(errs, "context canceled") {
		t.Errorf("status %d, %q", status, errs)
	}
}

func TestDetailedHelpIsExpanded(t *testing.T) {
	t.Parallel()
	if status, out, _ := fly(t.Context(), nil, false, "fly", "--help"); status != 0 || !strings.Contains(out, "To Mars.") {
		t.Errorf("status %d, %q", status, out)
	}
}

func TestColoursAreForTerminalsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		environment map[string]string
		terminal    bool
		want        bool
	}{
		{"a terminal", nil, true, true},
		{"no terminal", nil, false, false},
		{"NO_COLOR", map[string]string{"NO_COLOR": "1"}, true, false},
		{"an empty NO_COLOR", map[string]string{"NO_COLOR": ""}, true, true},
		{"a dumb terminal", map[string]string{"TERM": "dumb"}, true, false},
	} {
		_, _, errs := fly(t.Context(), c.environment, c.terminal, "fly", "--status", "1")
		if got := strings.Contains(errs, "\x1b["); got != c.want {
			t.Errorf("%s: coloured %t, want %t: %q", c.name, got, c.want, errs)
		}
	}
}
