package starbase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

var tick = starbase.TimedEvent{Name: config.Hourly, ScheduledTime: "2026-11-22T12:00:00Z"}

// A ship whose templates cannot be listed does not stop the ships after it; none of its templates is queued, and the invocation fails.
func TestTimerGoesOnAfterAFailingShip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, ship := range []string{"Single", "Account", "Region"} {
		w.templates.put(ship+"/x.yaml", "")
	}
	w.templates.listErr["Single/"] = errTransient
	w.templates.listErr["Region/"] = errors.New("another")
	err := w.base.Timer(t.Context(), tick)
	if !errors.Is(err, errTransient) || !strings.Contains(err.Error(), "ship Single") || !strings.Contains(err.Error(), "ship Region: list templates") {
		t.Errorf("error %v", err)
	}
	wantDisposition(t, err, queue.Retry)
	if got := values(bodies(t, w.fanOut), "worker_ship"); !slices.Equal(got, []string{"Account"}) {
		t.Errorf("queued for %q", got)
	}
	w.logged(slog.LevelError, "templates not queued", "Single")
}

// What the fan-out queue does not take at first is sent again; what it never takes fails the event.
func TestTimerRetriesPartialFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{})
		for i := range 12 {
			w.templates.put(fmt.Sprintf("Account/%d.yaml", i), "")
		}
		w.fanOut.fail = func(call int, batch []queue.Outgoing) ([]queue.Failure, error) {
			if call == 1 {
				return []queue.Failure{{Index: 0, Code: "InternalError"}}, nil
			}
			return nil, nil
		}
		w.must(w.base.Timer(t.Context(), tick))
		if n := w.fanOut.Len(); n != 12 {
			t.Errorf("%d messages, want 12", n)
		}
		w.fanOut.fail = func(int, []queue.Outgoing) ([]queue.Failure, error) { return nil, errTransient }
		var incomplete *queue.IncompleteError
		if err := w.base.Timer(t.Context(), tick); !errors.As(err, &incomplete) || incomplete.Report.NotSentCount != 12 {
			t.Errorf("error %v", err)
		}
	})
}

// A key belongs to the ship of its longest prefix, for timers as for S3 events; a folder ends at its slash; two ships may share a
// folder; the templates of a disabled ship, and of one that this program does not know, fall to nobody else.
func TestLongestPrefixOwnsATemplate(t *testing.T) {
	t.Parallel()
	sources := "S3, EVENTBRIDGE_TIMED_EVENT"
	disabled := strings.Replace(section("Off", "All/off", sources, hourly), "Enabled: true", "Enabled: false", 1)
	w := newWorld(t, setup{fleet: fleetOf(t, "All", "Deep", "Twin", "Key", "Off"), configuration: configuration(t,
		section("All", "All", sources, hourly)+section("Deep", "All/deep", sources, hourly)+section("Twin", "All/deep/", sources, hourly)+
			section("Key", "All/key.yaml", sources, hourly)+disabled+section("Foreign", "All/foreign", sources, hourly))})
	owners := map[string][]string{
		"All/x.yaml": {"All"}, "All/deeper/x.yaml": {"All"}, "All/deep/x.yaml": {"Deep", "Twin"}, "All/key.yaml": {"Key"},
		"All/key.yaml/x.yaml": {"All"}, "All/off/x.yaml": nil, "All/foreign/x.yaml": nil, "AllOthers/x.yaml": nil,
	}
	want := map[string][]string{}
	for key, ships := range owners {
		version := w.templates.put(key, accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n"))
		err := w.handle(s3Body("ObjectCreated:Put", key, version))
		if strings.HasPrefix(key, "All/foreign/") {
			wantDisposition(t, err, queue.DeadLetter) // said, rather than dropped
		} else {
			w.must(err)
		}
		for _, ship := range []string{"All", "Deep", "Twin", "Key", "Off", "Foreign"} {
			if n := w.queue(ship).Len(); n != 0 != slices.Contains(ships, ship) {
				t.Errorf("%s: %d tasks for %s", key, n, ship)
			}
			w.drain(ship)
		}
		for _, ship := range ships {
			want[ship] = append(want[ship], key)
		}
	}
	w.must(w.base.Timer(t.Context(), tick))
	got := map[string][]string{}
	for _, body := range bodies(t, w.fanOut) {
		ship, key := body["worker_ship"].(string), body["template_prefix"].(string)
		got[ship] = append(got[ship], key)
	}
	for _, all := range []map[string][]string{want, got} {
		for _, keys := range all {
			slices.Sort(keys)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A timer that no ship has, and a ship without templates, are no errors.
func TestTimerWithNothingToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account", "EVENTBRIDGE_TIMED_EVENT", hourly))})
	w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: config.Daily}))
	w.logged(slog.LevelInfo, "no ship has this frequency", "DAILY")
	w.must(w.base.Timer(t.Context(), tick))
	w.logged(slog.LevelWarn, "the ship has no templates", "Account")
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
}

// A frequency alone is no source: the ship must list the timer.
func TestTimerNeedsTheSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account", "S3", hourly))})
	w.templates.put(key, "")
	w.must(w.base.Timer(t.Context(), tick))
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
}

// On a FIFO fan-out queue a tick that is delivered twice is queued once, and the next tick is another one, also without a scheduled time.
func TestTimerOnAFIFOQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.fanOut.Memory = memory(t, queue.MemoryConfig{Name: "fan-out.fifo", FIFO: true})
	w.templates.put(key, "")
	for range 2 {
		w.must(w.base.Timer(t.Context(), tick))
	}
	if n := w.fanOut.Len(); n != 1 {
		t.Fatalf("%d messages of one tick", n)
	}
	for range 2 {
		w.now = w.now.Add(time.Minute)
		w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: config.Hourly}))
	}
	if n := w.fanOut.Len(); n != 3 {
		t.Errorf("%d messages of three ticks", n)
	}
}

// Near the deadline of the function the timer ends with its cause, and says what was not sent.
func TestTimerEndsBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{})
		w.templates.put(key, "")
		w.fanOut.fail = func(int, []queue.Outgoing) ([]queue.Failure, error) {
			return nil, fmt.Errorf("%w: slow down", queue.ErrThrottled)
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := w.base.Invoke(ctx, []byte(`{"name":"HOURLY"}`))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "deadline is 2s away") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(begin); took < 28*time.Second || took >= 30*time.Second {
			t.Errorf("it took %v of 30 s", took)
		}
	})
}

// drain takes all messages off a ship's queue.
func (w *world) drain(ship string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if q := w.queues[queueRoot+ship]; q != nil {
		q.Memory = memory(w.t, queue.MemoryConfig{Name: ship})
	}
}
