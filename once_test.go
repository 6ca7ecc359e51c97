package starfleet_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/queue"
)

// delivery is one delivery of the good task in a run, by a message of its own.
func delivery(run, id string) queue.Message {
	m := message(goodTask)
	m.ID = id
	if run != "" {
		m.Attributes[starfleet.AttributeRunID] = run
	}
	return m
}

// counter is a ship that counts its executions and fails as it is told to.
type counter struct {
	handler *starfleet.Handler
	runs    int
	err     error
	result  starfleet.Result
}

func newCounter(t *testing.T, options ...starfleet.Option) *counter {
	t.Helper()
	c := &counter{}
	c.handler = newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error {
		c.runs++
		return c.err
	}, append(options, starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { c.result = r }))...)
	return c
}

func (c *counter) handle(t *testing.T, m queue.Message, runs int, want starfleet.Outcome) {
	t.Helper()
	err := c.handler.Handle(t.Context(), m)
	if c.runs != runs || c.result.Outcome != want {
		t.Errorf("message %s: %d executions, outcome %s, error %v; want %d, %s", m.ID, c.runs, c.result.Outcome, err, runs, want)
	}
}

// TestDuplicatesAreDropped: of one run and task, in whatever message it comes; other runs, payloads and a commit are no duplicates.
func TestDuplicatesAreDropped(t *testing.T) {
	t.Parallel()
	store := idempotency.NewMemory(nil)
	c := newCounter(t, starfleet.WithIdempotency(store))
	c.handle(t, delivery("run1", "m1"), 1, starfleet.OutcomeOK)
	c.handle(t, delivery("run1", "m1"), 1, starfleet.OutcomeSkipped)
	c.handle(t, delivery("run1", "m2"), 1, starfleet.OutcomeSkipped)
	if action := queue.DispositionOf(c.result.Err).Action; action != queue.Acknowledge {
		t.Errorf("the duplicate is not acknowledged: %s", action)
	}
	c.handle(t, delivery("run2", "m3"), 2, starfleet.OutcomeOK)
	other := delivery("run1", "m4")
	other.Body = strings.Replace(goodTask, `"Days":30`, `"Days":31`, 1)
	c.handle(t, other, 3, starfleet.OutcomeOK)
	committing := newCounter(t, starfleet.WithIdempotency(store), starfleet.WithCommit(true))
	committing.handle(t, delivery("run1", "m5"), 1, starfleet.OutcomeOK)
	without := newCounter(t)
	without.handle(t, delivery("run1", "m1"), 1, starfleet.OutcomeOK)
	without.handle(t, delivery("run1", "m1"), 2, starfleet.OutcomeOK)
}

// TestTasksWithoutARun, those of a Python Starbase: a message is its own duplicate alone, and that of what it is a copy of.
func TestTasksWithoutARun(t *testing.T) {
	t.Parallel()
	c := newCounter(t, starfleet.WithIdempotency(idempotency.NewMemory(nil)))
	c.handle(t, delivery("", "m1"), 1, starfleet.OutcomeOK)
	c.handle(t, delivery("", "m1"), 1, starfleet.OutcomeSkipped)
	c.handle(t, delivery("", "m2"), 2, starfleet.OutcomeOK)
	resent := delivery("", "m3")
	resent.Attributes[queue.AttributeSourceMessageID] = "m2"
	c.handle(t, resent, 2, starfleet.OutcomeSkipped)
}

// TestFailuresAreNoDuplicates: whatever way a task fails, its next attempt runs, and so does the next run.
func TestFailuresAreNoDuplicates(t *testing.T) {
	t.Parallel()
	c := newCounter(t, starfleet.WithIdempotency(idempotency.NewMemory(nil)))
	runs := 0
	for _, err := range []error{errors.New("failed"), starfleet.Permanent(errors.New("failed")), starfleet.RetryAfter(time.Minute, nil), context.DeadlineExceeded} {
		c.err = err
		runs++
		_ = c.handler.Handle(t.Context(), delivery("run1", "m1"))
		if c.runs != runs {
			t.Errorf("after %v the next attempt did not run", err)
		}
	}
	c.err = nil
	c.handle(t, delivery("run1", "m1"), runs+1, starfleet.OutcomeOK)
	c.handle(t, delivery("run1", "m1"), runs+1, starfleet.OutcomeSkipped)
	panics := newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error { runs++; panic("boom") },
		starfleet.WithIdempotency(idempotency.NewMemory(nil)))
	before := runs
	for range 3 {
		_ = panics.Handle(t.Context(), delivery("run1", "m1"))
	}
	if runs != before+3 {
		t.Errorf("%d of 3 attempts ran after panics", runs-before)
	}
}

