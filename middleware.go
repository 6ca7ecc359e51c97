package starfleet

import (
	"context"
	"slices"
)

// ExecuteFunc is [Ship.Execute] with the payload's type erased: what middleware wraps. Payload holds the ship's payload type.
type ExecuteFunc func(ctx context.Context, inv *Invocation[any]) error

// Middleware wraps the execution of every task. It runs after the guards and before the ship; what it returns steers as
// the ship's own error does. The first in the list is the outermost. A middleware may refuse a task or end it early; it must not
// set Commit, AccountID or Region: the handler fails a task whose target or commit was changed.
type Middleware func(next ExecuteFunc) ExecuteFunc

func chain(middleware []Middleware, execute ExecuteFunc) ExecuteFunc {
	for _, m := range slices.Backward(middleware) {
		execute = m(execute)
	}
	return execute
}
