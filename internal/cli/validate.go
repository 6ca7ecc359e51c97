package cli

import (
	"context"
	"errors"
	"fmt"
	"math"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/starbase"
)

// validateCommand checks templates.
type validateCommand struct {
	Files []string `arg:"" name:"file" help:"Templates in YAML or JSON; - is standard input."`
	shipFlags
	Index  string `placeholder:"FILE" help:"An account index, a file or s3://BUCKET/KEY: names, OUs, ids and regions are then held against it. Default: none."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object a fault on standard error, {file,line,column,path,problem,hint}."`
}

// Help is the detailed help.
func (validateCommand) Help() string {
	return `All faults of all files are told on standard error, as file:line:column: path: problem: hint. The exit status is 0 when there is none, 1 when there is one, 2 for wrong usage.

With --config each template is checked for the ship under whose TemplatePrefix it lies: ./templates/LogRetention/prod.yaml is one of TemplatePrefix LogRetention/.

Examples:

  starfleet validate --config config templates/*/*.yaml
  starfleet validate --manifest LogRetention.json -o json template.yaml
  git show main:template.yaml | starfleet validate --fan-out ACCOUNT -

`
}

// Run does it.
func (v *validateCommand) Run(ctx context.Context, c *command.Console) error {
	if err := v.standardInputOnce(); err != nil {
		return err
	}
	w, err := v.open(ctx, c)
	if err != nil {
		return err
	}
	var index *accountindex.Index
	if v.Index != "" {
		from := indexFlags{Index: v.Index}
		if index, err = from.load(ctx, c, w.configuration); err != nil {
			return err
		}
	}
	return v.all(c, func(name string) (string, error) { return v.one(ctx, w, index, name) })
}

// all checks each file, whatever is wrong with those before it. A file whose ship is not known is wrong usage, and stands among
// the faults of the others.
func (v *validateCommand) all(c *command.Console, check func(name string) (file string, err error)) error {
	var faults []error
	for _, name := range v.Files {
		file, err := check(name)
		if err != nil {
			faults = append(faults, err)
		} else if !c.JSON {
			_, _ = fmt.Fprintf(c.Out, "%s: %s\n", command.Safe(file), c.OutPaint.Green("ok"))
		}
	}
	err := errors.Join(faults...)
	var usage *command.UsageError
	if len(faults) > 1 && errors.As(err, &usage) {
		c.Report(err)
		return &command.StatusError{Status: command.StatusUsage}
	}
	return err
}

// standardInputOnce refuses a command line that reads standard input for two things.
func (v *validateCommand) standardInputOnce() error {
	reads := 0
	for _, name := range append([]string{v.Index, v.Manifest}, v.Files...) {
		if name == command.StandardInput {
			reads++
		}
	}
	if reads > 1 {
		return command.Usagef("standard input can be read once only: - stands here %d times", reads)
	}
	return nil
}

// one checks one template.
func (v *validateCommand) one(ctx context.Context, w *workspace, index *accountindex.Index, name string) (file string, err error) {
	s, err := w.subject(name)
	if err != nil {
		return name, err
	}
	file, data, err := w.console.ReadDocument(name)
	if err != nil {
		return name, err
	}
	if err := starfleet.CheckTemplate(s.manifest, file, data, index); err != nil || index == nil {
		return file, err
	}
	t, err := starfleet.ParseTemplate(s.manifest, file, data)
	if err != nil {
		return file, err
	}
	return file, v.resolve(ctx, w, s, t, index)
}

// resolve holds a template against the index. How many accounts there are is no fault of a template.
func (v *validateCommand) resolve(ctx context.Context, w *workspace, s subject, t *starfleet.Template, index *accountindex.Index) error {
	order := starbase.Order{Template: t, Index: index, Ship: s.ship, MaxTargets: math.MaxInt}
	if w.configuration != nil {
		order.Fleet = w.configuration.Fleet
		order.ScopeToRegions = w.configuration.Starfleet.ScopeToRegions
	}
	plan, err := starbase.Prepare(ctx, order)
	if err != nil {
		return locate(err, t)
	}
	if plan.Resolution() == nil {
		return nil
	}
	for _, warning := range plan.Resolution().Warnings() {
		w.console.Warn("%s: %s: %s", t.Document().File, warning.Path, warning.Message)
	}
	return nil
}
