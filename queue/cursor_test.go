package queue_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/queue"
)

// TestDispatchStopsInTime: at StopAt no further call is made, those in flight return, and the cursor says where the sending stands.
func TestDispatchStopsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var latest time.Duration
		w := &wire{answer: func(_ context.Context, call int, _ []queue.Outgoing) ([]queue.Failure, error) {
			latest = max(latest, time.Since(begun))
			time.Sleep(3 * time.Second)
			if call == 1 {
				return []queue.Failure{{Index: 2, Code: "InternalError"}}, nil
			}
			return nil, nil
		}}
		report, err := queue.Dispatch(t.Context(), w, errands(1000, 100), queue.DispatchOptions{
			Resolved: 1000, MaxInFlight: 1, StopAt: begun.Add(5 * time.Second),
		})
		var incomplete *queue.IncompleteError
		if !errors.As(err, &incomplete) || !errors.Is(err, queue.ErrStopped) {
			t.Fatalf("error %v, want one of ErrStopped", err)
		}
		requireAddsUp(t, report, err)
		if latest >= 5*time.Second || time.Since(begun) != 6*time.Second {
			t.Errorf("the last call was made after %v, and the dispatch ended after %v: want less than 5 s, and 6 s", latest, time.Since(begun))
		}
		if diff := cmp.Diff(queue.Cursor{Next: 20, Missing: []int{12}}, incomplete.Cursor); diff != "" {
			t.Errorf("cursor (-want +got):\n%s", diff)
		}
	})
}

// TestDispatchCutsCallsAfterTheGrace: a call that does not return is cut, and its tasks are to be sent again.
func TestDispatchCutsCallsAfterTheGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		w := &wire{answer: func(ctx context.Context, call int, _ []queue.Outgoing) ([]queue.Failure, error) {
			if call == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			time.Sleep(time.Second)
			return nil, nil
		}}
		report, err := queue.Dispatch(t.Context(), w, errands(1000, 100), queue.DispatchOptions{
			Resolved: 1000, MaxInFlight: 2, StopAt: begun.Add(2500 * time.Millisecond), StopGrace: 4 * time.Second,
		})
		var incomplete *queue.IncompleteError
		if !errors.As(err, &incomplete) || time.Since(begun) != 6500*time.Millisecond {
			t.Fatalf("after %v: %v", time.Since(begun), err)
		}
		want := queue.Cursor{Next: 40, Missing: []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}}
		if diff := cmp.Diff(want, incomplete.Cursor); diff != "" || report.PossibleDuplicates != 10 {
			t.Errorf("%d possible duplicates, cursor (-want +got):\n%s", report.PossibleDuplicates, diff)
		}
	})
}

// TestDispatchDoneInTime: when everything was accepted by the time at which the calls in flight returned, the dispatch is complete.
func TestDispatchDoneInTime(t *testing.T) {
	t.Parallel()
	for _, resolved := range []int{15, -1} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: func(context.Context, int, []queue.Outgoing) ([]queue.Failure, error) {
				time.Sleep(3 * time.Second)
				return nil, nil
			}}
			report, err := queue.Dispatch(t.Context(), w, errands(15, 100), queue.DispatchOptions{Resolved: resolved, StopAt: time.Now().Add(time.Second)})
			if report.Sent != 15 || (err == nil) != (resolved >= 0) { // where the number is not known, nobody knows whether there are more
				t.Errorf("%d sent, error %v", report.Sent, err)
			}
		})
	}
}

// TestDispatchStoppedBefore: when the time is over already, nothing is sent, and everything is still to be sent.
func TestDispatchStoppedBefore(t *testing.T) {
	t.Parallel()
	w := &wire{}
	report, err := queue.Dispatch(t.Context(), w, errands(50, 100), queue.DispatchOptions{Resolved: 50, StopAt: time.Now().Add(-time.Hour)})
	var incomplete *queue.IncompleteError
	if !errors.As(err, &incomplete) || !errors.Is(err, queue.ErrStopped) || report.Sent != 0 || w.calls != 0 {
		t.Fatalf("%+v, %d calls, error %v", report, w.calls, err)
	}
	if diff := cmp.Diff(queue.Cursor{}, incomplete.Cursor); diff != "" {
		t.Errorf("cursor (-want +got):\n%s", diff)
	}
}

