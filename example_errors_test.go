package starfleet_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
)

// The error that Execute returns steers what becomes of the task.
func ExamplePermanent() {
	taken := errors.New("the alias is taken")
	for _, err := range []error{nil, starfleet.Skip("nothing to do here"), starfleet.RetryAfter(time.Minute, nil), starfleet.Permanent(taken), taken} {
		fmt.Printf("%-28v %v\n", err, queue.DispositionOf(err).Action)
	}
	// Output:
	// <nil>                        acknowledge
	// skipped: nothing to do here  acknowledge
	// retry after 1m0s             retry
	// the alias is taken           dead-letter
	// the alias is taken           retry
}
