package starfleettest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/idempotency"
)

// ExerciseIdempotency holds an implementation of idempotency.Store against its contract. open makes an empty store for each subtest, and
// a function that lets time pass on its clock: wait is asked for seconds.
func ExerciseIdempotency(t *testing.T, open func(t *testing.T) (store idempotency.Store, wait func(time.Duration))) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s idempotency.Store, wait func(time.Duration))
	}{
		{"who begins first acquires, the next one finds it busy", idempotencyBusy},
		{"what was done is completed for as long as it is kept", idempotencyDone},
		{"what was released is acquired again", idempotencyReleased},
		{"a lease ends by itself", idempotencyExpires},
		{"who lost the key can neither end nor release it", idempotencyLost},
		{"Done is accepted after the lease while nobody else began", idempotencyLate},
		{"what was done cannot be released", idempotencyDoneStays},
		{"keys do not touch each other", idempotencyKeys},
		{"of many that begin at once one acquires", idempotencyOnce},
		{"arguments that make no sense are refused", idempotencyInvalid},
		{"a cancelled context is no half answer", idempotencyCancelled},
	} {
		t.Run(test.name, func(t *testing.T) {
			store, wait := open(t)
			test.run(t, store, wait)
		})
	}
}

const idempotencyLease = 2 * time.Second

func mustBegin(t *testing.T, s idempotency.Store, key string, want idempotency.State) idempotency.Claim {
	t.Helper()
	c, err := s.Begin(t.Context(), key, idempotencyLease)
	if err != nil || c.State != want || c.Key != key || (c.Token != "") != (want == idempotency.Acquired) || c.Until.IsZero() {
		t.Fatalf("Begin of %.20q: %+v, error %v, want it %s", key, c, err, want)
	}
	return c
}

func idempotencyBusy(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	held := mustBegin(t, s, "a", idempotency.Acquired)
	busy := mustBegin(t, s, "a", idempotency.Busy)
	if d := busy.Until.Sub(held.Until); d < -time.Second || d > time.Second {
		t.Errorf("busy until %s, held until %s", busy.Until, held.Until)
	}
}

func idempotencyDone(t *testing.T, s idempotency.Store, wait func(time.Duration)) {
	c := mustBegin(t, s, "a", idempotency.Acquired)
	if err := s.Done(t.Context(), c, 3*idempotencyLease); err != nil {
		t.Fatal(err)
	}
	mustBegin(t, s, "a", idempotency.Completed)
	wait(2 * idempotencyLease) // past the lease, not past what is kept
	mustBegin(t, s, "a", idempotency.Completed)
	wait(2 * idempotencyLease)
	mustBegin(t, s, "a", idempotency.Acquired)
}

func idempotencyReleased(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	first := mustBegin(t, s, "a", idempotency.Acquired)
	if err := s.Release(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if second := mustBegin(t, s, "a", idempotency.Acquired); second.Token == first.Token {
		t.Errorf("both holders have the token %q", first.Token)
	}
}

func idempotencyExpires(t *testing.T, s idempotency.Store, wait func(time.Duration)) {
	mustBegin(t, s, "a", idempotency.Acquired)
	wait(idempotencyLease + time.Second)
	mustBegin(t, s, "a", idempotency.Acquired)
}

func idempotencyLost(t *testing.T, s idempotency.Store, wait func(time.Duration)) {
	old := mustBegin(t, s, "a", idempotency.Acquired)
	wait(idempotencyLease + time.Second)
	mustBegin(t, s, "a", idempotency.Acquired)
	if err := s.Done(t.Context(), old, time.Hour); !errors.Is(err, idempotency.ErrLost) {
		t.Errorf("Done of the old holder: %v", err)
	}
	if err := s.Release(t.Context(), old); !errors.Is(err, idempotency.ErrLost) {
		t.Errorf("Release of the old holder: %v", err)
	}
	mustBegin(t, s, "a", idempotency.Busy)
}

func idempotencyLate(t *testing.T, s idempotency.Store, wait func(time.Duration)) {
	c := mustBegin(t, s, "a", idempotency.Acquired)
	wait(idempotencyLease + time.Second)
	if err := s.Done(t.Context(), c, time.Hour); err != nil {
		t.Errorf("Done after the lease: %v", err)
	}
	mustBegin(t, s, "a", idempotency.Completed)
}

func idempotencyDoneStays(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	c := mustBegin(t, s, "a", idempotency.Acquired)
	if err := s.Done(t.Context(), c, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(t.Context(), c); !errors.Is(err, idempotency.ErrLost) {
		t.Errorf("Release of what was done: %v", err)
	}
	mustBegin(t, s, "a", idempotency.Completed)
}

func idempotencyKeys(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	for _, key := range []string{"a", "A", "a/b", "a b", "ä", strings.Repeat("k", idempotency.MaxKeyBytes)} {
		mustBegin(t, s, key, idempotency.Acquired)
	}
}

func idempotencyOnce(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	for round := range 5 {
		var (
			group    sync.WaitGroup
			acquired atomic.Int32
		)
		for range 16 {
			group.Go(func() {
				c, err := s.Begin(t.Context(), fmt.Sprint(round), time.Minute)
				if err != nil {
					t.Errorf("Begin: %v", err)
				}
				if c.State == idempotency.Acquired {
					acquired.Add(1)
				}
			})
		}
		group.Wait()
		if n := acquired.Load(); n != 1 {
			t.Errorf("%d acquired the key", n)
		}
	}
}

func idempotencyInvalid(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	held := mustBegin(t, s, "a", idempotency.Acquired)
	busy := mustBegin(t, s, "a", idempotency.Busy)
	begin := func(key string, lease time.Duration) error {
		_, err := s.Begin(t.Context(), key, lease)
		return err
	}
	for name, err := range map[string]error{
		"an empty key":           begin("", time.Second),
		"a key that is too long": begin(strings.Repeat("k", idempotency.MaxKeyBytes+1), time.Second),
		"no lease":               begin("b", 0),
		"a negative lease":       begin("b", -time.Second),
		"nothing to keep":        s.Done(t.Context(), held, 0),
		"Done of a busy claim":   s.Done(t.Context(), busy, time.Hour),
		"Release of a busy one":  s.Release(t.Context(), busy),
		"Release of none":        s.Release(t.Context(), idempotency.Claim{}),
	} {
		if !errors.Is(err, idempotency.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustBegin(t, s, "b", idempotency.Acquired)
}

func idempotencyCancelled(t *testing.T, s idempotency.Store, _ func(time.Duration)) {
	held := mustBegin(t, s, "a", idempotency.Acquired)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Begin(ctx, "b", time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin: %v", err)
	}
	if err := s.Done(ctx, held, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("Done: %v", err)
	}
	if err := s.Release(ctx, held); !errors.Is(err, context.Canceled) {
		t.Errorf("Release: %v", err)
	}
	mustBegin(t, s, "b", idempotency.Acquired)
	mustBegin(t, s, "a", idempotency.Busy)
}
