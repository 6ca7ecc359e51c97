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
	// extendAgain is the pause after an extension that failed.
	extendAgain = 5 * time.Second
)

// lease keeps a message hidden while its job runs.
type lease struct {
	settler  queue.Settler
	message  queue.Message
	length   time.Duration
	received time.Time
	lose     func(cause error) // ends the job
	logger   *slog.Logger

	turn  chan struct{} // holds one token: whoever has it may speak of the message
	timer *time.Timer
	until time.Time // the message is hidden until then, as far as is known
	ended bool
}

// newLease begins to extend the lease of a message that was received just now.
func newLease(w *Watcher, m queue.Message, received time.Time, lose func(error)) *lease {
	l := &lease{
		settler: w.cfg.Receiver, message: m, length: w.cfg.Lease, received: received, lose: lose, logger: w.cfg.Logger,
		turn: make(chan struct{}, 1), until: received.Add(w.cfg.Lease),
	}
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
		l.lose(ErrHeldTooLong)
		return
	}
	err := l.extend(now)
	switch now := time.Now(); {
	case err == nil:
		l.timer.Reset(l.next(now))
	case errors.Is(err, queue.ErrNotInFlight), !now.Before(l.until):
		l.logger.Error("the lease of a message was lost", "message", l.message.ID, "error", err.Error())
		l.lose(fmt.Errorf("%w: %w", ErrLeaseLost, err))
	default:
		l.logger.Warn("the lease of a message could not be extended: tried again", "message", l.message.ID, "error", err.Error())
		l.timer.Reset(min(extendAgain, l.until.Sub(now)))
	}
}

// extend hides the message for another lease, at most as long as SQS allows. The call ends before the lease does.
func (l *lease) extend(now time.Time) error {
	left := l.received.Add(queue.MaxVisibility).Sub(now).Truncate(time.Second)
	length := min(l.length, left)
	ctx, cancel := context.WithDeadline(context.Background(), l.until)
	defer cancel()
	if err := l.settler.ChangeVisibility(ctx, l.message, length); err != nil {
		return err
	}
	l.until = now.Add(length)
	return nil
}

// end returns when no extension is under way, and none will be.
func (l *lease) end() {
	<-l.turn
	l.ended = true
	l.timer.Stop()
	l.turn <- struct{}{}
}
