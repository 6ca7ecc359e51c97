package cli

import (
	"context"
	"io"
	"log/slog"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/internal/watchflags"
	"github.com/starfleet-go/starfleet/watch"
	watchcommand "github.com/starfleet-go/starfleet/watch/command"
	"github.com/starfleet-go/starfleet/watch/monitor"
)

// watchCommand works a queue with a command.
type watchCommand struct {
	Command  []string `arg:"" help:"The command and its arguments, after --."`
	QueueURL string   `name:"queue-url" required:"" placeholder:"URL" help:"The queue to work."`
	watchflags.Flags
	programFlags
	taskFlags
}

// programFlags are about the command.
type programFlags struct {
	Shell     bool          `help:"The command is one script for /bin/sh, in quotes."`
	Scratch   []string      `placeholder:"DIR" help:"A folder that is emptied before the first job and after each one. With --concurrency above 1 each job has a folder of its own in it. The command finds it in STARFLEET_SCRATCH."`
	KillGrace time.Duration `placeholder:"D" default:"5s" help:"How long a job that is told to end, by SIGTERM to all of its processes, has until SIGKILL. Default: 5s."`
	Jitter    bool          `help:"Leave the upper half of each back-off to chance."`
	Log       string        `enum:"text,json" default:"text" help:"text: lines of date, who speaks, message id and text; json: an object a line, in which what a command says as JSON is under the key worker. Default: text."`
}

// Help is the detailed help.
func (watchCommand) Help() string {
	return `Runs the command once for each message. It finds the message in the variables Subject, Message, MessageId, SentTimestamp, ApproximateFirstReceiveTimestamp and ApproximateReceiveCount, and on standard input; one that does not fit into a variable is in the file STARFLEET_MESSAGE_FILE. What it says goes to standard output, line by line, with the id of the message.

Its exit status decides: 0 deletes the message; 3 deletes it, as a failure; 4 gives it back, as no failure; any other, or a signal, gives it back, as a failure. What is given back comes again after 2^n seconds, n being how often it was received; at the last time that the queue allows it goes to the dead letters, with the error.

With --ship, --manifest, --fan-out or --assume-role messages are tasks of Starfleet: the guards of workers hold before the command runs, and STARFLEET_ACCOUNT_ID, STARFLEET_REGION, STARFLEET_SHIP, STARFLEET_RUN_ID and STARFLEET_COMMIT tell of the task. A message that is none is dead-lettered. The command never gets the credentials of this process. With --assume-role it gets those of the role in its task's account, limited to reading by the ship's DryRunPolicies unless --commit is given, by a server on loopback that every AWS SDK knows, until it ends.

SIGTERM and SIGINT end it: nothing more is received, and running jobs have --grace to finish. The exit status is 0 when it was told to end, with --until-empty when the queue is empty, and with --fresh-process after one message, whatever came of it; 1 when the queue or the command cannot be worked with; 2 for wrong usage.

Examples:

  starfleet watch --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/work --concurrency 8 -- ./work.sh
  starfleet watch --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/work --until-empty --shell -- 'jq -r .name | tee -a names'
  starfleet watch --queue-url https://sqs.us-east-1.amazonaws.com/123456789012/retention --config config --ship LogRetention --assume-role starfleet-worker -- python3 retention.py

`
}

// Run does it.
func (w *watchCommand) Run(ctx context.Context, c *command.Console) error {
	if err := w.check(); err != nil {
		return err
	}
	if err := watchcommand.HideEnvironment(); err != nil {
		return err
	}
	out := &lockedWriter{to: c.Out}
	logger := slog.New(w.logHandler(out))
	job, err := watchcommand.New(watchcommand.Config{
		Args: w.Command, Shell: w.Shell, Scratch: w.Scratch, Concurrency: w.Concurrency, KillGrace: w.killGrace(), Commit: w.commit(c), Logger: logger,
	})
	if err != nil {
		return command.Usagef("%s", strings.ReplaceAll(commandFaults.Replace(err.Error()), "\n", "; "))
	}
	handle, finish, err := w.handler(ctx, c, job, logger)
	if err != nil {
		return err
	}
	defer finish()
	return w.work(ctx, handle, logger, out)
}

// commandFaults puts flags in place of fields.
var commandFaults = strings.NewReplacer("command: Config.Args", "the command", "command: Config.Scratch", "--scratch", "command: Config.Concurrency", "--concurrency", "command: ", "")

func (w *watchCommand) check() error {
	if err := w.Check(); err != nil {
		return err
	}
	if err := sqsqueue.CheckURL(w.QueueURL); err != nil {
		return command.Usagef("--queue-url: %s", strings.TrimPrefix(err.Error(), "sqsqueue: "))
	}
	if w.KillGrace < 0 {
		return command.Usagef("--kill-grace must not be negative, is %s", w.KillGrace)
	}
	return w.taskFlags.check()
}

// killGrace is the flag as package command has it, where 0 is the default.
func (w *watchCommand) killGrace() time.Duration {
	if w.KillGrace == 0 {
		return -1
	}
	return w.KillGrace
}

func (w *watchCommand) logHandler(out io.Writer) slog.Handler {
	if w.Log == "json" {
		return slog.NewJSONHandler(out, nil)
	}
	return watchcommand.NewTextHandler(out, slog.LevelInfo)
}

// work works the queue until it is to end.
func (w *watchCommand) work(ctx context.Context, handle watch.Handler, logger *slog.Logger, out io.Writer) error {
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return err
	}
	receiver, err := sqsqueue.NewReceiver(sqsqueue.NewClient(cfg, 0), w.QueueURL)
	if err != nil {
		return err
	}
	about := monitor.Config{Ship: w.Ship, Queue: path.Base(w.QueueURL), Concurrency: w.Concurrency, Listen: w.Listen, Logger: logger}
	if w.EMF {
		about.Metrics = out
	}
	observer, err := monitor.New(about)
	if err != nil {
		return command.Usagef("--listen: %s", strings.TrimPrefix(err.Error(), "monitor: "))
	}
	backoff := watch.Backoff
	if w.Jitter {
		backoff = watch.JitteredBackoff
	}
	tell := watchcommand.Observe(logger)
	watcher, err := w.Apply(watch.Config{
		Receiver: receiver, Handler: handle, FIFO: strings.HasSuffix(w.QueueURL, ".fifo"), Logger: logger, Backoff: backoff,
		CancelGrace: w.KillGrace + cancelMargin,
		Observe: func(e watch.Event) {
			observer.Observe(e)
			tell(e)
		},
	})
	if err != nil {
		return err
	}
	beside, finish := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() { observer.Run(beside) })
	defer group.Wait()
	defer finish()
	return watcher.Run(ctx)
}

// cancelMargin is what a job that was killed needs to be told of.
const cancelMargin = 5 * time.Second

// lockedWriter lets a log and metrics write to one place.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

// Write writes all of p at once.
func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
