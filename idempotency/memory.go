package idempotency

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// Memory is a Store in this process: for tests, for simulations, and for a program that is the only one to do its work. On Lambda it
// sees no more than the messages of one execution environment. Make one with NewMemory.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]entry
	tokens  uint64
	sweepAt int
}

type entry struct {
	token string
	done  bool
	until time.Time
}

// firstSweep is the number of keys at which those that ended are removed for the first time.
const firstSweep = 1024

// NewMemory makes an empty store. now is its clock; nil means time.Now.
func NewMemory(now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{now: now, entries: map[string]entry{}, sweepAt: firstSweep}
}

// Begin asks for a key: see Store.
func (m *Memory) Begin(ctx context.Context, key string, lease time.Duration) (Claim, error) {
	if err := check(ctx, key, lease); err != nil {
		return Claim{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if e, ok := m.entries[key]; ok && now.Before(e.until) {
		state := Busy
		if e.done {
			state = Completed
		}
		return Claim{Key: key, State: state, Until: e.until}, nil
	}
	m.sweep(now)
	m.tokens++
	e := entry{token: strconv.FormatUint(m.tokens, 36), until: now.Add(lease)}
	m.entries[key] = e
	return Claim{Key: key, State: Acquired, Token: e.token, Until: e.until}, nil
}

// Done says that the work was done: see Store.
func (m *Memory) Done(ctx context.Context, c Claim, keep time.Duration) error {
	if err := check(ctx, c.Key, keep); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.held(c)
	if err != nil {
		return err
	}
	e.done, e.until = true, m.now().Add(keep)
	m.entries[c.Key] = e
	return nil
}

// Release gives a key up: see Store.
func (m *Memory) Release(ctx context.Context, c Claim) error {
	if err := check(ctx, c.Key, 1); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.held(c)
	if err != nil {
		return err
	}
	if e.done {
		return ErrLost
	}
	delete(m.entries, c.Key)
	return nil
}

// held is the entry of a claim that still has its key.
func (m *Memory) held(c Claim) (entry, error) {
	if c.State != Acquired || c.Token == "" {
		return entry{}, fmt.Errorf("%w: the claim of key %q is %s, not acquired", ErrInvalid, c.Key, c.State)
	}
	e, ok := m.entries[c.Key]
	if !ok || e.token != c.Token {
		return entry{}, ErrLost
	}
	return e, nil
}

// sweep removes what ended, each time that the number of keys has doubled.
func (m *Memory) sweep(now time.Time) {
	if len(m.entries) < m.sweepAt {
		return
	}
	for key, e := range m.entries {
		if !now.Before(e.until) {
			delete(m.entries, key)
		}
	}
	m.sweepAt = max(firstSweep, 2*len(m.entries))
}

func check(ctx context.Context, key string, d time.Duration) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case key == "" || len(key) > MaxKeyBytes:
		return fmt.Errorf("%w: a key has 1 to %d bytes, this one has %d", ErrInvalid, MaxKeyBytes, len(key))
	case d <= 0:
		return fmt.Errorf("%w: a lease of %s for key %q", ErrInvalid, d, key)
	}
	return nil
}

// Len is how many keys the store holds, some of which may have ended.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries)
}
