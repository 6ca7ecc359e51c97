package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// The defaults of a Config.
const (
	DefaultKillGrace = 5 * time.Second
	DefaultMaxLine   = 64 << 10
)

// maxConcurrency keeps below the 10,000 threads at which Go ends a process: each program that runs has a thread of this process to itself.
const maxConcurrency = 5_000

// Config is what a Command is made of.
type Config struct {
	// Args are the program and its arguments. The program is looked for once. Required.
	Args []string
	// Shell has Args, which is then one script, run by /bin/sh -c (cmd /C on Windows).
	Shell bool
	// Dir is where the program runs. Default: where this process does.
	Dir string
	// Environ is the environment from which what leads to AWS credentials is taken out. Default: that of this process.
	Environ []string
	// Scratch are folders that are emptied before the first job and after each one. The program finds those that are its own in
	// STARFLEET_SCRATCH, separated as in PATH. Absolute paths; none may be the root, the home or the working directory, or hold one of them.
	Scratch []string
	// Concurrency is how many programs run at once, at most 5,000; it is that of the watcher. With more than one, each has a folder of its own in each of
	// Scratch: 0, 1, ... Default 1.
	Concurrency int
	// Commit says whether messages that are no tasks may be acted on by writing: STARFLEET_COMMIT.
	Commit bool
	// KillGrace is how long a program has to end after SIGTERM. Default 5 s; negative kills at once.
	KillGrace time.Duration
	// MaxLine is how many bytes of a line of output are logged. Default 64 KiB.
	MaxLine int
	// Logger gets the output of the programs, line by line. Default: none.
	Logger *slog.Logger
}

// Task is what is known of a message that is a task of Starfleet, after its guards let it through.
type Task struct {
	AccountID, Region, Ship, RunID string
	// Commit says whether the program may write.
	Commit bool
	// Environ is added to the environment: where credentials for the account are, for instance.
	Environ []string
}

// Command runs a program for each message. It is safe for concurrent use. Create it with New.
type Command struct {
	cfg   Config
	path  string
	args  []string
	base  []string
	slots chan slot
}

// New makes a Command, and empties the scratch folders. All faults of the Config are reported at once.
func New(cfg Config) (*Command, error) {
	cfg = cfg.withDefaults()
	c := &Command{cfg: cfg, base: inherited(cfg.Environ), slots: make(chan slot, max(cfg.Concurrency, 1))}
	var faults []error
	c.args = cfg.Args
	switch {
	case len(cfg.Args) == 0 || cfg.Args[0] == "":
		faults = append(faults, errors.New("command: Config.Args names no program"))
	case cfg.Shell && len(cfg.Args) > 1:
		faults = append(faults, fmt.Errorf("command: Config.Args has %d words: the script for a shell is one, in quotes", len(cfg.Args)))
	case cfg.Shell:
		c.args = append(append([]string{}, shell...), cfg.Args[0])
	}
	if len(faults) == 0 {
		path, err := exec.LookPath(c.args[0])
		if err != nil {
			faults = append(faults, fmt.Errorf("command: the program cannot be run: %w", err))
		}
		c.path = path
	}
	if cfg.Concurrency < 1 || cfg.Concurrency > maxConcurrency {
		faults = append(faults, fmt.Errorf("command: Config.Concurrency is %d: it must be 1 to %d, each program having a thread of this process to itself", cfg.Concurrency, maxConcurrency))
	}
	if cfg.MaxLine < 1 {
		faults = append(faults, fmt.Errorf("command: Config.MaxLine is %d: it must be at least 1 byte", cfg.MaxLine))
	}
	faults = append(faults, checkScratch(cfg.Scratch)...)
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for i := range cfg.Concurrency {
		s, err := newSlot(cfg, i)
		if err != nil {
			return nil, err
		}
		c.slots <- s
	}
	return c, nil
}

func (c Config) withDefaults() Config {
	if c.Environ == nil {
		c.Environ = os.Environ()
	}
	if c.Concurrency == 0 {
		c.Concurrency = 1
	}
	if c.KillGrace == 0 {
		c.KillGrace = DefaultKillGrace
	}
	if c.MaxLine == 0 {
		c.MaxLine = DefaultMaxLine
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Handle runs the program for a message that is no task. It is a watch.Handler.
func (c *Command) Handle(ctx context.Context, m queue.Message) error {
	return c.Run(ctx, m, Task{Commit: c.cfg.Commit})
}

// Run runs the program for a message, which may be a task. The error is nil, or of package watch, as the exit status says, and wraps an
// *ExitError; where the program could not be run at all it is the reason. When ctx ends while the program runs, the program is ended, and the
// error wraps the cause, whatever the exit status; one that had ended by then ended by itself, and its status counts.
func (c *Command) Run(ctx context.Context, m queue.Message, t Task) error {
	text, err := parse(m)
	if err != nil {
		return err
	}
	s := <-c.slots
	defer func() { c.slots <- s }()
	s.prepare(ctx, c.cfg.Logger, m.ID)
	defer s.empty(ctx, c.cfg.Logger, m.ID)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	env := slices.Concat(c.base, s.environ(), t.Environ)
	env = append(env, text.environ(m, t)...)
	job := process{command: c, message: m, environ: env, text: text.message}
	if !text.fits() {
		return c.fromFile(ctx, s, job)
	}
	job.environ = append(job.environ, text.variables()...)
	err = job.run(ctx)
	if tooBig(err) { // with everything else in the environment
		job.environ = env
		return c.fromFile(ctx, s, job)
	}
	return err
}

// fromFile runs a program whose message is in a file.
func (c *Command) fromFile(ctx context.Context, s slot, job process) (err error) {
	file, err := os.CreateTemp(s.folder(), "starfleet-message-")
	if err != nil {
		return fmt.Errorf("the message does not fit into the environment, and its file cannot be written: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	if _, err := file.WriteString(job.text); err != nil {
		return fmt.Errorf("write the file of the message: %w", err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return fmt.Errorf("read the file of the message: %w", err)
	}
	job.stdin = file
	job.environ = append(slices.Clip(job.environ), variableFile+"="+file.Name())
	return job.run(ctx)
}

// programName is the program for messages.
func (c *Command) programName() string { return strings.Join(c.args[:1], " ") }
