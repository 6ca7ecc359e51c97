package progress

import (
	"context"
	"fmt"
)

// Reduce does what follows the last part of a job that is complete, unless it was done before: it calls send, and marks the job when
// send returned nil. What send returns it returns, and then the next call tries again. A job that is not complete, or that failed, is
// left alone.
//
// When the process dies, or the store fails, between send and the mark, the next call sends once more; and calls at the same time
// may both send. sent says that send was called and returned nil.
func Reduce(ctx context.Context, s Store, job string, send func(context.Context) error) (sent bool, err error) {
	status, err := s.Status(ctx, job)
	if err != nil {
		return false, err
	}
	if !status.Complete() || status.Failed != "" || status.ReduceSent {
		return false, nil
	}
	if err := send(ctx); err != nil {
		return false, err
	}
	if _, err := s.MarkReduced(ctx, job); err != nil {
		return true, fmt.Errorf("what follows the last part of job %q was sent, and may be sent again: %w", job, err)
	}
	return true, nil
}
