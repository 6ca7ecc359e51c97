package halt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// How long a Reader uses what it read.
const (
	// MaxAge is how long orders are used before they are read again: 30 seconds.
	MaxAge = 30 * time.Second
	// MaxStale is how long orders are used, counted from when they were read, while they cannot be read again: 5 minutes. After that
	// nobody can say what is halted, and it is an error to ask.
	MaxStale = 5 * time.Minute

	// retryAfter is how long orders that could not be read again are used before the next attempt.
	retryAfter = 5 * time.Second
)

// Reader is a Source for those who ask often: it keeps the orders for MaxAge, and asks once for all who ask at the same time. Make one with NewReader.
type Reader struct {
	source Source
	now    func() time.Time

	mu     sync.Mutex
	orders Orders
	read   time.Time // zero: never
	due    time.Time // when they are to be read again
}

var _ Source = (*Reader)(nil)

// NewReader reads from a source, such as a Book. now is the clock; nil means time.Now.
func NewReader(source Source, now func() time.Time) (*Reader, error) {
	if source == nil {
		return nil, errors.New("halt: NewReader needs a Source")
	}
	if now == nil {
		now = time.Now
	}
	return &Reader{source: source, now: now}, nil
}

// Halts are the orders, at most MaxAge old, or at most MaxStale while they cannot be read.
func (r *Reader) Halts(ctx context.Context) (Orders, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	usable := !r.read.IsZero() && now.Sub(r.read) <= MaxStale
	if usable && now.Before(r.due) {
		return r.orders, nil
	}
	orders, err := r.source.Halts(ctx)
	switch {
	case err == nil:
		r.orders, r.read, r.due = orders, now, now.Add(MaxAge)
		return orders, nil
	case ctx.Err() == nil && usable:
		r.due = now.Add(retryAfter)
		return r.orders, nil
	}
	return nil, fmt.Errorf("nobody can say what is halted: %w", err)
}
