package watch_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

func done(context.Context, queue.Message) error { return nil }

// TestConfigFaults: all faults at once, each naming its field.
func TestConfigFaults(t *testing.T) {
	t.Parallel()
	_, err := watch.New(watch.Config{Concurrency: -1, Wait: time.Minute, Lease: time.Second, Limit: -1, CancelGrace: -1, UntilEmpty: true, Once: true})
	if err == nil {
		t.Fatal("no error")
	}
	for _, field := range []string{"Receiver", "Handler", "Wait", "Lease", "Limit", "CancelGrace", "UntilEmpty"} {
		if !strings.Contains(err.Error(), "Config."+field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
	if _, err := watch.New(watch.Config{Receiver: memory(t, queue.MemoryConfig{}), Handler: done, Concurrency: -1}); err == nil || !strings.Contains(err.Error(), "Config.Concurrency is -1") {
		t.Errorf("error %v", err)
	}
}

// TestSlowJob: a slow job holds up neither the deletes of its neighbours nor the next receive calls.
func TestSlowJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "slow", "a", "b", "c", "d")
		r := record(m)
		w := newWatcher(t, watch.Config{Receiver: r, Concurrency: 2, Handler: func(_ context.Context, m queue.Message) error {
			if m.Body == "slow" {
				time.Sleep(time.Minute)
			}
			return nil
		}})
		if err := runFor(t, w, 50*time.Second); err != nil {
			t.Error(err)
		}
		same(t, "calls", []string{"0 s: delete a", "0 s: delete b", "0 s: delete c", "0 s: delete d", "60 s: delete slow"}, r.all())
	})
}

// TestNoMoreThanCanBegin: no message is held that has not begun. Those whose jobs have ended are still held until they are deleted, as many again at most.
func TestNoMoreThanCanBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, strings.Split("abcdefghijklmnopqrstuvwxyz", "")...)
		var now, most, ended atomic.Int64
		w := newWatcher(t, watch.Config{Receiver: m, Concurrency: 3, UntilEmpty: true, Handler: func(context.Context, queue.Message) error {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			deleted := 26 - m.Len()
			held := m.Counts().InFlight
			if left := held - (int(ended.Load()) - deleted); left > 3 || held > 6 {
				t.Errorf("%d are held, %d of them not ended", held, left)
			}
			now.Add(-1)
			ended.Add(1)
			return nil
		}})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if most.Load() != 3 || m.Len() != 0 {
			t.Errorf("%d at once, %d left", most.Load(), m.Len())
		}
	})
}

// TestUntilEmpty: Run returns when a long poll finds nothing and no job runs: one that none ran at the beginning of, or half a second before the end.
func TestUntilEmpty(t *testing.T) {
	t.Parallel()
	for job, want := range map[time.Duration]time.Duration{
		0:                        20 * time.Second,
		50 * time.Second:         60 * time.Second,
		59800 * time.Millisecond: 80 * time.Second,
		time.Minute:              80 * time.Second, // just as a long poll ends
	} {
		synctest.Test(t, func(t *testing.T) {
			m, begin := memory(t, queue.MemoryConfig{}), time.Now()
			send(t, m, "a", "b")
			w := newWatcher(t, watch.Config{Receiver: m, Concurrency: 2, UntilEmpty: true, Handler: func(_ context.Context, m queue.Message) error {
				if m.Body == "a" {
					time.Sleep(job)
				}
				return nil
			}})
			if err := w.Run(t.Context()); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin).Truncate(time.Second); took != want || m.Len() != 0 {
				t.Errorf("a job of %v: %v, want %v; %d left", job, took, want, m.Len())
			}
		})
	}
}

// TestMissingQueue: a queue that is missing from the start ends Run; one that is missing later is asked again.
func TestMissingQueue(t *testing.T) {
	t.Parallel()
	gone := fmt.Errorf("%w: no such queue", queue.ErrPermanent)
	synctest.Test(t, func(t *testing.T) {
		r := record(memory(t, queue.MemoryConfig{}))
		r.fails["receive"] = []error{errJob, gone}
		if err := newWatcher(t, watch.Config{Receiver: r, Handler: done}).Run(t.Context()); !errors.Is(err, queue.ErrPermanent) {
			t.Errorf("error %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		r := record(m)
		w := newWatcher(t, watch.Config{Receiver: r, Observe: o.observe, Handler: done})
		time.AfterFunc(30*time.Second, func() { // between two polls of 20 s
			r.fail("receive", gone, gone)
			send(t, m, "x")
		})
		if err := runFor(t, w, time.Minute); err != nil {
			t.Error(err)
		}
		same(t, "results", []string{"x: done"}, o.results())
		same(t, "failures", 2, o.kinds(watch.PollFailed))
	})
}

// deaf is a queue whose first receive call is never answered.
type deaf struct {
	*queue.Memory
	calls atomic.Int64
}

func (d *deaf) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	if d.calls.Add(1) == 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return d.Memory.Receive(ctx, o)
}

// TestNoAnswer: a receive call that nobody answers is given up, and is a failure like any other.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "x")
		w := newWatcher(t, watch.Config{Receiver: &deaf{Memory: m}, Observe: o.observe, Handler: done})
		if err := runFor(t, w, 2*time.Minute); err != nil {
			t.Error(err)
		}
		same(t, "results", []string{"x: done"}, o.results())
		same(t, "failures", 1, o.kinds(watch.PollFailed))
	})
}

