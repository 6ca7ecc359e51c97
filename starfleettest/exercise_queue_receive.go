package starfleettest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// queueReceiveCases are about messages in flight.
var queueReceiveCases = []queueCase{
	{name: "empty queue", run: (*queueTrial).none},
	{name: "no more than asked for", run: func(q *queueTrial) error {
		if err := q.send(outgoing("1", "2", "3", "4", "5")...); err != nil {
			return err
		}
		messages, err := q.Receiver.Receive(q.ctx, queue.ReceiveOptions{Max: 3, Wait: q.Poll})
		if err != nil || len(messages) == 0 || len(messages) > 3 {
			return fmt.Errorf("received %d messages, error %v, want 1 to 3", len(messages), err)
		}
		_, err = q.receive(5 - len(messages))
		return err
	}},
	{name: "bad receive options", run: func(q *queueTrial) error {
		for _, o := range []queue.ReceiveOptions{{Max: 11}, {Max: -1}, {Wait: 21 * time.Second}, {Wait: -1}, {Visibility: 13 * time.Hour}, {Visibility: -1}} {
			if _, err := q.Receiver.Receive(q.ctx, o); err == nil {
				return fmt.Errorf("%+v is no error", o)
			}
		}
		return nil
	}},
	{name: "delete", options: QueueOptions{Visibility: time.Second}, run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		q.Advance(1200 * time.Millisecond)
		return q.none()
	}},
	{name: "deleted twice", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		return q.Receiver.Delete(q.ctx, m)
	}},
	{name: "visibility timeout", options: QueueOptions{Visibility: 2 * time.Second}, run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.none(); err != nil {
			return err
		}
		q.Advance(2200 * time.Millisecond)
		again, err := q.one()
		switch {
		case err != nil:
			return err
		case again.ID != m.ID || again.ReceiveCount != 2 || again.ReceiptHandle == m.ReceiptHandle:
			return fmt.Errorf("received %+v after %+v", again, m)
		case again.FirstReceived.Sub(m.FirstReceived).Abs() > time.Second:
			return fmt.Errorf("first received at %v, then at %v", m.FirstReceived, again.FirstReceived)
		}
		return nil
	}},
	{name: "visibility of one receive", run: func(q *queueTrial) error {
		if err := q.send(outgoing("x")...); err != nil {
			return err
		}
		if messages, err := q.Receiver.Receive(q.ctx, queue.ReceiveOptions{Wait: q.Poll, Visibility: time.Second}); err != nil || len(messages) != 1 {
			return fmt.Errorf("received %d messages, error %v", len(messages), err)
		}
		q.Advance(1200 * time.Millisecond)
		_, err := q.one()
		return err
	}},
	{name: "given back at once", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.ChangeVisibility(q.ctx, m, 0); err != nil {
			return err
		}
		_, err = q.one()
		return err
	}},
	{name: "hidden for longer", options: QueueOptions{Visibility: time.Second}, run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.ChangeVisibility(q.ctx, m, 3*time.Second); err != nil {
			return err
		}
		q.Advance(1500 * time.Millisecond)
		if err := q.none(); err != nil {
			return err
		}
		q.Advance(1700 * time.Millisecond)
		_, err = q.one()
		return err
	}},
	{name: "hidden for shorter", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.ChangeVisibility(q.ctx, m, time.Second); err != nil {
			return err
		}
		q.Advance(1200 * time.Millisecond)
		_, err = q.one()
		return err
	}},
	{name: "hidden for more than 12 hours", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.ChangeVisibility(q.ctx, m, 12*time.Hour+time.Second); err == nil {
			return errors.New("12 h and a second are no error")
		}
		return nil
	}},
	{name: "hidden after deletion", run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		return notInFlight(q.Receiver.ChangeVisibility(q.ctx, m, time.Minute))
	}},
	{name: "hidden after its timeout", options: QueueOptions{Visibility: time.Second}, run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		q.Advance(1200 * time.Millisecond)
		return notInFlight(q.Receiver.ChangeVisibility(q.ctx, m, time.Minute))
	}},
	{name: "deleted after its timeout", options: QueueOptions{Visibility: time.Second}, run: func(q *queueTrial) error {
		m, err := q.sendOne("x")
		if err != nil {
			return err
		}
		q.Advance(1200 * time.Millisecond)
		if err := q.Receiver.Delete(q.ctx, m); err != nil {
			return err
		}
		return q.none()
	}},
	{name: "old receipt deletes nothing", run: func(q *queueTrial) error {
		old, err := q.sendOne("x")
		if err != nil {
			return err
		}
		if err := q.Receiver.ChangeVisibility(q.ctx, old, 0); err != nil {
			return err
		}
		held, err := q.one()
		if err != nil {
			return err
		}
		_ = q.Receiver.Delete(q.ctx, old) // with or without an error
		if err := q.Receiver.ChangeVisibility(q.ctx, held, 0); err != nil {
			return fmt.Errorf("the old receipt handle deleted the message: %w", err)
		}
		_, err = q.one()
		return err
	}},
	{name: "long poll ends with a message", run: longPollWakes},
	{name: "long poll ends without one", run: func(q *queueTrial) error {
		started := time.Now()
		messages, err := q.Receiver.Receive(q.ctx, queue.ReceiveOptions{Wait: q.Poll})
		if took := time.Since(started); err != nil || len(messages) > 0 || took < q.Poll-q.Poll/10 {
			return fmt.Errorf("received %d messages, error %v, after %v", len(messages), err, took)
		}
		return nil
	}},
	{name: "long poll ends with its context", run: func(q *queueTrial) error {
		ctx, cancel := context.WithTimeout(q.ctx, q.Poll/10)
		defer cancel()
		started := time.Now()
		_, err := q.Receiver.Receive(ctx, queue.ReceiveOptions{Wait: 20 * time.Second})
		if took := time.Since(started); !errors.Is(err, context.DeadlineExceeded) || took > 10*time.Second {
			return fmt.Errorf("error %v after %v, want the context's", err, took)
		}
		return nil
	}},
	{name: "dispatch", run: dispatchAndReadBack},
}

