package watch_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// recorder is a queue that writes down what is done with it, with the seconds since it was made.
type recorder struct {
	queue.Receiver

	begin time.Time
	mu    sync.Mutex
	calls []string
	fails map[string][]error // by call, used up in turn
	slow  map[string]time.Duration
	count func(queue.Message) int
}

func record(r queue.Receiver) *recorder {
	return &recorder{Receiver: r, begin: time.Now(), fails: map[string][]error{}, slow: map[string]time.Duration{}}
}

// note writes a call down, when it ends, and is its failure.
func (r *recorder) note(call, text string) error {
	if d := r.slow[call]; d > 0 {
		time.Sleep(d)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf("%g s: %s", time.Since(r.begin).Seconds(), text))
	if errs := r.fails[call]; len(errs) > 0 {
		r.fails[call] = errs[1:]
		return errs[0]
	}
	return nil
}

// fail makes the next calls fail.
func (r *recorder) fail(call string, errs ...error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails[call] = append(r.fails[call], errs...)
}

func (r *recorder) failing(call string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.fails[call]) > 0
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.calls...)
}

func (r *recorder) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	if r.failing("receive") {
		return nil, r.note("receive", "receive fails")
	}
	messages, err := r.Receiver.Receive(ctx, o)
	if r.count != nil {
		for i := range messages {
			messages[i].ReceiveCount = r.count(messages[i])
		}
	}
	return messages, err
}

func (r *recorder) Delete(ctx context.Context, m queue.Message) error {
	if err := r.note("delete", "delete "+m.Body); err != nil {
		return err
	}
	return r.Receiver.Delete(ctx, m)
}

func (r *recorder) ChangeVisibility(ctx context.Context, m queue.Message, d time.Duration) error {
	if err := r.note("visibility", fmt.Sprintf("%s visible in %g s", m.Body, d.Seconds())); err != nil {
		return err
	}
	return r.Receiver.ChangeVisibility(ctx, m, d)
}

func (r *recorder) DeadLetter(ctx context.Context, m queue.Message, c queue.Cause) error {
	if err := r.note("dead-letter", "dead-letter "+m.Body+": "+c.Message); err != nil {
		return err
	}
	return r.Receiver.DeadLetter(ctx, m, c)
}

func (r *recorder) Resend(ctx context.Context, m queue.Message, d time.Duration) error {
	if err := r.note("resend", "resend "+m.Body); err != nil {
		return err
	}
	return r.Receiver.Resend(ctx, m, d)
}

func memory(t *testing.T, cfg queue.MemoryConfig) *queue.Memory {
	t.Helper()
	m, err := queue.NewMemory(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// send sends bodies, each in a group of its own where the queue is FIFO.
func send(t *testing.T, m *queue.Memory, bodies ...string) {
	t.Helper()
	limits, _ := m.Limits(t.Context())
	for _, body := range bodies {
		o := queue.Outgoing{ID: "0", Body: []byte(body)}
		if limits.FIFO {
			o.GroupID, o.DeduplicationID = body[:1], body
		}
		failures, err := m.SendBatch(t.Context(), []queue.Outgoing{o})
		if err != nil || len(failures) > 0 {
			t.Fatal(err, failures)
		}
	}
}

// observed gathers what a watcher tells.
type observed struct {
	mu     sync.Mutex
	events []watch.Event
}

func (o *observed) observe(e watch.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
}

// results are "body: outcome" of what ended, in order.
func (o *observed) results() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []string{}
	for _, e := range o.events {
		if e.Kind == watch.Ended {
			all = append(all, e.Message.Body+": "+string(e.Result.Outcome))
		}
	}
	return all
}

func (o *observed) kinds(kind watch.Kind) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, e := range o.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func newWatcher(t *testing.T, cfg watch.Config) *watch.Watcher {
	t.Helper()
	w, err := watch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// runFor runs a watcher for a time, and returns when it has ended.
func runFor(t *testing.T, w *watch.Watcher, d time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return w.Run(ctx)
}

// logged is a logger and what it wrote.
func logged() (*slog.Logger, *lines) {
	l := &lines{}
	return slog.New(slog.NewTextHandler(l, nil)), l
}

type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
