package queue

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"
)

const (
	defaultInFlight    = 64
	defaultBytes       = 16 << 20
	defaultAttempts    = 8
	defaultCallTimeout = 30 * time.Second
	defaultStopGrace   = 5 * time.Second
)

// DispatchOptions say how many tasks there are and how much may be in flight. The zero value sends nothing and fails when there is
// a task: Resolved counts.
type DispatchOptions struct {
	// Resolved is how many tasks there will be. Fewer or more are an error; of more, none is sent beyond it. Negative means that
	// the number is not known beforehand.
	Resolved int
	// LargestTask is an upper bound of the size of each task in bytes, body and attributes, where the caller knows one: when it
	// does not fit the queue, nothing is sent at all. 0 means that none is known; a task that does not fit is then left out, and
	// reported.
	LargestTask int
	// MaxInFlight is how many calls are under way at once at most. 0 means 64.
	MaxInFlight int
	// MaxBytes bounds the size of all batches under way, in bytes; one batch is always allowed. 0 means 16 MiB.
	MaxBytes int
	// Attempts is how often a task is tried before it is given up. Throttling, and sending again in a smaller batch, do not count.
	// 0 means 8.
	Attempts int
	// CallTimeout ends a call that does not return; its tasks are sent again. 0 means 30 s.
	CallTimeout time.Duration
	// StopAt is when no further task is sent, as before the end of a function's time. The calls in flight then have StopGrace to return.
	// What was not sent is what the Cursor of the IncompleteError says, and First is ErrStopped. Zero: there is no such time.
	StopAt time.Time
	// StopGrace is how long the calls in flight may go on after StopAt. 0 means 5 s.
	StopGrace time.Duration
	// Logger gets a line for the first call that failed, for each time that throttling lowers the number of calls, for each task
	// that the report names, and for what ends the dispatch; never a body. nil discards them.
	Logger *slog.Logger
	// Progress is called with the number of tasks sent so far: each time a higher one, and never from two goroutines at once.
	Progress func(sent int)
}

