package watch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// The cases of the watcher that people come from, where they are those of the loop; the others are in package command. Case 2 and 7 are those
// of a process, and are there.

var errJob = errors.New("exit status 1")

// one runs a watcher over a queue with one message, for a time, with what the handler returns.
func one(t *testing.T, d time.Duration, receives int, handle watch.Handler) (*recorder, *observed, *lines) {
	t.Helper()
	m := memory(t, queue.MemoryConfig{Visibility: watch.DefaultLease})
	send(t, m, "x")
	r, o := record(m), &observed{}
	if receives > 0 {
		r.count = func(queue.Message) int { return receives }
	}
	logger, log := logged()
	if err := runFor(t, newWatcher(t, watch.Config{Receiver: r, Handler: handle, Observe: o.observe, Logger: logger}), d); err != nil {
		t.Error(err)
	}
	return r, o, log
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestCase01: a job that succeeds is deleted once, and nothing else is said of its message.
func TestCase01(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, o, _ := one(t, time.Hour, 0, func(context.Context, queue.Message) error { return nil })
		same(t, "calls", []string{"0 s: delete x"}, r.all())
		same(t, "results", []string{"x: done"}, o.results())
	})
}

// TestCase02: a rejection deletes the message, and is one failure.
func TestCase02(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, o, log := one(t, time.Hour, 0, func(context.Context, queue.Message) error { return watch.Reject(errJob) })
		same(t, "calls", []string{"0 s: delete x"}, r.all())
		same(t, "results", []string{"x: rejected"}, o.results())
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%d errors logged:\n%s", n, log)
		}
	})
}

// TestCase03: what is to come later is hidden for 2^n seconds, and is no failure.
func TestCase03(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 2, 3: 8, 10: 1024} {
		synctest.Test(t, func(t *testing.T) {
			r, o, _ := one(t, time.Second/2, n, func(context.Context, queue.Message) error { return watch.Later(nil) })
			same(t, "calls", []string{fmt.Sprintf("0 s: x visible in %d s", want)}, r.all())
			same(t, "results", []string{"x: returned"}, o.results())
		})
	}
}

// TestCase04: a failure is hidden for 2^n seconds.
func TestCase04(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 2, 2: 4, 9: 512, 10: 1024, 14: 16384} {
		synctest.Test(t, func(t *testing.T) {
			r, o, _ := one(t, time.Second/2, n, func(context.Context, queue.Message) error { return errJob })
			same(t, "calls", []string{fmt.Sprintf("0 s: x visible in %d s", want)}, r.all())
			same(t, "results", []string{"x: failed"}, o.results())
		})
	}
}

// TestCase05: the back-off goes on after the 14th delivery, to the 12 hours that SQS allows, less what the message was held.
func TestCase05(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		receives int
		held     time.Duration
		want     int
	}{{15, 0, 32768}, {16, 0, 43200}, {1000, 0, 43200}, {16, 90*time.Second + time.Millisecond, 43109}} {
		synctest.Test(t, func(t *testing.T) {
			r, _, _ := one(t, c.held+time.Second, c.receives, func(context.Context, queue.Message) error {
				time.Sleep(c.held)
				return errJob
			})
			same(t, "calls", []string{fmt.Sprintf("%g s: x visible in %d s", c.held.Seconds(), c.want)}, r.all())
		})
	}
}

// TestCase09: the lease of a job of 5 minutes is extended at 120 s and 240 s, and the job runs once.
func TestCase09(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		r, _, _ := one(t, time.Hour, 0, func(context.Context, queue.Message) error {
			runs++
			time.Sleep(5 * time.Minute)
			return nil
		})
		same(t, "calls", []string{"120 s: x visible in 180 s", "240 s: x visible in 180 s", "300 s: delete x"}, r.all())
		same(t, "runs", 1, runs)
	})
}

// TestCase11: without a limit a job takes as long as it takes; with one its context ends.
func TestCase11(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, o, _ := one(t, 12*time.Hour, 0, func(ctx context.Context, _ queue.Message) error {
			select {
			case <-time.After(11 * time.Hour):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		same(t, "results", []string{"x: done"}, o.results())
	})
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "x")
		r := record(m)
		w := newWatcher(t, watch.Config{Receiver: r, Limit: 2 * time.Second, Handler: func(ctx context.Context, _ queue.Message) error {
			<-ctx.Done()
			if cause := context.Cause(ctx); !errors.Is(cause, watch.ErrLimit) {
				t.Errorf("the cause is %v", cause)
			}
			return ctx.Err()
		}})
		if err := runFor(t, w, 2500*time.Millisecond); err != nil {
			t.Error(err)
		}
		same(t, "calls", []string{"2 s: x visible in 2 s"}, r.all())
	})
}

