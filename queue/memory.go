package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// defaultVisibility is SQS's default visibility timeout.
const defaultVisibility = 30 * time.Second

// MemoryConfig configures a Memory queue. The zero value is a standard queue as SQS creates it, without dead letters.
type MemoryConfig struct {
	// Name is part of message ids and of the ARN. "" means "queue".
	Name string
	// Visibility is how long a received message is hidden, at most 12 h. 0 means 30 s.
	Visibility time.Duration
	// MaxReceives is how often a message is delivered before it moves to DeadLetters. Both are set, or neither.
	MaxReceives int
	// DeadLetters is the dead-letter queue, of the same kind (FIFO or standard) as this one.
	DeadLetters *Memory
	// FIFO keeps the order within a message group, delivers nothing of a group while one of its messages is in flight, and
	// removes duplicates within 5 minutes.
	FIFO bool
	// MessageBytes is the largest message and batch that is taken, 1 to 1,048,576 bytes. 0 means 1,048,576.
	MessageBytes int
	// Now is the clock. nil means time.Now. A long poll with an injected clock still ends after Wait of real time.
	Now func() time.Time
}

// Memory is one queue in memory that behaves as SQS does: limits and refusals, visibility timeout, receive counts, redrive, delay,
// long poll, FIFO groups. It forgets no message by age, and delivers the messages of a standard queue in the order in which they
// were sent. Its methods are safe for concurrent use. Create it with NewMemory.
type Memory struct {
	name     string
	arn      string
	limits   Limits
	hide     time.Duration
	receives int
	dead     *Memory
	now      func() time.Time

	mu        sync.Mutex
	changed   chan struct{} // closed, and replaced, when a message may have become visible
	sequence  uint64
	delivery  uint64
	messages  map[uint64]*stored
	byReceipt map[string]*stored
	lanes     map[string]*lane // FIFO: by group
	ready     readyHeap
	hidden    hiddenHeap
	seen      map[string]time.Time // FIFO: deduplication ids
	seenOrder []string
}

var (
	_ Sender       = (*Memory)(nil)
	_ Receiver     = (*Memory)(nil)
	_ BatchDeleter = (*Memory)(nil)
)

// NewMemory creates an empty queue. The error names the field at fault.
func NewMemory(cfg MemoryConfig) (*Memory, error) {
	m := &Memory{
		name: cfg.Name, hide: cfg.Visibility, receives: cfg.MaxReceives, dead: cfg.DeadLetters, now: cfg.Now,
		limits:  Limits{BatchEntries: MaxBatchEntries, MessageBytes: cfg.MessageBytes, FIFO: cfg.FIFO},
		changed: make(chan struct{}), messages: map[uint64]*stored{}, byReceipt: map[string]*stored{},
		lanes: map[string]*lane{}, seen: map[string]time.Time{},
	}
	switch {
	case cfg.Visibility < 0 || cfg.Visibility > MaxVisibility:
		return nil, fmt.Errorf("queue: MemoryConfig.Visibility is %v, it must be at most %v", cfg.Visibility, MaxVisibility)
	case cfg.MaxReceives < 0:
		return nil, fmt.Errorf("queue: MemoryConfig.MaxReceives is %d, it must not be negative", cfg.MaxReceives)
	case (cfg.MaxReceives > 0) != (cfg.DeadLetters != nil):
		return nil, errors.New("queue: MemoryConfig.MaxReceives and DeadLetters must both be set, or neither")
	case cfg.DeadLetters != nil && cfg.DeadLetters.limits.FIFO != cfg.FIFO:
		return nil, errors.New("queue: MemoryConfig.DeadLetters must be a FIFO queue exactly when the queue itself is one")
	case cfg.MessageBytes < 0 || cfg.MessageBytes > MaxMessageBytes:
		return nil, fmt.Errorf("queue: MemoryConfig.MessageBytes is %d, it must be at most %d", cfg.MessageBytes, MaxMessageBytes)
	}
	if m.name == "" {
		m.name = "queue"
	}
	if m.hide == 0 {
		m.hide = defaultVisibility
	}
	if m.limits.MessageBytes == 0 {
		m.limits.MessageBytes = MaxMessageBytes
	}
	if m.now == nil {
		m.now = time.Now
	}
	m.arn = "arn:aws:sqs:local:000000000000:" + m.name
	return m, nil
}

// ARN is what received messages have as their SourceARN: arn:aws:sqs:local:000000000000:NAME.
func (m *Memory) ARN() string { return m.arn }

// Limits implements Sender.
func (m *Memory) Limits(context.Context) (Limits, error) { return m.limits, nil }

// MaxReceives implements Settler.
func (m *Memory) MaxReceives(context.Context, Message) (int, error) { return m.receives, nil }

// Len is the number of messages: visible, in flight and delayed.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.messages)
}

// MemoryCounts says where the messages of a Memory queue are.
type MemoryCounts struct{ Visible, InFlight, Delayed int }

// Counts says how many messages are visible now, how many are in flight and how many have not been delivered yet because of
// their delay.
func (m *Memory) Counts() MemoryCounts {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reveal()
	var c MemoryCounts
	for _, s := range m.messages {
		switch s.state {
		case waiting:
			c.Visible++
		case inFlight:
			c.InFlight++
		case delayed:
			c.Delayed++
		}
	}
	return c
}

// All returns every message, visible or not, in the order in which they were sent, without receipt handles. It delivers nothing.
func (m *Memory) All() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]Message, 0, len(m.messages))
	for _, sequence := range slices.Sorted(maps.Keys(m.messages)) {
		s := m.messages[sequence]
		message := s.message
		message.Attributes = maps.Clone(message.Attributes)
		message.ReceiptHandle = ""
		all = append(all, message)
	}
	return all
}

// NextVisible is the earliest time at which a hidden or delayed message becomes visible: for a caller that owns the clock. There
// is none when every message is visible.
func (m *Memory) NextVisible() (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reveal()
	return m.nextVisible()
}

func (m *Memory) nextVisible() (time.Time, bool) {
	for len(m.hidden) > 0 {
		next := m.hidden[0]
		if next.current() {
			return next.at, true
		}
		m.hidden.pop()
	}
	return time.Time{}, false
}

// messageID is unique within the queue and the same in every run.
func (m *Memory) messageID(sequence uint64) string {
	return m.name + "-" + strconv.FormatUint(sequence, 10)
}

// wakeAll wakes every long poll. Called with the lock held.
func (m *Memory) wakeAll() {
	close(m.changed)
	m.changed = make(chan struct{})
}
