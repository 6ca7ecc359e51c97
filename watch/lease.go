package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

const (
	// heldMargin is how long before SQS's 12 hours a job is ended, so that it has ended when the message is visible again.
	heldMargin = time.Minute
	// extendAgain is the pause after an extension that failed; at least leastAgain, and half of what is left of the lease.
	extendAgain = 5 * time.Second
	leastAgain  = 200 * time.Millisecond
	// tryTime is how long one try of a call has, where there is time for others: one that hangs is to cost neither a lease nor a finished job.
	tryTime = 10 * time.Second
	// triesLeft is how many extensions are to fit into what is left of a lease.
	triesLeft = 3
)

// lease keeps a message hidden while its job runs.
type lease struct {
	settler  queue.Settler
	message  queue.Message
	length   time.Duration
	received time.Time
	lose     func(cause error) // ends the job
	logger   *slog.Logger
	calls    context.Context // of extensions
	stop     context.CancelFunc

	turn  chan struct{} // holds one token: whoever has it may speak of the message
	timer *time.Timer
	until time.Time // the message is hidden until then, as far as is known
	ended bool
	lost  error // ErrLeaseLost or ErrHeldTooLong, when the message is no longer, or hardly, this worker's
}

// newLease begins to extend the lease of a message that was received just now.
func newLease(w *Watcher, m queue.Message, received time.Time, lose func(error)) *lease {
	l := &lease{
		settler: w.cfg.Receiver, message: m, length: w.cfg.Lease, received: received, lose: lose, logger: w.cfg.Logger,
		turn: make(chan struct{}, 1), until: received.Add(w.cfg.Lease),
	}
	l.calls, l.stop = context.WithCancel(context.Background())
	l.timer = time.AfterFunc(l.next(received), l.beat)
	l.turn <- struct{}{} // not before: the first beat sets the timer again
	return l
}

// next is how long to wait for the next extension: two thirds of what is left, or until the job has to end.
func (l *lease) next(now time.Time) time.Duration {
	if last := l.last(); !l.until.Before(last) {
		return last.Sub(now)
	}
	return l.until.Sub(now) * 2 / 3
}

// last is when the job has to end at the latest.
func (l *lease) last() time.Time {
	return l.received.Add(queue.MaxVisibility - min(heldMargin, l.length/3))
}

// beat extends the lease.
func (l *lease) beat() {
	<-l.turn
	defer func() { l.turn <- struct{}{} }()
	now := time.Now()
	switch {
	case l.ended:
		return
	case !now.Before(l.last()):
		l.lost = ErrHeldTooLong
		l.lose(l.lost)
		return
	}
	err := l.extend(now)
	switch now := time.Now(); {
	case l.calls.Err() != nil: // the job is done
	case err == nil:
		l.timer.Reset(l.next(now))
	case errors.Is(err, queue.ErrNotInFlight), !now.Before(l.until):
		l.logger.Error("the lease of a message was lost", "message", l.message.ID, "error", err.Error())
		l.lost = fmt.Errorf("%w: %w", ErrLeaseLost, err)
		l.lose(l.lost)
	default:
		l.logger.Warn("the lease of a message could not be extended: tried again", "message", l.message.ID, "error", err.Error())
		left := l.until.Sub(now)
		l.timer.Reset(min(extendAgain, max(left/2, leastAgain), left))
	}
}

// extend hides the message for another lease, at most as long as SQS allows. The call ends early enough for others before the lease does.
func (l *lease) extend(now time.Time) error {
	left := l.received.Add(queue.MaxVisibility).Sub(now).Truncate(time.Second)
	length := min(l.length, left)
	ctx, cancel := context.WithTimeout(l.calls, min(l.until.Sub(now)/triesLeft, tryTime))
	defer cancel()
	if err := l.settler.ChangeVisibility(ctx, l.message, length); err != nil {
		return err
	}
	l.until = now.Add(length)
	return nil
}

// done gives up an extension that is under way, and does not wait for its end: none brings a message back that is deleted.
func (l *lease) done() {
	l.stop()
	l.timer.Stop()
}

// end returns when no extension is under way, and none will be. The error is ErrLeaseLost or ErrHeldTooLong when the message is not to be
// spoken of as if it were still held.
func (l *lease) end() error {
	<-l.turn
	defer func() { l.turn <- struct{}{} }()
	l.ended = true
	l.timer.Stop()
	l.stop()
	return l.lost
}
