package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// work makes calls until there are no more.
func (d *dispatcher[T]) work() {
	for b := range d.jobs {
		failures, err := d.call(b)
		sent := d.land(b, failures, err)
		select {
		case d.wake <- struct{}{}:
		default:
		}
		d.tell(sent)
	}
}

func (d *dispatcher[T]) call(b *batch[T]) ([]Failure, error) {
	ctx, cancel := context.WithTimeout(d.calls, d.options.CallTimeout)
	defer cancel()
	failures, err := d.sender.SendBatch(ctx, b.outgoing)
	if err != nil {
		return nil, err
	}
	var failed [MaxBatchEntries]bool
	for _, f := range failures {
		if f.Index < 0 || f.Index >= len(b.entries) || failed[f.Index] {
			return nil, fmt.Errorf("the sender reported a failure of entry %d, twice or in a batch of %d", f.Index, len(b.entries))
		}
		failed[f.Index] = true
	}
	return failures, nil
}

// tell reports progress.
func (d *dispatcher[T]) tell(sent int) {
	if d.options.Progress == nil {
		return
	}
	d.progress.Lock()
	defer d.progress.Unlock()
	if sent > d.reported {
		d.reported = sent
		d.options.Progress(sent)
	}
}

// land notes what came of a call, and returns the number of tasks sent so far.
func (d *dispatcher[T]) land(b *batch[T], failures []Failure, err error) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inFlight--
	d.bytes -= b.size
	if err != nil {
		d.failCall(b, err)
	} else {
		d.acceptCall(b, failures)
	}
	d.keep(b)
	return d.report.Sent
}

// acceptCall notes a call that the queue answered entry by entry.
func (d *dispatcher[T]) acceptCall(b *batch[T], failures []Failure) {
	size := b.size
	for _, f := range failures {
		size -= b.ends[f.Index].size
	}
	if accepted := len(b.entries) - len(failures); accepted > 0 {
		d.report.Sent += accepted
		d.report.Bytes += int64(size)
		d.refusals = 0
	}
	throttled := false
	for _, f := range failures {
		e := b.entries[f.Index]
		err := error(&EntryError{Label: e.task.Label(), Code: f.Code, Message: f.Message})
		switch {
		case errors.Is(f.Class, ErrThrottled):
			throttled = true
			d.throttle(e, err)
		case errors.Is(f.Class, ErrNoGroup) && b.grouped && !d.limits.FIFO:
			d.dropGroups(err)
			d.retries.add(e, 0, err)
		case f.SenderFault || errors.Is(f.Class, ErrNoGroup):
			d.refuse(e, err)
		default:
			d.again(e, err)
		}
	}
	if throttled {
		d.narrow(b)
	} else {
		d.window.accept()
	}
}

// failCall notes a call that failed as a whole.
func (d *dispatcher[T]) failCall(b *batch[T], err error) {
	switch {
	case errors.Is(err, ErrPermanent):
		d.end(err)
		for _, e := range b.entries {
			d.retries.add(e, 0, err)
		}
	case errors.Is(err, ErrThrottled):
		d.narrow(b)
		for _, e := range b.entries {
			d.throttle(e, err)
		}
	case errors.Is(err, ErrTooLong) && len(b.entries) > 1:
		d.halve(b, err)
	case errors.Is(err, ErrNoGroup) && b.grouped && !d.limits.FIFO:
		d.dropGroups(err)
		for _, e := range b.entries {
			d.retries.add(e, 0, err)
		}
	case errors.Is(err, ErrRefused), errors.Is(err, ErrTooLong), errors.Is(err, ErrNoGroup):
		d.isolate(b, err)
	default:
		d.report.PossibleDuplicates += len(b.entries)
		d.options.Logger.Log(d.ctx, d.uncertainLevel(), "a call to the queue failed: its tasks are sent again, and may arrive twice",
			"tasks", len(b.entries), "error", err.Error())
		for _, e := range b.entries {
			d.again(e, err)
		}
	}
}

// uncertainLevel is a warning the first time. Later ones are in the report's count.
func (d *dispatcher[T]) uncertainLevel() slog.Level {
	if d.warned {
		return slog.LevelDebug
	}
	d.warned = true
	return slog.LevelWarn
}

// again puts an entry back for another attempt, or gives it up after the last. When nothing was accepted since its first failure
// it is not the entry that is at fault, and the dispatch stops.
func (d *dispatcher[T]) again(e entry[T], err error) {
	if e.attempts == 0 {
		e.sentBefore = d.report.Sent
	}
	if e.attempts++; e.attempts < d.options.Attempts {
		d.retries.add(e, retryDelay(e.attempts, jitter()), err)
		return
	}
	err = fmt.Errorf("given up after %d attempts: %w", e.attempts, err)
	if d.report.Sent == e.sentBefore {
		d.end(fmt.Errorf("the queue accepts nothing: %w", err))
	}
	d.refuse(e, err)
}

// throttle puts an entry back for when the queue has caught its breath.
func (d *dispatcher[T]) throttle(e entry[T], err error) {
	e.throttles++
	d.retries.add(e, retryDelay(e.throttles, jitter()), err)
}

// narrow lowers the number of calls in flight after a throttled one.
func (d *dispatcher[T]) narrow(b *batch[T]) {
	if d.window.throttle(b.epoch) {
		d.options.Logger.InfoContext(d.ctx, "the queue throttles", "calls_in_flight", d.window.limit())
	}
}

// halve lowers the size of batches after one was too long.
func (d *dispatcher[T]) halve(b *batch[T], err error) {
	if half := int64(b.size / 2); half < d.batchBytes.Load() {
		d.batchBytes.Store(half)
		d.options.Logger.WarnContext(d.ctx, "the queue takes less in a batch than its limit says: batches are halved",
			"batch_bytes", half, "limit", d.limits.MessageBytes)
	}
	for _, e := range b.entries {
		d.retries.add(e, 0, err)
	}
}

// dropGroups sends without message groups from now on.
func (d *dispatcher[T]) dropGroups(err error) {
	if !d.withoutGroup {
		d.withoutGroup = true
		d.options.Logger.WarnContext(d.ctx, "the queue takes no message group: tasks are sent without", "error", err.Error())
	}
}

// isolate sends the entries of a refused batch one by one. An entry that was refused alone is at fault.
func (d *dispatcher[T]) isolate(b *batch[T], err error) {
	if len(b.entries) == 1 {
		d.refuse(b.entries[0], err)
		return
	}
	for _, e := range b.entries {
		e.alone = true
		d.retries.add(e, 0, err)
	}
}
