// Package panicked makes the panic of a message's handler the failure of that message alone.
package panicked

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/starfleet-go/starfleet/queue"
)

// Error is a panic of a handler.
type Error struct{ Value any }

// Error is "panic: " and the value.
func (e Error) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Disposition retries the message, under the class that panics have everywhere.
func (e Error) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, Class: "PanicError"}
}

// Call calls the handler. A panic is logged with its stack, and is an Error.
func Call(ctx context.Context, logger *slog.Logger, m queue.Message, handle func(context.Context, queue.Message) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			Log(ctx, logger, m, value)
			err = Error{value}
		}
	}()
	return handle(ctx, m)
}

// Log logs what was recovered, with the stack of who calls.
func Log(ctx context.Context, logger *slog.Logger, m queue.Message, value any) {
	logger.ErrorContext(ctx, "the message made the handler panic", "message", m.ID, "panic", fmt.Sprint(value), "stack", string(debug.Stack()))
}
