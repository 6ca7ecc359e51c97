package watch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// TestHeartbeatIsFenced: an extension that is under way when the job ends is waited for, so that it cannot land after the message was given
// back, and none follows.
func TestHeartbeatIsFenced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "x")
		r := record(m)
		r.slow["visibility"] = 10 * time.Second // each call takes effect after 10 s
		w := newWatcher(t, watch.Config{Receiver: r, Handler: func(context.Context, queue.Message) error {
			time.Sleep(121 * time.Second) // the extension began at 120 s
			return errJob
		}})
		if err := runFor(t, w, 130*time.Second); err != nil {
			t.Error(err)
		}
		same(t, "calls", []string{"130 s: x visible in 180 s", "140 s: x visible in 2 s"}, r.all())
		time.Sleep(2 * time.Second)
		same(t, "counts", queue.MemoryCounts{Visible: 1}, m.Counts())
		time.Sleep(time.Hour)
		same(t, "calls after an hour", 2, len(r.all()))
	})
}

// TestLostLease: when the queue says that the message is no longer held, the job's context ends, and nothing is said of the message.
func TestLostLease(t *testing.T) {
	t.Parallel()
	for _, ends := range []error{errJob, nil} {
		synctest.Test(t, func(t *testing.T) {
			m, o := memory(t, queue.MemoryConfig{}), &observed{}
			send(t, m, "x")
			r := record(m)
			r.fails["visibility"] = []error{fmt.Errorf("hidden by another: %w", queue.ErrNotInFlight)}
			w := newWatcher(t, watch.Config{Receiver: r, Observe: o.observe, Handler: func(ctx context.Context, _ queue.Message) error {
				<-ctx.Done()
				if cause := context.Cause(ctx); !errors.Is(cause, watch.ErrLeaseLost) || !errors.Is(cause, queue.ErrNotInFlight) {
					t.Errorf("the cause is %v", cause)
				}
				return ends
			}})
			if err := runFor(t, w, 150*time.Second); err != nil {
				t.Error(err)
			}
			calls, results := []string{"120 s: x visible in 180 s"}, []string{"x: lost"}
			if ends == nil { // what is done is done
				calls, results = append(calls, "120 s: delete x"), []string{"x: done"}
			}
			same(t, "calls", calls, r.all())
			same(t, "results", results, o.results())
		})
	}
}

// TestExtensionIsTriedAgain: an extension that fails is tried again until the lease ends; then it is lost.
func TestExtensionIsTriedAgain(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, failures int) *recorder {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "x")
		r := record(m)
		for range failures {
			r.fails["visibility"] = append(r.fails["visibility"], errors.New("no connection"))
		}
		w := newWatcher(t, watch.Config{Receiver: r, Lease: 30 * time.Second, Handler: func(ctx context.Context, _ queue.Message) error {
			select {
			case <-time.After(35 * time.Second):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}})
		if err := runFor(t, w, 29*time.Second); err != nil {
			t.Error(err)
		}
		return r
	}
	synctest.Test(t, func(t *testing.T) {
		same(t, "one failure", []string{"20 s: x visible in 30 s", "25 s: x visible in 30 s", "35 s: delete x"}, run(t, 1).all())
	})
	synctest.Test(t, func(t *testing.T) {
		same(t, "all fail", []string{
			"20 s: x visible in 30 s", "25 s: x visible in 30 s", "27.5 s: x visible in 30 s", "28.75 s: x visible in 30 s", "29.375 s: x visible in 30 s",
			"29.6875 s: x visible in 30 s", "29.8875 s: x visible in 30 s", "30 s: x visible in 30 s",
		}, run(t, 100).all())
	})
}

// TestTwelveHours: extensions stop at the 12 hours of SQS, and the job is ended a minute before.
func TestTwelveHours(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := memory(t, queue.MemoryConfig{})
		send(t, m, "x")
		r := record(m)
		var (
			ended time.Duration
			why   error
		)
		w := newWatcher(t, watch.Config{Receiver: r, Lease: time.Hour, Handler: func(ctx context.Context, _ queue.Message) error {
			<-ctx.Done()
			ended, why = time.Since(r.begin), context.Cause(ctx)
			return why
		}})
		if err := runFor(t, w, 12*time.Hour-59500*time.Millisecond); err != nil {
			t.Error(err)
		}
		if ended != 12*time.Hour-time.Minute || !errors.Is(why, watch.ErrHeldTooLong) {
			t.Errorf("the job ended after %v: %v", ended, why)
		}
		hidden := 0
		for _, call := range r.all() {
			var at, in float64
			if _, err := fmt.Sscanf(call, "%g s: x visible in %g s", &at, &in); err != nil {
				t.Fatal(call, err)
			}
			if at+in > (12 * time.Hour).Seconds() {
				t.Errorf("%q is past 12 hours", call)
			}
			hidden++
		}
		if hidden < 12 || !strings.HasSuffix(r.all()[hidden-1], "x visible in 2 s") {
			t.Errorf("%v", r.all())
		}
	})
}

// TestTenThousandInFlight: 10,000 messages at once for an hour, with their heartbeats, each done once, and nothing is left behind.
func TestTenThousandInFlight(t *testing.T) {
	t.Parallel()
	const n = 10_000
	synctest.Test(t, func(t *testing.T) { // it fails when a goroutine is left
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		for range n / 10 {
			batch := make([]queue.Outgoing, 10)
			for i := range batch {
				batch[i] = queue.Outgoing{ID: fmt.Sprint(i), Body: []byte("x")}
			}
			if failures, err := m.SendBatch(t.Context(), batch); err != nil || len(failures) > 0 {
				t.Fatal(err, failures)
			}
		}
		most := make(chan struct{}, n)
		w := newWatcher(t, watch.Config{Receiver: m, Concurrency: n, UntilEmpty: true, Lease: 15 * time.Minute, Observe: func(e watch.Event) {
			if e.Kind == watch.Ended {
				o.observe(e)
			}
		}, Handler: func(context.Context, queue.Message) error {
			most <- struct{}{}
			time.Sleep(time.Hour)
			return nil
		}})
		begin := time.Now()
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if len(most) != n || len(o.events) != n || m.Len() != 0 || time.Since(begin) > time.Hour+2*queue.MaxWait {
			t.Errorf("%d began, %d ended, %d left, after %v", len(most), len(o.events), m.Len(), time.Since(begin))
		}
	})
}
