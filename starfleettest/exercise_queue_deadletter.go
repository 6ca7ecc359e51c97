package starfleettest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// queueDeadLetterCases are about messages that fail.
var queueDeadLetterCases = []queueCase{
	{name: "redrive after the last receive", options: QueueOptions{MaxReceives: 2}, run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if limit, err := q.Receiver.MaxReceives(q.ctx, m); err != nil || limit != 2 {
			return fmt.Errorf("at most %d receives, error %v, want 2", limit, err)
		}
		for range 2 {
			if err := q.Receiver.ChangeVisibility(q.ctx, m, 0); err != nil {
				return err
			}
			if m.ReceiveCount == 2 {
				break
			}
			if m, err = q.one(); err != nil {
				return err
			}
		}
		if err := q.none(); err != nil {
			return err
		}
		dead, err := receiveFrom(q.ctx, q.DeadLetters, 1, q.Poll)
		if err != nil {
			return fmt.Errorf("dead-letter queue: %w", err)
		}
		if dead[0].Body != "x" {
			return fmt.Errorf("dead letter %+v", dead[0])
		}
		return nil
	}},
	{name: "no redrive policy", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if limit, err := q.Receiver.MaxReceives(q.ctx, m); err != nil || limit != 0 {
			return fmt.Errorf("at most %d receives, error %v, want 0", limit, err)
		}
		if err := q.Receiver.DeadLetter(q.ctx, m, queue.Cause{Class: "c", Message: "m"}); !errors.Is(err, queue.ErrNoDeadLetterQueue) {
			return fmt.Errorf("the error is %v, want ErrNoDeadLetterQueue", err)
		}
		return nil
	}},
	{name: "dead letter with its cause", options: QueueOptions{MaxReceives: 5}, run: func(q *queueTrial) error {
		o := outgoing("x")
		o[0].Attributes = []queue.Attribute{{Name: "starfleet-run-id", Value: "r"}}
		if err := q.send(o...); err != nil {
			return err
		}
		m, err := q.one()
		if err != nil {
			return err
		}
		cause := queue.Cause{Class: "ship.Error", Message: "bell \a " + strings.Repeat("ä", 2000)}
		if err := q.Receiver.DeadLetter(q.ctx, m, cause); err != nil {
			return err
		}
		dead, err := receiveFrom(q.ctx, q.DeadLetters, 1, q.Poll)
		if err != nil {
			return fmt.Errorf("dead-letter queue: %w", err)
		}
		got := dead[0].Attributes
		switch {
		case dead[0].Body != "x" || len(got) != 5 || got["starfleet-run-id"] != "r":
			return fmt.Errorf("dead letter %+v", dead[0])
		case got[queue.AttributeErrorClass] != "ship.Error" || got[queue.AttributeSourceMessageID] != m.ID:
			return fmt.Errorf("the cause is %q", got)
		case got[queue.AttributeSourceARN] == "" || got[queue.AttributeSourceARN] != m.SourceARN:
			return fmt.Errorf("source ARN %q of a message of %q", got[queue.AttributeSourceARN], m.SourceARN)
		case !strings.HasPrefix(got[queue.AttributeErrorMessage], "bell \ufffd ä") || len(got[queue.AttributeErrorMessage]) > 1024:
			return fmt.Errorf("error message %q", got[queue.AttributeErrorMessage])
		}
		return q.Receiver.ChangeVisibility(q.ctx, m, 0) // the message itself is still there
	}},
}

// fifo makes a batch for FIFO queues of "GROUP:BODY".
func fifo(messages ...string) []queue.Outgoing {
	batch := outgoing(messages...)
	for i := range batch {
		batch[i].GroupID, _, _ = strings.Cut(messages[i], ":")
		batch[i].DeduplicationID = strings.ReplaceAll(messages[i], ":", "-")
	}
	return batch
}

// inOrder receives the messages one by one, in this order, deleting each.
func (q *queueTrial) inOrder(want ...string) error {
	for _, body := range want {
		m, err := q.one()
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", body, err)
		}
		if m.Body != body {
			return fmt.Errorf("received %s, want %s", m.Body, body)
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
	}
	return q.none()
}

