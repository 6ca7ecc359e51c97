package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/starfleet-go/starfleet/internal/panicked"
	"github.com/starfleet-go/starfleet/queue"
)

// job is one delivery of a message on its way.
type job struct {
	message  queue.Message
	received time.Time
	begun    time.Time
	lease    *lease
	free     func()      // gives its slot back, once
	release  func()      // says that it is over, and gives its slot back if that has not been done, once
	spoken   atomic.Bool // somebody has taken it on to say what becomes of the message
}

// work handles one message and settles it.
func (r *run) work(j *job) {
	w, m := r.watcher, j.message
	ctx, cancel := context.WithCancelCause(r.jobs)
	defer cancel(nil)
	j.lease, j.begun = newLease(w, m, j.received, cancel), time.Now()
	r.add(j)
	defer r.remove(j)
	w.cfg.Observe(Event{Kind: Began, Time: j.begun, Message: m})
	w.cfg.Logger.DebugContext(ctx, "message received", "message", m.ID, "receive_count", m.ReceiveCount)
	err := w.handle(ctx, m)
	ended := time.Now()
	select {
	case r.settling <- struct{}{}: // the next job may begin
		defer func() { <-r.settling }()
		j.free()
	default:
	}
	if !j.spoken.CompareAndSwap(false, true) {
		return // it was given back without its handler
	}
	w.tell(ctx, j, w.settle(ctx, j, err), ended)
}

// tell tells what came of a job that ended.
func (w *Watcher) tell(ctx context.Context, j *job, result Result, ended time.Time) {
	m := j.message
	result.Duration = ended.Sub(j.begun)
	if !m.SentAt.IsZero() {
		result.Response = max(ended.Sub(m.SentAt), 0)
	}
	w.cfg.Logger.DebugContext(ctx, "message ended", "message", m.ID, "outcome", string(result.Outcome), "duration", result.Duration)
	w.cfg.Observe(Event{Kind: Ended, Time: ended, Message: m, Result: result})
}

// handle calls the handler, within the limit.
func (w *Watcher) handle(ctx context.Context, m queue.Message) error {
	if m.ID == "" || m.ReceiptHandle == "" {
		return &MalformedError{Missing: cmp.Or(missing("message id", m.ID), missing("receipt handle", m.ReceiptHandle))}
	}
	if w.cfg.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, w.cfg.Limit, ErrLimit)
		defer cancel()
	}
	return panicked.Call(ctx, w.cfg.Logger, m, w.cfg.Handler)
}

func missing(what, value string) string {
	if value == "" {
		return what
	}
	return ""
}

// settle says what becomes of the message. ctx is that of the job, which may have ended.
func (w *Watcher) settle(ctx context.Context, j *job, err error) Result {
	cause := context.Cause(ctx)
	result := Result{Outcome: outcomeOf(err), Err: err}
	done := queue.DispositionOf(err).Action == queue.Acknowledge
	if done {
		j.lease.done()
		defer func() { _ = j.lease.end() }() // what is deleted cannot be lost
	} else if lost := j.lease.end(); lost != nil {
		cause = lost
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer cancel()
	switch {
	case done:
	case errors.Is(cause, ErrLeaseLost):
		result.Outcome, result.Action = Lost, queue.Retry
		w.cfg.Logger.ErrorContext(ctx, "the job ended without its lease: another worker has the message, or gets it", "message", j.message.ID, "error", err.Error())
		return result
	case errors.Is(cause, ErrStopped):
		result.Outcome, result.Action = GivenBack, queue.Retry
		done, result.Settle = w.giveBack(ctx, j.message)
	default:
		done = w.end(ctx, j, &result)
	}
	if result.Outcome == Rejected {
		w.cfg.Logger.ErrorContext(ctx, "message rejected: it is deleted", "message", j.message.ID, "error", err.Error())
	}
	if done {
		w.remove(ctx, j.message, &result)
	}
	return result
}

// end retries or dead-letters the message. What is to come later is nobody's news, unless that fails.
func (w *Watcher) end(ctx context.Context, j *job, result *Result) (done bool) {
	logger := w.cfg.Logger
	if result.Outcome == Returned && later(result.Err) {
		logger = slog.New(slog.DiscardHandler)
	}
	done, outcome := queue.Settle(ctx, limited{w.cfg.Receiver}, j.message, result.Err, queue.SettleOptions{
		Logger: logger, Backoff: w.cfg.Backoff, Received: j.received,
	})
	result.Action, result.After, result.Settle = outcome.Action, outcome.After, outcome.Err
	if logger != w.cfg.Logger && (outcome.Err != nil || outcome.Action == queue.DeadLetter) {
		w.cfg.Logger.ErrorContext(ctx, "a message that was to come later did not get there", "message", j.message.ID,
			"action", outcome.Action.String(), "error", result.Err.Error(), "cause", fmt.Sprint(outcome.Err))
	}
	return done
}

// remove deletes a message that is done.
func (w *Watcher) remove(ctx context.Context, m queue.Message, result *Result) {
	err := w.delete.Delete(m)
	if err == nil {
		return
	}
	w.cfg.Logger.ErrorContext(ctx, "the message could not be deleted: it comes back when its lease ends", "message", m.ID, "error", err.Error())
	result.Settle = err
}

// giveBack makes the message visible to others at once, and says whether it is to be deleted because a copy is in its place.
func (w *Watcher) giveBack(ctx context.Context, m queue.Message) (done bool, err error) {
	done, err = queue.GiveBack(ctx, limited{w.cfg.Receiver}, m, w.cfg.FIFO)
	if err != nil {
		w.cfg.Logger.ErrorContext(ctx, "the message could not be given back as it should: it comes back when its lease ends at the latest", "message", m.ID, "error", err.Error())
		return false, err
	}
	w.cfg.Logger.InfoContext(ctx, "message given back", "message", m.ID)
	return done, nil
}

// limited leaves time for the last of the calls that end a message where one before it hangs. None is made twice: once a message was made
// visible, its handle may be taken for another worker's.
type limited struct{ queue.Settler }

// MaxReceives has tryTime at most.
func (l limited) MaxReceives(ctx context.Context, m queue.Message) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	return l.Settler.MaxReceives(ctx, m)
}

// Resend has tryTime at most.
func (l limited) Resend(ctx context.Context, m queue.Message, delay time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	return l.Settler.Resend(ctx, m, delay)
}
