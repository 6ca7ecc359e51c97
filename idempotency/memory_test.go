package idempotency_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/starfleettest"
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

func TestMemory(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseIdempotency(t, func(*testing.T) (idempotency.Store, func(time.Duration)) {
		c := newClock()
		return idempotency.NewMemory(c.Now), c.wait
	})
}

// TestMemoryIsBounded: what ended is forgotten, so that a long-lived process does not grow.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := idempotency.NewMemory(c.Now)
	for i := range 100_000 {
		if _, err := store.Begin(t.Context(), fmt.Sprint("key ", i), time.Second); err != nil {
			t.Fatal(err)
		}
		c.wait(10 * time.Millisecond)
	}
	if n := store.Len(); n > 2048 {
		t.Errorf("%d keys are held, of which 100 have not ended", n)
	}
}

func TestStateNames(t *testing.T) {
	t.Parallel()
	for state, want := range map[idempotency.State]string{
		idempotency.Acquired: "acquired", idempotency.Completed: "completed", idempotency.Busy: "busy", 0: "unknown",
	} {
		if state.String() != want {
			t.Errorf("%d is %q", state, state)
		}
	}
}
