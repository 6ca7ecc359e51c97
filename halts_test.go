package starfleet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/state"
)

var haltNoon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestHaltedTasksWait: a halt of the fleet, the ship or the account is met before anything else, credentials too, and the task comes back.
func TestHaltedTasksWait(t *testing.T) {
	t.Parallel()
	const account = "111111111111"
	for name, test := range map[string]struct {
		scope halt.Scope
		until time.Duration
		body  string
		runs  bool
		after time.Duration
	}{
		"all":                          {halt.Scope{}, 0, goodTask, false, 5 * time.Minute},
		"its ship":                     {halt.Scope{Ship: "Ship"}, 0, goodTask, false, 5 * time.Minute},
		"its account":                  {halt.Scope{AccountID: account}, 0, goodTask, false, 5 * time.Minute},
		"its ship in its account":      {halt.Scope{Ship: "Ship", AccountID: account}, 0, goodTask, false, 5 * time.Minute},
		"soon over":                    {halt.Scope{}, time.Minute, goodTask, false, time.Minute},
		"over in a day, maybe earlier": {halt.Scope{}, 24 * time.Hour, goodTask, false, 5 * time.Minute},
		"another ship":                 {halt.Scope{Ship: "Other"}, 0, goodTask, true, 0},
		"another account":              {halt.Scope{AccountID: "222222222222"}, 0, goodTask, true, 0},
		"what nobody understands":      {halt.Scope{}, 0, "{", false, 5 * time.Minute},
		"what is too old":              {halt.Scope{AccountID: account}, 0, goodTask, false, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book := halt.NewBook(&state.Memory{})
			order := halt.Order{Scope: test.scope, Reason: "an incident", By: "ada", At: haltNoon}
			if test.until > 0 {
				order.Until = haltNoon.Add(test.until)
			}
			if err := book.Halt(t.Context(), order); err != nil {
				t.Fatal(err)
			}
			var result starfleet.Result
			ran := false
			handler := newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error {
				ran = true
				return nil
			}, starfleet.WithHalts(book), starfleet.WithClock(func() time.Time { return haltNoon }),
				starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }),
				starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) {
					t.Error("credentials were asked for")
					return aws.Config{}, nil
				}))
			m := message(test.body)
			if name == "what is too old" {
				m.Attributes[starfleet.AttributeNotAfter] = haltNoon.Add(-time.Hour).Format(time.RFC3339)
			}
			err := handler.Handle(t.Context(), m)
			if ran != test.runs || (err == nil) != test.runs {
				t.Fatalf("the ship ran: %v, error %v", ran, err)
			}
			if test.runs {
				return
			}
			var halted *starfleet.HaltedError
			d := queue.DispositionOf(err)
			if !errors.As(err, &halted) || d.Action != queue.Retry || !d.Keep || d.After != test.after || d.Class != "HaltedError" {
				t.Errorf("disposition %+v of %v", d, err)
			}
			if result.Outcome != starfleet.OutcomeHalted || !strings.Contains(err.Error(), "by ada") || !strings.Contains(err.Error(), "an incident") {
				t.Errorf("outcome %s, error %v", result.Outcome, err)
			}
		})
	}
}