func (o DispatchOptions) withDefaults() (DispatchOptions, error) {
	switch {
	case o.LargestTask < 0:
		return o, fmt.Errorf("queue: DispatchOptions.LargestTask is %d, it must not be negative", o.LargestTask)
	case o.MaxInFlight < 0:
		return o, fmt.Errorf("queue: DispatchOptions.MaxInFlight is %d, it must not be negative", o.MaxInFlight)
	case o.MaxBytes < 0:
		return o, fmt.Errorf("queue: DispatchOptions.MaxBytes is %d, it must not be negative", o.MaxBytes)
	case o.Attempts < 0:
		return o, fmt.Errorf("queue: DispatchOptions.Attempts is %d, it must not be negative", o.Attempts)
	case o.CallTimeout < 0:
		return o, fmt.Errorf("queue: DispatchOptions.CallTimeout is %v, it must not be negative", o.CallTimeout)
	case o.StopGrace < 0:
		return o, fmt.Errorf("queue: DispatchOptions.StopGrace is %v, it must not be negative", o.StopGrace)
	}
	if o.StopGrace == 0 {
		o.StopGrace = defaultStopGrace
	}
	if o.MaxInFlight == 0 {
		o.MaxInFlight = defaultInFlight
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultBytes
	}
	if o.Attempts == 0 {
		o.Attempts = defaultAttempts
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = defaultCallTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// Dispatch sends all tasks, each at least once, and returns when the queue accepted every one. Otherwise the error is an
// *IncompleteError that says how many were not sent and names the first 100; the report is complete either way.
//
// Tasks are rendered as they are sent, in batches as large as the queue takes, several at once: memory grows neither with their
// number nor with their size. What the queue did not accept is sent again after an exponential back-off with full jitter, together
// with what comes next; throttling lowers the number of calls in flight until the queue keeps up, and is no error.
//
// A task that the queue refuses for what it is, is reported and does not stop the others. The dispatch stops at once for an error
// of class ErrPermanent, an error from tasks, a task beyond options.Resolved, when a task used up its attempts while nothing else
// was accepted, when the queue refused 1,000 tasks in a row, at options.StopAt, and when ctx ends; the calls in flight then have a second
// to return (options.StopGrace after StopAt), and every task that was not sent is counted and reported. Dispatch leaves no goroutine behind, provided that the Sender returns
// when its context ends.
func Dispatch[T Task](ctx context.Context, s Sender, tasks iter.Seq2[T, error], options DispatchOptions) (Report, error) {
	started := time.Now()
	if s == nil || tasks == nil {
		return Report{}, errors.New("queue: Dispatch needs a Sender and tasks")
	}
	o, err := options.withDefaults()
	if err != nil {
		return Report{}, err
	}
	d := newDispatcher[T](ctx, s, o)
	defer d.close()
	d.prepare()
	d.feed(tasks)
	d.drain()
	d.settle()
	return d.result(time.Since(started))
}

// prepare asks what the queue takes, and stops before the first task when the largest one cannot fit.
func (d *dispatcher[T]) prepare() {
	ctx, cancel := context.WithTimeout(d.ctx, d.options.CallTimeout)
	defer cancel()
	limits, err := d.sender.Limits(ctx)
	if err != nil && !d.stopped() {
		d.stop(fmt.Errorf("read the limits of the queue: %w", err))
	}
	d.limits = limits.withDefaults()
	d.limits.BatchEntries = min(d.limits.BatchEntries, MaxBatchEntries)
	d.batchBytes.Store(int64(d.limits.MessageBytes))
	if d.options.LargestTask > d.limits.MessageBytes {
		d.stop(&TooLargeError{Size: d.options.LargestTask, Limit: d.limits.MessageBytes})
	}
}

// feed takes the tasks from the iterator. Once the dispatch was stopped it goes on only to name the tasks that were not sent.
func (d *dispatcher[T]) feed(tasks iter.Seq2[T, error]) {
	known := d.options.Resolved >= 0
	for task, err := range tasks {
		if err != nil {
			d.stop(fmt.Errorf("render the tasks: %w", err))
			return
		}
		if known && d.rendered == d.options.Resolved {
			d.stop(&MismatchError{Resolved: d.options.Resolved, Rendered: d.rendered + 1})
			return
		}
		d.rendered++
		e := entry[T]{task: task, index: d.rendered - 1}
		if d.offer(e) {
			continue
		}
		if d.abandon(e, nil); known && d.namedEnough() {
			return
		}
	}
	if known && d.rendered < d.options.Resolved {
		d.note(&MismatchError{Resolved: d.options.Resolved, Rendered: d.rendered})
	}
}

// offer puts a new task into the batch, after those that are due again. It returns false when the dispatch was stopped.
func (d *dispatcher[T]) offer(e entry[T]) bool {
	if len(d.current.entries) == 0 {
		d.collect()
		for !d.stopped() && d.backlog() >= d.options.MaxInFlight*d.limits.BatchEntries {
			d.flush()
			d.pause()
			d.collect()
		}
		if d.stopped() {
			return false
		}
	}
	d.place(e)
	return true
}

// collect puts the entries that are due again into the batch.
func (d *dispatcher[T]) collect() {
	d.mu.Lock()
	d.due = d.retries.takeDue(d.due[:0])
	d.mu.Unlock()
	for _, e := range d.due {
		d.place(e)
	}
	clear(d.due)
}

// place puts an entry into the current batch, and sends the batch when it is full.
func (d *dispatcher[T]) place(e entry[T]) {
	if e.alone {
		waiting := d.current
		d.current = d.newBatch()
		if d.fits(e) {
			d.flush()
		}
		d.release(d.current)
		d.current = waiting
		return
	}
	if !d.fits(e) {
		return
	}
	if len(d.current.entries) > 1 && d.current.size > int(d.batchBytes.Load()) {
		full := d.current
		next := d.newBatch()
		full.moveLast(next)
		d.flush()
		d.release(d.current)
		d.current = next
	}
	if len(d.current.entries) == d.limits.BatchEntries {
		d.flush()
	}
}

// fits renders the entry at the end of the batch, unless no message of the queue can hold it.
func (d *dispatcher[T]) fits(e entry[T]) bool {
	size := d.current.append(e)
	if size <= d.limits.MessageBytes {
		return true
	}
	d.current.dropLast()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse(e, &TooLargeError{Label: e.task.Label(), TaskID: e.task.ID(), Size: size, Limit: d.limits.MessageBytes})
	return false
}

// flush sends the current batch, if there is anything in it, and begins a new one.
func (d *dispatcher[T]) flush() {
	b := d.current
	if len(b.entries) == 0 {
		return
	}
	d.current = d.newBatch()
	if !d.acquire(b) {
		for _, e := range b.entries {
			d.abandon(e, nil)
		}
		d.release(b)
		return
	}
	d.address(b)
	d.jobs <- b
}

// address makes the messages of the batch.
func (d *dispatcher[T]) address(b *batch[T]) {
	for i := range b.entries {
		task, start, end := b.entries[i].task, b.start(i), b.ends[i]
		o := Outgoing{
			ID:         entryIDs[i],
			Body:       b.body[start.body:end.body:end.body],
			Attributes: b.attributes[start.attributes:end.attributes:end.attributes],
		}
		switch {
		case d.limits.FIFO:
			if o.GroupID = d.group(task.AccountID()); o.GroupID == "" {
				o.GroupID = d.group(task.RunID())
			}
			o.DeduplicationID = groupID(task.ID())
		case b.grouped:
			o.GroupID = d.group(task.RunID())
		}
		b.outgoing = append(b.outgoing, o)
	}
}

// group is the message group for name. Mostly it is that of the task before.
func (d *dispatcher[T]) group(name string) string {
	if name != d.groupName {
		d.groupName, d.groupID = name, groupID(name)
	}
	return d.groupID
}

// drain sends what is left, and waits until nothing is in flight or due again.
func (d *dispatcher[T]) drain() {
	for {
		if !d.stopped() {
			d.collect()
		}
		d.flush()
		if d.stopped() || d.idle() {
			return
		}
		d.pause()
	}
}
