package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/credentialserver"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
	watchcommand "github.com/starfleet-go/starfleet/watch/command"
)

// taskFlags are about messages that are tasks of Starfleet.
type taskFlags struct {
	Ship       string  `placeholder:"NAME" help:"Messages are tasks of this ship."`
	Config     string  `placeholder:"DIR" help:"The configuration of the fleet: a folder, a file or s3://BUCKET/PREFIX; manifests lie in its folder manifests, as *.json. Default: $$STARFLEET_CONFIG. Read for tasks alone."`
	Manifest   string  `placeholder:"FILE" xor:"payload" help:"The ship's manifest. Stands above those of the configuration."`
	FanOut     *string `placeholder:"STRATEGY" enum:"SINGLE_INVOCATION,ACCOUNT,ACCOUNT_REGION" xor:"payload" help:"In place of a manifest, what a task is for: SINGLE_INVOCATION, ACCOUNT or ACCOUNT_REGION."`
	Index      string  `placeholder:"FILE" help:"The account index, against which tasks are checked: a file or s3://BUCKET/KEY. Default: that of StarfleetDefaultAccountIndex in the configuration."`
	AssumeRole string  `placeholder:"NAME" help:"The role in the accounts of the tasks whose credentials the command gets: a name, or an ARN with {partition} and {account}."`
	Commit     bool    `help:"The command may write: STARFLEET_COMMIT is true, and credentials may do what the role may. STARFLEET_COMMIT=true in the environment says the same."`
	State      string  `placeholder:"URL" help:"Where halts are kept: s3://BUCKET/PREFIX. Default: Fleet.StateBucket and Fleet.StatePrefix of the configuration; without either nothing is ever halted."`
}

// tasks says whether messages are to be tasks.
func (f *taskFlags) tasks() bool {
	return f.Ship != "" || f.Manifest != "" || f.FanOut != nil || f.AssumeRole != ""
}

func (f *taskFlags) check() error {
	switch {
	case f.tasks():
	case f.Config != "":
		return &command.UsageError{Problem: "--config: of which ship are the tasks?", Hint: "name it with --ship NAME"}
	case f.Index != "":
		return &command.UsageError{Problem: "--index: messages are no tasks", Hint: "say of which ship with --ship NAME, or what they are with --fan-out STRATEGY"}
	}
	switch {
	case f.Index == command.StandardInput, f.Manifest == command.StandardInput:
		return command.Usagef("--index and --manifest cannot be standard input: they may be read more than once")
	case f.AssumeRole != "" && f.FanOut != nil && *f.FanOut == string(starfleet.SingleInvocation):
		return command.Usagef("--assume-role: tasks of SINGLE_INVOCATION are in no account in particular")
	}
	return nil
}

// commit is the commit gate of a deployment.
func (f *taskFlags) commit(c *command.Console) bool {
	value, _ := c.Getenv(starfleet.EnvironmentCommit)
	return f.Commit || strings.EqualFold(value, "true")
}

// taskKey holds the message of a task, for what is run inside its guards.
type taskKey struct{}

// handler is what is done with a message. The function that it returns frees what it holds.
func (f *taskFlags) handler(ctx context.Context, c *command.Console, job *watchcommand.Command, logger *slog.Logger) (watch.Handler, func(), error) {
	if !f.tasks() {
		handle, err := f.plain(ctx, c, job)
		return handle, func() {}, err
	}
	runner := &taskRunner{job: job, logger: logger}
	if f.AssumeRole != "" {
		server, err := credentialserver.Start(credentialserver.Config{Logger: logger})
		if err != nil {
			return nil, nil, err
		}
		runner.credentials = server
	}
	handle, err := f.guarded(ctx, c, runner, logger)
	if err != nil {
		runner.close()
		return nil, nil, err
	}
	return handle, runner.close, nil
}

