package deadletter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/queue"
)

// TestCase20: three dead letters are replayed: three are sent, and only then deleted.
func TestCase20(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.die(t, 3, nil)
	r, err := w.walk(t, w.replay())
	want(t, r, err, "seen 3, kept 0, replayed 3, dropped 0, left 0, undeleted 0, unsure 0, gone 0, unreturned 0")
	if diff := cmp.Diff(w.calls, []string{"send 3", "delete", "delete", "delete"}); diff != "" {
		t.Error(diff)
	}
	if w.dead.Len() != 0 || w.work.Len() != 3 {
		t.Errorf("%d dead, %d to be worked", w.dead.Len(), w.work.Len())
	}
	for i, m := range w.work.All() {
		if want := map[string]string{
			starfleet.AttributeRunID: "run", starfleet.AttributeTaskID: fmt.Sprint("task-", i), queue.AttributeSourceMessageID: fmt.Sprint("work-", i),
		}; !cmp.Equal(m.Attributes, want) {
			t.Errorf("attributes %v", m.Attributes)
		}
	}
}

// TestCase21: all are shown, and all are visible again at once; and again, as often as one likes.
func TestCase21(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.die(t, 3, nil)
	for range 3 {
		seen := 0
		r, err := w.box.Walk(t.Context(), func(context.Context, deadletter.Letter) (deadletter.Verdict, error) {
			seen++
			return deadletter.Verdict{}, nil
		})
		want(t, r, err, "seen 3, kept 3, replayed 0, dropped 0, left 0, undeleted 0, unsure 0, gone 0, unreturned 0")
		if c := w.dead.Counts(); seen != 3 || c.Visible != 3 {
			t.Errorf("%d shown, %+v", seen, c)
		}
	}
}

// TestCase22: replay, return, delete, stop in a row each do only their own act.
func TestCase22(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.open(t, deadletter.Config{Page: 1})
	w.die(t, 6, nil)
	verdicts := []deadletter.Verdict{w.replay(), {}, {Act: deadletter.Drop}, {}, {Stop: true}}
	var shown []string
	r, err := w.box.Walk(t.Context(), func(_ context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
		shown = append(shown, l.SourceMessageID)
		return verdicts[len(shown)-1], nil
	})
	want(t, r, err, "seen 5, kept 3, replayed 1, dropped 1, left 0, undeleted 0, unsure 0, gone 0, unreturned 0")
	if diff := cmp.Diff(shown, []string{"work-0", "work-1", "work-2", "work-3", "work-4"}); diff != "" {
		t.Error(diff)
	}
	if c := w.dead.Counts(); c.Visible != 4 || w.work.Len() != 1 {
		t.Errorf("%+v, %d to be worked", c, w.work.Len())
	}
}

// TestManyLetters: there is no cap, and what is left alone is visible at once.
func TestManyLetters(t *testing.T) {
	t.Parallel()
	const n = 5000
	w := newWorld(t, false)
	w.die(t, n, nil)
	r, err := w.box.Walk(t.Context(), func(_ context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
		if l.AccountID == "111111111113" {
			return w.replay(), nil
		}
		return deadletter.Verdict{}, nil
	})
	want(t, r, err, "seen 5000, kept 4500, replayed 500, dropped 0, left 0, undeleted 0, unsure 0, gone 0, unreturned 0")
	if c := w.dead.Counts(); c.Visible != n-500 || w.work.Len() != 500 {
		t.Errorf("%+v, %d to be worked", c, w.work.Len())
	}
}

// TestStopped: whoever interrupts a walk finds every letter visible at once, and none half done.
func TestStopped(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 5, 25} {
		w := newWorld(t, false)
		w.die(t, 30, nil)
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		r, err := w.box.Walk(ctx, func(context.Context, deadletter.Letter) (deadletter.Verdict, error) {
			if seen++; seen == at {
				cancel() // as Ctrl-C does
			}
			return w.replay(), nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if c := w.dead.Counts(); c.Visible != 30-r.Replayed || c.InFlight != 0 || w.work.Len() != r.Replayed || len(r.Unsure) != 0 {
			t.Errorf("stopped at %d: %+v, %d to be worked, %s", at, c, w.work.Len(), counts(r))
		}
	}
}

// TestDecidingFails: what was decided before is done, and the rest is given back.
func TestDecidingFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.die(t, 5, nil)
	seen, failure := 0, errors.New("no terminal")
	r, err := w.box.Walk(t.Context(), func(context.Context, deadletter.Letter) (deadletter.Verdict, error) {
		if seen++; seen == 3 {
			return deadletter.Verdict{}, failure
		}
		return w.replay(), nil
	})
	if !errors.Is(err, failure) || r.Replayed != 2 || w.dead.Counts().Visible != 3 {
		t.Errorf("%s, error %v", counts(r), err)
	}
}

