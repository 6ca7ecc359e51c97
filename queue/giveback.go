package queue

import (
	"context"
	"fmt"
	"strings"
)

// GiveBack ends a delivery of which nothing came that is the message's own fault, such as the end of the process: the message is visible to
// others at once. done says that it is to be deleted.
//
// Each delivery counts. At the last one that the redrive policy allows, or where the policy cannot be read, a copy of the message is sent in
// its place, as for Disposition.Keep, so that nothing is dead-lettered for having been given back; done is true then. On a FIFO queue, where a
// copy would lose its place, the queue's own count decides.
func GiveBack(ctx context.Context, s Settler, m Message) (done bool, err error) {
	if !strings.HasSuffix(m.SourceARN, ".fifo") {
		limit, err := s.MaxReceives(ctx, m)
		if err != nil || limit > 0 && m.ReceiveCount >= limit {
			if err := s.Resend(ctx, m, 0); err == nil {
				return true, nil
			}
		}
	}
	if err := s.ChangeVisibility(ctx, m, 0); err != nil {
		return false, fmt.Errorf("give message %s back: %w", m.ID, err)
	}
	return false, nil
}
