package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/internal/command"
)

func sortTargets(targets []moveTarget) {
	slices.SortFunc(targets, func(a, b moveTarget) int { return strings.Compare(a.Queue, b.Queue) })
}

// dlqDropCommand deletes letters.
type dlqDropCommand struct {
	deadQueueFlags
	filterFlags
	Yes    bool   `short:"y" help:"Do not ask before deleting."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, that of starfleet dlq replay."`
}

// Help is the detailed help.
func (dlqDropCommand) Help() string {
	return `It needs a filter; starfleet dlq purge deletes all. First it says what it would do. On a terminal it asks then; elsewhere, and with -o json, it deletes with --yes only, and is a dry run otherwise. What is deleted is gone.

Example:

  starfleet dlq drop --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --account 222222222222 --older-than 168h

`
}

// Run does it.
func (x *dlqDropCommand) Run(ctx context.Context, c *command.Console) error {
	d, err := x.open(ctx, c, &x.filterFlags, 0)
	if err != nil {
		return err
	}
	if d.filter.Empty() {
		return &command.UsageError{Problem: "which letters?", Hint: "select them with --message-id, --class, --account, --ship, --run, --older-than or --younger-than; starfleet dlq purge deletes all"}
	}
	if !x.Yes {
		report := moveReport{DryRun: true}
		walked, selected, err := d.walk(ctx, func(context.Context, deadletter.Letter) (deadletter.Verdict, error) { return deadletter.Verdict{}, nil })
		report.Selected = selected
		if err := report.finish(d, "deleted", walked, nil, err); err != nil || selected == 0 {
			return err
		}
		if !asks(c) {
			c.Note("nothing was deleted: add --yes to delete")
			return nil
		}
		if err := confirm(ctx, c, fmt.Sprintf("Delete %s for good?", count(selected, "letter")), "nothing was deleted"); err != nil {
			return err
		}
	}
	var report moveReport
	walked, selected, err := d.walk(ctx, func(context.Context, deadletter.Letter) (deadletter.Verdict, error) {
		return deadletter.Verdict{Act: deadletter.Drop}, nil
	})
	report.Selected = selected
	return report.finish(d, "deleted", walked, nil, err)
}

// dlqReturnCommand gives letters back.
type dlqReturnCommand struct {
	deadQueueFlags
	filterFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {queue,seen,selected,returned,about}."`
}

// Help is the detailed help.
func (dlqReturnCommand) Help() string {
	return `It receives the letters that can be received and gives them back at once: they stay on the dead-letter queue, visible to whoever works it. What another process holds comes back when that gives it back, or its visibility timeout ends; nobody else can shorten that. Every command of starfleet dlq gives back what it does not move or delete, so this one is for after others.

Example:

  starfleet dlq return --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead

`
}

// Run does it.
func (r *dlqReturnCommand) Run(ctx context.Context, c *command.Console) error {
	d, err := r.open(ctx, c, &r.filterFlags, 0)
	if err != nil {
		return err
	}
	report, selected, err := d.look(ctx, func(deadletter.Letter) {})
	returned := max(0, selected-report.Unreturned)
	if c.JSON {
		command.WriteJSON(c.Out, struct {
			Queue    string `json:"queue"`
			Seen     int    `json:"seen"`
			Selected int    `json:"selected"`
			Returned int    `json:"returned"`
			About    int    `json:"about"`
		}{d.url, report.Seen, selected, returned, d.is.Messages()})
		return err
	}
	_, _ = fmt.Fprintf(c.Out, "%s of %d selected returned, of %d that could be seen\n", count(returned, "letter"), selected, report.Seen)
	return err
}

// dlqPurgeCommand deletes everything.
type dlqPurgeCommand struct {
	QueueURL string `required:"" name:"queue-url" placeholder:"URL" help:"The dead-letter queue."`
	Yes      bool   `short:"y" help:"Do not ask before deleting."`
	Output   string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {queue,dryRun,about,purged}."`
}

// Help is the detailed help.
func (dlqPurgeCommand) Help() string {
	return `It deletes every message of the queue, also those that somebody holds, and those that are sent within the next 60 seconds. On a terminal it asks; elsewhere, and with -o json, it deletes with --yes only, and is a dry run otherwise. SQS refuses to purge a queue twice within 60 seconds.

Example:

  starfleet dlq purge --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead

`
}

// Run does it.
func (p *dlqPurgeCommand) Run(ctx context.Context, c *command.Console) error {
	flags := deadQueueFlags{QueueURL: p.QueueURL}
	d, err := flags.open(ctx, c, &filterFlags{}, 0)
	if err != nil {
		return err
	}
	about := d.is.Messages()
	answer := struct {
		Queue  string `json:"queue"`
		DryRun bool   `json:"dryRun"`
		About  int    `json:"about"`
		Purged bool   `json:"purged"`
	}{d.url, !p.Yes, about, false}
	if !p.Yes {
		if !asks(c) {
			if c.JSON {
				command.WriteJSON(c.Out, answer)
			} else {
				_, _ = fmt.Fprintf(c.Out, "about %s would be deleted from %s\n", count(about, "message"), command.Safe(d.url))
			}
			c.Note("nothing was deleted: add --yes to delete")
			return nil
		}
		if err := confirm(ctx, c, fmt.Sprintf("Delete all of about %s from %s for good?", count(about, "message"), d.url), "nothing was deleted"); err != nil {
			return err
		}
	}
	if err := d.manager.Purge(ctx); err != nil {
		return err
	}
	answer.DryRun, answer.Purged = false, true
	if c.JSON {
		command.WriteJSON(c.Out, answer)
		return nil
	}
	_, _ = fmt.Fprintf(c.Out, "about %s deleted from %s\n", count(about, "message"), command.Safe(d.url))
	return nil
}