// queueFIFOCases are about FIFO queues.
var queueFIFOCases = []queueCase{
	{name: "fifo limits", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		l, err := q.Sender.Limits(q.ctx)
		if err != nil || !l.FIFO {
			return fmt.Errorf("limits %+v, error %v, want a FIFO queue", l, err)
		}
		return nil
	}},
	{name: "fifo order", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1", "a:2", "a:3")...); err != nil {
			return err
		}
		if err := q.send(fifo("a:4", "a:5")...); err != nil {
			return err
		}
		return q.inOrder("a:1", "a:2", "a:3", "a:4", "a:5")
	}},
	{name: "fifo order within a receive", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1", "a:2", "a:3")...); err != nil {
			return err
		}
		messages, err := q.Receiver.Receive(q.ctx, queue.ReceiveOptions{Max: 10, Wait: q.Poll})
		if err != nil || len(messages) == 0 {
			return fmt.Errorf("received %d messages, error %v", len(messages), err)
		}
		for i, m := range messages {
			if want := fmt.Sprintf("a:%d", i+1); m.Body != want || m.GroupID != "a" {
				return fmt.Errorf("message %d is %s of group %s, want %s", i, m.Body, m.GroupID, want)
			}
		}
		return nil
	}},
	{name: "fifo group is locked while in flight", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1", "a:2", "b:1")...); err != nil {
			return err
		}
		first, err := q.one()
		if err != nil {
			return err
		}
		second, err := q.one()
		if err != nil {
			return err
		}
		if first.Body != "a:1" || second.Body != "b:1" {
			return fmt.Errorf("received %s and %s, want the first of each group", first.Body, second.Body)
		}
		if err := q.none(); err != nil {
			return err
		}
		if err := q.Receiver.Delete(q.ctx, first); err != nil {
			return err
		}
		return q.inOrder("a:2")
	}},
	{name: "fifo order after a failure", options: QueueOptions{FIFO: true, Visibility: 2 * time.Second}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1", "a:2")...); err != nil {
			return err
		}
		m, err := q.one()
		if err != nil {
			return err
		}
		if err := q.Receiver.ChangeVisibility(q.ctx, m, 0); err != nil {
			return err
		}
		if m, err = q.one(); err != nil || m.Body != "a:1" {
			return fmt.Errorf("received %s, error %v, want a:1 again", m.Body, err)
		}
		q.Advance(2200 * time.Millisecond)
		return q.inOrder("a:1", "a:2")
	}},
	{name: "fifo duplicate", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1", "a:2")...); err != nil {
			return err
		}
		if err := q.send(fifo("a:2", "a:3")...); err != nil {
			return err
		}
		if err := q.inOrder("a:1", "a:2", "a:3"); err != nil {
			return err
		}
		if err := q.send(fifo("a:1")...); err != nil { // deleted, and still a duplicate
			return err
		}
		return q.none()
	}},
	{name: "fifo without a group", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		return q.entryRefusedAmong(fifoGood(), queue.Outgoing{ID: "bad", Body: []byte("x"), DeduplicationID: "d"})
	}},
	{name: "fifo without a deduplication id", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		return q.entryRefusedAmong(fifoGood(), queue.Outgoing{ID: "bad", Body: []byte("x"), GroupID: "g"})
	}},
	{name: "fifo with a delay", options: QueueOptions{FIFO: true}, run: func(q *queueTrial) error {
		return q.entryRefusedAmong(fifoGood(), queue.Outgoing{ID: "bad", Body: []byte("x"), GroupID: "g", DeduplicationID: "d", Delay: time.Second})
	}},
	{name: "fifo dead letter keeps its group", options: QueueOptions{FIFO: true, MaxReceives: 5}, run: func(q *queueTrial) error {
		if err := q.send(fifo("a:1")...); err != nil {
			return err
		}
		m, err := q.one()
		if err != nil {
			return err
		}
		for range 2 { // the second is a duplicate
			if err := q.Receiver.DeadLetter(q.ctx, m, queue.Cause{Class: "c", Message: "m"}); err != nil {
				return err
			}
		}
		dead, err := receiveFrom(q.ctx, q.DeadLetters, 1, q.Poll)
		if err != nil {
			return fmt.Errorf("dead-letter queue: %w", err)
		}
		if dead[0].GroupID != "a" || dead[0].Body != "a:1" {
			return fmt.Errorf("dead letter %+v", dead[0])
		}
		return noneFrom(q.ctx, q.DeadLetters)
	}},
}

// fifoGood are two messages of groups of their own.
func fifoGood() []queue.Outgoing {
	good := outgoing("before", "after")
	for i := range good {
		good[i].GroupID, good[i].DeduplicationID = good[i].ID, good[i].ID
	}
	return good
}
