package watch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// hanging is a queue of which some calls are never answered: they end with their contexts.
type hanging struct {
	*recorder
	hangs map[string]int // by call, how many of the next
}

func (h *hanging) hang(ctx context.Context, call string) error {
	h.mu.Lock()
	n := h.hangs[call]
	h.hangs[call]--
	h.mu.Unlock()
	if n <= 0 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (h *hanging) ChangeVisibility(ctx context.Context, m queue.Message, d time.Duration) error {
	if err := h.hang(ctx, "visibility"); err != nil {
		return err
	}
	return h.recorder.ChangeVisibility(ctx, m, d)
}

func (h *hanging) Delete(ctx context.Context, m queue.Message) error {
	if err := h.hang(ctx, "delete"); err != nil {
		return err
	}
	return h.recorder.Delete(ctx, m)
}

func (h *hanging) MaxReceives(ctx context.Context, m queue.Message) (int, error) {
	if err := h.hang(ctx, "limit"); err != nil {
		return 0, err
	}
	return h.recorder.MaxReceives(ctx, m)
}

func (h *hanging) Resend(ctx context.Context, m queue.Message, d time.Duration) error {
	if err := h.hang(ctx, "resend"); err != nil {
		return err
	}
	return h.recorder.Resend(ctx, m, d)
}

// TestHangingSettler: what is asked before a message is given back, or retried, leaves time for that.
func TestHangingSettler(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		handle watch.Handler
		want   []string
	}{
		{never, []string{"23 s: x visible in 0 s"}},
		{func(context.Context, queue.Message) error { return errJob }, []string{"10 s: x visible in 2 s"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := memory(t, queue.MemoryConfig{})
			send(t, m, "x")
			h := &hanging{record(m), map[string]int{"limit": 1, "resend": 1}}
			w := newWatcher(t, watch.Config{Receiver: h, Once: true, Grace: time.Second, CancelGrace: time.Second, Handler: test.handle})
			_ = runFor(t, w, time.Second) // what it returns is another test's
			same(t, "calls", test.want, h.all())
			time.Sleep(2 * time.Hour)
		})
	}
}

// TestHangingExtension: an extension that nobody answers leaves time for a second and a third, whatever the lease.
func TestHangingExtension(t *testing.T) {
	t.Parallel()
	for _, lease := range []time.Duration{6 * time.Second, 30 * time.Second, watch.DefaultLease, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			m, o := memory(t, queue.MemoryConfig{}), &observed{}
			send(t, m, "x")
			h := &hanging{record(m), map[string]int{"visibility": 2}}
			w := newWatcher(t, watch.Config{Receiver: h, Lease: lease, Once: true, Observe: o.observe, Handler: func(ctx context.Context, _ queue.Message) error {
				select {
				case <-time.After(lease + time.Second):
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}})
			if err := w.Run(t.Context()); err != nil {
				t.Error(err)
			}
			same(t, lease.String(), []string{"x: done"}, o.results())
		})
	}
}

// TestDoneBesideHangingExtension: a message that is done is deleted at once, though an extension is under way; one that failed is given back when
// the extension has ended.
func TestDoneBesideHangingExtension(t *testing.T) {
	t.Parallel()
	for want, ends := range map[string]error{"121 s: delete x": nil, "130 s: x visible in 2 s": errJob} {
		synctest.Test(t, func(t *testing.T) {
			m := memory(t, queue.MemoryConfig{})
			send(t, m, "x")
			h := &hanging{record(m), map[string]int{"visibility": 1}}
			w := newWatcher(t, watch.Config{Receiver: h, Once: true, Handler: func(context.Context, queue.Message) error {
				time.Sleep(121 * time.Second) // the extension began at 120 s
				return ends
			}})
			if err := w.Run(t.Context()); err != nil {
				t.Error(err)
			}
			same(t, "calls", []string{want}, h.all())
		})
	}
}

// TestHangingDelete: a delete that nobody answers is tried again, in time.
func TestHangingDelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "x")
		h := &hanging{record(m), map[string]int{"delete": 2}}
		w := newWatcher(t, watch.Config{Receiver: h, Once: true, Observe: o.observe, Handler: done})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		same(t, "calls", []string{"22 s: delete x"}, h.all())
		same(t, "counts", queue.MemoryCounts{}, m.Counts())
		same(t, "settle", []error{nil}, []error{o.events[len(o.events)-2].Result.Settle})
	})
}

