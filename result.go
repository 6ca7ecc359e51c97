package starfleet

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/dryrun"
	"github.com/starfleet-go/starfleet/queue"
)

// Outcome is what one attempt of a task came to.
type Outcome string

// The outcomes.
const (
	OutcomeChanged   Outcome = "changed"   // done, with changes recorded (made with commit, wanted without)
	OutcomeOK        Outcome = "ok"        // done, nothing to change
	OutcomeSkipped   Outcome = "skipped"   // Skip, by the ship or because a newer index no longer selects the target
	OutcomeRefused   Outcome = "refused"   // a guard refused it, or a write in a dry run
	OutcomeHalted    Outcome = "halted"    // people hold it up for a while; see HaltedError
	OutcomeBusy      Outcome = "busy"      // another delivery of the task is at work on it; see BusyError
	OutcomeDenied    Outcome = "denied"    // the account did not let the ship's role in
	OutcomeThrottled Outcome = "throttled" // AWS asked to slow down
	OutcomeTimedOut  Outcome = "timed-out" // the deadline came first
	OutcomeFailed    Outcome = "failed"    // any other error
)

// Result is one attempt of a task, as it is logged and given to [WithObserver].
type Result struct {
	Ship, Template    string
	RunID, TaskID     string
	MessageID         string
	AccountID, Region string
	Commit            bool
	Attempt           int
	Outcome           Outcome
	Changes           []Change
	Alerts            []Alert
	Err               error // what Execute or a guard returned
	Elapsed           time.Duration
}

// attrs name the task in the log; there is room for others.
func (r *Result) attrs(room int) []slog.Attr {
	return taskAttrs(room, "ship", r.Ship, "template", r.Template, "account", r.AccountID, "region", r.Region, "run", r.RunID, "task", r.TaskID, "message", r.MessageID)
}

func outcomeOf(err error, changes int) Outcome {
	var (
		refused *RefusedError
		dryRun  *dryrun.Error
		halted  *HaltedError
		busy    *BusyError
		denied  *assume.DeniedError
		api     smithy.APIError
	)
	switch {
	case err == nil && changes > 0:
		return OutcomeChanged
	case err == nil:
		return OutcomeOK
	case queue.DispositionOf(err).Action == queue.Acknowledge:
		return OutcomeSkipped
	case errors.As(err, &refused), errors.As(err, &dryRun):
		return OutcomeRefused
	case errors.As(err, &halted):
		return OutcomeHalted
	case errors.As(err, &busy):
		return OutcomeBusy
	case errors.As(err, &denied):
		return OutcomeDenied
	case errors.As(err, &api) && isThrottle(api.ErrorCode()):
		return OutcomeThrottled
	case errors.Is(err, context.DeadlineExceeded):
		return OutcomeTimedOut
	default:
		return OutcomeFailed
	}
}

// isThrottle uses the SDK's own table of throttling codes.
func isThrottle(code string) bool {
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok
}
