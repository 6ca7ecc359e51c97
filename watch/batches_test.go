package watch_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// counting is a queue that counts its receive calls, which take 3 ms.
type counting struct {
	batched
	receives atomic.Int64
}

func (c *counting) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	time.Sleep(3 * time.Millisecond)
	c.receives.Add(1)
	return c.Memory.Receive(ctx, o)
}

// TestCallsAreBatched: while short jobs keep all hands busy, a receive call is one for about ten messages, and so is a delete call.
func TestCallsAreBatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 5000
		c := &counting{batched: batched{Memory: memory(t, queue.MemoryConfig{})}}
		for i := range n / 10 {
			batch := make([]queue.Outgoing, 10)
			for k := range batch {
				batch[k] = queue.Outgoing{ID: fmt.Sprint(k), Body: fmt.Append(nil, i, k)}
			}
			if failures, err := c.SendBatch(t.Context(), batch); err != nil || len(failures) > 0 {
				t.Fatal(err, failures)
			}
		}
		w := newWatcher(t, watch.Config{Receiver: c, Concurrency: 50, UntilEmpty: true, Wait: time.Second, Handler: func(context.Context, queue.Message) error {
			time.Sleep(100 * time.Microsecond)
			return nil
		}})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if calls := c.receives.Load(); calls > n/5 || c.Len() != 0 {
			t.Errorf("%d calls for %d messages, %d left", calls, n, c.Len())
		}
		if calls := c.singles.Load() + c.batches.Load(); calls > n/9 {
			t.Errorf("%d delete calls for %d messages", calls, n)
		}
	})
}

// timed is a queue that says when each single delete call came.
type timed struct {
	*queue.Memory
	begin time.Time
	after []time.Duration
}

func (d *timed) Delete(ctx context.Context, m queue.Message) error {
	d.after = append(d.after, time.Since(d.begin))
	return d.Memory.Delete(ctx, m)
}

// TestDeletesOfFIFO: the next message of a group comes when the one before it was deleted, so that a delete of a FIFO queue waits for no other.
func TestDeletesOfFIFO(t *testing.T) {
	t.Parallel()
	for fifo, want := range map[bool]time.Duration{true: 0, false: 5 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			d := &timed{Memory: memory(t, queue.MemoryConfig{}), begin: time.Now()}
			send(t, d.Memory, "x")
			w := newWatcher(t, watch.Config{Receiver: d, FIFO: fifo, Concurrency: 4, UntilEmpty: true, Handler: done})
			if err := w.Run(t.Context()); err != nil {
				t.Error(err)
			}
			if len(d.after) != 1 || d.after[0] != want {
				t.Errorf("FIFO %v: deleted after %v, want %v", fifo, d.after, want)
			}
		})
	}
}