// TestFailuresAreTheirOwn: a panic and a malformed message are failures of their messages, and of no other.
func TestFailuresAreTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "panic", "malformed", "good")
		w := newWatcher(t, watch.Config{Receiver: malformer{m}, Observe: o.observe, Handler: func(_ context.Context, m queue.Message) error {
			if m.Body == "panic" {
				panic("at the job")
			}
			return nil
		}})
		if err := runFor(t, w, time.Second/2); err != nil {
			t.Error(err)
		}
		same(t, "results", []string{"panic: failed", "malformed: failed", "good: done"}, o.results())
		same(t, "counts", queue.MemoryCounts{InFlight: 2}, m.Counts())
	})
}

// malformer takes the id of a message away.
type malformer struct{ *queue.Memory }

func (r malformer) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	messages, err := r.Memory.Receive(ctx, o)
	for i := range messages {
		if messages[i].Body == "malformed" {
			messages[i].ID = ""
		}
	}
	return messages, err
}

// TestStopAtTheLastDelivery: a message that is given back at its last delivery is sent anew, and not dead-lettered.
func TestStopAtTheLastDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dead := memory(t, queue.MemoryConfig{Name: "dead"})
		m := memory(t, queue.MemoryConfig{MaxReceives: 1, DeadLetters: dead})
		send(t, m, "x")
		w := newWatcher(t, watch.Config{Receiver: m, Grace: -1, Handler: func(ctx context.Context, _ queue.Message) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		if err := runFor(t, w, time.Second); err != nil {
			t.Error(err)
		}
		left := m.All()
		if len(left) != 1 || left[0].Body != "x" || left[0].ReceiveCount != 0 || dead.Len() != 0 || m.Counts().Visible != 1 {
			t.Errorf("left %+v, %d dead letters", left, dead.Len())
		}
	})
}

// TestAbandoned: a handler that does not return is left behind, its message given back, and Run names it.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "deaf", "good")
		r := record(m)
		w := newWatcher(t, watch.Config{Receiver: r, Concurrency: 2, Grace: time.Second, Handler: func(ctx context.Context, m queue.Message) error {
			if m.Body == "deaf" {
				time.Sleep(time.Hour)
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}})
		err := runFor(t, w, time.Minute)
		var abandoned *watch.AbandonedError
		if !errors.As(err, &abandoned) || len(abandoned.Messages) != 1 || abandoned.Messages[0] != "queue-1" {
			t.Errorf("error %v", err)
		}
		same(t, "calls", []string{"61 s: good visible in 0 s", "69 s: deaf visible in 0 s"}, r.all())
		time.Sleep(2 * time.Hour)
		same(t, "calls, once the handler returned", 2, len(r.all()))
	})
}

// TestFIFO: messages of a group are worked on in order, one after the other, groups beside each other; one that fails holds its group up.
func TestFIFO(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{Name: "q.fifo", FIFO: true})
		send(t, m, "a1", "a2", "b1", "a3", "b2", "c1")
		var (
			mu     sync.Mutex
			order  = map[byte]string{}
			failed bool
			now    = map[byte]int{}
		)
		w := newWatcher(t, watch.Config{Receiver: m, Concurrency: 8, UntilEmpty: true, Handler: func(_ context.Context, m queue.Message) error {
			group := m.Body[0]
			mu.Lock()
			now[group]++
			if now[group] > 1 {
				t.Errorf("two of group %c at once", group)
			}
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			now[group]--
			if m.Body == "a2" && !failed {
				failed = true
				return errJob
			}
			if m.ReceiveCount > 1 && m.Body != "a2" {
				t.Errorf("%s was received %d times", m.Body, m.ReceiveCount)
			}
			order[group] += m.Body
			return nil
		}})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		same(t, "order", map[byte]string{'a': "a1a2a3", 'b': "b1b2", 'c': "c1"}, order)
	})
}