// plain handles messages of any kind, which a halt of all ships in all accounts holds up.
func (f *taskFlags) plain(ctx context.Context, c *command.Console, job *watchcommand.Command) (watch.Handler, error) {
	if f.State == "" {
		return job.Handle, nil
	}
	store, err := (&stateFlags{State: f.State}).open(ctx, c)
	if err != nil {
		return nil, err
	}
	halts, err := halt.NewReader(halt.NewBook(store), nil)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, m queue.Message) error {
		orders, err := halts.Halts(ctx)
		if err != nil {
			return err
		}
		now := time.Now()
		if order, halted := orders.Match("", "", now); halted {
			return &starfleet.HaltedError{Order: order, Now: now}
		}
		return job.Handle(ctx, m)
	}, nil
}

// guarded handles tasks inside the guards of the SDK's own workers.
func (f *taskFlags) guarded(ctx context.Context, c *command.Console, runner *taskRunner, logger *slog.Logger) (watch.Handler, error) {
	options, strategy, name, err := f.options(ctx, c, logger)
	if err != nil {
		return nil, err
	}
	if name != unnamedShip {
		runner.ship = name
	}
	if !f.commit(c) {
		c.Note("dry run: STARFLEET_COMMIT is false; --commit lets commands write")
	}
	handlers := map[starfleet.FanOutStrategy]*starfleet.Handler{}
	for s, newWorker := range workers {
		if strategy == "" || strategy == s {
			if handlers[s], err = newWorker(name, runner, options); err != nil {
				return nil, err
			}
		}
	}
	return func(ctx context.Context, m queue.Message) error {
		chosen := strategy
		if chosen == "" {
			chosen = strategyOf(m.Body)
		}
		return handlers[chosen].Handle(context.WithValue(ctx, taskKey{}, m), m)
	}, nil
}

// options are those of the SDK's worker, without its line of what came of a task: exit statuses mean nothing to it, and the watcher has its own. strategy is "" when each task is to say it.
func (f *taskFlags) options(ctx context.Context, c *command.Console, logger *slog.Logger) (options []starfleet.Option, strategy starfleet.FanOutStrategy, name string, err error) {
	w, err := (&shipFlags{Config: f.Config, Ship: f.Ship, Manifest: f.Manifest, FanOut: f.FanOut}).open(ctx, c)
	if err != nil {
		return nil, "", "", err
	}
	name = unnamedShip
	if f.Ship != "" || f.Manifest != "" || f.FanOut != nil {
		subject, err := w.subject("")
		if err != nil {
			return nil, "", "", err
		}
		name, strategy = subject.manifest.Name, subject.manifest.FanOut
	}
	if f.AssumeRole != "" && strategy == starfleet.SingleInvocation {
		return nil, "", "", command.Usagef("--assume-role: ship %s works in no account in particular", name)
	}
	if w.configuration != nil {
		if name == unnamedShip {
			return nil, "", "", &command.UsageError{Problem: "of which ship are the tasks?", Hint: "name it with --ship NAME: its section of the configuration holds"}
		}
		options = append(options, starfleet.WithConfiguration(w.configuration))
	}
	if f.AssumeRole != "" {
		if err := f.checkLimited(c, w.configuration, name); err != nil {
			return nil, "", "", err
		}
		options = append(options, starfleet.WithWorkerRole(f.AssumeRole))
	}
	source, err := (&indexFlags{Index: f.Index}).source(ctx, w.configuration, accountindex.LoadOptions{})
	if err != nil {
		return nil, "", "", err
	}
	if source != nil {
		options = append(options, starfleet.WithIndex(source))
	}
	if f.State != "" || w.configuration != nil && w.configuration.Fleet.StateBucket != "" {
		store, err := (&stateFlags{State: f.State, Config: f.Config}).open(ctx, c)
		if err != nil {
			return nil, "", "", err
		}
		options = append(options, starfleet.WithHalts(halt.NewBook(store)))
	}
	return append(options,
		starfleet.WithLogger(logger), starfleet.WithoutResultLog(), starfleet.WithCommit(f.commit(c)), starfleet.WithDeadlineBuffer(0), starfleet.WithEnvironment(noEnvironment)), strategy, name, nil
}

