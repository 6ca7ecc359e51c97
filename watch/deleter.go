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

// deleter deletes messages. Where several are worked on at once, one waits a moment for others, since ten that are deleted together cost one call.
type deleter struct {
	receiver queue.Receiver
	batches  queue.BatchDeleter // nil: one by one
	atOnce   bool               // no message waits for others, but while a call is in flight

	mu        sync.Mutex
	waiting   []deletion
	calls     int
	gathering bool // what waits is taken when its time is over
}

type deletion struct {
	message queue.Message
	done    chan<- error
}

func newDeleter(c Config) *deleter {
	batches, _ := c.Receiver.(queue.BatchDeleter)
	return &deleter{receiver: c.Receiver, batches: batches, atOnce: c.FIFO || c.Concurrency == 1}
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
	d.begin(d.atOnce || ofFIFO(m))
	d.mu.Unlock()
	return <-done
}

// begin has what waits deleted: now, when the call ends that is in flight, or when the time to gather is over. The next message of a FIFO queue's group
// waits for the delete of the one before it, which is why that does not wait for others.
func (d *deleter) begin(now bool) {
	full := len(d.waiting) >= queue.MaxBatchEntries
	switch {
	case d.calls == 0 && now, full && d.calls < maxDeleteCalls:
		d.calls++
		go d.work()
	case !full && !now && !d.gathering:
		d.gathering = true
		time.AfterFunc(gatherTime, d.gathered)
	}
}

// gathered makes calls for what has waited long enough.
func (d *deleter) gathered() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gathering = false
	if len(d.waiting) > 0 && d.calls < maxDeleteCalls {
		d.calls++
		go d.work()
	}
}

// work makes calls until nothing waits, or what waits is still gathering.
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
	if n == 0 || d.gathering && n < queue.MaxBatchEntries {
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
