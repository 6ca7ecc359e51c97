package deadletter_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/queue"
)

// clock is one that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a queue with its dead-letter queue, and a record of what was called.
type world struct {
	*clock
	work, dead *queue.Memory
	box        *deadletter.Box

	mu        sync.Mutex
	calls     []string // "send", "delete", in order
	failSend  func(batch []queue.Outgoing) ([]queue.Failure, error, bool)
	failDrop  func(m queue.Message) error
	afterSend func()
}

func newWorld(t *testing.T, fifo bool) *world {
	t.Helper()
	w := &world{clock: newClock()}
	var err error
	if w.dead, err = queue.NewMemory(queue.MemoryConfig{Name: "dead", FIFO: fifo, Now: w.Now}); err != nil {
		t.Fatal(err)
	}
	if w.work, err = queue.NewMemory(queue.MemoryConfig{Name: "work", FIFO: fifo, Now: w.Now, DeadLetters: w.dead, MaxReceives: 3}); err != nil {
		t.Fatal(err)
	}
	w.open(t, deadletter.Config{})
	return w
}

func (w *world) open(t *testing.T, cfg deadletter.Config) {
	t.Helper()
	cfg.From, cfg.Now, cfg.Wait = receiver{w.dead, w}, w.Now, time.Nanosecond
	cfg.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	var err error
	if w.box, err = deadletter.New(cfg); err != nil {
		t.Fatal(err)
	}
}

// receiver is the dead-letter queue with what fails.
type receiver struct {
	*queue.Memory
	w *world
}

func (r receiver) Delete(ctx context.Context, m queue.Message) error {
	r.w.note("delete")
	if r.w.failDrop != nil {
		if err := r.w.failDrop(m); err != nil {
			return err
		}
	}
	return r.Memory.Delete(ctx, m)
}

// sender is the queue of the work with what fails.
type sender struct{ w *world }

func (s sender) Limits(ctx context.Context) (queue.Limits, error) { return s.w.work.Limits(ctx) }

func (s sender) SendBatch(ctx context.Context, batch []queue.Outgoing) ([]queue.Failure, error) {
	s.w.note(fmt.Sprint("send ", len(batch)))
	if s.w.failSend != nil {
		if failures, err, failed := s.w.failSend(batch); failed {
			return failures, err
		}
	}
	failures, err := s.w.work.SendBatch(ctx, batch)
	if s.w.afterSend != nil {
		s.w.afterSend()
	}
	return failures, err
}

func (w *world) note(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call)
}

// die puts letters on the dead-letter queue, as dead-lettering does.
func (w *world) die(t *testing.T, n int, change func(i int, m *queue.Message, c *queue.Cause)) {
	t.Helper()
	limits, err := w.dead.Limits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m := queue.Message{
			ID: fmt.Sprintf("work-%d", i), SourceARN: "arn:aws:sqs:us-east-1:111111111111:work",
			Body:       fmt.Sprintf(`{"StarbaseAssignedAccount":"11111111111%d","StarbaseAssignedRegion":"us-east-1","n":%d}`, i%10, i),
			Attributes: map[string]string{starfleet.AttributeRunID: "run", starfleet.AttributeTaskID: fmt.Sprint("task-", i)},
		}
		c := queue.Cause{Class: "iam.AccessDenied", Message: "no"}
		if change != nil {
			change(i, &m, &c)
		}
		out := queue.NewDeadLetter(m, c, limits)
		if failures, err := w.dead.SendBatch(t.Context(), []queue.Outgoing{out}); err != nil || len(failures) > 0 {
			t.Fatal(failures, err)
		}
	}
}

func (w *world) walk(t *testing.T, v deadletter.Verdict) (deadletter.Report, error) {
	t.Helper()
	return w.box.Walk(t.Context(), func(context.Context, deadletter.Letter) (deadletter.Verdict, error) { return v, nil })
}

func (w *world) replay() deadletter.Verdict {
	return deadletter.Verdict{Act: deadletter.Replay, To: sender{w}}
}

// counts are those of a report.
func counts(r deadletter.Report) string {
	return fmt.Sprintf("seen %d, kept %d, replayed %d, dropped %d, left %d, undeleted %d, unsure %d, gone %d, unreturned %d",
		r.Seen, r.Kept, r.Replayed, r.Dropped, len(r.Left), len(r.Undeleted), len(r.Unsure), len(r.Gone), r.Unreturned)
}

func want(t *testing.T, r deadletter.Report, err error, text string) {
	t.Helper()
	if got := counts(r); got != text || err != nil {
		t.Errorf("%s, error %v, want %s", got, err, text)
	}
}
