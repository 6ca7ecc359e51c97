package starfleettest

import (
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// queueResendCases are about messages that are sent again as new ones.
var queueResendCases = []queueCase{
	{name: "resend is a new message of the same content", options: QueueOptions{MaxReceives: 5}, run: func(q *queueTrial) error {
		o := outgoing("x")
		o[0].Attributes = []queue.Attribute{{Name: "starfleet-run-id", Value: "r"}}
		if err := q.send(o...); err != nil {
			return err
		}
		first, err := q.one()
		if err != nil {
			return err
		}
		m := first
		for range 3 { // copies of copies, too
			if err := q.Receiver.Resend(q.ctx, m, 0); err != nil {
				return err
			}
			if err := q.Receiver.Delete(q.ctx, m); err != nil {
				return err
			}
			if m, err = q.one(); err != nil {
				return err
			}
			switch {
			case m.ID == first.ID || m.ReceiveCount != 1:
				return fmt.Errorf("the copy has id %s and %d receives, want a new message", m.ID, m.ReceiveCount)
			case m.Body != "x" || len(m.Attributes) != 2 || m.Attributes["starfleet-run-id"] != "r":
				return fmt.Errorf("the copy is %+v", m)
			case m.Attributes[queue.AttributeSourceMessageID] != first.ID:
				return fmt.Errorf("the copy names message %q, want the first, %q", m.Attributes[queue.AttributeSourceMessageID], first.ID)
			}
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		return q.none()
	}},
	{name: "resend with a delay", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.Resend(q.ctx, m, 2*time.Second); err != nil {
			return err
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		if err := q.none(); err != nil {
			return err
		}
		q.Advance(2200 * time.Millisecond)
		return q.inOrder("x")
	}},
	{name: "fifo resend stays in its group", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1", "a:2")...); err != nil {
			return err
		}
		m, err := q.one()
		if err != nil {
			return err
		}
		for range 2 { // the second is a duplicate
			if err := q.Receiver.Resend(q.ctx, m, time.Minute); err != nil {
				return err
			}
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		return q.inOrder("a:2", "a:1")
	}},
}
