package queue

import (
	"container/heap"
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// check says what is wrong with the options.
func (o ReceiveOptions) check() error {
	switch {
	case o.Max < 0 || o.Max > MaxBatchEntries:
		return fmt.Errorf("queue: ReceiveOptions.Max is %d, it must be 1 to %d", o.Max, MaxBatchEntries)
	case o.Wait < 0 || o.Wait > MaxWait:
		return fmt.Errorf("queue: ReceiveOptions.Wait is %v, it must be at most %v", o.Wait, MaxWait)
	case o.Visibility < 0 || o.Visibility > MaxVisibility:
		return fmt.Errorf("queue: ReceiveOptions.Visibility is %v, it must be at most %v", o.Visibility, MaxVisibility)
	}
	return nil
}

// Receive implements Receiver.
func (m *Memory) Receive(ctx context.Context, o ReceiveOptions) ([]Message, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Max == 0 {
		o.Max = 1
	}
	if o.Visibility == 0 {
		o.Visibility = m.hide
	}
	var deadline <-chan time.Time
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		messages, changed, next := m.take(o)
		if len(messages) > 0 || o.Wait == 0 {
			return messages, nil
		}
		if deadline == nil {
			timer := time.NewTimer(o.Wait)
			defer timer.Stop()
			deadline = timer.C
		}
		if !m.await(ctx, changed, deadline, next) {
			return nil, ctx.Err()
		}
	}
}

// await waits until something may have become visible, and says whether there is time left. next is how long until the next
// hidden message becomes visible, 0 when there is none.
func (m *Memory) await(ctx context.Context, changed <-chan struct{}, deadline <-chan time.Time, next time.Duration) bool {
	var due <-chan time.Time
	if next > 0 {
		timer := time.NewTimer(next)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-changed:
	case <-due:
	case <-deadline:
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// take delivers what is visible. When nothing is, it returns what to wait for.
func (m *Memory) take(o ReceiveOptions) (messages []Message, changed <-chan struct{}, next time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reveal()
	now := m.now()
	for len(messages) < o.Max && len(m.ready) > 0 {
		ready := heap.Pop(&m.ready).(readyLane)
		if !ready.current() {
			continue
		}
		for l := ready.lane; len(messages) < o.Max && len(l.waiting) > 0; {
			s := l.waiting[0]
			if m.receives > 0 && s.message.ReceiveCount >= m.receives {
				m.drop(s)
				m.dead.adopt(s.message, s.deduplicationID)
				continue
			}
			messages = append(messages, m.deliver(s, now, o.Visibility))
		}
	}
	if at, ok := m.nextVisible(); ok {
		next = max(at.Sub(now), time.Millisecond)
	}
	return messages, m.changed, next
}

// deliver takes the first message of a lane and hides it.
func (m *Memory) deliver(s *stored, now time.Time, visibility time.Duration) Message {
	s.lane.waiting[0] = nil
	s.lane.waiting = s.lane.waiting[1:]
	s.lane.inFlight++
	s.state = inFlight
	delete(m.byReceipt, s.message.ReceiptHandle)
	m.delivery++
	s.message.ReceiptHandle = s.message.ID + "#" + strconv.FormatUint(m.delivery, 10)
	s.message.ReceiveCount++
	if s.message.FirstReceived.IsZero() {
		s.message.FirstReceived = now
	}
	m.byReceipt[s.message.ReceiptHandle] = s
	m.hideUntil(s, now.Add(visibility))
	message := s.message
	message.Attributes = maps.Clone(message.Attributes)
	return message
}

// Delete implements Receiver. As on SQS, a standard queue deletes a message that became visible again as long as it was not
// delivered again; a FIFO queue refuses that with ErrNotInFlight.
func (m *Memory) Delete(ctx context.Context, message Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reveal()
	s := m.byReceipt[message.ReceiptHandle]
	if s == nil {
		return nil
	}
	if m.limits.FIFO && s.state != inFlight {
		return fmt.Errorf("queue: %s: delete message %s: %w", m.name, message.ID, ErrNotInFlight)
	}
	m.drop(s)
	m.wakeAll()
	return nil
}

// DeleteBatch implements BatchDeleter.
func (m *Memory) DeleteBatch(ctx context.Context, messages []Message) ([]Failure, error) {
	if len(messages) == 0 || len(messages) > MaxBatchEntries {
		return nil, fmt.Errorf("queue: %s: a batch of %d messages to delete, it must be 1 to %d", m.name, len(messages), MaxBatchEntries)
	}
	var failures []Failure
	for i, message := range messages {
		if err := m.Delete(ctx, message); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			failures = append(failures, Failure{Index: i, Code: "InvalidParameterValue", Message: err.Error(), SenderFault: true})
		}
	}
	return failures, nil
}

// ChangeVisibility implements Settler.
func (m *Memory) ChangeVisibility(ctx context.Context, message Message, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d < 0 || d > MaxVisibility {
		return fmt.Errorf("queue: %s: a visibility timeout of %v: 0 to %v are allowed", m.name, d, MaxVisibility)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reveal()
	s := m.byReceipt[message.ReceiptHandle]
	if s == nil || s.state != inFlight {
		return fmt.Errorf("queue: %s: hide message %s: %w", m.name, message.ID, ErrNotInFlight)
	}
	if d == 0 {
		m.giveBack(s)
	} else {
		m.hideUntil(s, m.now().Add(d))
	}
	m.wakeAll()
	return nil
}
