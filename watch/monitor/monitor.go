// Package monitor tells of a watcher: metrics in CloudWatch's embedded metric format, and over HTTP metrics for Prometheus and health checks.
//
//	m, err := monitor.New(monitor.Config{Queue: "tasks", Metrics: os.Stdout, Listen: "9090"})
//	...
//	watcher, err := watch.New(watch.Config{Observe: m.Observe, ...})
//	go m.Run(ctx)
//
// # Embedded metrics
//
// One line a minute in which something happened, of the namespace Starfleet and the dimension Ship, or Queue where there is no ship, with
// Fleet where that is known:
//
//	MessagesReceived  messages that were received
//	MessageReceives   how often each of them had been received
//	WorkerErrors      jobs that failed, the same that the log calls failures
//	WorkerDuration    milliseconds that each job took
//	ResponseDuration  milliseconds from when each message was sent until its job ended
//	InFlight          the most jobs at once
//
// The counts are of all messages; of MessageReceives and the durations at most 100 values are in a line, taken evenly at random.
//
// # HTTP
//
// GET /metrics is for Prometheus, in its text format. GET /healthz is 200 while the watcher asks its queue, or is busy; GET /readyz is 200
// while the queue answers and the watcher does not stop. Others are 503, with the reason. An address without a host is that of loopback: nobody
// else sees it, and nothing of it is behind a password.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/internal/emf"
	"github.com/starfleet-go/starfleet/watch"
)

const (
	// every is how often embedded metrics are written.
	every = time.Minute
	// silent is how long a watcher with a free hand may go without an answer of its queue. A long poll takes 20 s, a pause 30 s.
	silent = 2 * time.Minute
)

// Config is what a Monitor is made of.
type Config struct {
	// Fleet, Ship and Queue are what metrics are about: Ship, or Queue where there is no ship. One of the two is required.
	Fleet, Ship, Queue string
	// Concurrency is that of the watcher. Default 1.
	Concurrency int
	// Metrics gets the embedded metrics: standard output, on ECS and Kubernetes. Default: none.
	Metrics io.Writer
	// Listen is the address of the HTTP server: host and port, or a port alone, which is one of 127.0.0.1. Default: none.
	Listen string
	// Logger is told what goes wrong. Default: none.
	Logger *slog.Logger
}

// Monitor gathers what a watcher tells. It is safe for concurrent use. Create it with New.
type Monitor struct {
	cfg      Config
	listener net.Listener
	emf      *emf.Writer

	mu       sync.Mutex
	started  time.Time
	polled   time.Time // the last answer of the queue, or failure, or when a hand became free
	fault    string    // of the last call
	answered bool
	stopping bool
	inFlight int
	total    totals
	minute   minute
}

// New makes a Monitor, and listens where it is to. All faults of the Config are reported at once.
func New(cfg Config) (*Monitor, error) {
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 1
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	var faults []error
	if cfg.Ship == "" && cfg.Queue == "" {
		faults = append(faults, errors.New("monitor: Config.Ship and Config.Queue are empty: metrics are about one of them"))
	}
	if cfg.Concurrency < 0 {
		faults = append(faults, fmt.Errorf("monitor: Config.Concurrency is %d: it must not be negative", cfg.Concurrency))
	}
	address, err := listenAddress(cfg.Listen)
	if err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	now := time.Now()
	m := &Monitor{cfg: cfg, started: now, polled: now, total: newTotals()}
	if cfg.Metrics != nil {
		m.emf = emf.New(cfg.Metrics)
	}
	if address != "" {
		if m.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", address); err != nil {
			return nil, fmt.Errorf("monitor: %w", err)
		}
	}
	return m, nil
}

// listenAddress gives an address without a host that of loopback.
func listenAddress(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if !strings.Contains(text, ":") {
		text = ":" + text
	}
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", fmt.Errorf("monitor: Config.Listen: %q is no address: write a port such as 9090, or host and port such as 0.0.0.0:9090", text)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// Address is where the HTTP server listens, "" when it does not.
func (m *Monitor) Address() string {
	if m.listener == nil {
		return ""
	}
	return m.listener.Addr().String()
}

// Run writes embedded metrics and serves HTTP until ctx ends, and then writes the last metrics.
func (m *Monitor) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	if m.listener != nil {
		server := &http.Server{Handler: m.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
		group.Go(func() {
			if err := server.Serve(m.listener); !errors.Is(err, http.ErrServerClosed) {
				m.cfg.Logger.ErrorContext(ctx, "metrics and health checks are no longer served", "error", err.Error())
			}
		})
		defer func() { _ = server.Close() }()
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			m.flush(ctx, now)
		case <-ctx.Done():
			m.flush(ctx, time.Now())
			return
		}
	}
}

// Observe takes what a watcher tells.
func (m *Monitor) Observe(e watch.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Kind {
	case watch.Polled:
		m.polled, m.answered, m.fault = e.Time, true, ""
		m.total.received += e.Messages
		m.minute.received += e.Messages
	case watch.PollFailed:
		m.polled, m.fault = e.Time, e.Err.Error()
		m.total.pollErrors++
	case watch.Began:
		m.inFlight++
		m.minute.inFlight = max(m.minute.inFlight, m.inFlight)
		m.minute.receives.add(float64(e.Message.ReceiveCount))
	case watch.Ended:
		if m.inFlight == m.cfg.Concurrency {
			m.polled = time.Now() // until now no hand was free to ask with
		}
		m.inFlight--
		m.total.ended(e.Result)
		m.minute.ended(e.Result)
	case watch.Stopping:
		m.stopping = true
	}
}
