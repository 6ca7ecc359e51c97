package starfleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/queue"
)

// Option is a setting of [Run] and [NewHandler].
type Option func(*settings) error

// settings are what the options fill in.
type settings struct {
	getenv            func(string) (string, bool)
	embeddedConfig    fs.FS
	configPath        string // of a flag: above the variable, which is above the embedded one
	openConfig        ConfigOpener
	configuration     *config.Configuration
	index             accountindex.Source
	openIndex         IndexOpener
	indexFile         string // of a flag: read by the configuration's own rules
	halts             halt.Source
	logger            *slog.Logger
	metrics           io.Writer
	middleware        []Middleware
	observers         []func(context.Context, Result)
	commit            *bool
	awsConfig         func(context.Context, Target) (aws.Config, error)
	callerCredentials bool
	workerRole        string
	deadlineBuffer    time.Duration
	unlogged          bool // results go to the observers alone
	settler           queue.Settler
	dryRunOperations  []string // pass in a dry run beside those that read
	now               func() time.Time
	services
}

// Target is where a task works, as [WithAWSConfig] is asked for it.
type Target struct {
	Ship, AccountID, Region, RunID string
}

func newSettings(options []Option) (*settings, error) {
	s := &settings{getenv: os.LookupEnv, deadlineBuffer: 2 * time.Second, now: time.Now}
	var errs []error
	for _, option := range options {
		if option == nil {
			errs = append(errs, errors.New("an option is nil"))
			continue
		}
		errs = append(errs, option(s))
	}
	return s, errors.Join(errs...)
}

func option(name string, missing bool, set func(*settings)) Option {
	return func(s *settings) error {
		if missing {
			return fmt.Errorf("%s: the value is nil", name)
		}
		set(s)
		return nil
	}
}

// WithConfig gives the configuration YAML that is part of the program, as an embed.FS for instance.
// The variable STARFLEET_CONFIG stands above it. See package config for the files.
func WithConfig(files fs.FS) Option {
	return option("WithConfig", files == nil, func(s *settings) { s.embeddedConfig = files })
}

// WithConfiguration gives a configuration that was loaded before. It stands above STARFLEET_CONFIG and WithConfig.
func WithConfiguration(c *config.Configuration) Option {
	return option("WithConfiguration", c == nil, func(s *settings) { s.configuration = c })
}

// WithIndex lets the worker look accounts up: tasks that a newer index no longer selects are skipped, never-touch selections
// count by every selector, and Invocation.Account is filled. Templates and never-touch selections that say ByExpression need package
// accountindex/expression in the program, by an import for its effect: without it their tasks fail.
func WithIndex(source accountindex.Source) Option {
	return option("WithIndex", source == nil, func(s *settings) { s.index = source })
}

// IndexOpener makes the source of the account index of a configuration, which is nil when the ship has none. s3index.Open fits.
type IndexOpener func(*config.Configuration) (accountindex.Source, error)

// WithIndexFrom is [WithIndex] with the source that open makes of the ship's configuration, unless the command line names an index:
//
//	starfleet.Run(ship, starfleet.WithIndexFrom(s3index.Open))
func WithIndexFrom(open IndexOpener) Option {
	return option("WithIndexFrom", open == nil, func(s *settings) { s.openIndex = open })
}

// chooseIndex takes the index of the command line, else that of WithIndex, else the configuration's.
func (s *settings) chooseIndex(c *config.Configuration) (err error) {
	switch {
	case s.indexFile != "":
		s.index = &accountindex.File{Name: s.indexFile, Options: indexOptions(c)}
	case s.index == nil && s.openIndex != nil:
		if s.index, err = s.openIndex(c); err != nil {
			return fmt.Errorf("account index: %w", err)
		}
	}
	return nil
}

// WithHalts lets people hold the ship up: before each task, and before any credentials are asked for, source is asked whether the
// ship or the account is halted, and a task that is comes back later (see [HaltedError]). The answer is used for at most 30 seconds. When it
// cannot be had for 5 minutes tasks fail: nobody can say that they may run.
//
//	starfleet.WithHalts(halt.NewBook(store))
func WithHalts(source halt.Source) Option {
	return option("WithHalts", source == nil, func(s *settings) { s.halts = source })
}

// WithLogger sets the logger. Default: JSON lines on standard error, at the configuration's LogLevel.
func WithLogger(logger *slog.Logger) Option {
	return option("WithLogger", logger == nil, func(s *settings) { s.logger = logger })
}

// WithMiddleware adds middleware inside that of earlier options.
func WithMiddleware(middleware ...Middleware) Option {
	return func(s *settings) error {
		for i, m := range middleware {
			if m == nil {
				return fmt.Errorf("WithMiddleware: number %d is nil", i+1)
			}
		}
		s.middleware = append(s.middleware, middleware...)
		return nil
	}
}

// WithObserver calls observe with the result of every attempt, after it was logged, if it is, and after the observers of earlier options.
// observe may be called from several goroutines at once and should be quick.
func WithObserver(observe func(context.Context, Result)) Option {
	return option("WithObserver", observe == nil, func(s *settings) { s.observers = append(s.observers, observe) })
}

// WithoutResultLog leaves out the line that is logged of each attempt, for a program that logs itself what comes of its messages. Observers are told,
// and what else is logged stays.
func WithoutResultLog() Option {
	return option("WithoutResultLog", false, func(s *settings) { s.unlogged = true })
}

// WithEnvironment reads variables from lookup in place of the process's environment, as tests do.
func WithEnvironment(lookup func(name string) (string, bool)) Option {
	return option("WithEnvironment", lookup == nil, func(s *settings) { s.getenv = lookup })
}

// WithCommit stands above the variable STARFLEET_COMMIT.
func WithCommit(commit bool) Option {
	return option("WithCommit", false, func(s *settings) { s.commit = &commit })
}

// WithAWSConfig replaces the way in which Invocation.AWSConfig gets its credentials, as tests and simulations do.
func WithAWSConfig(get func(context.Context, Target) (aws.Config, error)) Option {
	return option("WithAWSConfig", get == nil, func(s *settings) { s.awsConfig = get })
}

// WithWorkerRole has the ship assume a role in the accounts of its tasks, written as WorkerRoleToAssume is, above which it stands. It needs no
// configuration: without one the sessions are as those of a section that says nothing of them, those of a dry run limited to reading.
func WithWorkerRole(role string) Option {
	return func(s *settings) error {
		if role == "" {
			return errors.New("WithWorkerRole: the role is empty")
		}
		s.workerRole = role
		return nil
	}
}

// WithDeadlineBuffer sets how long before the Lambda deadline the context of Execute ends. Default 2 s; not negative.
func WithDeadlineBuffer(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("WithDeadlineBuffer: %s is negative", d)
		}
		s.deadlineBuffer = d
		return nil
	}
}

// WithSettler sets what hides and dead-letters messages. Default on Lambda: SQS, by the queue that a record came from.
func WithSettler(settler queue.Settler) Option {
	return option("WithSettler", settler == nil, func(s *settings) { s.settler = settler })
}

// WithClock sets the clock that the guards and results use. Default time.Now.
func WithClock(now func() time.Time) Option {
	return option("WithClock", now == nil, func(s *settings) { s.now = now })
}
