package queue

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

const (
	firstRetry = 50 * time.Millisecond
	maxRetry   = 10 * time.Second
)

// retryDelay is exponential with full jitter: up to 50 ms x 2^(attempt-1), at most 10 s.
func retryDelay(attempt int, random float64) time.Duration {
	full := maxRetry
	if attempt = max(attempt, 1); attempt < 9 { // 50 ms x 2^8 is above 10 s
		full = min(firstRetry<<(attempt-1), maxRetry)
	}
	return time.Duration(random * float64(full))
}

// pending is an entry that waits for its next call.
type pending[T Task] struct {
	entry[T]
	due time.Time
	err error // why it was not accepted
}

// retries are the entries that wait, the next one first.
type retries[T Task] []pending[T]

func (r retries[T]) Len() int           { return len(r) }
func (r retries[T]) Less(i, j int) bool { return r[i].due.Before(r[j].due) }
func (r retries[T]) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }

// Push implements heap.Interface.
func (r *retries[T]) Push(x any) { *r = append(*r, x.(pending[T])) }

// Pop implements heap.Interface.
func (r *retries[T]) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	(*r)[last] = pending[T]{}
	*r = (*r)[:last]
	return x
}

func (r *retries[T]) add(e entry[T], delay time.Duration, err error) {
	heap.Push(r, pending[T]{e, time.Now().Add(delay), err})
}

// takeDue appends the entries that are due to dst.
func (r *retries[T]) takeDue(dst []entry[T]) []entry[T] {
	if len(*r) == 0 {
		return dst
	}
	for now := time.Now(); len(*r) > 0 && !(*r)[0].due.After(now); {
		dst = append(dst, heap.Pop(r).(pending[T]).entry)
	}
	return dst
}

func jitter() float64 { return rand.Float64() }
