package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/queue"
)

func newMemory(t testing.TB, cfg queue.MemoryConfig) *queue.Memory {
	t.Helper()
	m, err := queue.NewMemory(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sendBodies(t testing.TB, q *queue.Memory, group string, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		o := queue.Outgoing{ID: "0", Body: []byte(body), GroupID: group}
		if group != "" {
			o.DeduplicationID = group + body
		}
		if failures, err := q.SendBatch(t.Context(), []queue.Outgoing{o}); err != nil || failures != nil {
			t.Fatal(failures, err)
		}
	}
}

func TestNewMemoryRefusesBadConfig(t *testing.T) {
	t.Parallel()
	dead := newMemory(t, queue.MemoryConfig{Name: "dead"})
	for field, cfg := range map[string]queue.MemoryConfig{
		"Visibility":  {Visibility: 13 * time.Hour},
		"MaxReceives": {MaxReceives: -1},
		"DeadLetters": {MaxReceives: 3},
		"both":        {DeadLetters: dead},
		"FIFO":        {FIFO: true, MaxReceives: 3, DeadLetters: dead},
		"MessageB":    {MessageBytes: 1<<20 + 1},
	} {
		if _, err := queue.NewMemory(cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

// TestMemoryLongPoll: under a fake clock a long poll ends exactly when there is something, when its time is over, or with its context.
func TestMemoryLongPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newMemory(t, queue.MemoryConfig{Visibility: 5 * time.Second})
		start := time.Now()
		expect := func(what string, messages []queue.Message, err error, n int, at time.Duration) {
			t.Helper()
			if err != nil || len(messages) != n || time.Since(start) != at {
				t.Errorf("%s: %d messages, error %v, after %v: want %d after %v", what, len(messages), err, time.Since(start), n, at)
			}
		}
		poll := queue.ReceiveOptions{Wait: 20 * time.Second}

		messages, err := q.Receive(t.Context(), poll)
		expect("nothing", messages, err, 0, 20*time.Second)

		time.AfterFunc(3*time.Second, func() { sendBodies(t, q, "", "x") })
		messages, err = q.Receive(t.Context(), poll)
		expect("sent meanwhile", messages, err, 1, 23*time.Second)

		messages, err = q.Receive(t.Context(), poll)
		expect("visible again", messages, err, 1, 28*time.Second)

		time.AfterFunc(time.Second, func() {
			if err := q.ChangeVisibility(t.Context(), messages[0], 0); err != nil {
				t.Error(err)
			}
		})
		messages, err = q.Receive(t.Context(), poll)
		expect("given back", messages, err, 1, 29*time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := q.Receive(ctx, poll); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 31*time.Second {
			t.Errorf("ended context: error %v after %v", err, time.Since(start))
		}
	})
}

func TestMemoryNextVisible(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	q := newMemory(t, queue.MemoryConfig{Now: func() time.Time { return now }, Visibility: 10 * time.Second})
	if at, ok := q.NextVisible(); ok {
		t.Errorf("an empty queue has something visible at %v", at)
	}
	sendBodies(t, q, "", "x")
	if at, ok := q.NextVisible(); ok {
		t.Errorf("all is visible, and something will be at %v", at)
	}
	messages, err := q.Receive(t.Context(), queue.ReceiveOptions{})
	if err != nil || len(messages) != 1 {
		t.Fatal(messages, err)
	}
	late := queue.Outgoing{ID: "0", Body: []byte("late"), Delay: 5 * time.Second}
	if _, err := q.SendBatch(t.Context(), []queue.Outgoing{late}); err != nil {
		t.Fatal(err)
	}
	if want := (queue.MemoryCounts{InFlight: 1, Delayed: 1}); q.Counts() != want {
		t.Errorf("counts %+v, want %+v", q.Counts(), want)
	}
	for _, seconds := range []int64{1005, 1010} {
		at, ok := q.NextVisible()
		if !ok || at != time.Unix(seconds, 0) {
			t.Errorf("next at %v, %v, want second %d", at, ok, seconds)
		}
		now = at
	}
	if want := (queue.MemoryCounts{Visible: 2}); q.Counts() != want || q.Len() != 2 {
		t.Errorf("counts %+v of %d, want %+v", q.Counts(), q.Len(), want)
	}
	// A clock that stands still does not hold up a receive that does not wait.
	if messages, err := q.Receive(t.Context(), queue.ReceiveOptions{Max: 10}); err != nil || len(messages) != 2 {
		t.Errorf("received %d, error %v", len(messages), err)
	}
	if messages, err := q.Receive(t.Context(), queue.ReceiveOptions{Max: 10}); err != nil || len(messages) != 0 {
		t.Errorf("received %d, error %v", len(messages), err)
	}
}

func TestMemoryDeduplicationWindow(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	q := newMemory(t, queue.MemoryConfig{FIFO: true, Now: func() time.Time { return now }})
	sendBodies(t, q, "g", "x")
	now = now.Add(queue.DeduplicationWindow - time.Millisecond)
	sendBodies(t, q, "g", "x")
	if q.Len() != 1 {
		t.Errorf("%d messages within 5 minutes, want 1", q.Len())
	}
	now = now.Add(time.Millisecond)
	sendBodies(t, q, "g", "x")
	if q.Len() != 2 {
		t.Errorf("%d messages after 5 minutes, want 2", q.Len())
	}
}

func TestMemoryFIFORefusesExpiredReceipts(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	q := newMemory(t, queue.MemoryConfig{FIFO: true, Visibility: time.Second, Now: func() time.Time { return now }})
	sendBodies(t, q, "g", "x")
	messages, err := q.Receive(t.Context(), queue.ReceiveOptions{})
	if err != nil || len(messages) != 1 {
		t.Fatal(messages, err)
	}
	now = now.Add(time.Second)
	if err := q.Delete(t.Context(), messages[0]); !errors.Is(err, queue.ErrNotInFlight) || q.Len() != 1 {
		t.Errorf("error %v, %d messages, want ErrNotInFlight and 1", err, q.Len())
	}
}

func TestMemoryAll(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	q := newMemory(t, queue.MemoryConfig{Name: "tasks", Now: func() time.Time { return now }})
	o := queue.Outgoing{ID: "0", Body: []byte("one"), Attributes: []queue.Attribute{{Name: "a", Value: "v"}}, GroupID: "g"}
	if _, err := q.SendBatch(t.Context(), []queue.Outgoing{o}); err != nil {
		t.Fatal(err)
	}
	sendBodies(t, q, "", "two")
	messages, err := q.Receive(t.Context(), queue.ReceiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	messages[0].Attributes["a"] = "changed by the receiver"
	want := []queue.Message{
		{
			ID: "tasks-1", Body: "one", Attributes: map[string]string{"a": "v"}, ReceiveCount: 1, SentAt: now, FirstReceived: now,
			GroupID: "g", SourceARN: q.ARN(),
		},
		{ID: "tasks-2", Body: "two", SentAt: now, SourceARN: q.ARN()},
	}
	if diff := cmp.Diff(want, q.All()); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
}

// TestMemoryLosesNothing: many receivers that fail, give back and die, and every message ends up done or dead, none twice.
func TestMemoryLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fifo := rapid.Bool().Draw(rt, "fifo")
		n := rapid.IntRange(1, 60).Draw(rt, "messages")
		fate := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 40).Draw(rt, "fates")
		var problem string
		synctest.Test(t, func(t *testing.T) { problem = workOff(t, fifo, n, fate) })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// workOff works off n messages of five groups with four receivers, each delivery with a fate in turn.
func workOff(t *testing.T, fifo bool, n int, fate []int) string {
	dead := newMemory(t, queue.MemoryConfig{Name: "dead", FIFO: fifo})
	q := newMemory(t, queue.MemoryConfig{FIFO: fifo, Visibility: time.Second, MaxReceives: 3, DeadLetters: dead})
	for i := range n {
		group := ""
		if fifo {
			group = fmt.Sprintf("g%d", i%5)
		}
		sendBodies(t, q, group, fmt.Sprint(i))
	}
	var mu sync.Mutex
	deliveries := 0
	done := map[string]int{}
	var receivers sync.WaitGroup
	for range 4 {
		receivers.Go(func() {
			for q.Len() > 0 {
				messages, err := q.Receive(t.Context(), queue.ReceiveOptions{Max: 3, Wait: time.Second})
				if err != nil {
					t.Error(err)
					return
				}
				for _, m := range messages {
					mu.Lock()
					next := fate[deliveries%len(fate)]
					deliveries++
					mu.Unlock()
					switch next {
					case 0: // dies: the message comes back by itself
					case 1:
						if err := q.ChangeVisibility(t.Context(), m, 0); err != nil {
							t.Error(err)
						}
					case 2:
						if err := q.ChangeVisibility(t.Context(), m, 3*time.Second); err != nil {
							t.Error(err)
						}
					default:
						if err := q.Delete(t.Context(), m); err != nil {
							t.Error(err)
						}
						mu.Lock()
						done[m.Body]++
						mu.Unlock()
					}
				}
			}
		})
	}
	receivers.Wait()
	for _, m := range dead.All() {
		done[m.Body]++
		if m.ReceiveCount != 3 {
			return fmt.Sprintf("message %s was given up after %d receives, want 3", m.Body, m.ReceiveCount)
		}
	}
	for i := range n {
		if done[fmt.Sprint(i)] != 1 {
			return fmt.Sprintf("message %d ended %d times, want once", i, done[fmt.Sprint(i)])
		}
	}
	return ""
}

func TestOutgoingSize(t *testing.T) {
	t.Parallel()
	o := queue.Outgoing{Body: []byte("ä"), Attributes: []queue.Attribute{{Name: "ab", Value: "€"}, {Name: "c", Value: "d"}}}
	if got, want := o.Size(), 2+(2+6+3)+(1+6+1); got != want {
		t.Errorf("size %d, want %d", got, want)
	}
}

func BenchmarkMemory(b *testing.B) {
	b.ReportAllocs()
	q := newMemory(b, queue.MemoryConfig{})
	if _, err := queue.Dispatch(b.Context(), q, errands(b.N, 100), queue.DispatchOptions{Resolved: b.N}); err != nil {
		b.Fatal(err)
	}
	for q.Len() > 0 {
		messages, err := q.Receive(b.Context(), queue.ReceiveOptions{Max: 10})
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range messages {
			if err := q.Delete(b.Context(), m); err != nil {
				b.Fatal(err)
			}
		}
	}
}
