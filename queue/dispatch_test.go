package queue_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
)

// errand is the task of these tests: number n, with a body of size bytes that begins with n.
type errand struct {
	n, size int
	account string
}

func (e errand) ID() string    { return "task-" + strconv.Itoa(e.n) }
func (e errand) Label() string { return "label " + strconv.Itoa(e.n) }
func (e errand) AppendBody(dst []byte) []byte {
	start := len(dst)
	dst = append(strconv.AppendInt(dst, int64(e.n), 10), ' ')
	for len(dst)-start < e.size {
		dst = append(dst, 'x')
	}
	return dst
}
func (e errand) Attributes(dst []queue.Attribute) []queue.Attribute {
	return append(dst, queue.Attribute{Name: "starfleet-run-id", Value: "run"})
}
func (e errand) AccountID() string { return e.account }
func (e errand) RunID() string     { return "run" }

// attributeBytes is what an errand's attribute counts.
const attributeBytes = len("starfleet-run-id") + len("String") + len("run")

// errands yields n errands of the size.
func errands(n, size int) iter.Seq2[errand, error] {
	return func(yield func(errand, error) bool) {
		for i := range n {
			if !yield(errand{n: i, size: size}, nil) {
				return
			}
		}
	}
}

// number is the number of the errand that was sent as o.
func number(o queue.Outgoing) int {
	text, _, _ := strings.Cut(string(o.Body), " ")
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

// wire is a Sender that answers as answer says and keeps account.
type wire struct {
	limits queue.Limits
	answer func(ctx context.Context, call int, batch []queue.Outgoing) ([]queue.Failure, error)

	mu       sync.Mutex
	calls    int
	flying   int
	highest  int
	bytes    int
	mostBody int
	batches  [][]int // numbers, by call
	accepted map[int]int
	groups   map[string]bool
}

func (w *wire) Limits(context.Context) (queue.Limits, error) { return w.limits, nil }

func (w *wire) SendBatch(ctx context.Context, batch []queue.Outgoing) ([]queue.Failure, error) {
	size := 0
	var numbers []int
	for _, o := range batch {
		size += o.Size()
		numbers = append(numbers, number(o))
	}
	w.mu.Lock()
	call := w.calls
	w.calls++
	w.flying++
	w.bytes += size
	w.highest = max(w.highest, w.flying)
	w.mostBody = max(w.mostBody, w.bytes)
	w.batches = append(w.batches, numbers)
	w.mu.Unlock()
	var failures []queue.Failure
	var err error
	if w.answer != nil {
		failures, err = w.answer(ctx, call, batch)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flying--
	w.bytes -= size
	if err == nil {
		w.accept(batch, failures)
	}
	return failures, err
}

func (w *wire) accept(batch []queue.Outgoing, failures []queue.Failure) {
	failed := map[int]bool{}
	for _, f := range failures {
		failed[f.Index] = true
	}
	if w.accepted == nil {
		w.accepted, w.groups = map[int]int{}, map[string]bool{}
	}
	for i, o := range batch {
		if !failed[i] {
			w.accepted[number(o)]++
			w.groups[o.GroupID] = true
		}
	}
}

// requireOnce fails unless each of n errands but those left out was accepted exactly once.
func (w *wire) requireOnce(t *testing.T, n int, leftOut ...int) {
	t.Helper()
	want := map[int]int{}
	for i := range n {
		want[i] = 1
	}
	for _, i := range leftOut {
		delete(want, i)
	}
	if maps.Equal(want, w.accepted) {
		return
	}
	if diff := cmp.Diff(want, w.accepted); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
}

// requireAddsUp fails unless sent and not sent make up what was resolved.
func requireAddsUp(t *testing.T, r queue.Report, err error) {
	t.Helper()
	if r.Sent+r.NotSentCount != r.Resolved || r.Sent < 0 || r.NotSentCount < 0 {
		t.Errorf("the report does not add up: %d sent + %d not sent, %d resolved", r.Sent, r.NotSentCount, r.Resolved)
	}
	var incomplete *queue.IncompleteError
	if errors.As(err, &incomplete) {
		if diff := cmp.Diff(r, incomplete.Report); diff != "" {
			t.Errorf("the error has another report (-returned +error's):\n%s", diff)
		}
	} else if r.NotSentCount != 0 {
		t.Errorf("%d tasks were not sent and the error is %v", r.NotSentCount, err)
	}
}

func TestDispatchSendsEveryTask(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 9, 10, 11, 640, 12345} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			w := &wire{}
			report, err := queue.Dispatch(t.Context(), w, errands(n, 100), queue.DispatchOptions{Resolved: n})
			if err != nil {
				t.Fatal(err)
			}
			w.requireOnce(t, n)
			requireAddsUp(t, report, err)
			want := queue.Report{
				Resolved: n, Sent: n, Batches: (n + 9) / 10, Bytes: int64(n * (100 + attributeBytes)), Elapsed: report.Elapsed,
			}
			if diff := cmp.Diff(want, report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDispatchBatchesByBytes(t *testing.T) {
	t.Parallel()
	const size = 300
	for _, perBatch := range []int{1, 2, 3, 9, 10} {
		for _, spare := range []int{0, 1, size/2 + attributeBytes} {
			limit := perBatch*(size+attributeBytes) + spare
			w := &wire{limits: queue.Limits{MessageBytes: limit}}
			w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
				total := 0
				for _, o := range batch {
					total += o.Size()
				}
				if total > limit {
					t.Errorf("a batch of %d bytes, the limit is %d", total, limit)
				}
				return nil, nil
			}
			report, err := queue.Dispatch(t.Context(), w, errands(100, size), queue.DispatchOptions{Resolved: 100})
			if err != nil {
				t.Fatal(err)
			}
			w.requireOnce(t, 100)
			if want := (100 + perBatch - 1) / perBatch; report.Batches != want {
				t.Errorf("limit %d: %d batches, want %d", limit, report.Batches, want)
			}
		}
	}
}

func TestDispatchAddressesMessages(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 129)
	sum := sha256.Sum256([]byte(long))
	for _, test := range []struct {
		name   string
		fifo   bool
		task   errand
		group  string
		dedupe string
	}{
		{name: "standard", task: errand{n: 1, account: "111111111111"}, group: "run"},
		{name: "fifo", fifo: true, task: errand{n: 1, account: "111111111111"}, group: "111111111111", dedupe: "task-1"},
		{name: "fifo without account", fifo: true, task: errand{n: 1}, group: "run", dedupe: "task-1"},
		{
			name: "a group that SQS would refuse is hashed", fifo: true, task: errand{n: 1, account: long},
			group: hex.EncodeToString(sum[:]), dedupe: "task-1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got queue.Outgoing
			w := &wire{limits: queue.Limits{FIFO: test.fifo}}
			w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
				got = batch[0]
				got.Body, got.Attributes = slices.Clone(got.Body), slices.Clone(got.Attributes)
				return nil, nil
			}
			one := func(yield func(errand, error) bool) { yield(test.task, nil) }
			if _, err := queue.Dispatch(t.Context(), w, one, queue.DispatchOptions{Resolved: 1}); err != nil {
				t.Fatal(err)
			}
			want := queue.Outgoing{
				ID: "0", Body: []byte("1 "), Attributes: []queue.Attribute{{Name: "starfleet-run-id", Value: "run"}},
				GroupID: test.group, DeduplicationID: test.dedupe,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDispatchRetriesFailedEntriesAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		w.answer = func(_ context.Context, call int, _ []queue.Outgoing) ([]queue.Failure, error) {
			if call == 0 {
				return []queue.Failure{{Index: 3, Code: "InternalError"}, {Index: 7, Code: "InternalError"}}, nil
			}
			return nil, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(10, 10), queue.DispatchOptions{Resolved: 10})
		if err != nil {
			t.Fatal(err)
		}
		w.requireOnce(t, 10)
		if report.Retried != 2 || report.PossibleDuplicates != 0 {
			t.Errorf("retried %d, possible duplicates %d, want 2 and 0", report.Retried, report.PossibleDuplicates)
		}
		again := map[int]bool{}
		for _, numbers := range w.batches[1:] {
			for _, n := range numbers {
				again[n] = true
			}
		}
		if diff := cmp.Diff(map[int]bool{3: true, 7: true}, again); diff != "" {
			t.Errorf("sent again (-want +got):\n%s", diff)
		}
	})
}

func TestDispatchReportsSenderFaultsAtOnce(t *testing.T) {
	t.Parallel()
	w := &wire{}
	w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		for i, o := range batch {
			if number(o) == 17 {
				return []queue.Failure{{Index: i, Code: "InvalidMessageContents", Message: "no", SenderFault: true}}, nil
			}
		}
		return nil, nil
	}
	report, err := queue.Dispatch(t.Context(), w, errands(100, 10), queue.DispatchOptions{Resolved: 100})
	w.requireOnce(t, 100, 17)
	requireAddsUp(t, report, err)
	want := []queue.NotSent{{Label: "label 17", TaskID: "task-17", Reason: "task label 17 was refused: InvalidMessageContents: no"}}
	if diff := cmp.Diff(want, report.NotSent); diff != "" {
		t.Errorf("not sent (-want +got):\n%s", diff)
	}
	var refused *queue.EntryError
	if !errors.As(err, &refused) || refused.Label != "label 17" {
		t.Errorf("the error is %v, want an EntryError of label 17", err)
	}
	if report.Batches != 10 || report.Retried != 0 {
		t.Errorf("%d batches, %d retried, want 10 and 0", report.Batches, report.Retried)
	}
}

