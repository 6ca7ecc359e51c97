package queue_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/queue"
)

func TestDispatchGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
			for i, o := range batch {
				if number(o) == 42 {
					return []queue.Failure{{Index: i, Code: "InternalError", Message: "sorry"}}, nil
				}
			}
			time.Sleep(100 * time.Millisecond)
			return nil, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(20000, 10), queue.DispatchOptions{Resolved: 20000, Attempts: 3})
		w.requireOnce(t, 20000, 42)
		requireAddsUp(t, report, err)
		if report.Retried != 2 {
			t.Errorf("retried %d times, want 2", report.Retried)
		}
		if len(report.NotSent) != 1 || !strings.Contains(report.NotSent[0].Reason, "given up after 3 attempts") {
			t.Errorf("not sent: %+v", report.NotSent)
		}
	})
}

// TestDispatchStopsWhenNothingIsAccepted: a queue that is down ends the dispatch after the attempts of the first tasks, not of all.
func TestDispatchStopsWhenNothingIsAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		w.answer = func(context.Context, int, []queue.Outgoing) ([]queue.Failure, error) {
			return nil, errors.New("connection refused")
		}
		report, err := queue.Dispatch(t.Context(), w, errands(1000000, 10), queue.DispatchOptions{Resolved: 1000000})
		requireAddsUp(t, report, err)
		if err == nil || !strings.Contains(err.Error(), "the queue accepts nothing") || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("the error is %v", err)
		}
		if report.Elapsed > time.Minute || report.Sent != 0 {
			t.Errorf("%d sent after %v", report.Sent, report.Elapsed)
		}
	})
}

func TestDispatchStopsWhenEverythingIsRefused(t *testing.T) {
	t.Parallel()
	w := &wire{}
	w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		var failures []queue.Failure
		for i := range batch {
			failures = append(failures, queue.Failure{Index: i, Code: "InvalidParameterValue", SenderFault: true})
		}
		return failures, nil
	}
	report, err := queue.Dispatch(t.Context(), w, errands(100000, 10), queue.DispatchOptions{Resolved: 100000})
	requireAddsUp(t, report, err)
	if err == nil || report.Batches > 200 {
		t.Errorf("%d batches were tried, want about 100; error %v", report.Batches, err)
	}
}

// TestDispatchFindsTheRefusedEntry: the entries of a batch that is refused as a whole are sent one by one.
func TestDispatchFindsTheRefusedEntry(t *testing.T) {
	t.Parallel()
	w := &wire{}
	w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		for _, o := range batch {
			if number(o)%100 == 50 {
				return nil, queue.ErrRefused
			}
		}
		return nil, nil
	}
	report, err := queue.Dispatch(t.Context(), w, errands(300, 10), queue.DispatchOptions{Resolved: 300})
	w.requireOnce(t, 300, 50, 150, 250)
	requireAddsUp(t, report, err)
	if !errors.Is(err, queue.ErrRefused) || report.NotSentCount != 3 {
		t.Errorf("%d not sent, error %v", report.NotSentCount, err)
	}
}

func TestDispatchTooLargeTask(t *testing.T) {
	t.Parallel()
	tasks := func(yield func(errand, error) bool) {
		for i := range 30 {
			size := 100
			if i == 12 {
				size = 10000
			}
			if !yield(errand{n: i, size: size}, nil) {
				return
			}
		}
	}
	limits := queue.Limits{MessageBytes: 10000}
	w := &wire{limits: limits}
	report, err := queue.Dispatch(t.Context(), w, tasks, queue.DispatchOptions{Resolved: 30})
	w.requireOnce(t, 30, 12)
	requireAddsUp(t, report, err)
	var large *queue.TooLargeError
	if !errors.As(err, &large) || large.Label != "label 12" || large.Size != 10000+attributeBytes || large.Limit != 10000 {
		t.Errorf("the error is %v", err)
	}

	w = &wire{limits: limits}
	report, err = queue.Dispatch(t.Context(), w, tasks, queue.DispatchOptions{Resolved: 30, LargestTask: 10000 + attributeBytes})
	requireAddsUp(t, report, err)
	if !errors.As(err, &large) || w.calls != 0 || report.NotSentCount != 30 || len(report.NotSent) != 30 {
		t.Errorf("with an upper bound: %d calls, %d not sent, %d named, error %v", w.calls, report.NotSentCount, len(report.NotSent), err)
	}
}

func TestDispatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("the deadline nears")
		ctx, cancel := context.WithCancelCause(t.Context())
		w := &wire{}
		w.answer = func(ctx context.Context, call int, _ []queue.Outgoing) ([]queue.Failure, error) {
			if call == 20 {
				<-ctx.Done() // hangs, and is cut a second after the end
				return nil, ctx.Err()
			}
			time.Sleep(10 * time.Millisecond) // returns within the grace
			return nil, nil
		}
		start := time.Now()
		time.AfterFunc(105*time.Millisecond, func() { cancel(reason) })
		report, err := queue.Dispatch(ctx, w, errands(100000, 10), queue.DispatchOptions{Resolved: 100000})
		requireAddsUp(t, report, err)
		if !errors.Is(err, reason) {
			t.Errorf("the error is %v, want the context's cause", err)
		}
		if took := time.Since(start); took != 1105*time.Millisecond {
			t.Errorf("it took %v, want 105 ms and a second", took)
		}
		if report.Sent != len(w.accepted) || report.PossibleDuplicates != 10 || len(report.NotSent) != 100 {
			t.Errorf("sent %d, accepted %d, possible duplicates %d, named %d", report.Sent, len(w.accepted), report.PossibleDuplicates, len(report.NotSent))
		}
	})
}

func TestDispatchEndedBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &wire{}
	report, err := queue.Dispatch(ctx, w, errands(250, 10), queue.DispatchOptions{Resolved: 250})
	requireAddsUp(t, report, err)
	if !errors.Is(err, context.Canceled) || w.calls != 0 || report.NotSentCount != 250 {
		t.Errorf("%d calls, %d not sent, error %v", w.calls, report.NotSentCount, err)
	}
}

func TestDispatchMismatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ resolved, rendered, rendersTo int }{{100, 101, 101}, {0, 1, 1}, {100, 5000, 101}, {100, 99, 99}, {100, 0, 0}} {
		w := &wire{}
		report, err := queue.Dispatch(t.Context(), w, errands(test.rendered, 10), queue.DispatchOptions{Resolved: test.resolved})
		requireAddsUp(t, report, err)
		var mismatch *queue.MismatchError
		if !errors.As(err, &mismatch) || *mismatch != (queue.MismatchError{Resolved: test.resolved, Rendered: test.rendersTo}) {
			t.Errorf("%+v: the error is %v", test, err)
		}
		for n := range w.accepted {
			if n >= test.resolved {
				t.Errorf("%+v: task %d was sent", test, n)
			}
		}
	}
	w := &wire{}
	report, err := queue.Dispatch(t.Context(), w, errands(123, 10), queue.DispatchOptions{Resolved: -1})
	if err != nil || report.Resolved != 123 || report.Sent != 123 {
		t.Errorf("unknown number: %+v, %v", report, err)
	}
}

func TestDispatchIteratorError(t *testing.T) {
	t.Parallel()
	fault := errors.New("no such account")
	tasks := func(yield func(errand, error) bool) {
		for i := range 55 {
			if !yield(errand{n: i, size: 10}, nil) {
				return
			}
		}
		yield(errand{}, fault)
	}
	w := &wire{}
	report, err := queue.Dispatch(t.Context(), w, tasks, queue.DispatchOptions{Resolved: 100})
	requireAddsUp(t, report, err)
	if !errors.Is(err, fault) || report.Sent != 50 || len(report.NotSent) != 5 {
		t.Errorf("%d sent, %d named, error %v", report.Sent, len(report.NotSent), err)
	}
}

func TestDispatchBoundsBytesInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{limits: queue.Limits{MessageBytes: 1 << 20}}
		w.answer = func(context.Context, int, []queue.Outgoing) ([]queue.Failure, error) {
			time.Sleep(10 * time.Millisecond)
			return nil, nil
		}
		if _, err := queue.Dispatch(t.Context(), w, errands(1000, 100<<10), queue.DispatchOptions{Resolved: 1000}); err != nil {
			t.Fatal(err)
		}
		if w.mostBody > 16<<20 || w.highest != 16 {
			t.Errorf("%d bytes in %d calls in flight, want 16 MiB in 16", w.mostBody, w.highest)
		}
		w = &wire{limits: queue.Limits{MessageBytes: 1 << 20}, answer: w.answer}
		if _, err := queue.Dispatch(t.Context(), w, errands(20, 100<<10), queue.DispatchOptions{Resolved: 20, MaxBytes: 1000}); err != nil {
			t.Fatal(err)
		}
		if w.highest != 1 {
			t.Errorf("%d calls in flight, want one at a time", w.highest)
		}
	})
}

