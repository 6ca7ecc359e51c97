package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/starfleet-go/starfleet/internal/command"
)

// commandLine is a command line: its name, what it is for, and its grammar, a pointer to a struct for kong whose
// commands have a Run method that takes a context.Context, a *command.Console and Bindings.
type commandLine struct {
	Name, Description string
	Grammar           any
	Bindings          []any
	// Vars are put into help texts and defaults, where they say ${name}.
	Vars map[string]string
}

// Main parses the arguments, runs the command that they name, reports what went wrong and returns the exit status.
// SIGINT and SIGTERM end the context of the command.
func (p commandLine) Main(ctx context.Context, args []string, s command.Streams, getenv func(string) (string, bool)) int {
	ctx, stop := command.WithSignals(ctx)
	defer stop()
	console := command.NewConsole(p.Name, s, getenv)
	answered := false // kong printed the help and is done
	parser, err := p.parser(console, func(int) { answered = true })
	if err != nil {
		return console.Finish("", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case answered:
		return command.StatusDone
	case err != nil:
		return console.Finish(commandOf(err), &command.UsageError{Problem: err.Error()})
	}
	console.JSON = wantsJSON(parsed)
	parsed.BindTo(ctx, (*context.Context)(nil))
	return console.Finish(parsed.Selected().FullPath(), parsed.Run(append([]any{console}, p.Bindings...)...))
}

// parser is kong set up as the command line has it.
func (p commandLine) parser(c *command.Console, exit func(int)) (*kong.Kong, error) {
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
func (p commandLine) expandDetails(node *kong.Node) {
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
func (p commandLine) Model() (*kong.Application, error) {
	parser, err := p.parser(&command.Console{}, func(int) {})
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