// TestNoDuplicatesWhenADeleteFails: what was sent is not sent again, though it comes again; when it cannot be deleted at all, the walk ends before
// it sends the rest.
func TestNoDuplicatesWhenADeleteFails(t *testing.T) {
	t.Parallel()
	t.Run("for a while", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, false)
		w.die(t, 3, nil)
		failures := 0
		w.failDrop = func(queue.Message) error {
			if failures++; failures <= 2 {
				return errors.New("no network")
			}
			return nil
		}
		r, err := w.walk(t, w.replay())
		want(t, r, err, "seen 3, kept 0, replayed 3, dropped 0, left 0, undeleted 0, unsure 0, gone 0, unreturned 0")
		if w.dead.Len() != 0 || w.work.Len() != 3 {
			t.Errorf("%d dead, %d to be worked", w.dead.Len(), w.work.Len())
		}
	})
	t.Run("for ever", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, false)
		w.open(t, deadletter.Config{Page: 1})
		w.die(t, 30, nil)
		w.failDrop = func(queue.Message) error { return queue.ErrPermanent }
		r, err := w.walk(t, w.replay())
		if !errors.Is(err, queue.ErrPermanent) || !strings.Contains(err.Error(), "was sent, and could not be deleted") {
			t.Errorf("error %v", err)
		}
		want(t, r, nil, "seen 1, kept 0, replayed 1, dropped 0, left 0, undeleted 1, unsure 0, gone 0, unreturned 0")
		if w.work.Len() != 1 {
			t.Errorf("%d were sent", w.work.Len())
		}
	})
	t.Run("and the letter comes again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, false)
		w.open(t, deadletter.Config{Page: 1, Visibility: time.Minute})
		w.die(t, 3, nil)
		shown := map[string]int{}
		r, err := w.box.Walk(t.Context(), func(_ context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
			shown[l.Message.ID]++
			if len(shown) < 4 {
				w.wait(2 * time.Minute) // what is kept comes again
			}
			return deadletter.Verdict{}, nil
		})
		want(t, r, err, "seen 3, kept 3, replayed 0, dropped 0, left 0, undeleted 0, unsure 0, gone 0, unreturned 0")
		for id, n := range shown {
			if n != 1 {
				t.Errorf("letter %s was shown %d times", id, n)
			}
		}
	})
}

// TestALetterThatIsNoLongerHeld: somebody thought about it for longer than it was hidden, and another took it. Nothing is done with it.
func TestALetterThatIsNoLongerHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.open(t, deadletter.Config{Page: 1})
	w.die(t, 1, nil)
	r, err := w.box.Walk(t.Context(), func(ctx context.Context, _ deadletter.Letter) (deadletter.Verdict, error) {
		w.wait(time.Hour)
		if taken, err := w.dead.Receive(ctx, queue.ReceiveOptions{Visibility: time.Hour}); err != nil || len(taken) != 1 {
			t.Fatal(taken, err)
		}
		return w.replay(), nil
	})
	want(t, r, err, "seen 1, kept 0, replayed 0, dropped 0, left 0, undeleted 0, unsure 0, gone 1, unreturned 0")
	if w.work.Len() != 0 {
		t.Error("it was sent")
	}
}

