package sqsbatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/internal/sqsbatch"
	"github.com/starfleet-go/starfleet/queue"
)

var errTask = errors.New("failed")

// event is an SQS event of messages named 0, 1, ... A group puts a message on a FIFO queue.
func event(t interface{ Fatal(...any) }, groups ...string) []byte {
	var e events.SQSEvent
	for i, group := range groups {
		record := events.SQSMessage{MessageId: fmt.Sprint(i), Body: "b", EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:us-east-1:1:q"}
		if group != "" {
			record.EventSourceARN += ".fifo"
			record.Attributes = map[string]string{"MessageGroupId": group}
		}
		e.Records = append(e.Records, record)
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func failed(t interface{ Fatal(...any) }, answer []byte, err error) []string {
	var response events.SQSEventResponse
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, f := range response.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// TestConcurrency: as many messages at once as asked for, and no more; one at a time by default, in the order of the records.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 50} {
		synctest.Test(t, func(t *testing.T) {
			var (
				mu          sync.Mutex
				order       []string
				now, atMost int
			)
			handle := func(_ context.Context, m queue.Message) error {
				mu.Lock()
				order = append(order, m.ID)
				now++
				atMost = max(atMost, now)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				return nil
			}
			begin := time.Now()
			answer, err := sqsbatch.Serve(t.Context(), event(t, make([]string, 10)...), handle, sqsbatch.Options{Logger: quiet(), Concurrency: n})
			if ids := failed(t, answer, err); len(ids) > 0 {
				t.Errorf("failed %v", ids)
			}
			workers := min(max(n, 1), 10)
			if atMost != workers || time.Since(begin) != time.Duration((10+workers-1)/workers)*time.Second {
				t.Errorf("concurrency %d: %d at once, %s", n, atMost, time.Since(begin))
			}
			if workers == 1 && !slices.IsSorted(order) {
				t.Errorf("order %v", order)
			}
		})
	}
}

// TestBatchProperties: whatever the groups, failures and concurrency: each message is handled at most once; one of a FIFO group never while
// another of its group is, never out of order and never after one of its group failed; and the answer names those that are not done, in order.
func TestBatchProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "c"}), 1, 12).Draw(t, "groups")
		fails := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "error", "panic"}), len(groups), len(groups)).Draw(t, "fails")
		var (
			mu      sync.Mutex
			running = map[string]bool{}
			last    = map[string]int{}
			handled = map[int]int{}
			settled = map[string]bool{}
		)
		handle := func(_ context.Context, m queue.Message) error {
			var i int
			_, _ = fmt.Sscan(m.ID, &i)
			group := groups[i]
			mu.Lock()
			handled[i]++
			if group != "" {
				if running[group] {
					t.Errorf("two of group %s at once", group)
				}
				if before, ok := last[group]; ok && (before > i || fails[before] != "") {
					t.Errorf("message %d of group %s came after %d, which ended %q", i, group, before, fails[before])
				}
				running[group], last[group] = true, i
			}
			mu.Unlock()
			defer func() {
				mu.Lock()
				running[group] = false
				mu.Unlock()
			}()
			switch fails[i] {
			case "error":
				return errTask
			case "panic":
				panic("boom")
			}
			return nil
		}
		answer, err := sqsbatch.Serve(context.Background(), event(t, groups...), handle, sqsbatch.Options{
			Logger: quiet(), Concurrency: rapid.IntRange(1, 5).Draw(t, "concurrency"),
			Settled: func(m queue.Message, err error, action queue.Action) {
				mu.Lock()
				defer mu.Unlock()
				settled[m.ID] = (err == nil) == (action == queue.Acknowledge)
			},
		})
		want, broken := []string{}, map[string]bool{}
		for i, group := range groups {
			blocked := group != "" && broken[group]
			if blocked || fails[i] != "" {
				want = append(want, fmt.Sprint(i))
				broken[group] = true
			}
			if n := handled[i]; (n == 0) != blocked || n > 1 {
				t.Errorf("message %d was handled %d times, blocked: %t", i, n, blocked)
			}
			if settled[fmt.Sprint(i)] == blocked {
				t.Errorf("message %d: settled %t, blocked %t", i, settled[fmt.Sprint(i)], blocked)
			}
		}
		if diff := cmp.Diff(want, failed(t, answer, err)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestDeadlineBuffer: what cannot begin in time is given back, whatever the concurrency.
func TestDeadlineBuffer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		handle := func(context.Context, queue.Message) error { time.Sleep(2 * time.Second); return nil }
		answer, err := sqsbatch.Serve(ctx, event(t, make([]string, 8)...), handle,
			sqsbatch.Options{Logger: quiet(), Concurrency: 2, DeadlineBuffer: 2 * time.Second})
		if diff := cmp.Diff([]string{"4", "5", "6", "7"}, failed(t, answer, err)); diff != "" {
			t.Error(diff)
		}
	})
}

