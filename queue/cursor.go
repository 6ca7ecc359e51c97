package queue

import (
	"container/heap"
	"errors"
	"slices"
)

// ErrStopped is why a dispatch ended at DispatchOptions.StopAt.
var ErrStopped = errors.New("stopped: the time to send in is over")

// MaxMissing is how many places a Cursor names at most.
const MaxMissing = 1000

// Cursor is a place in the tasks of a dispatch, from which another one can go on that gets the same tasks in the same order. Places count
// from 0.
type Cursor struct {
	// Next: every task before it was accepted by the queue, but for those of Missing. Those from Next on are to be sent.
	Next int
	// Missing are the places before Next whose tasks are still to be sent, in order: at most MaxMissing.
	Missing []int
	// Again is how many tasks from Next on were accepted all the same, and will be sent again: only where there are more of them missing than
	// Missing holds, or a call was cut off.
	Again int
}

// places are those of tasks that were not sent: the first MaxMissing of them, and where the rest begins.
type places struct {
	heap placeHeap
	cut  int // the first place that the heap no longer holds; valid when full
	full bool
}

// placeHeap has the last place on top.
type placeHeap []int

func (h placeHeap) Len() int           { return len(h) }
func (h placeHeap) Less(i, j int) bool { return h[i] > h[j] }
func (h placeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *placeHeap) Push(x any) { *h = append(*h, x.(int)) }

// Pop implements heap.Interface.
func (h *placeHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

func (p *places) add(place int) {
	if p.full && place >= p.cut {
		return
	}
	heap.Push(&p.heap, place)
	if len(p.heap) <= MaxMissing {
		return
	}
	p.cut, p.full = heap.Pop(&p.heap).(int), true
}

// cursor is the shortest way to say it: of rendered tasks, sent were accepted.
func (p *places) cursor(sent, rendered int) Cursor {
	missing := slices.Sorted(slices.Values(p.heap))
	next := rendered
	if p.full {
		next = p.cut
	}
	for len(missing) > 0 && missing[len(missing)-1] == next-1 { // the end of the tasks is no gap
		missing = missing[:len(missing)-1]
		next--
	}
	if len(missing) == 0 {
		missing = nil
	}
	return Cursor{Next: next, Missing: missing, Again: sent - (next - len(missing))}
}