// TestCase13: one message, and the end.
func TestCase13(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "a", "b", "c")
		w := newWatcher(t, watch.Config{Receiver: m, Once: true, Concurrency: 8, Observe: o.observe, Handler: func(context.Context, queue.Message) error {
			time.Sleep(time.Minute)
			return nil
		}})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		same(t, "results", []string{"a: done"}, o.results())
		same(t, "counts", queue.MemoryCounts{Visible: 2}, m.Counts())
	})
}

// TestCase14: receiving fails three times: three errors are logged, with pauses between them, and polling goes on.
func TestCase14(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "x")
		r := record(m)
		r.fails["receive"] = []error{errJob, errJob, fmt.Errorf("%w: slow down", queue.ErrThrottled)}
		logger, log := logged()
		w := newWatcher(t, watch.Config{Receiver: r, Observe: o.observe, Logger: logger, Handler: func(context.Context, queue.Message) error { return nil }})
		if err := runFor(t, w, time.Minute); err != nil {
			t.Error(err)
		}
		same(t, "results", []string{"x: done"}, o.results())
		if n := strings.Count(log.String(), "the queue could not be asked"); n != 3 || o.kinds(watch.PollFailed) != 3 {
			t.Errorf("%d errors logged, %d told:\n%s", n, o.kinds(watch.PollFailed), log)
		}
		least := []time.Duration{time.Second / 2, time.Second, 2 * time.Second}
		for _, e := range o.events {
			if e.Kind == watch.PollFailed {
				if e.Pause < least[0] || e.Pause > 2*least[0] {
					t.Errorf("pause %v, want %v to %v", e.Pause, least[0], 2*least[0])
				}
				least = least[1:]
			}
		}
	})
}

// TestCase15: deleting fails, three times: the error is logged, the loop goes on, and the message is seen again when its lease ends.
func TestCase15(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		send(t, m, "x")
		time.AfterFunc(5*time.Second, func() { send(t, m, "y") })
		r := record(m)
		r.fails["delete"] = []error{errJob, errJob, errJob}
		logger, log := logged()
		w := newWatcher(t, watch.Config{Receiver: r, Observe: o.observe, Logger: logger, Handler: func(context.Context, queue.Message) error { return nil }})
		if err := runFor(t, w, 10*time.Minute); err != nil {
			t.Error(err)
		}
		same(t, "results", []string{"x: done", "y: done", "x: done"}, o.results())
		same(t, "calls", []string{"0 s: delete x", "1 s: delete x", "2 s: delete x", "5 s: delete y", "180 s: delete x"}, r.all())
		if !strings.Contains(log.String(), "could not be deleted") {
			t.Error(log)
		}
	})
}

// TestCase19: a message that always fails is handled exactly ten times, and then lies among the dead letters, its body unchanged, with its error.
func TestCase19(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dead := memory(t, queue.MemoryConfig{Name: "dead"})
		m, o := memory(t, queue.MemoryConfig{MaxReceives: 10, DeadLetters: dead}), &observed{}
		send(t, m, "x")
		w := newWatcher(t, watch.Config{Receiver: m, Observe: o.observe, Handler: func(context.Context, queue.Message) error { return errJob }})
		if err := runFor(t, w, 24*time.Hour); err != nil {
			t.Error(err)
		}
		same(t, "deliveries", 10, len(o.results()))
		letters := dead.All()
		if len(letters) != 1 || letters[0].Body != "x" || letters[0].Attributes[queue.AttributeErrorMessage] != errJob.Error() || m.Len() != 0 {
			t.Errorf("dead letters %+v, %d left", letters, m.Len())
		}
	})
}

// TestCase28: the end of Run's context during a job: nothing more is received, the job has its grace; what does not finish is given back at once.
func TestCase28(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		takes time.Duration
		calls []string
	}{
		{"it finishes", 25 * time.Second, []string{"25 s: delete x"}},
		{"it does not finish", time.Hour, []string{"30 s: x visible in 0 s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := memory(t, queue.MemoryConfig{})
				send(t, m, "x", "y")
				r := record(m)
				w := newWatcher(t, watch.Config{Receiver: r, Grace: 20 * time.Second, Handler: func(ctx context.Context, _ queue.Message) error {
					select {
					case <-time.After(c.takes):
						return nil
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}})
				if err := runFor(t, w, 10*time.Second); err != nil {
					t.Error(err)
				}
				same(t, "calls", c.calls, r.all())
				if left := m.Counts(); left.InFlight != 0 || left.Visible == 0 {
					t.Errorf("%+v", left)
				}
			})
		})
	}
}
