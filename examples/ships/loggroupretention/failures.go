package loggroupretention

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// maxFailures is after how many failed log groups the rest of a region is left to the next attempt: by then the fault is more likely
// the role's or the service's than the groups'.
const maxFailures = 10

// failures gathers the errors of single log groups, so that one of them does not keep the others from being treated.
type failures struct {
	errs []error
}

// add takes the error of one log group, or nil. It returns an error when the rest is not worth trying now: the service
// throttles, the time is up, or too many groups failed.
func (f *failures) add(err error) error {
	switch {
	case err == nil:
		return nil
	case throttled(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return f.stop(err)
	}
	f.errs = append(f.errs, err)
	if len(f.errs) == maxFailures {
		return fmt.Errorf("gave up after %d log groups failed: %w", maxFailures, f.err())
	}
	return nil
}

// stop is the error of a task that ends early, which comes before those of the groups.
func (f *failures) stop(err error) error {
	return errors.Join(append([]error{err}, f.errs...)...)
}

// err is all errors of groups, nil when there are none.
func (f *failures) err() error { return errors.Join(f.errs...) }

// throttled says whether AWS asked to slow down.
func throttled(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}
