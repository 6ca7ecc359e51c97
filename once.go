package starfleet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/queue"
)

const (
	// longestTask is the lease of a task whose context has no deadline: what Lambda gives a function at most.
	longestTask = 15 * time.Minute
	// keepDone is how long a task is known to be done at least.
	keepDone = 24 * time.Hour
	// storeTime is for telling the store how a task ended, after the task's own time ran out.
	storeTime = time.Second
)

// BusyError is a duplicate of a task that another delivery is at work on. It is not dropped, since the other one may fail: its message is
// hidden until the other one's time is over, and is never dead-lettered for it.
type BusyError struct {
	// AccountID and Region are the target.
	AccountID, Region string
	// After is how much time the other delivery has left.
	After time.Duration
}

// Error names the target.
func (e *BusyError) Error() string {
	return fmt.Sprintf("another delivery of this task is at work in %s, for %s at most", place(e.AccountID, e.Region), e.After)
}

// Disposition hides the message until the other delivery's time is over.
func (e *BusyError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, After: e.After, Keep: true, Class: "BusyError"}
}

// once does the work of a task unless it was done before or is being done. Without a store it always does it.
func (h *Handler) once(ctx context.Context, m queue.Message, t *workerTask, work func() error) error {
	store := h.settings.once
	if store == nil {
		return work()
	}
	claim, err := store.Begin(ctx, h.taskKey(m, t), lease(ctx))
	if err != nil {
		return fmt.Errorf("idempotency store, for %s: %w", t.place(), err)
	}
	switch claim.State {
	case idempotency.Completed:
		return Skip("duplicate: this task was done before, in the same run")
	case idempotency.Busy:
		return &BusyError{AccountID: t.target.AccountID, Region: t.target.Region, After: max(claim.Until.Sub(h.settings.now()), time.Second)}
	}
	failure := errors.New("the task panicked")
	defer func() { h.ended(ctx, claim, t, failure) }()
	failure = work()
	return failure
}

// ended tells the store how a task ended: whatever is no success leaves it to the next attempt.
func (h *Handler) ended(ctx context.Context, claim idempotency.Claim, t *workerTask, failure error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	var err error
	if queue.DispositionOf(failure).Action == queue.Acknowledge { // no error, or a Skip
		err = h.settings.once.Done(ctx, claim, h.keep(t))
	} else {
		err = h.settings.once.Release(ctx, claim)
	}
	if err != nil { // the lease ends it: a duplicate may run once more, or the next attempt waits for that
		h.logger.WarnContext(ctx, "the idempotency store was not told how the task ended", "error", err.Error())
	}
}

// taskKey is the same for deliveries of one task in one run, and differs for all others. A task of a Python Starbase has no run: its message
// stands for it, or the first one when this is a copy of it.
func (h *Handler) taskKey(m queue.Message, t *workerTask) string {
	run := "run " + m.Attributes[AttributeRunID]
	if m.Attributes[AttributeRunID] == "" {
		run = "message " + cmp.Or(m.Attributes[queue.AttributeSourceMessageID], m.ID)
	}
	hash := sha256.New()
	for _, part := range []string{run, h.manifest.Name, t.target.AccountID, t.target.Region, fmt.Sprint(h.commit), m.Body} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return fmt.Sprintf("task-%x", hash.Sum(nil))
}

// lease is the time that is left for the task.
func lease(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return longestTask
	}
	return max(time.Until(deadline), time.Second)
}

// keep is how long a duplicate may come: until the task's time limit, after which a guard refuses it.
func (h *Handler) keep(t *workerTask) time.Duration {
	limit, err := time.Parse(time.RFC3339, t.notAfter)
	if err != nil {
		return keepDone
	}
	return max(limit.Sub(h.settings.now()), keepDone)
}
