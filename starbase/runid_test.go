package starbase_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

var runIDForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// ids are run and task ids of a ship's tasks.
func ids(q *recorder) []string {
	var all []string
	for _, m := range q.All() {
		all = append(all, m.Attributes[starfleet.AttributeRunID]+" "+m.Attributes[starfleet.AttributeTaskID])
	}
	slices.Sort(all)
	return all
}

// runIDOf handles a message and returns the run id of the one task that comes of it.
func runIDOf(t *testing.T, m queue.Message) string {
	t.Helper()
	w := newWorld(t, setup{})
	w.templates.put(key, accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n"))
	w.must(w.base.Handle(t.Context(), m))
	all := w.queue("Account").All()
	if len(all) != 1 || !runIDForm.MatchString(all[0].Attributes[starfleet.AttributeRunID]) {
		t.Fatalf("tasks %v", all)
	}
	return all[0].Attributes[starfleet.AttributeRunID]
}

// Each trigger delivered twice, as another delivery of the same message, gives the same run and task ids.
func TestRedeliveryGivesTheSameIDs(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"S3": s3Body("ObjectCreated:Put", key, "v1"), "S3 without versions": s3Body("ObjectCreated:Put", key, ""),
		"fan-out": fanOutBody("Account", key), "SNS": snsBody(s3Body("ObjectCreated:Put", key, "v1")),
		"hand-made": `{"Records":[{"s3":{"bucket":{"name":"templates"},"object":{"key":"Account/x.yaml"}}}]}`,
	} {
		w := newWorld(t, setup{})
		w.templates.put(key, accountTemplate("t", everyone))
		w.must(w.handle(body))
		first := ids(w.queue("Account"))
		again := w.message(body)
		again.ReceiveCount, again.ReceiptHandle = 2, "another"
		w.now = w.now.Add(90e9)
		w.must(w.base.Handle(t.Context(), again))
		both := ids(w.queue("Account"))
		if len(first) != 19 || len(both) != 38 || !slices.Equal(slices.Compact(both), first) {
			t.Errorf("%s: first %q, then %q", name, first, both)
		}
	}
}

// The S3 event of one write has one run id, whoever delivers it; another version, ship or bucket has another.
func TestRunIDOfAnS3Event(t *testing.T) {
	t.Parallel()
	message := func(body string) queue.Message { return queue.Message{ID: "m", Body: body} }
	direct := runIDOf(t, message(s3Body("ObjectCreated:Put", key, "v1")))
	if !strings.HasPrefix(direct, "S3-x-") {
		t.Errorf("run id %q names no template", direct)
	}
	same := []string{
		runIDOf(t, queue.Message{ID: "another", Body: s3Body("ObjectCreated:Copy", key, "v1")}),
		runIDOf(t, message(snsBody(s3Body("ObjectCreated:Put", key, "v1")))),
		runIDOf(t, message(`{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"templates"},"object":{"key":"Account/x.yaml","version-id":"v1"}}}`)),
	}
	for _, id := range same {
		if id != direct {
			t.Errorf("run id %q, want %q", id, direct)
		}
	}
	if other := runIDOf(t, message(s3Body("ObjectCreated:Put", key, ""))); other == direct {
		t.Errorf("the sequencer counts as a version: %q", other)
	}
}