// TestHaltIsOver: a halt that ended by itself, or was lifted, is seen within half a minute.
func TestHaltIsOver(t *testing.T) {
	t.Parallel()
	now := haltNoon
	book := halt.NewBook(&state.Memory{})
	runs := 0
	handler := newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error {
		runs++
		return nil
	}, starfleet.WithHalts(book), starfleet.WithClock(func() time.Time { return now }))
	for _, scope := range []halt.Scope{{Ship: "Ship"}, {}} {
		if err := book.Halt(t.Context(), halt.Order{Scope: scope, Reason: "r", At: now, Until: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		after  time.Duration
		resume *halt.Scope
		runs   int
	}{{0, nil, 0}, {time.Minute, &halt.Scope{}, 0}, {10 * time.Minute, &halt.Scope{Ship: "Ship"}, 1}, {10*time.Minute + time.Second, nil, 2}} {
		now = haltNoon.Add(step.after)
		if step.resume != nil {
			if _, err := book.Resume(t.Context(), *step.resume); err != nil {
				t.Fatal(err)
			}
		}
		_ = handler.Handle(t.Context(), message(goodTask))
		if runs != step.runs {
			t.Errorf("after %v the ship ran %d times, want %d", step.after, runs, step.runs)
		}
	}
	if err := book.Halt(t.Context(), halt.Order{Reason: "r", At: now, Until: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(28 * time.Second)
	_ = handler.Handle(t.Context(), message(goodTask))
	now = now.Add(2 * time.Second)
	if err := handler.Handle(t.Context(), message(goodTask)); err == nil || runs != 3 {
		t.Errorf("%d runs, error %v: want that the halt is seen after 30 s", runs, err)
	}
	now = now.Add(time.Hour)
	if err := handler.Handle(t.Context(), message(goodTask)); err != nil || runs != 4 {
		t.Errorf("%d runs, error %v: want that the halt ended", runs, err)
	}
}

type brokenHalts struct{}

func (brokenHalts) Halts(context.Context) (halt.Orders, error) {
	return nil, errors.New("no connection")
}

// TestHaltsThatCannotBeRead: a worker that does not know whether it may run does not.
func TestHaltsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, mustNotRun(t), starfleet.WithHalts(brokenHalts{}))
	err := handler.Handle(t.Context(), message(goodTask))
	if d := queue.DispositionOf(err); err == nil || d.Action != queue.Retry || d.Keep || !strings.Contains(err.Error(), "no connection") {
		t.Errorf("disposition %+v of %v", d, err)
	}
}

// TestHaltLongerThanAllAttempts: over a queue with a redrive policy, a task that is halted for days is done when the halt is lifted, and is
// in no dead-letter queue.
func TestHaltLongerThanAllAttempts(t *testing.T) {
	t.Parallel()
	now := haltNoon
	clock := func() time.Time { return now }
	dead, err := queue.NewMemory(queue.MemoryConfig{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	q, err := queue.NewMemory(queue.MemoryConfig{MaxReceives: 5, DeadLetters: dead, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	book := halt.NewBook(&state.Memory{})
	if err := book.Halt(t.Context(), halt.Order{Reason: "r", At: now}); err != nil {
		t.Fatal(err)
	}
	var attempt int
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		attempt = inv.Attempt
		return nil
	}, starfleet.WithHalts(book), starfleet.WithClock(clock))
	if _, err := q.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte(goodTask)}}); err != nil {
		t.Fatal(err)
	}
	for deliveries := 0; attempt == 0; deliveries++ {
		if now.Sub(haltNoon) > 72*time.Hour {
			if _, err := book.Resume(t.Context(), halt.Scope{}); err != nil && !errors.Is(err, state.ErrNotFound) {
				t.Fatal(err)
			}
		}
		messages, err := q.Receive(t.Context(), queue.ReceiveOptions{})
		if err != nil || len(messages) != 1 || deliveries > 2000 {
			t.Fatalf("delivery %d: %d messages, error %v, %d dead letters", deliveries, len(messages), err, dead.Len())
		}
		failure := handler.Handle(t.Context(), messages[0])
		done, outcome := queue.Settle(t.Context(), q, messages[0], failure, queue.SettleOptions{Now: clock})
		if outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
		if done {
			if err := q.Delete(t.Context(), messages[0]); err != nil {
				t.Fatal(err)
			}
		}
		if next, ok := q.NextVisible(); ok {
			now = next
		}
	}
	if attempt > 3 || q.Len() != 0 || dead.Len() != 0 {
		t.Errorf("done at attempt %d; %d messages and %d dead letters are left", attempt, q.Len(), dead.Len())
	}
}
