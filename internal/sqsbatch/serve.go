package sqsbatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

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
}

// Serve handles the messages of an SQS event in turn and returns the partial batch response: each message that is not done
// is reported as failed, and no failure is any other message's, but for those that follow a failed one in its FIFO group.
// The error is for the event as a whole.
func Serve(ctx context.Context, payload []byte, handle func(context.Context, queue.Message) error, o Options) ([]byte, error) {
	messages, err := Parse(payload)
	if err != nil {
		return nil, err
	}
	deadline, limited := ctx.Deadline()
	deadline = deadline.Add(-o.DeadlineBuffer)
	var failed []string
	blocked := map[string]bool{}
	for _, m := range messages {
		done := false
		switch {
		case isFIFO(m) && blocked[m.GroupID]:
			o.Logger.WarnContext(ctx, "message given back: an earlier one of its FIFO group failed", "message", m.ID, "group", m.GroupID)
		case limited && !time.Now().Before(deadline), ctx.Err() != nil:
			o.Logger.WarnContext(ctx, "message given back: no time is left to begin it", "message", m.ID)
		default:
			done = serveOne(ctx, m, handle, o)
		}
		if !done {
			failed = append(failed, m.ID)
			blocked[m.GroupID] = true
		}
	}
	return response(failed)
}

func serveOne(ctx context.Context, m queue.Message, handle func(context.Context, queue.Message) error, o Options) bool {
	err := handle(ctx, m)
	if o.Settler == nil {
		return queue.DispositionOf(err).Action == queue.Acknowledge
	}
	done, outcome := queue.Settle(ctx, o.Settler, m, err, queue.SettleOptions{Logger: o.Logger})
	if outcome.Err != nil && !errors.Is(outcome.Err, context.Canceled) {
		o.Logger.ErrorContext(ctx, "message could not be settled: it stays on its queue", "message", m.ID, "error", outcome.Err)
	}
	return done
}
