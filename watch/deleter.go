package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

const (
	// callTime is how long there is to say what becomes of a message.
	callTime = 30 * time.Second
	// deleteTries is how often it is tried to delete a message, for tryTime each, and deletePause the pause between.
	deleteTries = 3
	deletePause = time.Second
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
	done := make(chan error, 1)
	if d.batches == nil {
		d.retry(d.call([]deletion{{m, done}}, false))
		return <-done
	}
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
		if again := d.call(batch, false); len(again) > 0 {
			go d.retry(again) // what waits does not wait for it
		}
	}
}

// retry makes the tries after the first.
func (d *deleter) retry(batch []deletion) {
	for try := 2; len(batch) > 0; try++ {
		<-time.After(deletePause) // nothing ends it: a job that is done waits for its delete
		batch = d.call(batch, try == deleteTries)
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

// call deletes a batch with one call. What failed and may be cured by another try is returned, unless this is the last one.
func (d *deleter) call(batch []deletion, last bool) (again []deletion) {
	for i, err := range d.try(batch) {
		if err != nil && !last && curable(err) {
			again = append(again, batch[i])
			continue
		}
		batch[i].done <- err
	}
	return again
}

// try is the error of each entry of a batch.
func (d *deleter) try(batch []deletion) []error {
	ctx, cancel := context.WithTimeout(context.Background(), tryTime)
	defer cancel()
	errs := make([]error, len(batch))
	if len(batch) == 1 {
		errs[0] = d.receiver.Delete(ctx, batch[0].message)
		return errs
	}
	messages := make([]queue.Message, len(batch))
	for i, b := range batch {
		messages[i] = b.message
	}
	failures, err := d.batches.DeleteBatch(ctx, messages)
	for i := range errs {
		errs[i] = err
	}
	for _, f := range failures {
		errs[f.Index] = &entryError{f}
	}
	return errs
}

// curable says whether another try may end otherwise. Deleting twice is no error.
func curable(err error) bool {
	entry, ok := errors.AsType[*entryError](err)
	return !errors.Is(err, queue.ErrPermanent) && !errors.Is(err, queue.ErrNotInFlight) && (!ok || !entry.SenderFault)
}

// entryError is a message of a batch that was not deleted.
type entryError struct{ queue.Failure }

// Error is the code and what the queue says of it.
func (e *entryError) Error() string { return e.Code + ": " + e.Message }