// keeper is a settler of a queue on which a message is delivered once. It records what is asked of it.
type keeper struct{ calls []string }

func (k *keeper) MaxReceives(context.Context, queue.Message) (int, error) { return 1, nil }
func (k *keeper) DeadLetter(context.Context, queue.Message, queue.Cause) error {
	k.calls = append(k.calls, "dead-letter")
	return nil
}

func (k *keeper) ChangeVisibility(context.Context, queue.Message, time.Duration) error {
	k.calls = append(k.calls, "hide")
	return nil
}

func (k *keeper) Resend(_ context.Context, m queue.Message, _ time.Duration) error {
	k.calls = append(k.calls, "resend "+m.ID)
	return nil
}

// TestNotBegunIsNotDeadLettered: a message that no time was left for is not dead-lettered for it, though its deliveries are used up.
func TestNotBegunIsNotDeadLettered(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	k := &keeper{}
	handle := func(context.Context, queue.Message) error {
		t.Error("a message was begun without time for it")
		return nil
	}
	answer, err := sqsbatch.Serve(ctx, event(t, ""), handle, sqsbatch.Options{Logger: quiet(), Settler: k, DeadlineBuffer: 2 * time.Minute})
	if ids := failed(t, answer, err); len(ids) != 0 {
		t.Errorf("failed %v: it was sent anew", ids)
	}
	if diff := cmp.Diff([]string{"resend 0"}, k.calls); diff != "" {
		t.Error(diff)
	}
}

// settler dead-letters, or panics as it is told to.
type settler struct {
	queue.Settler
	boom bool
}

func (s settler) MaxReceives(context.Context, queue.Message) (int, error) {
	if s.boom {
		panic("boom")
	}
	return 4, nil
}
func (s settler) DeadLetter(context.Context, queue.Message, queue.Cause) error { return nil }

type fatalError struct{}

func (fatalError) Error() string { return "fatal" }
func (fatalError) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.DeadLetter, Class: "x.FatalError"}
}

func TestSettledTellsTheAction(t *testing.T) {
	t.Parallel()
	var got []queue.Action
	o := sqsbatch.Options{Logger: quiet(), Settler: settler{}, Settled: func(_ queue.Message, _ error, a queue.Action) { got = append(got, a) }}
	answer, err := sqsbatch.Serve(t.Context(), event(t, ""), func(context.Context, queue.Message) error { return fatalError{} }, o)
	if ids := failed(t, answer, err); len(ids) != 0 || len(got) != 1 || got[0] != queue.DeadLetter {
		t.Errorf("failed %v, actions %v", ids, got)
	}
	var log bytes.Buffer
	o.Settler, o.Logger = settler{boom: true}, slog.New(slog.NewTextHandler(&log, nil))
	answer, err = sqsbatch.Serve(t.Context(), event(t, "", ""), func(_ context.Context, m queue.Message) error {
		if m.ID == "0" {
			return errTask
		}
		return nil
	}, o)
	if diff := cmp.Diff([]string{"0"}, failed(t, answer, err)); diff != "" || !bytes.Contains(log.Bytes(), []byte("boom")) {
		t.Errorf("%s log %s", diff, log.String())
	}
}

func TestLambdaError(t *testing.T) {
	t.Parallel()
	onLambda := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{})
	wrapped := fmt.Errorf("ship: %w", fatalError{})
	if got := sqsbatch.LambdaError(t.Context(), wrapped); !errors.Is(got, fatalError{}) {
		t.Errorf("off Lambda: %#v", got)
	}
	want := messages.InvokeResponse_Error{Type: "FatalError", Message: "ship: fatal"}
	if diff := cmp.Diff(error(want), sqsbatch.LambdaError(onLambda, wrapped)); diff != "" {
		t.Error(diff)
	}
	if err := sqsbatch.LambdaError(onLambda, nil); err != nil {
		t.Error(err)
	}
	_, err := sqsbatch.Parse([]byte(`{}`))
	var got messages.InvokeResponse_Error
	if !errors.As(sqsbatch.LambdaError(onLambda, fmt.Errorf("x: %w", err)), &got) || got.Type != "EventError" {
		t.Errorf("%+v", got)
	}
}
