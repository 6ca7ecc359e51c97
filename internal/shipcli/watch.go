package shipcli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/starfleet-go/starfleet/internal/watchflags"
)

// WatchRequest is how a ship is to work its queue.
type WatchRequest struct {
	watchflags.Flags
	// QueueURL is the queue, "" for that of the configuration.
	QueueURL string
	// Commit lets the ship write; without it the environment says.
	Commit bool
	// Index is the file of an account index, "" for none. Config is a configuration's file or folder, "" for none named.
	Index, Config string
	// Metrics gets embedded metrics; nil: nobody.
	Metrics io.Writer
	// Note tells the person something.
	Note func(format string, args ...any)
}

const watchDetails = `
Works the queue as the ship's function on Lambda does, with the same guards, halts, retries and dead
letters, for as long as tasks take. Nothing is written unless --commit is given or STARFLEET_COMMIT is
true. The log goes to standard error, a JSON object a line.

A ship that drops duplicates holds a task for --job-limit, or for 15 minutes where there is none: set it
for tasks that take longer.

The exit status is 0 when it was told to end, with --until-empty when the queue is empty, and with
--fresh-process after one message, whatever came of it; 1 when the queue cannot be worked, or a task did
not end when it was told to; 2 for wrong usage.

Examples:

    ${ship} watch --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/${ship} --concurrency 8
    ${ship} watch --config config --until-empty --commit`

// watchCommand works the ship's queue.
func (r *run) watchCommand() *cobra.Command {
	request := WatchRequest{Flags: watchflags.Defaults(), Note: r.Note}
	c := r.command("watch [flags]", "Work the ship's queue: a dry run unless --commit is given.", watchDetails, cobra.NoArgs,
		func(ctx context.Context, _ []string) error {
			if err := request.Check(); err != nil {
				return err
			}
			if request.EMF {
				request.Metrics = r.Out
			}
			return r.ship.Watch(ctx, request)
		})
	flags, w := c.Flags(), &request.Flags
	flags.SortFlags = false
	flags.StringVar(&request.QueueURL, "queue-url", "", "the `URL` of the ship's queue; default: the InvocationQueueUrl of its section in the configuration")
	flags.IntVar(&w.Concurrency, "concurrency", w.Concurrency, "how many tasks are worked on at once, `N`")
	flags.BoolVar(&w.UntilEmpty, "until-empty", false, "end, with status 0, when a long poll finds nothing and no task runs; messages that are hidden are not waited for")
	flags.BoolVar(&w.FreshProcess, "fresh-process", false, "work on one message, then end: for a service that starts a new container each time")
	flags.DurationVar(&w.JobLimit, "job-limit", 0, "how long a task may take, a `DURATION` such as 90s or 2h; then its context ends, and it is tried again; default: no limit")
	flags.DurationVar(&w.Lease, "lease", w.Lease, "how long a message is hidden at a time, a `DURATION`; extended while its task runs; after a crash the message is back when it ends")
	flags.DurationVar(&w.Wait, "wait", w.Wait, "how long one long poll lasts, a `DURATION`, at most 20s")
	flags.DurationVar(&w.Grace, "grace", w.Grace, "how long running tasks have to finish after SIGTERM or SIGINT, a `DURATION`; then their contexts end, and their messages are given back at once")
	flags.StringVar(&w.Listen, "listen", "", "serve /metrics, /healthz and /readyz at an `ADDRESS`: a port of 127.0.0.1 such as 9090, or one such as 0.0.0.0:9090; default: nowhere")
	flags.BoolVar(&w.EMF, "emf", false, "write metrics in CloudWatch's embedded metric format to standard output, once a minute")
	flags.BoolVar(&request.Commit, "commit", false, "write; without it, and without STARFLEET_COMMIT=true, the ship says what it would change and writes nothing")
	flags.StringVar(&request.Index, "index", "", "an account index, a `FILE`: tasks are checked against it")
	flags.StringVar(&request.Config, "config", "", "the configuration of the fleet, a folder or a file: a `PATH`; default: $STARFLEET_CONFIG, then the one in the program")
	return c
}
