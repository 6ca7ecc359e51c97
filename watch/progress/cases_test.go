package progress_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/watch/progress"
)

func create(t *testing.T, job string, total int) *progress.Memory {
	t.Helper()
	store := progress.NewMemory(nil)
	if err := store.Create(t.Context(), job, total, time.Hour); err != nil {
		t.Fatal(err)
	}
	return store
}

func complete(t *testing.T, s progress.Store, job string, from, to int) {
	t.Helper()
	for part := from; part <= to; part++ {
		if _, err := s.CompletePart(t.Context(), job, part); err != nil {
			t.Fatal(err)
		}
	}
}

func statusOf(t *testing.T, s progress.Store, job string) progress.Status {
	t.Helper()
	status, err := s.Status(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// TestCase25: ten parts completed in parallel have exactly one last; status with exact counts: 1 of 10, all, 999 of 1000.
func TestCase25(t *testing.T) {
	t.Parallel()
	store := create(t, "job", 10)
	complete(t, store, "job", 1, 1)
	if s := statusOf(t, store, "job"); s.Done != 1 || s.Total != 10 || s.Fraction() != 0.1 {
		t.Errorf("after one: %+v, %v", s, s.Fraction())
	}
	var group sync.WaitGroup
	var last atomic.Int32
	for part := 1; part <= 10; part++ {
		group.Go(func() {
			c, err := store.CompletePart(t.Context(), "job", part)
			if err != nil {
				t.Error(err)
			}
			if c.Last {
				last.Add(1)
			}
		})
	}
	group.Wait()
	if s := statusOf(t, store, "job"); last.Load() != 1 || s.Done != 10 || s.Fraction() != 1 {
		t.Errorf("%d were the last; %+v, %v", last.Load(), s, s.Fraction())
	}

	store = create(t, "thousand", 1000)
	complete(t, store, "thousand", 1, 999)
	s := statusOf(t, store, "thousand")
	if text, err := json.Marshal(s); err != nil || string(text) != `{"done":999,"total":1000}` || s.Fraction() != 0.99 {
		t.Errorf("%s, %v, error %v", text, s.Fraction(), err)
	}
}

// TestCase26: the status of an unknown job is 0; a failure, metadata and that the reduce was sent are told.
func TestCase26(t *testing.T) {
	t.Parallel()
	store := create(t, "job", 4)
	if s, err := store.Status(t.Context(), "another"); !errors.Is(err, progress.ErrUnknownJob) || s.Fraction() != 0 {
		t.Errorf("%+v, error %v", s, err)
	}
	if err := store.Fail(t.Context(), "job", "out of disk"); err != nil {
		t.Fatal(err)
	}
	if err := store.SetMetadata(t.Context(), "job", json.RawMessage(`{"source":"s3://in"}`)); err != nil {
		t.Fatal(err)
	}
	if won, err := store.MarkReduced(t.Context(), "job"); err != nil || !won {
		t.Errorf("won %t, error %v", won, err)
	}
	if won, err := store.MarkReduced(t.Context(), "job"); err != nil || won {
		t.Errorf("won %t the second time, error %v", won, err)
	}
	text, err := json.Marshal(statusOf(t, store, "job"))
	if want := `{"done":0,"total":4,"failed":"out of disk","metadata":{"source":"s3://in"},"reduceSent":true}`; err != nil || string(text) != want {
		t.Errorf("%s, error %v", text, err)
	}
}

// TestCase27: a part of an unknown job is an error that makes no job, and the last part is the last once.
func TestCase27(t *testing.T) {
	t.Parallel()
	store := create(t, "job", 2)
	if c, err := store.CompletePart(t.Context(), "another", 1); !errors.Is(err, progress.ErrUnknownJob) || c.Last || c.Complete {
		t.Errorf("%+v, error %v", c, err)
	}
	complete(t, store, "job", 1, 1)
	for i := range 3 {
		c, err := store.CompletePart(t.Context(), "job", 2)
		if want := (progress.Completion{Already: i > 0, Complete: true, Last: i == 0}); err != nil || c != want {
			t.Errorf("time %d: %+v, error %v", i+1, c, err)
		}
	}
}

// TestDefects18: what watchbot-progress does, and this does not.
func TestDefects18(t *testing.T) {
	t.Parallel()
	t.Run("a part of an unknown job makes a record and is the last", func(t *testing.T) {
		t.Parallel()
		store := progress.NewMemory(nil)
		if c, err := store.CompletePart(t.Context(), "job", 1); !errors.Is(err, progress.ErrUnknownJob) || c.Last {
			t.Errorf("%+v, error %v", c, err)
		}
		if _, err := store.Status(t.Context(), "job"); !errors.Is(err, progress.ErrUnknownJob) {
			t.Errorf("a record was made: %v", err)
		}
	})
	t.Run("a redelivered last part reduces twice", func(t *testing.T) {
		t.Parallel()
		store := create(t, "job", 1)
		sent := 0
		for range 2 {
			if c, err := store.CompletePart(t.Context(), "job", 1); err != nil || !c.Complete {
				t.Fatalf("%+v, error %v", c, err)
			}
			if _, err := progress.Reduce(t.Context(), store, "job", func(context.Context) error { sent++; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if sent != 1 {
			t.Errorf("reduced %d times", sent)
		}
	})
	t.Run("the number of parts set again resets those that are done", func(t *testing.T) {
		t.Parallel()
		store := create(t, "job", 3)
		complete(t, store, "job", 1, 2)
		if err := store.Create(t.Context(), "job", 3, time.Hour); !errors.Is(err, progress.ErrExists) {
			t.Error(err)
		}
		if s := statusOf(t, store, "job"); s.Done != 2 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("no parts are refused by the table, in its own words", func(t *testing.T) {
		t.Parallel()
		if err := progress.NewMemory(nil).Create(t.Context(), "job", 0, time.Hour); !errors.Is(err, progress.ErrInvalid) {
			t.Error(err)
		}
	})
	t.Run("part 0 is ignored", func(t *testing.T) {
		t.Parallel()
		store := create(t, "job", 3)
		if _, err := store.CompletePart(t.Context(), "job", 0); !errors.Is(err, progress.ErrInvalid) {
			t.Errorf("completed: %v", err)
		}
		if _, err := store.PartDone(t.Context(), "job", 0); !errors.Is(err, progress.ErrInvalid) {
			t.Errorf("asked: %v", err)
		}
	})
	t.Run("a status without a total is no number", func(t *testing.T) {
		t.Parallel()
		if f := (progress.Status{}).Fraction(); math.IsNaN(f) || f != 0 {
			t.Errorf("%v", f)
		}
	})
	t.Run("29 of 100 are 0.28", func(t *testing.T) {
		t.Parallel()
		if f := (progress.Status{Done: 29, Total: 100}).Fraction(); f != 0.29 {
			t.Errorf("%v", f)
		}
	})
	t.Run("jobs are kept for ever", func(t *testing.T) {
		t.Parallel()
		c := newClock()
		store := progress.NewMemory(c.Now)
		if err := store.Create(t.Context(), "job", 1, time.Minute); err != nil {
			t.Fatal(err)
		}
		c.wait(time.Minute)
		if _, err := store.Status(t.Context(), "job"); !errors.Is(err, progress.ErrUnknownJob) {
			t.Error(err)
		}
	})
}

// TestReduceIsTriedAgain: who was told that it was the last dies before it acts. A redelivery acts.
func TestReduceIsTriedAgain(t *testing.T) {
	t.Parallel()
	store := create(t, "job", 2)
	sends := 0
	send := func(context.Context) error { sends++; return nil }
	complete(t, store, "job", 1, 1)
	if sent, err := progress.Reduce(t.Context(), store, "job", send); sent || err != nil {
		t.Errorf("half a job: sent %t, error %v", sent, err)
	}
	complete(t, store, "job", 2, 2) // told that it was the last, and died
	if c, err := store.CompletePart(t.Context(), "job", 2); err != nil || !c.Complete || c.Last {
		t.Fatalf("%+v, error %v", c, err)
	}
	failure := errors.New("no network")
	if sent, err := progress.Reduce(t.Context(), store, "job", func(context.Context) error { return failure }); sent || !errors.Is(err, failure) {
		t.Errorf("sent %t, error %v", sent, err)
	}
	for i := range 2 {
		if sent, err := progress.Reduce(t.Context(), store, "job", send); err != nil || sent != (i == 0) {
			t.Errorf("time %d: sent %t, error %v", i+1, sent, err)
		}
	}
	if sends != 1 {
		t.Errorf("sent %d times", sends)
	}

	failed := create(t, "failed", 1)
	complete(t, failed, "failed", 1, 1)
	if err := failed.Fail(t.Context(), "failed", "x"); err != nil {
		t.Fatal(err)
	}
	if sent, err := progress.Reduce(t.Context(), failed, "failed", send); sent || err != nil {
		t.Errorf("a job that failed: sent %t, error %v", sent, err)
	}
}
