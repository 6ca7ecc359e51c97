package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// GiveBack ends a delivery of which nothing came that is the message's own fault, such as the end of the process: the message is visible to
// others at once. done says that it is to be deleted.
//
// Each delivery counts. At the last one that the redrive policy allows, or where the policy cannot be read, a copy of the message is sent in
// its place, as for Disposition.Keep, so that nothing is dead-lettered for having been given back; done is true then. When the copy cannot be
// sent, the message itself is made visible, and the error says that this was its last delivery. On a FIFO queue, where a copy would lose its
// place, the queue's own count decides: fifo says that it is one, where the message itself does not name it by its ARN.
func GiveBack(ctx context.Context, s Settler, m Message, fifo bool) (done bool, err error) {
	var copied error
	if !fifo && !strings.HasSuffix(m.SourceARN, ".fifo") {
		limit, err := s.MaxReceives(ctx, m)
		if err != nil || limit > 0 && m.ReceiveCount >= limit {
			resent := s.Resend(ctx, m, 0)
			if resent == nil {
				return true, nil
			}
			copied = fmt.Errorf("send message %s anew, which may have been delivered for the last time: %w", m.ID, errors.Join(err, resent))
		}
	}
	if err := s.ChangeVisibility(ctx, m, 0); err != nil {
		return false, errors.Join(copied, fmt.Errorf("give message %s back: %w", m.ID, err))
	}
	return false, copied
}
