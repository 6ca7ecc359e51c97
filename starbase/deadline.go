package starbase

import (
	"context"
	"time"
)

const (
	// sendingEnds is how long before the end of an invocation no further task is sent: what is in flight has to return, and the rest is handed over.
	sendingEnds = 20 * time.Second
	// sendingShare is the part of an invocation's time that is kept for that where it is short: a third.
	sendingShare = 3
	// longestGrace is how long calls in flight may take to return then, at most.
	longestGrace = 5 * time.Second
)

// sendUntil is when sending ends, zero when nothing would go on with what is left, and how long calls in flight then have.
func (s *Starbase) sendUntil(ctx context.Context) (until time.Time, grace time.Duration) {
	end, limited := ctx.Deadline()
	if !limited || !s.continues() {
		return time.Time{}, 0
	}
	margin := min(max(sendingEnds-s.cfg.DeadlineBuffer, time.Second), time.Until(end)/sendingShare)
	return end.Add(-margin), max(min(longestGrace, margin/sendingShare), time.Millisecond)
}