func notInFlight(err error) error {
	if !errors.Is(err, queue.ErrNotInFlight) {
		return fmt.Errorf("the error is %v, want ErrNotInFlight", err)
	}
	return nil
}

// longPollWakes: a receive that waits gets what is sent meanwhile, long before its time is over.
func longPollWakes(q *queueTrial) error {
	type result struct {
		messages []queue.Message
		err      error
	}
	received := make(chan result, 1)
	go func() {
		messages, err := q.Receiver.Receive(q.ctx, queue.ReceiveOptions{Wait: 20 * time.Second})
		received <- result{messages, err}
	}()
	select {
	case r := <-received:
		return fmt.Errorf("the receive did not wait: %d messages, error %v", len(r.messages), r.err)
	case <-time.After(q.Poll / 4):
	}
	if err := q.send(outgoing("x")...); err != nil {
		return err
	}
	select {
	case r := <-received:
		if r.err != nil || len(r.messages) != 1 {
			return fmt.Errorf("received %d messages, error %v", len(r.messages), r.err)
		}
		return nil
	case <-time.After(10 * time.Second):
		return errors.New("the receive still waits 10 s after the message was sent")
	}
}

// queueErrand is a task of the case "dispatch".
type queueErrand int

func (e queueErrand) ID() string    { return "task-" + strconv.Itoa(int(e)) }
func (e queueErrand) Label() string { return e.ID() }
func (e queueErrand) AppendBody(dst []byte) []byte {
	return append(append(dst, "body of "...), e.ID()...)
}
func (e queueErrand) Attributes(dst []queue.Attribute) []queue.Attribute {
	return append(dst, queue.Attribute{Name: "starfleet-task-id", Value: e.ID()})
}
func (e queueErrand) AccountID() string { return "111111111111" }
func (e queueErrand) RunID() string     { return "run" }

// dispatchAndReadBack: what Dispatch says to have sent is there, once.
func dispatchAndReadBack(q *queueTrial) error {
	const n = 500
	var want []string
	report, err := queue.Dispatch(q.ctx, q.Sender, func(yield func(queueErrand, error) bool) {
		for i := range n {
			want = append(want, string(queueErrand(i).AppendBody(nil)))
			if !yield(queueErrand(i), nil) {
				return
			}
		}
	}, queue.DispatchOptions{Resolved: n})
	if err != nil || report.Sent != n {
		return fmt.Errorf("%d sent, error %v", report.Sent, err)
	}
	messages, err := q.receive(n)
	if err != nil {
		return err
	}
	if slices.Sort(want); !slices.Equal(bodies(messages), want) {
		return errors.New("the messages are not those that were dispatched")
	}
	return q.none()
}
