package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// taskCommand sends the tasks of a template.
type taskCommand struct {
	Template string `arg:"" help:"The template in YAML or JSON; - is standard input."`
	resolveFlags
	QueueURL *string `name:"queue-url" placeholder:"URL" help:"The queue of the ship. Default: the ship's InvocationQueueUrl in the configuration."`
	RunID    *string `name:"run-id" placeholder:"ID" help:"The id that the tasks of this run carry: letters, digits, - and _. Sending a run again with its id gives the same task ids. Default: task-, the time in UTC and a random part."`
	Yes      bool    `short:"y" help:"Do not ask before sending."`
	Output   string  `short:"o" enum:"text,json" default:"text" help:"text, or json: one object at the end, {run,resolved,sent,retriedEntries,batches,seconds}."`
}

// Help is the detailed help.
func (taskCommand) Help() string {
	return `The tasks are those that starfleet plan shows. On a terminal it asks first; elsewhere it sends nothing without --yes. Credentials, region and AWS_ENDPOINT_URL come from the environment, as for every AWS SDK. Progress and logs go to standard error.

The exit status is 0 only when every resolved task was sent; 1 for a fault before sending, which a "no" is too; 2 for wrong usage; 3 when not everything was sent: the same command with the same --run-id sends all again, under the same task ids.

Examples:

  starfleet task --config config --index accountIndex.json templates/LogRetention/prod.yaml
  starfleet task --config config --only 111111111111 --limit 1 --yes -o json templates/LogRetention/prod.yaml

`
}

// Run does it.
func (t *taskCommand) Run(ctx context.Context, c *command.Console) error {
	runID, err := t.runID(time.Now())
	if err != nil {
		return err
	}
	mayAsk := c.InTerminal && c.ErrTerminal && t.Template != command.StandardInput
	if !t.Yes && !mayAsk {
		return &command.UsageError{Problem: "nothing was sent: there is no terminal to ask at", Hint: "add --yes to send without being asked"}
	}
	r, err := t.resolve(ctx, c, t.Template)
	if err != nil {
		return err
	}
	if err := r.checkTargets(); err != nil {
		return err
	}
	queueURL, err := t.queueURL(r)
	if err != nil {
		return err
	}
	if r.ship != nil && !r.ship.Enabled {
		c.Warn("ship %s is not enabled: Starbase does not task it", r.ship.Name)
	}
	for _, warning := range r.warnings() {
		c.Warn("%s: %s", warning.Path, warning.Message)
	}
	if r.plan.Count() == 0 {
		c.Note("the template resolves to no target: nothing is sent")
		t.report(c, runID, queueURL, queue.Report{})
		return nil
	}
	if !t.Yes {
		if err := ask(ctx, c, r, queueURL); err != nil {
			return err
		}
	}
	return t.send(ctx, c, r, runID, queueURL)
}

// queueURL is where the tasks go.
func (t *taskCommand) queueURL(r *resolved) (string, error) {
	switch {
	case t.QueueURL != nil:
		if err := sqsqueue.CheckURL(*t.QueueURL); err != nil {
			return "", command.Usagef("--queue-url: %s", strings.TrimPrefix(err.Error(), "sqsqueue: "))
		}
		return *t.QueueURL, nil
	case r.ship != nil:
		if config.Unresolved(r.ship.InvocationQueueURL) {
			return "", &command.UsageError{
				Problem: "the queue of ship " + r.ship.Name + " is auto: where are the fleet's queues?",
				Hint:    "set " + config.VariableQueues + " to the output QueuesBase of the fleet's stack, or name the queue with --queue-url URL",
			}
		}
		return r.ship.InvocationQueueURL, nil
	}
	return "", &command.UsageError{Problem: "which queue?", Hint: "name it with --queue-url URL, or a configuration that has the ship with --config DIR"}
}

func (t *taskCommand) runID(now time.Time) (string, error) {
	if t.RunID == nil {
		return "task-" + now.UTC().Format("20060102T150405Z") + "-" + strings.ToLower(rand.Text()[:8]), nil
	}
	if !starbase.IsRunID(*t.RunID) {
		return "", command.Usagef("--run-id: %q is no run id: it has 1 to 128 letters, digits, - and _", *t.RunID)
	}
	return *t.RunID, nil
}

