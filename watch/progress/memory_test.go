package progress_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/starfleettest"
	"github.com/starfleet-go/starfleet/watch/progress"
)

// clock is one that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestMemory(t *testing.T) {
	t.Parallel()
	starfleettest.ExerciseProgress(t, func(*testing.T) (progress.Store, func(time.Duration)) {
		c := newClock()
		return progress.NewMemory(c.Now), c.wait
	})
}

// TestMemoryForgetsWhatIsOver: a long-lived process does not grow with the jobs that it had.
func TestMemoryForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	c := newClock()
	m := progress.NewMemory(c.Now)
	for i := range 1000 {
		if err := m.Create(t.Context(), fmt.Sprint("job ", i), 1, time.Minute); err != nil {
			t.Fatal(err)
		}
		c.wait(time.Second)
	}
	if n := progress.Jobs(m); n > 61 {
		t.Errorf("%d jobs are held, of which 60 are not over", n)
	}
}

// TestAnyOrderOfParts: whatever parts are completed, and however often, each counts once, one call is told that it was the last, and the
// status is what a plain set says.
func TestAnyOrderOfParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		store := progress.NewMemory(nil)
		total := rapid.IntRange(1, 200).Draw(t, "total")
		if err := store.Create(t.Context(), "job", total, time.Hour); err != nil {
			t.Fatal(err)
		}
		done := map[int]bool{}
		parts := append(rapid.SliceOf(rapid.IntRange(1, total)).Draw(t, "parts"), rapid.Permutation(upTo(total)).Draw(t, "the rest")...)
		lasts := 0
		for _, part := range parts {
			was := done[part]
			done[part] = true
			c, err := store.CompletePart(t.Context(), "job", part)
			want := progress.Completion{Already: was, Complete: len(done) == total, Last: len(done) == total && !was}
			if err != nil || c != want {
				t.Fatalf("part %d: %+v, error %v, want %+v", part, c, err, want)
			}
			if c.Last {
				lasts++
			}
			status, err := store.Status(t.Context(), "job")
			if err != nil || status.Done != len(done) || status.Complete() != (len(done) == total) {
				t.Fatalf("status %+v, error %v, want %d done", status, err, len(done))
			}
		}
		if lasts != 1 {
			t.Fatalf("%d calls were the last", lasts)
		}
	})
}

func upTo(n int) []int {
	parts := make([]int, n)
	for i := range parts {
		parts[i] = i + 1
	}
	return parts
}

// TestFractionIsExact: hundredths are cut, not rounded, and never by way of a float that is a little too small.
func TestFractionIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, progress.MaxTotal).Draw(t, "total")
		done := rapid.IntRange(0, total).Draw(t, "done")
		s := progress.Status{Done: done, Total: total}
		if got, want := fmt.Sprintf("%.2f", s.Fraction()), fmt.Sprintf("%d.%02d", 100*done/total/100, 100*done/total%100); got != want {
			t.Fatalf("%d of %d is %s, want %s", done, total, got, want)
		}
		if (s.Fraction() == 1) != s.Complete() {
			t.Fatalf("%d of %d is %v", done, total, s.Fraction())
		}
	})
}
