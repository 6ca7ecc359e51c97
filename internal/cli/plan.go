package cli

import (
	"bufio"
	"context"
	"slices"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/command"
)

// planCommand says what a template resolves to.
type planCommand struct {
	Template string `arg:"" help:"The template in YAML or JSON; - is standard input."`
	resolveFlags
	Against string `placeholder:"FILE" help:"An older version of the template: say which targets come and go."`
	Output  string `short:"o" enum:"table,json,explain,markdown" default:"table" help:"table; json: one task body a line, exactly as it would be sent, and nothing else; explain: account by account why; markdown: for a pull request."`
}

// Help is the detailed help.
func (planCommand) Help() string {
	return `The accounts and regions are those that Starbase and starfleet task would send tasks for, guards included; nothing is sent. A template above MaxTargets is shown, and is a fault. What is not the answer goes to standard error.

The exit status is 0, also when nothing resolves; 1 when the template, the index or a selector is at fault; 2 for wrong usage.

Examples:

  starfleet plan --config config --index accountIndex.json templates/LogRetention/prod.yaml
  starfleet plan --fan-out ACCOUNT --index s3://my-index/accountIndex.json -o explain template.yaml
  git show main:t.yaml | starfleet plan --config config --ship LogRetention --against - -o markdown t.yaml

`
}

// Run does it.
func (p *planCommand) Run(ctx context.Context, c *command.Console) error {
	if err := p.againstOnce(); err != nil {
		return err
	}
	r, err := p.resolve(ctx, c, p.Template)
	if err != nil {
		return err
	}
	var changes *comparison
	if p.Against != "" {
		if changes, err = compare(ctx, c, r, p.Against); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(c.Out)
	if err := p.print(c, out, r, changes); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if r.plan.Count() == 0 {
		c.Note("the template resolves to no target: nothing would be sent")
	}
	return r.checkTargets()
}

// againstOnce refuses to read standard input twice.
func (p *planCommand) againstOnce() error {
	if p.Against != command.StandardInput {
		return nil
	}
	if slices.Contains([]string{p.Template, p.Index, p.Manifest}, command.StandardInput) {
		return command.Usagef("--against and another argument cannot both be standard input")
	}
	return nil
}

func (p *planCommand) print(c *command.Console, out *bufio.Writer, r *resolved, changes *comparison) error {
	switch p.Output {
	case "json":
		for _, warning := range r.warnings() {
			c.Warn("%s: %s", warning.Path, warning.Message)
		}
		changes.printJSON(c.Err)
		return printBodies(out, r)
	case "explain":
		for _, warning := range r.warnings() {
			c.Warn("%s: %s", warning.Path, warning.Message)
		}
		printExplanation(out, c.OutPaint, r)
		changes.printText(out, c.OutPaint)
	case "markdown":
		printMarkdown(out, r, changes)
	default:
		printTable(out, c, r)
		changes.printText(out, c.OutPaint)
	}
	return nil
}

// printBodies writes one task body a line, exactly as it would be sent: a body is JSON without line breaks. Above MaxTargets
// nothing would be sent, and nothing is written.
func printBodies(out *bufio.Writer, r *resolved) error {
	if r.tooMany != nil {
		return nil
	}
	var line []byte
	for task, err := range r.plan.Tasks(starfleet.RunInfo{RunID: "plan"}) {
		if err != nil {
			return err
		}
		line = append(task.AppendBody(line[:0]), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return nil
}
