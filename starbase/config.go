package starbase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/internal/emf"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/state"
)

// defaultDeadlineBuffer leaves time to settle messages and answer Lambda.
const defaultDeadlineBuffer = 2 * time.Second

// Config is what a Starbase is made of.
type Config struct {
	// Fleet are the ships that can be tasked. Required, and not to be changed any more.
	Fleet *Fleet
	// Configuration is the configuration of the fleet. Required. Those ships are tasked that are in Fleet, have a section here
	// and are enabled there.
	Configuration *config.Configuration
	// Templates is where the payload templates are. Required.
	Templates TemplateStore
	// Index is where the account index comes from. Required when a ship that works by account is enabled; it is asked once a
	// template, and never for a SINGLE_INVOCATION ship, so that such a ship can write the first index.
	Index accountindex.Source
	// OpenQueue gives the sender of a queue by its URL: the fan-out queue's and the ships'. Each is opened when it is first needed,
	// and kept. Required.
	OpenQueue func(ctx context.Context, url string) (queue.Sender, error)
	// State keeps where runs stand, so that one that does not end within an invocation goes on in the next (which takes
	// Fleet.ContinuationQueueUrl, too), summaries of runs, and halts. Default none: nothing can be halted, and a run that does not end in
	// time fails with the number and names of what was not sent, and is done again from its beginning.
	State state.Store
	// Settler hides and dead-letters messages of the fan-out queue that Invoke was given. Default none: failed messages are reported,
	// and the queue's redrive policy alone decides.
	Settler queue.Settler
	// Logger gets a line for each run and for each event that leads to none. Default: JSON lines on standard error, at the
	// configuration's LogLevel.
	Logger *slog.Logger
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Observer is called with the report of every run after it was logged, from the goroutine of the run. It should be quick.
	// Default none.
	Observer func(context.Context, RunReport)
	// Metrics gets the metrics of each run, in CloudWatch's embedded metric format, a line a run and invocation. Default: standard output on
	// Lambda, none elsewhere.
	Metrics io.Writer
	// Alerter is told of what no retry can cure, such as a template at fault, and of what was dead-lettered: one message for each ship,
	// template and class of failure in an invocation, to the channel and from the priority on that AlertConfiguration in the ship's section
	// says; what belongs to no ship, as a problem without a channel. It never fails a message. Default none.
	Alerter alert.Alerter
	// Idempotency keeps the same failure of a run from being alerted more than once an hour. Default none.
	Idempotency idempotency.Store
	// DeadlineBuffer is how long before the Lambda deadline work ends. Default 2 s; not negative.
	DeadlineBuffer time.Duration
}

func (cfg Config) check() error {
	var errs []error
	missing := func(field string, is bool) {
		if is {
			errs = append(errs, fmt.Errorf("starbase: Config.%s is nil", field))
		}
	}
	missing("Fleet", cfg.Fleet == nil)
	missing("Configuration", cfg.Configuration == nil)
	missing("Templates", cfg.Templates == nil)
	missing("OpenQueue", cfg.OpenQueue == nil)
	if cfg.DeadlineBuffer < 0 {
		errs = append(errs, fmt.Errorf("starbase: Config.DeadlineBuffer is %s, it must not be negative", cfg.DeadlineBuffer))
	}
	return errors.Join(errs...)
}

func (cfg Config) withDefaults() Config {
	if cfg.Logger == nil {
		options := &slog.HandlerOptions{Level: cfg.Configuration.Starfleet.LogLevel}
		cfg.Logger = slog.New(starfleet.NewLogHandler(slog.NewJSONHandler(os.Stderr, options)))
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Metrics == nil && os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		cfg.Metrics = os.Stdout
	}
	if cfg.DeadlineBuffer == 0 {
		cfg.DeadlineBuffer = defaultDeadlineBuffer
	}
	return cfg
}

// New makes a Starbase. The error names the fields of cfg at fault, all at once; or it is that Index is nil while a ship works by
// account, or that Fleet.ManifestPrefix overlaps with the templates of a ship (schema.Faults).
//
// A fault in the section of one ship is no error here: it is logged, stops that ship, and fails the messages for it.
func New(cfg Config) (*Starbase, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Starbase{cfg: cfg, roster: newRoster(cfg.Fleet, cfg.Configuration), senders: map[string]queue.Sender{}}
	if cfg.State != nil {
		s.halts = halt.NewBook(cfg.State)
	}
	if cfg.Metrics != nil {
		s.metrics = emf.New(cfg.Metrics)
	}
	if err := cfg.Configuration.CheckManifestPrefix(s.roster.all); err != nil {
		return nil, err
	}
	if ship := s.roster.needsIndex(cfg.Fleet); ship != "" && cfg.Index == nil {
		return nil, fmt.Errorf("starbase: Config.Index is nil, and ship %s works by account", ship)
	}
	s.notices()
	return s, nil
}

// notices tells once what in the configuration has no effect, or stops a ship.
func (s *Starbase) notices() {
	for _, file := range s.cfg.Configuration.Ignored() {
		s.cfg.Logger.Warn("configuration file ignored: only names that end in .yaml are read", "file", file)
	}
	for _, section := range s.cfg.Configuration.Unclaimed(s.cfg.Fleet.Names()) {
		s.cfg.Logger.Info("section of the configuration has no effect", "notice", section.String())
	}
	for _, fault := range s.roster.faults() {
		s.cfg.Logger.Error("ship stopped", "ship", fault.Ship, "error", fault.Error())
	}
	if s.cfg.State == nil && s.cfg.Configuration.Fleet.ContinuationQueueURL != "" {
		s.cfg.Logger.Warn("Fleet.ContinuationQueueUrl has no effect: this Starbase has no state store, so that a fan-out has to end within one invocation")
	}
	for _, name := range s.cfg.Fleet.Names() {
		if _, err := s.roster.find(name); err != nil {
			s.cfg.Logger.Debug("ship not tasked", "ship", name, "reason", err.Error())
		}
	}
}
