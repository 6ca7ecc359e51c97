package queue

import (
	"container/heap"
	"sort"
	"time"
)

// state of a message in a Memory queue.
type state uint8

const (
	waiting  state = iota // in its lane, visible as soon as the lane is free
	inFlight              // delivered and hidden
	delayed               // sent with a delay, not delivered yet
	gone                  // deleted or moved
)

// stored is one message in a Memory queue.
type stored struct {
	message         Message
	sequence        uint64
	deduplicationID string
	state           state
	visibleAt       time.Time // of state inFlight and delayed
	lane            *lane
}

// lane is a message group of a FIFO queue. On a standard queue each message has a lane to itself.
type lane struct {
	waiting  []*stored // by sequence
	inFlight int
}

func (l *lane) free() bool { return l.inFlight == 0 && len(l.waiting) > 0 }

// insert puts s back in its place.
func (l *lane) insert(s *stored) {
	at := sort.Search(len(l.waiting), func(i int) bool { return l.waiting[i].sequence > s.sequence })
	l.waiting = append(l.waiting, nil)
	copy(l.waiting[at+1:], l.waiting[at:])
	l.waiting[at] = s
}

func (l *lane) remove(s *stored) {
	for i, other := range l.waiting {
		if other == s {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return
		}
	}
}

// readyLane is a lane that had something to deliver. Entries are dropped lazily: one is current only as long as the lane is free
// and begins with the same message.
type readyLane struct {
	sequence uint64
	lane     *lane
}

func (r readyLane) current() bool { return r.lane.free() && r.lane.waiting[0].sequence == r.sequence }

type readyHeap []readyLane

func (h readyHeap) Len() int           { return len(h) }
func (h readyHeap) Less(i, j int) bool { return h[i].sequence < h[j].sequence }
func (h readyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *readyHeap) Push(x any) { *h = append(*h, x.(readyLane)) }

// Pop implements heap.Interface.
func (h *readyHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = readyLane{}
	*h = (*h)[:last]
	return x
}

// hiddenUntil is a message that becomes visible at a time. Entries are dropped lazily: one is current only as long as the message
// still waits for that very time.
type hiddenUntil struct {
	at      time.Time
	message *stored
}

func (h hiddenUntil) current() bool {
	s := h.message
	return (s.state == inFlight || s.state == delayed) && s.visibleAt.Equal(h.at)
}

type hiddenHeap []hiddenUntil

func (h hiddenHeap) Len() int { return len(h) }
func (h hiddenHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].message.sequence < h[j].message.sequence
	}
	return h[i].at.Before(h[j].at)
}
func (h hiddenHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *hiddenHeap) Push(x any) { *h = append(*h, x.(hiddenUntil)) }

// Pop implements heap.Interface.
func (h *hiddenHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = hiddenUntil{}
	*h = (*h)[:last]
	return x
}

func (h *hiddenHeap) pop() hiddenUntil { return heap.Pop(h).(hiddenUntil) }

// offer puts s among the visible messages of its lane.
func (m *Memory) offer(s *stored) {
	s.state = waiting
	s.lane.insert(s)
	if s.lane.free() && s.lane.waiting[0] == s {
		heap.Push(&m.ready, readyLane{s.sequence, s.lane})
	}
}

// hideUntil hides s, which is in flight or delayed, until at.
func (m *Memory) hideUntil(s *stored, at time.Time) {
	s.visibleAt = at
	heap.Push(&m.hidden, hiddenUntil{at, s})
}

// land ends the flight of s: its lane may be free now.
func (m *Memory) land(s *stored) {
	s.lane.inFlight--
	if s.lane.free() {
		heap.Push(&m.ready, readyLane{s.lane.waiting[0].sequence, s.lane})
	}
}

// giveBack makes a message in flight visible again.
func (m *Memory) giveBack(s *stored) {
	s.state = waiting
	s.lane.insert(s)
	m.land(s)
}

// reveal makes visible whatever is due.
func (m *Memory) reveal() {
	now := m.now()
	for len(m.hidden) > 0 && !m.hidden[0].at.After(now) {
		due := m.hidden.pop()
		switch {
		case !due.current():
		case due.message.state == inFlight:
			m.giveBack(due.message)
		default:
			m.offer(due.message)
		}
	}
}

// drop takes s out of the queue, whatever its state.
func (m *Memory) drop(s *stored) {
	was := s.state
	s.state = gone
	delete(m.messages, s.sequence)
	delete(m.byReceipt, s.message.ReceiptHandle)
	switch was {
	case inFlight:
		m.land(s)
	case waiting:
		wasFirst := len(s.lane.waiting) > 0 && s.lane.waiting[0] == s
		s.lane.remove(s)
		if wasFirst && s.lane.free() {
			heap.Push(&m.ready, readyLane{s.lane.waiting[0].sequence, s.lane})
		}
	}
	if s.lane.inFlight == 0 && len(s.lane.waiting) == 0 && m.limits.FIFO {
		delete(m.lanes, s.message.GroupID)
	}
}

// laneOf is the lane for a message of the group.
func (m *Memory) laneOf(group string) *lane {
	if !m.limits.FIFO {
		return &lane{}
	}
	l := m.lanes[group]
	if l == nil {
		l = &lane{}
		m.lanes[group] = l
	}
	return l
}
