package sqsbatch

import (
	"sync"

	"github.com/starfleet-go/starfleet/queue"
)

// batch hands the messages of an event to workers, in order.
type batch struct {
	mu       sync.Mutex
	changed  sync.Cond
	messages []queue.Message
	state    []progress
	running  map[string]bool // FIFO groups of which a message is being handled
	blocked  map[string]bool // FIFO groups of which a message failed
}

type progress uint8

const (
	waiting progress = iota
	begun
	ended
	given // back: it failed, or was not begun
)

func newBatch(messages []queue.Message) *batch {
	b := &batch{messages: messages, state: make([]progress, len(messages)), running: map[string]bool{}, blocked: map[string]bool{}}
	b.changed.L = &b.mu
	return b
}

// work handles messages until none waits. handle says whether a message is done, skip whether it is not to be begun.
func (b *batch) work(handle func(queue.Message) bool, skip func(m queue.Message, blocked bool) bool) {
	for {
		i := b.next()
		if i < 0 {
			return
		}
		m := b.messages[i]
		b.mu.Lock()
		blocked := isFIFO(m) && b.blocked[m.GroupID]
		b.mu.Unlock()
		b.end(i, !skip(m, blocked) && handle(m))
	}
}

// next begins the first message that waits and whose group is free; it waits for one. It is -1 when every message was begun.
func (b *batch) next() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		left := false
		for i, m := range b.messages {
			if b.state[i] != waiting {
				continue
			}
			left = true
			if isFIFO(m) && b.running[m.GroupID] {
				continue
			}
			b.state[i] = begun
			if isFIFO(m) {
				b.running[m.GroupID] = true
			}
			return i
		}
		if !left {
			return -1
		}
		b.changed.Wait()
	}
}

// end records what became of a message, and frees its group.
func (b *batch) end(i int, done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.messages[i]
	b.state[i] = ended
	if !done {
		b.state[i] = given
	}
	if isFIFO(m) {
		delete(b.running, m.GroupID)
		b.blocked[m.GroupID] = b.blocked[m.GroupID] || !done
	}
	b.changed.Broadcast()
}

// failed are the messages that are not done, in the order of the records.
func (b *batch) failed() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for i, m := range b.messages {
		if b.state[i] != ended {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
