package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// grace is how long calls in flight may go on once the context of the dispatch ended.
	grace = time.Second
	// maxRefusals is how many tasks the queue may refuse in a row before the rest is not tried.
	maxRefusals = 1000
)

// dispatcher is one run of Dispatch. The goroutine that called Dispatch renders and decides; workers make the calls and note what
// came of them.
type dispatcher[T Task] struct {
	ctx     context.Context // of the caller, and ended at StopAt
	calls   context.Context // of the calls, which outlive ctx by the grace
	cancel  context.CancelFunc
	caller  context.Context
	sender  Sender
	options DispatchOptions
	limits  Limits
	jobs    chan *batch[T]
	wake    chan struct{} // a call returned
	working sync.WaitGroup

	// Of the calling goroutine alone.
	current            *batch[T]
	due                []entry[T]
	rendered           int
	groupName, groupID string
	timer              *time.Timer
	cancelStop         context.CancelFunc

	batchBytes atomic.Int64 // what a batch may have: less than a message after ErrTooLong

	mu           sync.Mutex // guards what follows
	window       window
	workers      int
	inFlight     int
	bytes        int // in flight
	retries      retries[T]
	free         []*batch[T]
	freeBytes    int
	withoutGroup bool
	warned       bool // of calls that failed
	refusals     int  // in a row
	unsent       places
	ended        error
	first        error
	report       Report

	progress sync.Mutex
	reported int // guarded by progress
}

func newDispatcher[T Task](ctx context.Context, s Sender, o DispatchOptions) *dispatcher[T] {
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d := &dispatcher[T]{
		caller: ctx, calls: calls, cancel: cancel, sender: s, options: o, window: newWindow(o.MaxInFlight),
		jobs: make(chan *batch[T]), wake: make(chan struct{}, 1), timer: time.NewTimer(time.Hour),
	}
	d.timer.Stop()
	d.ctx, d.cancelStop = ctx, func() {}
	if !o.StopAt.IsZero() {
		d.ctx, d.cancelStop = context.WithDeadlineCause(ctx, o.StopAt, ErrStopped)
	}
	d.current = d.newBatch()
	return d
}

// close ends the workers. Nothing is in flight any more, unless the iterator panicked.
func (d *dispatcher[T]) close() {
	d.cancel()
	d.cancelStop()
	close(d.jobs)
	d.working.Wait()
	d.timer.Stop()
}

// stop ends the dispatch: nothing more is sent. The first reason stays.
func (d *dispatcher[T]) stop(reason error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.end(reason)
}

// end is stop with the lock held.
func (d *dispatcher[T]) end(reason error) {
	if d.ended == nil {
		d.ended = reason
		level := slog.LevelError
		if errors.Is(reason, ErrStopped) {
			level = slog.LevelInfo // as it was told to
		}
		d.options.Logger.Log(d.ctx, level, "the dispatch stops", "error", reason.Error())
	}
}

// note keeps the first failure that does not stop the dispatch.
func (d *dispatcher[T]) note(failure error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first == nil {
		d.first = failure
	}
}

// stopped says whether the dispatch was stopped, and stops it when the context ended.
func (d *dispatcher[T]) stopped() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		d.end(context.Cause(d.ctx))
	}
	return d.ended != nil
}

func (d *dispatcher[T]) backlog() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.retries)
}

// idle says whether nothing is in flight and nothing waits to be sent again.
func (d *dispatcher[T]) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inFlight == 0 && len(d.retries) == 0
}

// pause waits until a call returned, an entry is due again or the context ended.
func (d *dispatcher[T]) pause() {
	var due <-chan time.Time
	d.mu.Lock()
	if len(d.retries) > 0 {
		d.timer.Reset(time.Until(d.retries[0].due))
		due = d.timer.C
	}
	d.mu.Unlock()
	select {
	case <-d.wake:
	case <-due:
	case <-d.ctx.Done():
	}
	d.timer.Stop()
}

// acquire waits until there is room for the batch in flight. It returns false when the dispatch was stopped.
func (d *dispatcher[T]) acquire(b *batch[T]) bool {
	for !d.stopped() {
		if d.admit(b) {
			return true
		}
		select {
		case <-d.wake:
		case <-d.ctx.Done():
		}
	}
	return false
}