// TestSendingFails: what is refused is left, what is throttled is tried again, and of what nobody knows nothing is deleted.
func TestSendingFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		fail func(calls int, batch []queue.Outgoing) ([]queue.Failure, error, bool)
		want string
		err  error
	}{
		{"throttled at first", func(calls int, _ []queue.Outgoing) ([]queue.Failure, error, bool) {
			return nil, queue.ErrThrottled, calls < 3
		}, "seen 3, kept 0, replayed 3, dropped 0, left 0, undeleted 0, unsure 0, gone 0, unreturned 0", nil},
		{"throttled for ever", func(int, []queue.Outgoing) ([]queue.Failure, error, bool) {
			return nil, queue.ErrThrottled, true
		}, "seen 3, kept 0, replayed 0, dropped 0, left 3, undeleted 0, unsure 0, gone 0, unreturned 0", nil},
		{"the whole batch refused for one", func(_ int, batch []queue.Outgoing) ([]queue.Failure, error, bool) {
			return nil, queue.ErrRefused, slices.ContainsFunc(batch, func(o queue.Outgoing) bool { return strings.Contains(string(o.Body), `"n":1`) })
		}, "seen 3, kept 0, replayed 2, dropped 0, left 1, undeleted 0, unsure 0, gone 0, unreturned 0", nil},
		{"denied", func(int, []queue.Outgoing) ([]queue.Failure, error, bool) {
			return nil, queue.ErrPermanent, true
		}, "seen 3, kept 0, replayed 0, dropped 0, left 3, undeleted 0, unsure 0, gone 0, unreturned 0", queue.ErrPermanent},
		{"an answer that is lost", func(int, []queue.Outgoing) ([]queue.Failure, error, bool) {
			return nil, context.DeadlineExceeded, true
		}, "seen 3, kept 0, replayed 0, dropped 0, left 0, undeleted 0, unsure 3, gone 0, unreturned 0", context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, false)
			w.die(t, 3, nil)
			calls := 0
			w.failSend = func(batch []queue.Outgoing) ([]queue.Failure, error, bool) {
				calls++
				return c.fail(calls, batch)
			}
			r, err := w.walk(t, w.replay())
			if counts(r) != c.want || !errors.Is(err, c.err) {
				t.Errorf("%s, error %v", counts(r), err)
			}
			if visible := w.dead.Counts().Visible; visible != 3-r.Replayed || w.work.Len() != r.Replayed {
				t.Errorf("%d visible, %d sent", visible, w.work.Len())
			}
		})
	}
}

// TestFIFO: groups and their order stay, with a deduplication id that is new, and the same the next time.
func TestFIFO(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.die(t, 6, func(i int, m *queue.Message, _ *queue.Cause) { m.GroupID = fmt.Sprint("account-", i%2) })
	var ids []string
	w.failSend = func(batch []queue.Outgoing) ([]queue.Failure, error, bool) {
		ids = append(ids, batch[0].DeduplicationID)
		refuse := strings.Contains(string(batch[0].Body), `"n":2`)
		return []queue.Failure{{Index: 0, Code: "InvalidMessageContents", SenderFault: true}}, nil, refuse
	}
	r, err := w.walk(t, w.replay())
	want(t, r, err, "seen 6, kept 0, replayed 4, dropped 0, left 2, undeleted 0, unsure 0, gone 0, unreturned 0")
	var order []string
	for _, m := range w.work.All() {
		order = append(order, m.GroupID+" "+m.Attributes[starfleet.AttributeTaskID])
	}
	slices.Sort(order)
	if diff := cmp.Diff(order, []string{"account-0 task-0", "account-1 task-1", "account-1 task-3", "account-1 task-5"}); diff != "" {
		t.Errorf("what follows a letter of its group that failed has to wait: %s", diff)
	}
	for i, id := range ids {
		if strings.HasPrefix(id, "work-") || slices.Contains(ids[:i], id) {
			t.Errorf("deduplication ids %q", ids)
		}
	}
	limits := queue.Limits{FIFO: true}
	one := deadletter.Outgoing(deadletter.Letter{Message: queue.Message{ID: "m"}}, time.Time{}, limits)
	two := deadletter.Outgoing(deadletter.Letter{Message: queue.Message{ID: "m"}}, w.Now(), limits)
	if one.DeduplicationID != two.DeduplicationID || one.GroupID == "" {
		t.Errorf("%+v, %+v", one, two)
	}
}