// TestBusyTaskWaits: a second delivery while the first is at work is neither executed nor lost; the lease is the time that the first has left.
func TestBusyTaskWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			mu   sync.Mutex
			runs int
		)
		handler := newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error {
			mu.Lock()
			runs++
			mu.Unlock()
			time.Sleep(10 * time.Second)
			return errors.New("failed")
		}, starfleet.WithIdempotency(idempotency.NewMemory(nil)))
		var group sync.WaitGroup
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
			defer cancel()
			_ = handler.Handle(ctx, delivery("run1", "m1"))
		})
		synctest.Wait()
		time.Sleep(5 * time.Second)
		var busy *starfleet.BusyError
		err := handler.Handle(t.Context(), delivery("run1", "m2"))
		d := queue.DispositionOf(err)
		if !errors.As(err, &busy) || d.Action != queue.Retry || d.After != 35*time.Second || !d.Keep {
			t.Errorf("error %v, disposition %+v", err, d)
		}
		group.Wait()
		_ = handler.Handle(t.Context(), delivery("run1", "m2")) // the first failed: this one is its next attempt
		if runs != 2 {
			t.Errorf("%d executions", runs)
		}
	})
}

// TestKilledWorkerBlocksNobody: one that vanishes holds its task no longer than its time.
func TestKilledWorkerBlocksNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := idempotency.NewMemory(nil)
		killed := newHandler(t, func(ctx context.Context, _ *starfleet.Invocation[regionPayload]) error { <-ctx.Done(); return nil },
			starfleet.WithIdempotency(forgetful{store}))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_ = killed.Handle(ctx, delivery("run1", "m1"))
		time.Sleep(time.Until(time.Now().Add(3 * time.Second)))
		next := newCounter(t, starfleet.WithIdempotency(store))
		next.handle(t, delivery("run1", "m1"), 1, starfleet.OutcomeOK)
	})
}

// forgetful is a store that is not told how tasks end.
type forgetful struct{ idempotency.Store }

func (forgetful) Done(context.Context, idempotency.Claim, time.Duration) error {
	return errors.New("gone")
}
func (forgetful) Release(context.Context, idempotency.Claim) error { return errors.New("gone") }

// TestStoreOutOfOrder: nothing is executed while nobody knows whether it was, and the task is retried.
func TestStoreOutOfOrder(t *testing.T) {
	t.Parallel()
	c := newCounter(t, starfleet.WithIdempotency(broken{}))
	c.handle(t, delivery("run1", "m1"), 0, starfleet.OutcomeFailed)
	if d := queue.DispositionOf(c.result.Err); d.Action != queue.Retry {
		t.Errorf("disposition %+v", d)
	}
	done := newCounter(t, starfleet.WithIdempotency(forgetful{idempotency.NewMemory(nil)}))
	done.handle(t, delivery("run1", "m1"), 1, starfleet.OutcomeOK)
}

type broken struct{ idempotency.Store }

func (broken) Begin(context.Context, string, time.Duration) (idempotency.Claim, error) {
	return idempotency.Claim{}, errors.New("out of order")
}

func TestConcurrencyOption(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, 0} {
		if _, err := starfleet.NewHandler(starfleet.ShipFunc("Ship", mustNotRun(t)), environment(), starfleet.WithConcurrency(n)); err == nil {
			t.Errorf("a concurrency of %d was accepted", n)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		handler := newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error { time.Sleep(time.Second); return nil },
			starfleet.WithConcurrency(5))
		begin := time.Now()
		if _, err := handler.Invoke(t.Context(), batch(t, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10")); err != nil || time.Since(begin) != 2*time.Second {
			t.Errorf("%s, error %v", time.Since(begin), err)
		}
	})
}
