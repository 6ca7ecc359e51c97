package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

const (
	// callTime is how long a call has that ends a message, with all its retries.
	callTime = 30 * time.Second
	// maxDeleteCalls is how many delete calls are in flight at most.
	maxDeleteCalls = 4
)

// deleter deletes messages. What is to be deleted while a call is in flight waits for the next one, and goes together: at a slow pace each
// message is deleted at once, at a fast one ten cost one call.
type deleter struct {
	receiver queue.Receiver
	batches  queue.BatchDeleter // nil: one by one

	mu      sync.Mutex
	waiting []deletion
	calls   int
}

type deletion struct {
	message queue.Message
	done    chan<- error
}

func newDeleter(r queue.Receiver) *deleter {
	batches, _ := r.(queue.BatchDeleter)
	return &deleter{receiver: r, batches: batches}
}

// Delete returns when the message was deleted, or was not.
func (d *deleter) Delete(m queue.Message) error {
	if d.batches == nil {
		return d.one(m)
	}
	done := make(chan error, 1)
	d.mu.Lock()
	d.waiting = append(d.waiting, deletion{m, done})
	if d.calls == 0 || d.calls < maxDeleteCalls && len(d.waiting) >= queue.MaxBatchEntries {
		d.calls++
		go d.work()
	}
	d.mu.Unlock()
	return <-done
}

// work makes calls until nothing waits.
func (d *deleter) work() {
	for {
		batch := d.next()
		if batch == nil {
			return
		}
		if len(batch) == 1 {
			batch[0].done <- d.one(batch[0].message)
			continue
		}
		d.call(batch)
	}
}

func (d *deleter) next() []deletion {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(d.waiting), queue.MaxBatchEntries)
	if n == 0 {
		d.calls--
		return nil
	}
	batch := append([]deletion(nil), d.waiting[:n]...)
	rest := copy(d.waiting, d.waiting[n:])
	clear(d.waiting[rest:])
	d.waiting = d.waiting[:rest]
	return batch
}

// call deletes a batch. An entry that failed by no fault of its own is tried once more by itself.
func (d *deleter) call(batch []deletion) {
	messages := make([]queue.Message, len(batch))
	for i, b := range batch {
		messages[i] = b.message
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	failures, err := d.batches.DeleteBatch(ctx, messages)
	errs := make([]error, len(batch))
	for i := range errs {
		errs[i] = err
	}
	for _, f := range failures {
		if !f.SenderFault {
			errs[f.Index] = d.one(messages[f.Index])
			continue
		}
		errs[f.Index] = fmt.Errorf("%s: %s", f.Code, f.Message)
	}
	for i, b := range batch {
		b.done <- errs[i]
	}
}

func (d *deleter) one(m queue.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	return d.receiver.Delete(ctx, m)
}