// TestRenewed: the time at which the task expires is replaced, and nothing else.
func TestRenewed(t *testing.T) {
	t.Parallel()
	m := queue.Message{ID: "m", Body: "b", GroupID: "g", Attributes: map[string]string{starfleet.AttributeNotAfter: "2020-01-01T00:00:00Z", "mine": "kept", queue.AttributeErrorClass: "c"}}
	out := deadletter.Outgoing(deadletter.Read(m), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), queue.Limits{})
	if diff := cmp.Diff(out, queue.Outgoing{
		ID: "0", Body: []byte("b"), GroupID: "g",
		Attributes: []queue.Attribute{{Name: "mine", Value: "kept"}, {Name: starfleet.AttributeNotAfter, Value: "2026-02-01T00:00:00Z"}, {Name: queue.AttributeSourceMessageID, Value: "m"}},
	}); diff != "" {
		t.Error(diff)
	}
	if m.Attributes[starfleet.AttributeNotAfter] != "2020-01-01T00:00:00Z" {
		t.Error("the letter was changed")
	}
}

// TestAttributesOfOtherTypes: a letter that cannot be sent as it is, is left.
func TestAttributesOfOtherTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.die(t, 2, nil)
	w.box.From = numbers{receiver{w.dead, w}}
	r, err := w.walk(t, w.replay())
	want(t, r, err, "seen 2, kept 0, replayed 0, dropped 0, left 2, undeleted 0, unsure 0, gone 0, unreturned 0")
	if !strings.Contains(r.Left[0].Reason, "attributes n are no strings") || w.dead.Counts().Visible != 2 {
		t.Errorf("%+v", r.Left[0])
	}
}

// numbers has an attribute of another type in each message.
type numbers struct{ receiver }

func (n numbers) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	messages, err := n.receiver.Receive(ctx, o)
	for i := range messages {
		messages[i].OtherAttributes = []string{"n"}
	}
	return messages, err
}

// TestNothingIsLost: whatever is decided, and whatever fails, each letter is at the end on its queue, dropped because that was said, or sent; and
// no letter is sent twice.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, rapid.Bool().Draw(r, "FIFO"))
		w.open(t, deadletter.Config{Page: rapid.IntRange(1, 10).Draw(r, "page")})
		n := rapid.IntRange(0, 25).Draw(r, "letters")
		w.die(t, n, func(i int, m *queue.Message, _ *queue.Cause) { m.GroupID = fmt.Sprint("g", i%4) })
		w.failSend = func(batch []queue.Outgoing) ([]queue.Failure, error, bool) {
			err := rapid.SampledFrom([]error{nil, nil, nil, queue.ErrThrottled, queue.ErrRefused, queue.ErrPermanent, errors.New("no answer")}).Draw(r, "sending")
			return nil, err, err != nil
		}
		w.failDrop = func(queue.Message) error {
			return rapid.SampledFrom([]error{nil, nil, nil, nil, errors.New("no network"), queue.ErrPermanent}).Draw(r, "deleting")
		}
		report, _ := w.box.Walk(t.Context(), func(context.Context, deadletter.Letter) (deadletter.Verdict, error) {
			if act := rapid.SampledFrom([]deadletter.Act{deadletter.Keep, deadletter.Replay, deadletter.Drop}).Draw(r, "act"); act != deadletter.Replay {
				return deadletter.Verdict{Act: act}, nil
			}
			return w.replay(), nil
		})
		sent := map[string]int{}
		for _, m := range w.work.All() {
			sent[m.Attributes[starfleet.AttributeTaskID]]++
		}
		for id, times := range sent {
			if times != 1 {
				r.Fatalf("%s was sent %d times", id, times)
			}
		}
		if w.work.Len() != report.Replayed || w.dead.Len() != n-report.Replayed-report.Dropped+len(report.Undeleted) {
			r.Fatalf("%d of %d are dead, %d sent: %s", w.dead.Len(), n, w.work.Len(), counts(report))
		}
		if c := w.dead.Counts(); c.InFlight != len(report.Undeleted) || report.Unreturned != 0 {
			r.Fatalf("%+v: %s", c, counts(report))
		}
		if report.Seen != report.Kept+report.Replayed+report.Dropped+len(report.Left)+len(report.Unsure)+len(report.Gone) {
			r.Fatalf("%s", counts(report))
		}
	})
}
