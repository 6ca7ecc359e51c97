package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/state"
)

// runsCommands are the commands about runs.
type runsCommands struct {
	List runsListCommand `cmd:"" help:"List the runs of the Starbase, the latest first."`
	Show runsShowCommand `cmd:"" help:"Show one run: what was resolved, sent, and not sent."`
}

// Help is the detailed help.
func (runsCommands) Help() string {
	return `A run is the fan-out of one template. The Starbase keeps a summary of each where the configuration names a Fleet.StateBucket.

Examples:

  starfleet runs list --config config
  starfleet runs show --config config HOURLY-20260131T180000Z-0123456789abcdef0123

`
}

// runsListCommand lists runs.
type runsListCommand struct {
	stateFlags
	Ship   string `placeholder:"NAME" help:"Only the runs of this ship."`
	Limit  *int   `placeholder:"N" help:"Only the latest N."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {runs:[...]}, with runs as starfleet runs show prints them."`
}

// Help is the detailed help.
func (runsListCommand) Help() string {
	return `Examples:

  starfleet runs list --config config --ship LogRetention --limit 10
  starfleet runs list --state s3://starfleet-state/production -o json

`
}

// Run does it.
func (r *runsListCommand) Run(ctx context.Context, c *command.Console) error {
	if r.Limit != nil && *r.Limit < 1 {
		return command.Usagef("--limit must be at least 1, is %d", *r.Limit)
	}
	store, err := r.open(ctx, c)
	if err != nil {
		return err
	}
	all, err := starbase.ListRuns(ctx, store)
	if err != nil {
		return err
	}
	runs := []starbase.RunSummary{}
	for _, run := range all {
		if (r.Ship == "" || run.Ship == r.Ship) && (r.Limit == nil || len(runs) < *r.Limit) {
			runs = append(runs, run)
		}
	}
	if c.JSON {
		command.WriteJSON(c.Out, struct {
			Runs []starbase.RunSummary `json:"runs"`
		}{runs})
		return nil
	}
	if len(runs) == 0 {
		c.Note("there are no runs")
		return nil
	}
	return printRuns(c.Out, runs)
}

// printRuns writes a table.
func printRuns(out io.Writer, runs []starbase.RunSummary) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "BEGUN\tSTATE\tSENT\tOF\tSHIP\tTEMPLATE\tRUN")
	for _, r := range runs {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", r.Begun.UTC().Format(time.RFC3339), command.Safe(string(r.State)), r.Sent, r.Resolved,
			command.Safe(r.Ship), command.Safe(r.TemplateKey), command.Safe(r.RunID))
	}
	return table.Flush()
}

// runsShowCommand shows a run.
type runsShowCommand struct {
	ID string `arg:"" name:"run" help:"The id of the run, which its tasks and log lines carry."`
	stateFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object."`
}

// Help is the detailed help.
func (runsShowCommand) Help() string {
	return `With -o json it prints one object: {run,state,ship,template,templateName,templateVersion,indexVersion,begun,updated,hops,accounts,resolved,sent,notSent,retried,batches,bytes,possibleDuplicates,seconds,reason,notSentTargets}. The state is done, going-on, stopped, halted or failed; hops counts the invocations.

Example:

  starfleet runs show --config config HOURLY-20260131T180000Z-0123456789abcdef0123

`
}

// Run does it.
func (r *runsShowCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := r.open(ctx, c)
	if err != nil {
		return err
	}
	run, err := starbase.ReadRun(ctx, store, r.ID)
	if errors.Is(err, state.ErrNotFound) {
		return fmt.Errorf("there is no run %s: starfleet runs list names those that there are", command.Safe(r.ID))
	}
	if err != nil {
		return err
	}
	if c.JSON {
		command.WriteJSON(c.Out, run)
		return nil
	}
	printRun(c.Out, c.OutPaint, run)
	return nil
}

// printRun writes a run for people.
func printRun(out io.Writer, paint command.Paint, r starbase.RunSummary) {
	line := func(label, text string) {
		if text != "" {
			_, _ = fmt.Fprintf(out, "%s %s\n", paint.Bold(fmt.Sprintf("%-10s", label)), command.Safe(text))
		}
	}
	line("Run", r.RunID)
	line("State", string(r.State))
	line("Reason", r.Reason)
	line("Ship", r.Ship)
	line("Template", r.TemplateKey)
	line("Version", r.TemplateVersion)
	line("Index", r.IndexVersion)
	line("Begun", r.Begun.UTC().Format(time.RFC3339))
	line("Updated", r.Updated.UTC().Format(time.RFC3339))
	line("Tasks", fmt.Sprintf("%d of %d sent, in %s", r.Sent, r.Resolved, count(r.Accounts, "account")))
	line("Sending", fmt.Sprintf("%s, %d entries sent again, %d tasks possibly twice, %g s in %s",
		count(r.Batches, "call"), r.Retried, r.PossibleDuplicates, r.Seconds, count(r.Hops, "invocation")))
	for _, target := range r.NotSentTargets {
		line("Not sent", target)
	}
}