// ask asks the person at the terminal.
func ask(ctx context.Context, c *command.Console, r *resolved, queueURL string) error {
	where := ""
	if r.plan.Resolution() != nil {
		where = " for " + count(r.plan.Accounts(), "account")
	}
	return confirm(ctx, c, fmt.Sprintf("Send %s%s to %s?", count(r.plan.Count(), "task"), where, queueURL), "nothing was sent")
}

// send dispatches the tasks and reports. Before the first batch went out an error is a fault like any other; afterwards it
// is a run that is not complete.
func (t *taskCommand) send(ctx context.Context, c *command.Console, r *resolved, runID, queueURL string) error {
	sender, err := openSender(ctx, queueURL)
	if err != nil {
		return err
	}
	age := config.DefaultTaskMaxAge
	if r.configuration != nil {
		age = cmp.Or(r.configuration.Fleet.TaskMaxAge, age)
	}
	info := starfleet.RunInfo{RunID: runID, NotAfter: time.Now().Add(age)}
	progress := newProgress(c, runID, r.plan.Count())
	report, err := queue.Dispatch(ctx, sender, r.plan.Tasks(info), queue.DispatchOptions{
		Resolved:    r.plan.Count(),
		LargestTask: starfleet.LargestTask(r.plan.Template(), info),
		Logger:      progress.logger,
		Progress:    progress.sent,
	})
	progress.finish()
	if err == nil && report.Sent != report.Resolved {
		err = fmt.Errorf("%d of %d tasks were sent", report.Sent, report.Resolved)
	}
	if err != nil && report.Batches == 0 {
		return fmt.Errorf("nothing was sent to %s: %w", queueURL, r.plan.ExplainDispatch(err))
	}
	t.report(c, runID, queueURL, report)
	if err != nil {
		return &command.StatusError{Status: statusIncomplete, Err: notSent(report, err)}
	}
	return nil
}

// openSender opens the queue with the environment's AWS configuration.
func openSender(ctx context.Context, queueURL string) (queue.Sender, error) {
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return nil, err
	}
	return sqsqueue.NewSender(sqsqueue.NewClient(cfg, 0), queueURL)
}

// notSent names the tasks that were not sent, a line each; the report has the first 100.
func notSent(report queue.Report, err error) error {
	var text strings.Builder
	text.WriteString(err.Error())
	for _, task := range report.NotSent {
		fmt.Fprintf(&text, "\nnot sent: %s: %s", task.Label, task.Reason)
	}
	if more := report.NotSentCount - len(report.NotSent); more > 0 {
		fmt.Fprintf(&text, "\nand %s more", count(more, "task"))
	}
	return errors.New(text.String())
}

// taskReport is the end of `-o json`.
type taskReport struct {
	Run            string  `json:"run"`
	Resolved       int     `json:"resolved"`
	Sent           int     `json:"sent"`
	RetriedEntries int     `json:"retriedEntries"`
	Batches        int     `json:"batches"`
	Seconds        float64 `json:"seconds"`
}

func (t *taskCommand) report(c *command.Console, runID, queueURL string, r queue.Report) {
	seconds := math.Round(r.Elapsed.Seconds()*1000) / 1000
	if c.JSON {
		command.WriteJSON(c.Out, taskReport{
			Run: runID, Resolved: r.Resolved, Sent: r.Sent, RetriedEntries: r.Retried, Batches: r.Batches, Seconds: seconds,
		})
		return
	}
	_, _ = fmt.Fprintf(c.Out, "run %s: %d of %s sent to %s in %g s (batches: %d, entries retried: %d)\n",
		runID, r.Sent, count(r.Resolved, "task"), command.Safe(queueURL), seconds, r.Batches, r.Retried)
	if r.PossibleDuplicates > 0 {
		c.Note("%s may have been sent twice, with the same task ids", count(r.PossibleDuplicates, "task"))
	}
}
