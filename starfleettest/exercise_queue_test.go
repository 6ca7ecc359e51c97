package starfleettest_test

import (
	"sync"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// clock is a clock that is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestMemoryQueue(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseQueue(t, func(t *testing.T, o starfleettest.QueueOptions) starfleettest.QueueUnderTest {
		now := &clock{now: time.Now()}
		cfg := queue.MemoryConfig{
			Name: "queue", Visibility: o.Visibility, FIFO: o.FIFO, MessageBytes: o.MessageBytes, MaxReceives: o.MaxReceives, Now: now.Now,
		}
		if o.MaxReceives > 0 {
			dead, err := queue.NewMemory(queue.MemoryConfig{Name: "dead", FIFO: o.FIFO, Now: now.Now})
			if err != nil {
				t.Fatal(err)
			}
			cfg.DeadLetters = dead
		}
		q, err := queue.NewMemory(cfg)
		if err != nil {
			t.Fatal(err)
		}
		under := starfleettest.QueueUnderTest{Sender: q, Receiver: q, Advance: now.Advance, Poll: 20 * time.Millisecond}
		if cfg.DeadLetters != nil {
			under.DeadLetters = cfg.DeadLetters
		}
		return under
	})
}