// TestDispatchThrottling: a queue that takes 4 calls at once throttles the others. Nothing fails, and the calls in flight settle
// about there.
func TestDispatchThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const room = 4
		var mu sync.Mutex
		flying, throttled := 0, 0
		w := &wire{}
		w.answer = func(context.Context, int, []queue.Outgoing) ([]queue.Failure, error) {
			mu.Lock()
			full := flying >= room
			if full {
				throttled++
			} else {
				flying++
			}
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			if full {
				return nil, fmt.Errorf("slow down: %w", queue.ErrThrottled)
			}
			mu.Lock()
			flying--
			mu.Unlock()
			return nil, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(20000, 10), queue.DispatchOptions{Resolved: 20000, Attempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		w.requireOnce(t, 20000)
		// 2,000 calls of 10 ms, 4 at once, take 5 s.
		if report.Elapsed > 10*time.Second {
			t.Errorf("it took %v, want at most twice the 5 s that the queue needs", report.Elapsed)
		}
		if throttled > 1000 {
			t.Errorf("%d of %d calls were throttled", throttled, report.Batches)
		}
	})
}

// TestDispatchRecoversFromThrottling: after a short time of throttling all 64 calls are in flight again.
func TestDispatchRecoversFromThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		start := time.Now()
		after := 0
		w.answer = func(context.Context, int, []queue.Outgoing) ([]queue.Failure, error) {
			time.Sleep(10 * time.Millisecond)
			switch since := time.Since(start); {
			case since > 100*time.Millisecond && since < 200*time.Millisecond:
				return nil, queue.ErrThrottled
			case since > 1200*time.Millisecond:
				w.mu.Lock()
				after = max(after, w.flying)
				w.mu.Unlock()
			}
			return nil, nil
		}
		if _, err := queue.Dispatch(t.Context(), w, errands(90000, 10), queue.DispatchOptions{Resolved: 90000}); err != nil {
			t.Fatal(err)
		}
		w.requireOnce(t, 90000)
		if after != 64 || w.highest != 64 {
			t.Errorf("at most %d calls in flight, %d after recovery, want 64", w.highest, after)
		}
	})
}

