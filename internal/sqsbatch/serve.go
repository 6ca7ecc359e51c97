package sqsbatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/internal/panicked"
	"github.com/starfleet-go/starfleet/queue"
)

// Options of Serve.
type Options struct {
	// Settler hides and dead-letters messages; nil: failures are only reported, and the queue's own redrive policy decides.
	Settler queue.Settler
	// Logger is required.
	Logger *slog.Logger
	// DeadlineBuffer is how long before ctx's deadline no further message is begun. That a message which was begun ends in time
	// is the handler's to see to: it knows what to call the task whose time ran out.
	DeadlineBuffer time.Duration
	// Concurrency is how many messages are handled at once. Less than 1 means 1.
	Concurrency int
	// Settled, where it is set, is told of each message that was handled, after it was settled, with the action that was taken: that of the
	// error alone when there is no Settler. It may be called from several goroutines at once.
	Settled func(m queue.Message, err error, action queue.Action)
}

// Serve handles the messages of an SQS event and returns the partial batch response: each message that is not done is reported as failed, in
// the order of the records, and no failure is any other message's, but for those that follow a failed one in its FIFO group. Messages begin in
// the order of the records; one of a FIFO group does not begin before the one before it in the group is done. A panic is the failure
// of its message alone. The error is for the event as a whole.
func Serve(ctx context.Context, payload []byte, handle func(context.Context, queue.Message) error, o Options) ([]byte, error) {
	messages, err := Parse(payload)
	if err != nil {
		return nil, err
	}
	b := newBatch(messages)
	late := o.late(ctx)
	work := func(m queue.Message) bool {
		if late() {
			return o.serve(ctx, m, func(context.Context, queue.Message) error { return notBegunError{} })
		}
		return o.serve(ctx, m, handle)
	}
	skip := func(m queue.Message, blocked bool) bool {
		switch {
		case blocked:
			o.Logger.WarnContext(ctx, "message given back: an earlier one of its FIFO group failed", "message", m.ID, "group", m.GroupID)
		case ctx.Err() != nil, late() && (isFIFO(m) || o.Settler == nil):
			o.Logger.WarnContext(ctx, "message given back: no time is left to begin it", "message", m.ID)
		default:
			return false
		}
		return true
	}
	var group sync.WaitGroup
	for range min(max(o.Concurrency, 1), len(messages)) {
		group.Go(func() { b.work(work, skip) })
	}
	group.Wait()
	return response(b.failed())
}

// late says whether no further message is begun.
func (o Options) late(ctx context.Context) func() bool {
	deadline, limited := ctx.Deadline()
	deadline = deadline.Add(-o.DeadlineBuffer)
	return func() bool { return limited && !time.Now().Before(deadline) }
}

// notBegunError gives a message back that no time was left for. It is tried again at once, and however often that happens it is never
// dead-lettered for it: it was not even tried. On a FIFO queue, where a copy would lose its place, the queue's own count decides.
type notBegunError struct{}

func (notBegunError) Error() string { return "no time was left to begin the message" }

// Disposition hides the message for a moment and keeps it from its dead letters.
func (notBegunError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, After: time.Second, Keep: true, Class: "NotBegunError"}
}

// serve handles one message and settles it. It says whether the message is done.
func (o Options) serve(ctx context.Context, m queue.Message, handle func(context.Context, queue.Message) error) (done bool) {
	defer func() { // of the settler, or of who is told
		if value := recover(); value != nil {
			panicked.Log(ctx, o.Logger, m, value)
			done = false
		}
	}()
	err := panicked.Call(ctx, o.Logger, m, handle)
	action := queue.DispositionOf(err).Action
	done = action == queue.Acknowledge
	if o.Settler != nil {
		var outcome queue.SettleOutcome
		done, outcome = queue.Settle(ctx, o.Settler, m, err, queue.SettleOptions{Logger: o.Logger})
		if outcome.Err != nil && !errors.Is(outcome.Err, context.Canceled) {
			o.Logger.ErrorContext(ctx, "message could not be settled: it stays on its queue", "message", m.ID, "error", outcome.Err)
		}
		if action = outcome.Action; action == queue.DeadLetter && !done {
			action = queue.Retry // it was tried, and the message stays
		}
	}
	if o.Settled != nil {
		o.Settled(m, err, action)
	}
	return done
}
