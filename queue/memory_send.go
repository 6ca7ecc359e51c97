package queue

import (
	"context"
	"fmt"
	"time"
)

// SendBatch implements Sender. The batch as a whole, and each of its entries, is refused for what SQS refuses it for.
func (m *Memory) SendBatch(ctx context.Context, batch []Outgoing) ([]Failure, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := batchFault(batch, m.limits); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var failures []Failure
	now := m.now()
	for i, o := range batch {
		if code, message := entryFault(o, m.limits.FIFO); code != "" {
			failures = append(failures, Failure{Index: i, Code: code, Message: message, SenderFault: true})
			continue
		}
		if m.limits.FIFO && m.duplicate(o.DeduplicationID, now) {
			continue
		}
		m.accept(o, now)
	}
	m.wakeAll()
	return failures, nil
}

// accept stores a message that was just sent.
func (m *Memory) accept(o Outgoing, now time.Time) {
	m.sequence++
	message := Message{
		ID: m.messageID(m.sequence), Body: string(o.Body), SentAt: now, GroupID: o.GroupID, SourceARN: m.arn,
	}
	if len(o.Attributes) > 0 {
		message.Attributes = make(map[string]string, len(o.Attributes))
		for _, a := range o.Attributes {
			message.Attributes[a.Name] = a.Value
		}
	}
	m.store(message, o.DeduplicationID, now.Add(o.Delay), now)
}

// store puts message at the end of the queue, visible from visibleAt.
func (m *Memory) store(message Message, deduplicationID string, visibleAt, now time.Time) {
	s := &stored{message: message, sequence: m.sequence, deduplicationID: deduplicationID, lane: m.laneOf(message.GroupID)}
	m.messages[s.sequence] = s
	if visibleAt.After(now) {
		s.state = delayed
		m.hideUntil(s, visibleAt)
		return
	}
	m.offer(s)
}

// duplicate says whether the id was seen within the window, and remembers it.
func (m *Memory) duplicate(id string, now time.Time) bool {
	for len(m.seenOrder) > 0 && now.Sub(m.seen[m.seenOrder[0]]) >= DeduplicationWindow {
		delete(m.seen, m.seenOrder[0])
		m.seenOrder = m.seenOrder[1:]
	}
	if _, ok := m.seen[id]; ok {
		return true
	}
	m.seen[id] = now
	m.seenOrder = append(m.seenOrder, id)
	return false
}

// adopt takes over a message that another queue's redrive policy moves here. It keeps its id, its age and its receive count, as on
// SQS.
func (m *Memory) adopt(message Message, deduplicationID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sequence++
	message.ReceiptHandle, message.SourceARN = "", m.arn
	now := m.now()
	m.store(message, deduplicationID, now, now)
	m.wakeAll()
}

// DeadLetter implements Settler.
func (m *Memory) DeadLetter(ctx context.Context, message Message, c Cause) error {
	if m.dead == nil {
		return fmt.Errorf("queue: %s: %w", m.name, ErrNoDeadLetterQueue)
	}
	failures, err := m.dead.SendBatch(ctx, []Outgoing{NewDeadLetter(message, c, m.dead.limits)})
	if err != nil {
		return err
	}
	if len(failures) > 0 {
		return fmt.Errorf("queue: %s: %s: %s", m.dead.name, failures[0].Code, failures[0].Message)
	}
	return nil
}

// Resend implements Settler.
func (m *Memory) Resend(ctx context.Context, message Message, delay time.Duration) error {
	failures, err := m.SendBatch(ctx, []Outgoing{NewCopy(message, delay, m.limits)})
	if err != nil {
		return err
	}
	if len(failures) > 0 {
		return fmt.Errorf("queue: %s: %s: %s", m.name, failures[0].Code, failures[0].Message)
	}
	return nil
}