// admit counts the batch as in flight when there is room, and sees to it that a worker is there.
func (d *dispatcher[T]) admit(b *batch[T]) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inFlight >= d.window.limit() || d.inFlight > 0 && d.bytes+b.size > d.options.MaxBytes {
		return false
	}
	d.inFlight++
	d.bytes += b.size
	d.report.Batches++
	b.epoch, b.grouped = d.window.epoch, !d.withoutGroup
	for i := range b.entries {
		if b.entries[i].sends > 0 {
			d.report.Retried++
		}
		b.entries[i].sends++
	}
	if d.workers < d.inFlight {
		d.workers++
		d.working.Go(d.work)
	}
	return true
}

// newBatch is an empty batch, with the buffers of an earlier one where there is one.
func (d *dispatcher[T]) newBatch() *batch[T] {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := len(d.free) - 1
	if last < 0 {
		return &batch[T]{}
	}
	b := d.free[last]
	d.free = d.free[:last]
	d.freeBytes -= cap(b.body)
	return b
}

// release keeps the buffers of a batch for the next one.
func (d *dispatcher[T]) release(b *batch[T]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keep(b)
}

// keep is release with the lock held. The buffers that are kept are bounded as those in flight are.
func (d *dispatcher[T]) keep(b *batch[T]) {
	if d.freeBytes+cap(b.body) > d.options.MaxBytes {
		return
	}
	b.reset()
	d.free = append(d.free, b)
	d.freeBytes += cap(b.body)
}

// abandon reports an entry that is not tried any more because the dispatch was stopped. last is why it was not accepted before,
// nil when it was never tried.
func (d *dispatcher[T]) abandon(e entry[T], last error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch last {
	case nil:
		d.name(e, fmt.Sprintf("not tried: %v", d.ended))
	case d.ended:
		d.name(e, last.Error())
	default:
		d.name(e, fmt.Sprintf("%v; not tried again: %v", last, d.ended))
	}
}

// refuse reports an entry that cannot be sent. Called with the lock held.
func (d *dispatcher[T]) refuse(e entry[T], err error) {
	if d.first == nil {
		d.first = err
	}
	if d.name(e, err.Error()) {
		d.options.Logger.ErrorContext(d.ctx, "task not sent", "task", e.task.Label(), "task_id", e.task.ID(), "error", err.Error())
	}
	if d.refusals++; d.refusals == maxRefusals {
		d.end(fmt.Errorf("%d tasks in a row were not accepted, the last: %w", maxRefusals, err))
	}
}

// name puts an entry on the list of those that were not sent, as long as there is room, and says whether there was. Called with the
// lock held.
func (d *dispatcher[T]) name(e entry[T], reason string) bool {
	d.unsent.add(e.index)
	if len(d.report.NotSent) == maxNamed {
		return false
	}
	d.report.NotSent = append(d.report.NotSent, NotSent{Label: e.task.Label(), TaskID: e.task.ID(), Reason: reason})
	return true
}

func (d *dispatcher[T]) namedEnough() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.report.NotSent) == maxNamed
}

// settle waits for the calls that are still in flight after a stop, and reports what will not be sent any more.
func (d *dispatcher[T]) settle() {
	ended, stopped := d.caller.Done(), d.ctx.Done()
	var patience <-chan time.Time
	for !d.landed() {
		select {
		case <-d.wake:
		case <-ended:
			ended, stopped = nil, nil
			d.timer.Reset(grace)
			patience = d.timer.C
		case <-stopped:
			stopped = nil
			d.timer.Reset(d.options.StopGrace)
			patience = d.timer.C
		case <-patience:
			d.cancel()
		}
	}
	for _, p := range d.retries {
		d.abandon(p.entry, p.err)
	}
}

func (d *dispatcher[T]) landed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inFlight == 0
}

// result is the report, and the error when not every task was sent.
func (d *dispatcher[T]) result(elapsed time.Duration) (Report, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.report
	r.Elapsed = elapsed
	if r.Resolved = d.options.Resolved; r.Resolved < 0 {
		r.Resolved = d.rendered
	}
	r.NotSentCount = r.Resolved - r.Sent
	first := d.ended
	if errors.Is(first, ErrStopped) && d.options.Resolved >= 0 && r.NotSentCount == 0 {
		first = nil // it was done just in time
	}
	if first == nil {
		first = d.first
	}
	if first == nil && r.NotSentCount != 0 {
		first = errors.New("tasks were lost on the way")
	}
	if first == nil {
		return r, nil
	}
	return r, &IncompleteError{Report: r, First: first, Cursor: d.unsent.cursor(r.Sent, d.rendered)}
}