func TestDispatchProgress(t *testing.T) {
	t.Parallel()
	last := 0
	_, err := queue.Dispatch(t.Context(), &wire{}, errands(5000, 10), queue.DispatchOptions{Resolved: 5000, Progress: func(sent int) {
		if sent <= last {
			t.Errorf("progress went from %d to %d", last, sent)
		}
		last = sent
	}})
	if err != nil || last != 5000 {
		t.Errorf("progress ended at %d, error %v", last, err)
	}
}

func TestDispatchDistrustsTheSender(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		w.answer = func(_ context.Context, call int, _ []queue.Outgoing) ([]queue.Failure, error) {
			if call == 0 {
				return []queue.Failure{{Index: 10}}, nil
			}
			return nil, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(10, 10), queue.DispatchOptions{Resolved: 10})
		if err != nil || report.PossibleDuplicates != 10 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

func TestDispatchRefusesBadOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []queue.DispatchOptions{{LargestTask: -1}, {MaxInFlight: -1}, {MaxBytes: -1}, {Attempts: -1}, {CallTimeout: -1}} {
		if _, err := queue.Dispatch(t.Context(), &wire{}, errands(0, 0), o); err == nil || !strings.Contains(err.Error(), "DispatchOptions.") {
			t.Errorf("%+v: the error is %v", o, err)
		}
	}
	if _, err := queue.Dispatch(t.Context(), nil, errands(0, 0), queue.DispatchOptions{}); err == nil {
		t.Error("no Sender is no error")
	}
	if _, err := queue.Dispatch(t.Context(), &wire{}, iter.Seq2[errand, error](nil), queue.DispatchOptions{}); err == nil {
		t.Error("no tasks is no error")
	}
}

// TestDispatchAddsUp: whatever a queue answers, every task is accepted or reported, and none is sent twice without being counted.
func TestDispatchAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(rt, "tasks")
		faults := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 8).Draw(rt, "faults")
		seed := rapid.Uint64().Draw(rt, "seed")
		o := queue.DispatchOptions{
			Resolved:    n,
			MaxInFlight: rapid.IntRange(0, 5).Draw(rt, "in flight"),
			Attempts:    rapid.IntRange(0, 4).Draw(rt, "attempts"),
		}
		w := &wire{limits: queue.Limits{MessageBytes: 2000, FIFO: rapid.Bool().Draw(rt, "fifo")}}
		var report queue.Report
		var err error
		synctest.Test(t, func(*testing.T) { report, err = dispatchOverFaults(w, n, faults, seed, o) })

		if report.Sent+report.NotSentCount != n || report.Sent < 0 || (err == nil) != (report.NotSentCount == 0) {
			rt.Fatalf("%+v, error %v", report, err)
		}
		times := 0
		for _, k := range w.accepted {
			times += k
		}
		if times < report.Sent || times > report.Sent+report.PossibleDuplicates {
			rt.Fatalf("accepted %d times, sent %d, possible duplicates %d", times, report.Sent, report.PossibleDuplicates)
		}
		if len(report.NotSent) != min(report.NotSentCount, 100) {
			rt.Fatalf("%d of %d are named", len(report.NotSent), report.NotSentCount)
		}
	})
}

func dispatchOverFaults(w *wire, n int, faults []int, seed uint64, o queue.DispatchOptions) (queue.Report, error) {
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
	return queue.Dispatch(context.Background(), w, errands(n, 150), o)
}

// misbehave answers a call with the fault.
func misbehave(w *wire, fault int, roll func(int) int, batch []queue.Outgoing) ([]queue.Failure, error) {
	entry := roll(len(batch))
	switch fault {
	case 0:
		return nil, queue.ErrThrottled
	case 1:
		return nil, queue.ErrTooLong
	case 2:
		return nil, queue.ErrRefused
	case 3:
		return nil, fmt.Errorf("no access: %w", queue.ErrPermanent)
	case 4:
		return nil, errors.New("cut")
	case 5:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.accept(batch, nil)
		return nil, errors.New("cut after it was accepted")
	case 6:
		return []queue.Failure{{Index: entry, Code: "InternalError"}}, nil
	case 7:
		return []queue.Failure{{Index: entry, Code: "Invalid", SenderFault: true}}, nil
	case 8:
		return []queue.Failure{{Index: entry, Code: "Throttled", Class: queue.ErrThrottled}}, nil
	}
	if batch[0].GroupID == "" {
		return nil, nil
	}
	return nil, queue.ErrNoGroup
}