// While versioning is suspended every object has the version "null": the sequencer tells two writes apart.
func TestRunIDOfTheNullVersion(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, sequencer := range []string{"0055AED6DCD90281E5", "0055AED6DCD90281E6"} {
		w := newWorld(t, setup{})
		w.templates.put(key, accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n"))
		w.templates.versions[key][0].Version = "null"
		w.must(w.handle(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"templates"},"object":{"key":"Account/x.yaml","versionId":"null","sequencer":"` + sequencer + `"}}}]}`))
		seen[w.queue("Account").All()[0].Attributes[starfleet.AttributeRunID]] = true
	}
	if len(seen) != 2 {
		t.Errorf("run ids %v", seen)
	}
}

// A timer with a scheduled time names its runs by it, in UTC, on every fan-out message; the message hands the id on to the tasks.
func TestRunIDOfATimer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put(key, accountTemplate("t", everyone))
	w.templates.put("Account/y.yaml", accountTemplate("t", everyone))
	tick := func(scheduled string) []string {
		before := w.fanOut.Len()
		w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: config.Hourly, ScheduledTime: scheduled}))
		var runs []string
		for _, m := range w.fanOut.All()[before:] {
			if len(m.Attributes) > 1 {
				t.Errorf("attributes %v", m.Attributes)
			}
			runs = append(runs, m.Attributes[starfleet.AttributeRunID])
		}
		slices.Sort(runs)
		return runs
	}
	first := tick("2026-11-22T11:00:00Z")
	if len(first) != 2 || first[0] == first[1] || !strings.HasPrefix(first[0], "HOURLY-20261122T110000Z-") || !runIDForm.MatchString(first[0]) {
		t.Fatalf("run ids %q", first)
	}
	if again := tick("2026-11-22T12:00:00+01:00"); !slices.Equal(again, first) {
		t.Errorf("the same tick has the run ids %q, and %q", first, again)
	}
	if next := tick("2026-11-22T12:00:00Z"); slices.Contains(first, next[0]) {
		t.Errorf("the next tick has the run id %q", next[0])
	}
	if unscheduled := tick(""); unscheduled[0] != "" {
		t.Errorf("without a scheduled time the run id is %q", unscheduled[0])
	}
	w.must(w.base.Handle(t.Context(), w.fanOut.All()[0]))
	if got := w.queue("Account").All()[0].Attributes[starfleet.AttributeRunID]; !slices.Contains(first, got) {
		t.Errorf("the tasks have the run id %q", got)
	}
}

// A timed event that a message brought without a scheduled time takes its run ids from the message.
func TestRunIDOfATimerMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put(key, "")
	for range 2 {
		w.must(w.handle(`{"name":"HOURLY"}`))
	}
	all := w.fanOut.All()
	first, second := all[0].Attributes[starfleet.AttributeRunID], all[1].Attributes[starfleet.AttributeRunID]
	if first != second || !strings.HasPrefix(first, "HOURLY-11111111-2222-3333-4444-555555555555-") {
		t.Errorf("run ids %q and %q", first, second)
	}
}

// A fan-out message without a run id, as a Python Starbase sends it, or with one that cannot be a message group, runs under its message id.
func TestRunIDOfAFanOutMessage(t *testing.T) {
	t.Parallel()
	m := queue.Message{ID: "11111111-2222-3333-4444-555555555555", Body: fanOutBody("Account", key)}
	for _, attribute := range []string{"", "a b", strings.Repeat("x", 129), "ä", "a\nb"} {
		m.Attributes = map[string]string{starfleet.AttributeRunID: attribute}
		if id := runIDOf(t, m); id != m.ID {
			t.Errorf("attribute %q: run id %q", attribute, id)
		}
	}
	m.ID = "an id / of another kind of queue"
	runIDOf(t, m)
}

// Run ids are message group ids whatever the template is called, and differ when the template does.
func TestRunIDsAreMessageGroups(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringMatching(`[^\x00-\x1f/]{0,80}`).Draw(rt, "name")
		file := "Account/" + name + ".yaml"
		w := newWorld(t, setup{})
		template := accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n")
		w.templates.put(file, template)
		w.templates.put("Account/other.yaml", template)
		w.must(w.handle(s3Body("ObjectCreated:Put", file, "v1")))
		w.must(w.handle(s3Body("ObjectCreated:Put", "Account/other.yaml", "v2")))
		got := w.queue("Account").All()
		if len(got) == 0 || !runIDForm.MatchString(got[0].Attributes[starfleet.AttributeRunID]) {
			rt.Fatalf("%q: tasks %v", file, got)
		}
		if len(got) == 2 && file != "Account/other.yaml" && got[0].Attributes[starfleet.AttributeRunID] == got[1].Attributes[starfleet.AttributeRunID] {
			rt.Fatalf("%q has the run id of another template", file)
		}
	})
}

func TestIsRunID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"a": true, "Task-20260101T000000Z_x": true, strings.Repeat("x", 128): true,
		"": false, "a b": false, "a/b": false, "ä": false, "a\n": false, strings.Repeat("x", 129): false,
	} {
		if got := starbase.IsRunID(text); got != want {
			t.Errorf("IsRunID(%q) = %t", text, got)
		}
	}
}
