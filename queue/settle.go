package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// SettleOptions are what Settle needs besides the message.
type SettleOptions struct {
	// Logger gets a line for each message that is not acknowledged. nil discards them.
	Logger *slog.Logger
	// Random is in [0,1), for the jitter of retries. nil means math/rand/v2.
	Random func() float64
	// Now is the clock by which the age of a message is told. nil means time.Now.
	Now func() time.Time
	// Backoff is how long a retry waits whose error asks for no time of its own, by the number of deliveries so far. nil means Backoff
	// with Random.
	Backoff func(receives int) time.Duration
	// Received is when the message was received: a wait then ends within the 12 hours that SQS counts from there. Zero: just now.
	Received time.Time
}

// SettleOutcome says what became of the message.
type SettleOutcome struct {
	// Action is what was done, or tried: a message whose dead-lettering failed has the action DeadLetter and an Err.
	Action Action
	// After is how long the message was hidden; for the action Retry only.
	After time.Duration
	// Resent says that the message was sent again as a new one, because of Disposition.Keep; it is done then.
	Resent bool
	// Cause is the error that ended the message, the zero value when it was acknowledged.
	Cause Cause
	// Err is what failed while settling: the message stays on its queue and comes back when its visibility timeout ends.
	Err error
}

// Settle ends message m after its handler returned err. done says that the message is through and is to be deleted (on Lambda:
// not to be reported as failed); Settle itself deletes nothing.
//
// What err means is told by DispositionOf. A retry hides the message for the time that the error asks for, or for Backoff. An
// error that dead-letters, and any error at the last delivery that the redrive policy allows, sends the message to the
// dead-letter queue with its cause; when that fails the message stays. Without a dead-letter queue a message is never done by
// dead-lettering: it is retried, and each time an error is logged.
//
// A retry with Disposition.Keep never dead-letters: when half of the deliveries are used up, so that the other half is left for when the
// message can be handled, and when the message is more than a day old, which is well before a queue forgets it, a copy of it is sent to its
// queue, and the message is done. The copy is another message, with another
// id; it names the first one by AttributeSourceMessageID. Should the copy be sent and the deletion fail, both are there.
//
// ctx must be alive when the handler's own has ended: pass one with a few seconds of its own.
func Settle(ctx context.Context, s Settler, m Message, err error, o SettleOptions) (done bool, outcome SettleOutcome) {
	if err == nil {
		return true, SettleOutcome{Action: Acknowledge}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := DispositionOf(err)
	if d.Action == Acknowledge {
		return true, SettleOutcome{Action: Acknowledge}
	}
	e := ending{
		settler: s, message: m, options: o, disposition: d,
		cause: Cause{Class: d.Class, Message: causeText(err.Error(), maxCauseMessage)},
		log: o.Logger.With("message", m.ID, "receive_count", m.ReceiveCount, "error_class", d.Class,
			"error", causeText(err.Error(), maxCauseMessage)),
	}
	return e.settle(ctx)
}

// ending is one message on its way out.
type ending struct {
	settler     Settler
	message     Message
	options     SettleOptions
	disposition Disposition
	cause       Cause
	log         *slog.Logger
}

func (e *ending) settle(ctx context.Context) (bool, SettleOutcome) {
	limit, err := e.settler.MaxReceives(ctx, e.message)
	if err != nil {
		err = fmt.Errorf("read the redrive policy of message %s: %w", e.message.ID, err)
		e.log.ErrorContext(ctx, "the redrive policy could not be read", "cause", err.Error())
	}
	last := limit > 0 && e.message.ReceiveCount >= limit
	switch {
	case e.disposition.Action == Retry && e.disposition.Keep:
		if err != nil || limit > 0 && e.message.ReceiveCount >= (limit+1)/2 || e.old() {
			return e.resend(ctx)
		}
		return false, e.retry(ctx, nil)
	case e.disposition.Action != DeadLetter && !last:
		return false, e.retry(ctx, err)
	case err == nil && limit == 0:
		return false, e.withoutDeadLetters(ctx)
	}
	return e.deadLetter(ctx)
}

// keepFresh is the age at which a message that is kept is sent anew: queues forget messages by their age, after 4 days where nothing else is
// set, and hiding a message does not make it younger.
const keepFresh = 24 * time.Hour

func (e *ending) old() bool {
	sent := e.message.SentAt
	return !sent.IsZero() && e.options.Now().Sub(sent) > keepFresh
}

// resend sends a copy of the message in its place. When that fails the message is hidden: it may be that its queue moves it to the dead
// letters then, but it is not lost.
func (e *ending) resend(ctx context.Context) (bool, SettleOutcome) {
	after := e.after()
	if err := e.settler.Resend(ctx, e.message, min(after, MaxDelay)); err != nil {
		return false, e.retry(ctx, fmt.Errorf("send message %s anew: %w", e.message.ID, err))
	}
	e.log.WarnContext(ctx, "message sent anew, to be tried again later", "after", min(after, MaxDelay))
	return true, SettleOutcome{Action: Retry, After: min(after, MaxDelay), Resent: true, Cause: e.cause}
}

func (e *ending) deadLetter(ctx context.Context) (bool, SettleOutcome) {
	err := e.settler.DeadLetter(ctx, e.message, e.cause)
	if errors.Is(err, ErrNoDeadLetterQueue) {
		return false, e.withoutDeadLetters(ctx)
	}
	outcome := SettleOutcome{Action: DeadLetter, Cause: e.cause}
	if err != nil {
		outcome.Err = fmt.Errorf("dead-letter message %s: %w", e.message.ID, err)
		e.log.ErrorContext(ctx, "the message could not be dead-lettered and stays on its queue", "cause", err.Error())
		return false, outcome
	}
	e.log.ErrorContext(ctx, "message dead-lettered")
	return true, outcome
}

func (e *ending) withoutDeadLetters(ctx context.Context) SettleOutcome {
	e.log.ErrorContext(ctx, "the message should be dead-lettered, but its queue has no dead-letter queue: it is retried")
	e.disposition.After = 0
	return e.retry(ctx, nil)
}

// after is how long the message is to wait.
func (e *ending) after() time.Duration {
	after := e.disposition.After
	switch {
	case after > 0:
	case e.options.Backoff != nil:
		after = e.options.Backoff(e.message.ReceiveCount)
	default:
		after = Backoff(e.message.ReceiveCount, e.options.Random())
	}
	left := MaxVisibility
	if !e.options.Received.IsZero() {
		left -= max(e.options.Now().Sub(e.options.Received), 0)
	}
	return max(min(after.Round(time.Second), left.Truncate(time.Second)), time.Second) // SQS knows whole seconds
}

// retry hides the message. earlier is what failed before.
func (e *ending) retry(ctx context.Context, earlier error) SettleOutcome {
	after := e.after()
	outcome := SettleOutcome{Action: Retry, After: after, Cause: e.cause, Err: earlier}
	if err := e.settler.ChangeVisibility(ctx, e.message, after); err != nil {
		outcome.After = 0
		outcome.Err = errors.Join(earlier, fmt.Errorf("hide message %s for %v: %w", e.message.ID, after, err))
		e.log.ErrorContext(ctx, "the message could not be hidden and comes back when its visibility timeout ends", "cause", err.Error())
		return outcome
	}
	e.log.WarnContext(ctx, "message will be retried", "after", after)
	return outcome
}