func TestDispatchHalvesTooLongBatches(t *testing.T) {
	t.Parallel()
	const truth = 1000 // bytes, while the queue says 256 KiB
	w := &wire{}
	w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		total := 0
		for _, o := range batch {
			total += o.Size()
		}
		if total > truth {
			return nil, queue.ErrTooLong
		}
		return nil, nil
	}
	report, err := queue.Dispatch(t.Context(), w, errands(5000, 300), queue.DispatchOptions{Resolved: 5000, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.requireOnce(t, 5000)
	if report.Batches > 5000 {
		t.Errorf("%d batches for 5,000 tasks: the smaller size was not kept", report.Batches)
	}
}

func TestDispatchTooLongAloneIsRefused(t *testing.T) {
	t.Parallel()
	w := &wire{}
	w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		for _, o := range batch {
			if number(o) == 5 {
				return nil, queue.ErrTooLong
			}
		}
		return nil, nil
	}
	report, err := queue.Dispatch(t.Context(), w, errands(30, 300), queue.DispatchOptions{Resolved: 30})
	if !errors.Is(err, queue.ErrTooLong) {
		t.Errorf("the error is %v, want ErrTooLong", err)
	}
	w.requireOnce(t, 30, 5)
	requireAddsUp(t, report, err)
}

func TestDispatchSendsWithoutRefusedGroup(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{true, false} {
		var logged bytes.Buffer
		w := &wire{}
		w.answer = func(_ context.Context, _ int, batch []queue.Outgoing) ([]queue.Failure, error) {
			if batch[0].GroupID == "" {
				return nil, nil
			}
			if whole {
				return nil, queue.ErrNoGroup
			}
			var failures []queue.Failure
			for i := range batch {
				failures = append(failures, queue.Failure{Index: i, Code: "InvalidParameterValue", SenderFault: true, Class: queue.ErrNoGroup})
			}
			return failures, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(1000, 10), queue.DispatchOptions{
			Resolved: 1000, Attempts: 1, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.requireOnce(t, 1000)
		requireAddsUp(t, report, err)
		if !cmp.Equal(w.groups, map[string]bool{"": true}) {
			t.Errorf("groups %v, want none", w.groups)
		}
		if n := strings.Count(logged.String(), "tasks are sent without"); n != 1 {
			t.Errorf("logged %d times, want once:\n%s", n, logged.String())
		}
	}
}

func TestDispatchStopsOnPermanentError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		w.answer = func(_ context.Context, call int, _ []queue.Outgoing) ([]queue.Failure, error) {
			time.Sleep(time.Millisecond)
			if call == 3 {
				return nil, fmt.Errorf("access denied: %w", queue.ErrPermanent)
			}
			return nil, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(100000, 10), queue.DispatchOptions{Resolved: 100000})
		requireAddsUp(t, report, err)
		if !errors.Is(err, queue.ErrPermanent) {
			t.Fatalf("the error is %v, want ErrPermanent", err)
		}
		// The first 32 calls answer at the same moment, and the fault may be looked at last of them, with 64 more calls under way.
		if len(w.accepted) != report.Sent || report.Sent > (32+64)*queue.MaxBatchEntries {
			t.Errorf("%d sent, %d accepted, want the same and few", report.Sent, len(w.accepted))
		}
		if len(report.NotSent) != 100 {
			t.Errorf("%d are named, want 100", len(report.NotSent))
		}
		for _, n := range report.NotSent {
			if !strings.Contains(n.Reason, "access denied") {
				t.Errorf("reason %q does not say why", n.Reason)
			}
		}
	})
}

func TestDispatchCountsPossibleDuplicates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		var lost []queue.Outgoing
		w.answer = func(ctx context.Context, call int, batch []queue.Outgoing) ([]queue.Failure, error) {
			switch call {
			case 2:
				w.mu.Lock()
				w.accept(batch, nil)
				w.mu.Unlock()
				lost = batch
				return nil, errors.New("connection reset by peer")
			case 5: // never answers
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return nil, nil
		}
		report, err := queue.Dispatch(t.Context(), w, errands(1000, 10), queue.DispatchOptions{Resolved: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(lost) == 0 || report.PossibleDuplicates != 20 || report.Retried != 20 {
			t.Errorf("possible duplicates %d, retried %d, want 20 and 20", report.PossibleDuplicates, report.Retried)
		}
		twice := 0
		for n := range 1000 {
			switch w.accepted[n] {
			case 1:
			case 2:
				twice++
			default:
				t.Errorf("task %d was accepted %d times", n, w.accepted[n])
			}
		}
		if twice != 10 {
			t.Errorf("%d tasks arrived twice, want the 10 of the cut reply", twice)
		}
	})
}