// batched is a Memory that counts its delete calls.
type batched struct {
	*queue.Memory
	singles, batches, failing atomic.Int64
}

func (b *batched) Delete(ctx context.Context, m queue.Message) error {
	time.Sleep(10 * time.Millisecond)
	b.singles.Add(1)
	return b.Memory.Delete(ctx, m)
}

func (b *batched) DeleteBatch(ctx context.Context, messages []queue.Message) ([]queue.Failure, error) {
	time.Sleep(10 * time.Millisecond)
	if b.batches.Add(1) == 1 && b.failing.Load() > 0 {
		failures, err := b.Memory.DeleteBatch(ctx, messages[1:])
		return append(failures, queue.Failure{Index: 0, Code: "InternalError"}), err
	}
	return b.Memory.DeleteBatch(ctx, messages)
}

// TestDeletesAreBatched: what is done together is deleted together; an entry that failed is deleted by itself.
func TestDeletesAreBatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &batched{Memory: memory(t, queue.MemoryConfig{})}
		b.failing.Store(1)
		bodies := make([]string, 1000)
		for i := range bodies {
			bodies[i] = fmt.Sprint(i)
		}
		send(t, b.Memory, bodies...)
		w := newWatcher(t, watch.Config{Receiver: b, Concurrency: 100, UntilEmpty: true, Handler: done})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if b.Len() != 0 || b.singles.Load()+b.batches.Load() > 250 {
			t.Errorf("%d left, %d single deletes, %d batches", b.Len(), b.singles.Load(), b.batches.Load())
		}
	})
}

// TestNothingIsLost: whatever the outcomes, the concurrency and when the worker is stopped and started again, each message is done, dead-lettered, or still there.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		outcomes := rapid.SliceOfN(rapid.SampledFrom([]string{"done", "fail", "later", "reject", "panic", "slow"}), 1, 30).Draw(rt, "outcomes")
		concurrency := rapid.IntRange(1, 12).Draw(rt, "concurrency")
		stops := rapid.SliceOfN(rapid.IntRange(1, 300), 1, 4).Draw(rt, "stops")
		synctest.Test(t, func(t *testing.T) {
			dead := memory(t, queue.MemoryConfig{Name: "dead"})
			m := memory(t, queue.MemoryConfig{MaxReceives: 3, DeadLetters: dead})
			for i, outcome := range outcomes {
				send(t, m, fmt.Sprint(i, " ", outcome))
			}
			var mu sync.Mutex
			ended := map[string]bool{}
			handle := func(ctx context.Context, m queue.Message) error {
				_, outcome, _ := strings.Cut(m.Body, " ")
				switch outcome {
				case "fail":
					return errJob
				case "later":
					return watch.Later(errJob)
				case "panic":
					panic(errJob)
				case "slow":
					select {
					case <-time.After(5 * time.Minute):
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				mu.Lock()
				ended[m.Body] = true
				mu.Unlock()
				if outcome == "reject" {
					return watch.Reject(errJob)
				}
				return nil
			}
			for _, seconds := range stops {
				w := newWatcher(t, watch.Config{Receiver: m, Concurrency: concurrency, Handler: handle, Grace: 5 * time.Second})
				if err := runFor(t, w, time.Duration(seconds)*time.Second); err != nil {
					rt.Error(err)
				}
			}
			there := map[string]bool{}
			for _, left := range append(m.All(), dead.All()...) {
				there[left.Body] = true
			}
			for i, outcome := range outcomes {
				body := fmt.Sprint(i, " ", outcome)
				if ended[body] == there[body] {
					rt.Errorf("%q: ended %v, still there %v", body, ended[body], there[body])
				}
			}
		})
	})
}

// TestNoMemoryIsLeft: after many messages a watcher holds none of them.
func TestNoMemoryIsLeft(t *testing.T) {
	m := memory(t, queue.MemoryConfig{})
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	w := newWatcher(t, watch.Config{Receiver: m, Concurrency: 10, UntilEmpty: true, Wait: time.Millisecond, Handler: done})
	round := func() {
		bodies := make([]string, 100)
		for i := range bodies {
			bodies[i] = strings.Repeat("x", 10_000)
		}
		send(t, m, bodies...)
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
	}
	round()
	before := heap()
	for range 20 {
		round()
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("%d bytes before, %d after 20 MB of messages", before, after)
	}
	runtime.KeepAlive(w)
}