// checkLimited refuses a dry run whose credentials nothing would hold to reading: a ship in the process is held by the guard of its clients, too, a
// command by its session policies alone.
func (f *taskFlags) checkLimited(c *command.Console, configuration *config.Configuration, name string) error {
	if f.commit(c) || configuration == nil {
		return nil
	}
	section, err := configuration.Ship(name)
	if err != nil {
		return err
	}
	if len(section.Session.DryRunPolicies) == 0 {
		return &command.UsageError{
			Problem: fmt.Sprintf("--assume-role: DryRunPolicies of ship %s are empty: without --commit the command would get all that role %s may do", name, f.AssumeRole),
			Hint:    "name policies there, such as " + config.DefaultDryRunPolicy + ", which is the default, or give --commit",
		}
	}
	return nil
}

// noEnvironment: the configuration was chosen before.
func noEnvironment(string) (string, bool) { return "", false }

// strategyOf is what a task is for, by the keys that the Starbase puts into it. A task without an account is one for which the guards miss it.
func strategyOf(body string) starfleet.FanOutStrategy {
	var keys struct {
		Region jsontext.Value `json:"StarbaseAssignedRegion"`
	}
	if err := json.Unmarshal([]byte(body), &keys); err == nil && keys.Region != nil {
		return starfleet.PerAccountRegion
	}
	return starfleet.PerAccount
}

// The payloads of commands: what is beside the base is the command's to understand.
type (
	singlePayload struct {
		starfleet.SinglePayload
		starfleet.OpenPayload
	}
	accountPayload struct {
		starfleet.AccountPayload
		starfleet.OpenPayload
	}
	accountRegionPayload struct {
		starfleet.AccountRegionPayload
		starfleet.OpenPayload
	}
)

// workers make the SDK's worker of each strategy.
var workers = map[starfleet.FanOutStrategy]func(string, *taskRunner, []starfleet.Option) (*starfleet.Handler, error){
	starfleet.SingleInvocation: worker[singlePayload],
	starfleet.PerAccount:       worker[accountPayload],
	starfleet.PerAccountRegion: worker[accountRegionPayload],
}

func worker[P starfleet.Payload](name string, r *taskRunner, options []starfleet.Option) (*starfleet.Handler, error) {
	return starfleet.NewHandler(starfleet.ShipFunc(name, func(ctx context.Context, inv *starfleet.Invocation[P]) error {
		return r.run(ctx, watchcommand.Task{
			AccountID: inv.AccountID, Region: inv.Region, Ship: r.ship, RunID: inv.RunID, Commit: inv.Commit,
		}, inv.AWSConfig)
	}), options...)
}

// taskRunner runs the command for tasks.
type taskRunner struct {
	job         *watchcommand.Command
	logger      *slog.Logger
	ship        string                   // "" for one without a name
	credentials *credentialserver.Server // nil: none are handed out
}

// run runs the command for one task that the guards let through. The role is assumed before, so that one that may not be is known.
func (r *taskRunner) run(ctx context.Context, task watchcommand.Task, config func(context.Context) (aws.Config, error)) error {
	m, ok := ctx.Value(taskKey{}).(queue.Message)
	if !ok {
		return errors.New("the task has no message")
	}
	if r.credentials != nil {
		cfg, err := config(ctx)
		if err != nil {
			return fmt.Errorf("credentials for the command: %w", err)
		}
		grant := r.credentials.Grant(cfg.Credentials)
		defer grant.End()
		task.Environ = grant.Environ()
	}
	r.logger.InfoContext(ctx, "task", "actor", "watcher", "message", m.ID, "ship", task.Ship, "account", task.AccountID, "region", task.Region, "run", task.RunID, "commit", task.Commit)
	return r.job.Run(ctx, m, task)
}

func (r *taskRunner) close() {
	if r.credentials != nil {
		_ = r.credentials.Close() // nobody has anything left to ask it for
	}
}
