package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// Config says what a local fleet is made of.
type Config struct {
	// Configuration is required. Its queue URLs name queues in memory; nothing connects to them.
	Configuration *config.Configuration
	// Templates holds the payload templates; keys are paths. Required.
	Templates fs.FS
	// Index is the account index. Nil is enough for ships that run once for a template.
	Index accountindex.Source
	// Workers is how many tasks of a ship run at once. Default 8.
	Workers int
	// MaxReceives is how often a task is tried before it becomes a dead letter. Default 5, what AWS advises for Lambda.
	MaxReceives int
	// Start is when the fleet's clock begins. Default: now.
	Start time.Time
	// Logger gets what Starbase and ships log. Default: nothing is logged.
	Logger *slog.Logger
	// OnRun is called after each fan-out, OnResult after each attempt of a task; both may be nil. OnResult may be called
	// from several goroutines at once.
	OnRun    func(starbase.RunReport)
	OnResult func(starfleet.Result)
}

// Fleet is a Starbase, its queues and its ships in one process. Ships are added first; then Run works triggers off.
type Fleet struct {
	cfg      Config
	clock    *clock
	ships    *starbase.Fleet
	base     *starbase.Starbase
	fanOut   *station
	stations []*station

	mu      sync.Mutex
	runs    []starbase.RunReport
	results []starfleet.Result
}

// station is one queue with its dead letters and the handler that works it.
type station struct {
	name    string // the ship's, or "Starbase"
	url     string
	queue   *queue.Memory
	dead    *queue.Memory
	handle  func(context.Context, queue.Message) error
	workers int
}

// New makes a fleet without ships. The error names the field at fault.
func New(cfg Config) (*Fleet, error) {
	switch {
	case cfg.Configuration == nil:
		return nil, errors.New("local: Config.Configuration is nil")
	case cfg.Templates == nil:
		return nil, errors.New("local: Config.Templates is nil")
	case cfg.Workers < 0:
		return nil, fmt.Errorf("local: Config.Workers is %d: at least 1, or 0 for the default of 8", cfg.Workers)
	case cfg.MaxReceives < 0 || cfg.MaxReceives > 1000:
		return nil, fmt.Errorf("local: Config.MaxReceives is %d: 1 to 1000, or 0 for the default of 5", cfg.MaxReceives)
	}
	if cfg.Workers == 0 {
		cfg.Workers = 8
	}
	if cfg.MaxReceives == 0 {
		cfg.MaxReceives = 5
	}
	if cfg.Start.IsZero() {
		cfg.Start = time.Now().UTC()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	f := &Fleet{cfg: cfg, clock: &clock{now: cfg.Start}, ships: starbase.NewFleet()}
	var err error
	f.fanOut, err = f.newStation("Starbase", cfg.Configuration.Starfleet.FanOutQueueURL, 1)
	return f, err
}

// Add puts a ship into the fleet, with its queue. options are those of starfleet.NewHandler, but for WithConfiguration and WithClock, which
// are the fleet's; the fleet adds its index and logger, and reads no environment: a ship is in dry run unless starfleet.WithCommit says otherwise.
func Add[P starfleet.Payload](f *Fleet, ship starfleet.Ship[P], options ...starfleet.Option) error {
	if f.base != nil {
		return errors.New("local: the fleet has begun to run: add ships before")
	}
	if err := starbase.Register(f.ships, ship); err != nil {
		return err
	}
	section, err := f.cfg.Configuration.Ship(ship.Name())
	if err != nil {
		return err
	}
	own := []starfleet.Option{
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }),
		starfleet.WithLogger(f.cfg.Logger), starfleet.WithObserver(f.observeResult),
	}
	if f.cfg.Index != nil {
		own = append(own, starfleet.WithIndex(f.cfg.Index))
	}
	// What makes the fleet one stands above the caller's options.
	shared := []starfleet.Option{starfleet.WithConfiguration(f.cfg.Configuration), starfleet.WithClock(f.clock.Now)}
	handler, err := starfleet.NewHandler(ship, slices.Concat(own, options, shared)...)
	if err != nil {
		return err
	}
	station, err := f.newStation(ship.Name(), section.InvocationQueueURL, f.cfg.Workers)
	if err != nil {
		return err
	}
	station.handle = handler.Handle
	f.stations = append(f.stations, station)
	return nil
}

func (f *Fleet) newStation(name, url string, workers int) (*station, error) {
	for _, other := range append([]*station{f.fanOut}, f.stations...) {
		if other != nil && other.url == url {
			return nil, fmt.Errorf("local: %s and %s have the same queue %s", other.name, name, url)
		}
	}
	dead, err := queue.NewMemory(queue.MemoryConfig{Name: name + "-dead-letters", Now: f.clock.Now})
	if err != nil {
		return nil, err
	}
	main, err := queue.NewMemory(queue.MemoryConfig{Name: name, MaxReceives: f.cfg.MaxReceives, DeadLetters: dead, Now: f.clock.Now})
	if err != nil {
		return nil, err
	}
	return &station{name: name, url: url, queue: main, dead: dead, workers: workers}, nil
}

// openQueue finds the queue of a URL of the configuration.
func (f *Fleet) openQueue(_ context.Context, url string) (queue.Sender, error) {
	for _, s := range append([]*station{f.fanOut}, f.stations...) {
		if s.url == url {
			return s.queue, nil
		}
	}
	return nil, fmt.Errorf("local: no ship of the fleet has the queue %s: %w", url, queue.ErrPermanent)
}

func (f *Fleet) observeRun(_ context.Context, r starbase.RunReport) {
	f.mu.Lock()
	f.runs = append(f.runs, r)
	f.mu.Unlock()
	if f.cfg.OnRun != nil {
		f.cfg.OnRun(r)
	}
}

func (f *Fleet) observeResult(_ context.Context, r starfleet.Result) {
	f.mu.Lock()
	f.results = append(f.results, r)
	f.mu.Unlock()
	if f.cfg.OnResult != nil {
		f.cfg.OnResult(r)
	}
}
