package alert

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/starfleet-go/starfleet/idempotency"
)

// DefaultWindow is how long a message with a key is not sent again: 1 hour.
const DefaultWindow = time.Hour

const (
	// sendLease is how long one process may take to send a message before another one may.
	sendLease = time.Minute
	// settleTime is how long a store may take to be told how it went, when the time for sending has run out.
	settleTime = time.Second
)

// Delivery hands messages to an Alerter, and never fails.
type Delivery struct {
	// Alerter gets the messages. nil sends nothing.
	Alerter Alerter
	// Once, where it is set, keeps a message whose key was sent within Window from being sent again, by this process or another.
	Once idempotency.Store
	// Window is that time. Default: DefaultWindow.
	Window time.Duration
	// Logger is told of each message that was not sent. Default: none.
	Logger *slog.Logger
}

// Send sends the messages in turn, until ctx ends. What fails is logged; a panic of the Alerter, too, is nothing more.
func (d Delivery) Send(ctx context.Context, messages []Message) {
	if d.Alerter == nil {
		return
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Window <= 0 {
		d.Window = DefaultWindow
	}
	for _, m := range messages {
		if err := d.sendOnce(ctx, m); err != nil {
			d.Logger.ErrorContext(ctx, "alert not sent", "title", m.Title, "priority", m.Priority.String(), "run", m.RunID,
				"class", m.Class, "count", m.Count, "error", err.Error())
		}
	}
}

func (d Delivery) sendOnce(ctx context.Context, m Message) error {
	if d.Once == nil || m.Key == "" {
		return d.send(ctx, m)
	}
	claim, err := d.Once.Begin(ctx, m.Key, sendLease)
	if err != nil { // better twice than never
		d.Logger.WarnContext(ctx, "alert sent without knowing whether it was sent before", "title", m.Title, "error", err.Error())
		return d.send(ctx, m)
	}
	if claim.State != idempotency.Acquired {
		return nil
	}
	failure := d.send(ctx, m)
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if failure != nil {
		err = d.Once.Release(settling, claim)
	} else {
		err = d.Once.Done(settling, claim, d.Window)
	}
	if err != nil {
		d.Logger.WarnContext(ctx, "the store was not told of an alert", "title", m.Title, "error", err.Error())
	}
	return failure
}

func (d Delivery) send(ctx context.Context, m Message) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the alerter panicked: %v", value)
		}
	}()
	if ctx.Err() != nil {
		return fmt.Errorf("no time is left: %w", context.Cause(ctx))
	}
	return d.Alerter.Alert(ctx, m)
}
