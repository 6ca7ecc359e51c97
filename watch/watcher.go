package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// The defaults of a Config.
const (
	DefaultLease       = 180 * time.Second
	DefaultGrace       = 20 * time.Second
	DefaultCancelGrace = 8 * time.Second
)

const (
	// minLease leaves the heartbeat time for a second try.
	minLease = 6 * time.Second
	// maxConcurrency is what SQS lets be in flight of a standard queue.
	maxConcurrency = 120_000
)

// Handler works on one message. Its error steers what becomes of the message; see the package. It is called from as many goroutines at once
// as Config.Concurrency says, and returns soon after ctx ends.
type Handler func(ctx context.Context, m queue.Message) error

// Config is what a Watcher is made of.
type Config struct {
	// Receiver is the queue. Required. When it is a queue.BatchDeleter, messages that are done together are deleted together.
	Receiver queue.Receiver
	// Handler works on the messages. Required.
	Handler Handler
	// Concurrency is how many messages are worked on at once, at most 120,000. No more are received than can begin at once; as many again may be on
	// their way to be deleted, or given back. Default 1.
	Concurrency int
	// Wait is how long one long poll lasts, at most 20 s, which is the default.
	Wait time.Duration
	// Lease is how long a message is hidden at a time, 6 s to 12 h, in whole seconds. After a crash it is back when its lease ends. Default 180 s.
	Lease time.Duration
	// Limit is how long a job may take: then its context ends, with the cause ErrLimit. 0 means no limit.
	Limit time.Duration
	// Grace is how long running jobs have to finish when Run's context ends. Default 20 s; negative is none.
	Grace time.Duration
	// CancelGrace is how long a handler has to return after its context ended because of that. Then its message is given back
	// without it. Default 8 s; it has to be more than the handler needs.
	CancelGrace time.Duration
	// Backoff is how long a message waits for its next delivery after n of them. Default Backoff; see JitteredBackoff.
	Backoff func(n int) time.Duration
	// FIFO says that the queue is one. Messages are then received one by one, so that SQS itself keeps the order within a group. A queue whose
	// messages name it by an ARN that ends in .fifo is known for one without it.
	FIFO bool
	// UntilEmpty has Run return when a long poll finds nothing and no job runs. Messages that are hidden are not waited for. It fails when the
	// queue is found missing or denied, or ten receive calls in a row fail.
	UntilEmpty bool
	// Once has Run return after one message.
	Once bool
	// Observe is told what happens. It is called from several goroutines at once, and what it does takes time of the work. Default: nobody.
	Observe func(Event)
	// Logger gets what goes wrong, and at level debug each message. Default: none.
	Logger *slog.Logger
}

// Watcher works one queue. Create it with New.
type Watcher struct {
	cfg    Config
	delete *deleter
}

// New makes a Watcher. All faults of the Config are reported at once.
func New(cfg Config) (*Watcher, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Watcher{cfg: cfg, delete: newDeleter(cfg)}, nil
}

func (c Config) withDefaults() Config {
	if c.Concurrency == 0 || c.Once {
		c.Concurrency = 1
	}
	if c.Wait == 0 {
		c.Wait = queue.MaxWait
	}
	if c.Lease == 0 {
		c.Lease = DefaultLease
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	if c.CancelGrace == 0 {
		c.CancelGrace = DefaultCancelGrace
	}
	if c.Backoff == nil {
		c.Backoff = Backoff
	}
	if c.Observe == nil {
		c.Observe = func(Event) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("watch: Config."+format, args...))
		}
	}
	fault(c.Receiver == nil, "Receiver is nil: it is the queue to work")
	fault(c.Handler == nil, "Handler is nil: it works on the messages")
	fault(c.Concurrency < 1 || c.Concurrency > maxConcurrency, "Concurrency is %d: 1 to %d messages are worked on at once", c.Concurrency, maxConcurrency)
	fault(c.Wait < 0 || c.Wait > queue.MaxWait, "Wait is %v: a long poll lasts at most %v", c.Wait, queue.MaxWait)
	fault(c.Lease < minLease || c.Lease > queue.MaxVisibility || c.Lease%time.Second != 0, "Lease is %v: whole seconds, %v to %v", c.Lease, minLease, queue.MaxVisibility)
	fault(c.Limit < 0, "Limit is %v: it must not be negative; 0 is no limit", c.Limit)
	fault(c.CancelGrace < 0, "CancelGrace is %v: it must not be negative", c.CancelGrace)
	fault(c.UntilEmpty && c.Once, "UntilEmpty and Once are both set: choose one")
	return errors.Join(faults...)
}
