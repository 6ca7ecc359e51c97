package dryrun

import (
	"fmt"

	"github.com/starfleet-go/starfleet/queue"
)

// Error is an operation that was refused because it is not known to read. No retry cures it: the ship writes without asking whether it may,
// or needs an operation that has to be allowed.
type Error struct {
	// Service is the id that the SDK has for the service, such as "CloudWatch Logs". It is empty for a client that says none.
	Service string
	// Operation is the name of the operation in the SDK, such as PutRetentionPolicy.
	Operation string
}

// Error names the operation and says what to do.
func (e *Error) Error() string {
	prefix, _, known := lookUp(e.Service)
	if !known {
		prefix = e.Service
	}
	return fmt.Sprintf("dry run: %s:%s is not among the operations that read, so it was not sent: ask for commit before it, or allow it by name if it changes nothing",
		prefix, e.Operation)
}

// Disposition dead-letters the task at once: it would end in the same way each time.
func (e *Error) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.DeadLetter, Class: "DryRunError"}
}
