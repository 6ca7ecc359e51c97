package slackalert

import (
	"context"
	"sync"
	"time"
)

// interval is the time between two messages in a channel: Slack takes one a second (https://docs.slack.dev/apis/web-api/rate-limits).
const interval = time.Second

// turns are the times at which the next message may go to each channel.
type turns struct {
	mu   sync.Mutex
	next map[string]time.Time
}

func newTurns() *turns { return &turns{next: map[string]time.Time{}} }

// wait waits for a turn. When the turn comes after ctx's deadline it fails at once, and the turn is another one's.
func (t *turns) wait(ctx context.Context, channel string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t.mu.Lock()
	now := time.Now()
	turn := t.next[channel]
	if turn.Before(now) {
		turn = now
	}
	if deadline, ok := ctx.Deadline(); ok && !turn.Before(deadline) {
		t.mu.Unlock()
		return context.DeadlineExceeded
	}
	t.next[channel] = turn.Add(interval)
	t.mu.Unlock()
	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hold puts off the next turn in a channel.
func (t *turns) hold(channel string, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if later := time.Now().Add(d); later.After(t.next[channel]) {
		t.next[channel] = later
	}
}