// batchFails is a queue whose first calls for several messages fail as a whole: the first is never answered.
type batchFails struct {
	*queue.Memory
	calls chan int
}

func (b *batchFails) Delete(ctx context.Context, m queue.Message) error {
	time.Sleep(10 * time.Millisecond) // others end meanwhile, and go together
	return b.Memory.Delete(ctx, m)
}

func (b *batchFails) DeleteBatch(ctx context.Context, messages []queue.Message) ([]queue.Failure, error) {
	select {
	case b.calls <- len(messages):
		if len(b.calls) == 1 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, errors.New("no connection")
	default:
		return b.Memory.DeleteBatch(ctx, messages)
	}
}

// TestWholeBatchFails: deletes that fail together are tried again together, and hold up no others.
func TestWholeBatchFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &batchFails{Memory: memory(t, queue.MemoryConfig{}), calls: make(chan int, 2)}
		for i := range 100 {
			send(t, b.Memory, fmt.Sprint(i))
		}
		begin := time.Now()
		w := newWatcher(t, watch.Config{Receiver: b, Concurrency: 100, UntilEmpty: true, Wait: time.Second, Handler: func(context.Context, queue.Message) error {
			time.Sleep(time.Minute)
			return nil
		}})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); b.Len() != 0 || took > 90*time.Second {
			t.Errorf("%d left after %v", b.Len(), took)
		}
		same(t, "failed calls", 2, len(b.calls))
	})
}

// never is a handler that does not return when it is told to, but much later.
func never(context.Context, queue.Message) error {
	time.Sleep(time.Hour)
	return nil
}

// TestAbandonedBesideHangingExtension: a message is given back without its handler also when an extension hangs at that time, and it is told.
func TestAbandonedBesideHangingExtension(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "x")
		h := &hanging{record(m), map[string]int{"visibility": 1}}
		h.slow["visibility"] = 25 * time.Second
		w := newWatcher(t, watch.Config{Receiver: h, Observe: o.observe, Grace: time.Second, CancelGrace: time.Second, Handler: never})
		var abandoned *watch.AbandonedError
		if err := runFor(t, w, 119*time.Second); !errors.As(err, &abandoned) {
			t.Error(err)
		}
		same(t, "calls", []string{"155 s: x visible in 0 s"}, h.all())
		same(t, "results", []string{"x: given-back"}, o.results())
		time.Sleep(2 * time.Hour)
		same(t, "results, once the handler returned", 1, len(o.results()))
	})
}

// TestStoppedWithoutLease: a message whose lease was lost while the worker stopped is not given back: neither under its old handle, nor as a copy
// that would be there beside the original.
func TestStoppedWithoutLease(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]watch.Handler{
		"abandoned": never,
		"ended": func(ctx context.Context, _ queue.Message) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return ctx.Err()
		},
	} {
		for what, stop := range map[string]time.Duration{"before": 125 * time.Second, "after": 118 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				dead := memory(t, queue.MemoryConfig{Name: "dead"})
				m, o := memory(t, queue.MemoryConfig{MaxReceives: 1, DeadLetters: dead}), &observed{}
				send(t, m, "x")
				r := record(m)
				r.fails["visibility"] = []error{queue.ErrNotInFlight} // at 120 s
				w := newWatcher(t, watch.Config{Receiver: r, Observe: o.observe, Grace: time.Second, CancelGrace: 4 * time.Second, Handler: handle})
				_ = runFor(t, w, stop) // what it returns is another test's
				same(t, name+", "+what, []string{"120 s: x visible in 180 s"}, r.all())
				same(t, name+", "+what, []string{"x: lost"}, o.results())
				time.Sleep(2 * time.Hour)
			})
		}
	}
}

// TestSettlingHangs: jobs begin while the messages of those before them are deleted, but where that hangs, of as many messages as there are slots.
func TestSettlingHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "a", "b", "c", "d", "e", "f", "g")
		h := &hanging{record(m), map[string]int{"delete": 4}}
		begin := time.Now()
		var begun []string
		w := newWatcher(t, watch.Config{Receiver: h, Concurrency: 2, Handler: func(_ context.Context, m queue.Message) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			begun = append(begun, fmt.Sprintf("%v", time.Since(begin)))
			return nil
		}})
		if err := runFor(t, w, time.Minute); err != nil {
			t.Error(err)
		}
		same(t, "begun", []string{"0s", "0s", "0s", "0s", "11s", "11s", "11s"}, begun)
		if m.Len() != 0 {
			t.Errorf("%d are left", m.Len())
		}
	})
}