// TestCursorHasABound: of many missing tasks the cursor names the first thousand, and counts what will be sent again.
func TestCursorHasABound(t *testing.T) {
	t.Parallel()
	const tasks = 6000
	w := &wire{answer: func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		var failures []queue.Failure
		for i, o := range batch {
			if number(o)%2 == 1 {
				failures = append(failures, queue.Failure{Index: i, Code: "Invalid", SenderFault: true})
			}
		}
		return failures, nil
	}}
	_, err := queue.Dispatch(t.Context(), w, errands(tasks, 20), queue.DispatchOptions{Resolved: tasks, MaxInFlight: 1})
	var incomplete *queue.IncompleteError
	if !errors.As(err, &incomplete) {
		t.Fatal(err)
	}
	got := incomplete.Cursor
	if got.Next != 2001 || len(got.Missing) != queue.MaxMissing || got.Missing[999] != 1999 || got.Again != 1999 {
		t.Errorf("next %d, %d missing, %d again", got.Next, len(got.Missing), got.Again)
	}
	beyond := 0
	for i := range tasks {
		if sent := w.accepted[i] > 0; i < got.Next && sent == slices.Contains(got.Missing, i) {
			t.Errorf("place %d is not as the cursor says", i)
		} else if i >= got.Next && sent {
			beyond++
		}
	}
	if beyond != got.Again {
		t.Errorf("%d tasks beyond the cursor were accepted, it says %d", beyond, got.Again)
	}
}

// rest are the tasks that are still to be sent.
func rest(tasks iter.Seq2[errand, error], c queue.Cursor) iter.Seq2[errand, error] {
	return func(yield func(errand, error) bool) {
		place := 0
		for task, err := range tasks {
			if (place >= c.Next || slices.Contains(c.Missing, place)) && !yield(task, err) {
				return
			}
			place++
		}
	}
}

// TestDispatchGoesOn: a dispatch that is stopped again and again, over a queue with faults, sends every task, and none that the
// queue had accepted for sure is sent again.
func TestDispatchGoesOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(rt, "tasks")
		faults := rapid.SliceOfN(rapid.SampledFrom([]int{0, 4, 5, 6, 8}), 1, 6).Draw(rt, "faults")
		seed := rapid.Uint64().Draw(rt, "seed")
		inFlight := rapid.IntRange(0, 5).Draw(rt, "in flight")
		slice := time.Duration(rapid.IntRange(20, 400).Draw(rt, "milliseconds")) * time.Millisecond
		w := &wire{limits: queue.Limits{MessageBytes: 2000}}
		problem := ""
		synctest.Test(t, func(*testing.T) { problem = goOn(w, n, faults, seed, inFlight, slice) })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// goOn dispatches n errands in slices of time until all were sent, and says what is wrong with the outcome.
func goOn(w *wire, n int, faults []int, seed uint64, inFlight int, slice time.Duration) string {
	random := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	roll := func(n int) int { mu.Lock(); defer mu.Unlock(); return random.IntN(n) }
	w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		time.Sleep(time.Duration(roll(20)) * time.Millisecond)
		if roll(4) != 0 {
			return nil, nil
		}
		return misbehave(w, faults[roll(len(faults))], roll, batch)
	}
	tasks, left, doubtful := errands(n, 150), n, 0
	for range 300 {
		report, err := queue.Dispatch(context.Background(), w, tasks, queue.DispatchOptions{
			Resolved: left, MaxInFlight: inFlight, Attempts: 1000, StopAt: time.Now().Add(slice),
		})
		doubtful += report.PossibleDuplicates
		if err == nil {
			return w.lostOrRepeated(n, doubtful)
		}
		var incomplete *queue.IncompleteError
		if !errors.As(err, &incomplete) || !errors.Is(err, queue.ErrStopped) {
			return err.Error()
		}
		c := incomplete.Cursor
		if c.Next-len(c.Missing) != report.Sent || c.Again != 0 {
			return fmt.Sprintf("the cursor says that %d were sent and %d will be again, the report %d", c.Next-len(c.Missing), c.Again, report.Sent)
		}
		tasks, left = rest(tasks, c), left-report.Sent
	}
	return fmt.Sprintf("%d tasks are left", left)
}

// lostOrRepeated names a task that was not accepted, and counts those that were accepted again.
func (w *wire) lostOrRepeated(n, doubtful int) string {
	again := 0
	for i := range n {
		if w.accepted[i] == 0 {
			return fmt.Sprintf("task %d was lost", i)
		}
		again += w.accepted[i] - 1
	}
	if again > doubtful {
		return fmt.Sprintf("%d tasks were accepted again, %d were doubtful", again, doubtful)
	}
	return ""
}
