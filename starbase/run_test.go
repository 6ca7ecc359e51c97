package starbase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

var errTransient = errors.New("the connection was reset")

const key = "Account/x.yaml"

// A template is deleted between the event and the fetch: nothing is tasked, and it is no error. In a versioned bucket the version
// that the event names can still be read, and counts for nothing.
func TestTemplateDeletedBeforeFetch(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"unversioned": "", "versioned": "v1"} {
		w := newWorld(t, setup{})
		w.templates.put(key, accountTemplate("t", everyone))
		w.templates.remove(key)
		w.must(w.handle(s3Body("ObjectCreated:Put", key, version)))
		if w.sent() != 0 {
			t.Errorf("%s: %d messages were sent", name, w.sent())
		}
		w.logged(slog.LevelWarn, "nothing was sent", "deleted", key)
	}
}

// The template is deleted after it was read and before its first task.
func TestTemplateDeletedBeforeTasking(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put(key, accountTemplate("t", everyone))
	w.templates.beforeCurrent = func() { w.templates.remove(key) }
	w.must(w.handle(fanOutBody("Account", key)))
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
	w.logged(slog.LevelWarn, "nothing was sent", "deleted", `"not_sent":19`)
}

func TestTemplateReplacedBeforeTasking(t *testing.T) {
	t.Parallel()
	s3, timed := "S3, EVENTBRIDGE_TIMED_EVENT", "EVENTBRIDGE_TIMED_EVENT"
	tests := map[string]struct {
		sources, fleet string
		old            string
		want           int
	}{
		"the ship listens to S3: superseded":     {s3, "", everyone, 0},
		"stop, as by default":                    {s3, "Fleet: {OnTemplateChange: stop}\n", everyone, 0},
		"the fleet finishes what it began":       {s3, "Fleet: {OnTemplateChange: finish}\n", everyone, 19},
		"nothing else would task it":             {timed, "", everyone, 19},
		"superseded, and the old one was faulty": {s3, "", "IncludeAccounts: {}\n", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account", test.sources, hourly)+test.fleet)})
			w.templates.put(key, accountTemplate("t", test.old))
			w.templates.beforeCurrent = func() { w.templates.put(key, accountTemplate("t", everyone)) }
			w.must(w.handle(fanOutBody("Account", key)))
			if n := w.queue("Account").Len(); n != test.want {
				t.Fatalf("%d tasks, want %d", n, test.want)
			}
			if test.want == 0 {
				w.logged(slog.LevelWarn, "nothing was sent", "superseded: version v2")
			}
		})
	}
}

// An S3 event fetches the version that it names, not the newest.
func TestVersionOfTheEventIsFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, standard+"Fleet: {OnTemplateChange: finish}\n")})
	old := w.templates.put(key, accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n"))
	w.templates.put(key, accountTemplate("t", everyone))
	w.must(w.handle(s3Body("ObjectCreated:Put", key, old)))
	all := w.queue("Account").All()
	if len(all) != 1 || all[0].Attributes[starfleet.AttributeTemplateVersion] != old {
		t.Errorf("tasks %v", all)
	}
}

// A ship that runs once for a template is tasked without an index: it may be the one that writes it.
func TestSingleShipIsTaskedWithoutAnIndex(t *testing.T) {
	t.Parallel()
	index := &brokenIndex{}
	w := newWorld(t, setup{index: index})
	w.templates.put("Single/x.yaml", singleTemplate("s"))
	w.must(w.handle(fanOutBody("Single", "Single/x.yaml")))
	if n := w.queue("Single").Len(); n != 1 || index.asked != 0 {
		t.Errorf("%d tasks, the index was asked %d times", n, index.asked)
	}
	w.templates.put(key, accountTemplate("t", everyone))
	wantDisposition(t, w.handle(fanOutBody("Account", key)), queue.Retry)

	base, err := starbase.New(starbase.Config{
		Fleet: fleetOf(t), Configuration: configuration(t, section("Single", "Single", "S3")), Templates: w.templates, OpenQueue: w.open,
	})
	if err != nil {
		t.Fatalf("without a source: %v", err)
	}
	w.must(base.Handle(t.Context(), w.message(fanOutBody("Single", "Single/x.yaml"))))
	if n := w.queue("Single").Len(); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
}

// A template at fault, and one that a guard refuses, is dead-lettered at once with all of its faults, and nothing is sent.
func TestTemplateAtFaultIsDeadLettered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, standard+"  MaxTargets: 4\n")})
	tests := map[string]struct{ ship, template, problem string }{
		"no YAML":             {"Account", "a: [", "Account/x.yaml:1"},
		"empty":               {"Account", "", "Account/x.yaml"},
		"unknown key":         {"Account", accountTemplate("t", everyone) + "IncludeAcounts: {}\n", "did you mean"},
		"selects no account":  {"Account", accountTemplate("t", "IncludeAccounts: {}\n"), "selects no account"},
		"unknown region":      {"Region", regionTemplate("t", everyone, "us-east-9"), "us-east-9"},
		"the ship's own rule": {"Region", regionTemplate("t", everyone, "us-east-1") + "RetentionDays: 13\n", "does not know 13 days"},
		"mistyped exclusion":  {"Account", accountTemplate("t", everyone+"ExcludeAccounts: {ByNames: [Acount 1]}\n"), "ExcludeAccounts.ByNames[0]"},
		"failing expression":  {"Account", accountTemplate("t", "IncludeAccounts: {ByExpression: \"regions[99] == 'x'\"}\n"), "ByExpression"},
		"above MaxTargets":    {"Region", regionTemplate("t", everyone, "us-east-1"), "resolves to 19 accounts and at most 4 are allowed"},
		"too big":             {"Account", accountTemplate(strings.Repeat("x", schema.MaxBytes), everyone), "Account/x.yaml"},
	}
	for name, test := range tests {
		file := test.ship + "/x.yaml"
		w.templates.put(file, test.template)
		err := w.handle(fanOutBody(test.ship, file))
		wantDisposition(t, err, queue.DeadLetter)
		if !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %q is not in: %v", name, test.problem, err)
		}
	}
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
}

// What a retry can cure is retried.
func TestTransientFailuresAreRetried(t *testing.T) {
	t.Parallel()
	refuse := func(int, []queue.Outgoing) ([]queue.Failure, error) {
		return nil, fmt.Errorf("%w: AccessDenied", queue.ErrPermanent)
	}
	tests := map[string]func(w *world){
		"reading":      func(w *world) { w.templates.readErr = errTransient },
		"access":       func(w *world) { w.queue("Account").fail = refuse },
		"the index":    func(w *world) { w.index.(*accountindex.File).Name = "missing" },
		"a late panic": func(w *world) { w.templates.beforeCurrent = func() { panic("boom") } },
	}
	for name, breakIt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := &accountindex.File{Name: t.TempDir() + "/index.json"}
			writeIndex(t, file.Name)
			w := newWorld(t, setup{index: file})
			w.templates.put(key, accountTemplate("t", everyone))
			breakIt(w)
			wantDisposition(t, w.handle(fanOutBody("Account", key)), queue.Retry)
			w.logged(slog.LevelError)
			if w.sent() != 0 {
				t.Errorf("%d messages were sent", w.sent())
			}
		})
	}
}

// The context of the batch ends: the run fails as one to be retried, with the cause, before it begins.
func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put(key, accountTemplate("t", everyone))
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errTransient)
	err := w.base.Handle(ctx, w.message(fanOutBody("Account", key)))
	wantDisposition(t, err, queue.Retry)
	if !errors.Is(err, errTransient) || w.sent() != 0 {
		t.Errorf("error %v, %d messages", err, w.sent())
	}
}

// Entries of a batch that the queue did not take are sent again; what it never takes fails the message, which says how many were
// sent and names those that were not.
func TestSentEqualsResolvedOrTheMessageFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put(key, accountTemplate("t", everyone))
	q := w.queue("Account")
	q.fail = func(call int, batch []queue.Outgoing) ([]queue.Failure, error) {
		if call <= 2 {
			return []queue.Failure{{Index: len(batch) - 1, Code: "InternalError", Message: "again"}}, nil
		}
		return nil, nil
	}
	w.must(w.handle(fanOutBody("Account", key)))
	if n := q.Len(); n != 19 || w.reports[0].Dispatch.Retried == 0 {
		t.Errorf("%d tasks, report %+v", n, w.reports[0].Dispatch)
	}
	q.fail = func(_ int, batch []queue.Outgoing) ([]queue.Failure, error) {
		for i, o := range batch {
			if strings.Contains(string(o.Body), "000000000007") {
				return []queue.Failure{{Index: i, Code: "InvalidMessageContents", SenderFault: true}}, nil
			}
		}
		return nil, nil
	}
	err := w.handle(fanOutBody("Account", key))
	wantDisposition(t, err, queue.Retry)
	var incomplete *queue.IncompleteError
	if !errors.As(err, &incomplete) || incomplete.Report.Sent != 18 || incomplete.Report.Resolved != 19 ||
		len(incomplete.Report.NotSent) != 1 || incomplete.Report.NotSent[0].Label != "000000000007" {
		t.Errorf("error %v", err)
	}
	w.logged(slog.LevelError, "fan-out failed", `"resolved":19`, `"sent":18`, `"not_sent":1`, `"not_sent_targets":["000000000007"]`)
}

// A template whose tasks do not fit the queue is refused before anything is sent, and no retry cures it.
func TestTooLargeForTheQueueIsDeadLettered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.queues[queueRoot+"Account"] = &recorder{Memory: memory(t, queue.MemoryConfig{Name: "Account", MessageBytes: 1024})}
	w.templates.put(key, accountTemplate("t", everyone)+"# "+strings.Repeat("comments are not sent ", 100)+"\n")
	w.must(w.handle(fanOutBody("Account", key)))
	w.queues[queueRoot+"Account"] = &recorder{Memory: memory(t, queue.MemoryConfig{Name: "Account", MessageBytes: 1024})}
	w.templates.put("Account/big.yaml", accountTemplate(strings.Repeat("x", 1024), everyone))
	err := w.handle(fanOutBody("Account", "Account/big.yaml"))
	wantDisposition(t, err, queue.DeadLetter)
	var explained *starbase.TooLargeError
	if !errors.As(err, &explained) || len(explained.Fields) != 3 || explained.Fields[0].Name != "TemplateName" || explained.Fields[0].Bytes < explained.Fields[1].Bytes {
		t.Errorf("the biggest fields are not named: %v", err)
	}
	var tooLarge *queue.TooLargeError
	if !errors.As(err, &tooLarge) {
		t.Errorf("error %v", err)
	}
}

// Accounts that fleet or ship never touch are left out of every resolution, with a reason of their own.
func TestNeverTouchOfFleetAndShip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t,
		section("Account", "Account", "S3", "NeverTouch: {ByNames: [Account 3]}")+
			section("Region", "Region", "S3")+"Fleet: {NeverTouch: {ByIds: [\"000000000002\"]}}\n")})
	w.templates.put(key, accountTemplate("t", everyone))
	w.templates.put("Region/x.yaml", regionTemplate("t", everyone, "us-east-1"))
	w.must(w.handle(fanOutBody("Account", key)))
	w.must(w.handle(fanOutBody("Region", "Region/x.yaml")))
	for ship, never := range map[string][]string{"Account": {"000000000002", "000000000003"}, "Region": {"000000000002"}} {
		got := values(bodies(t, w.queue(ship)), "StarbaseAssignedAccount")
		if len(got) != 19-len(never) || slices.ContainsFunc(never, func(id string) bool { return slices.Contains(got, id) }) {
			t.Errorf("%s works in %q", ship, got)
		}
	}
	rules := map[string]string{}
	for d := range w.reports[0].Plan.Resolution().Explain() {
		if d.Reason == accountindex.NeverTouched {
			rules[d.Account.ID] = d.Rule
		}
	}
	if !strings.Contains(rules["000000000002"], "Fleet.NeverTouch") || !strings.Contains(rules["000000000003"], "Account.NeverTouch") || len(rules) != 2 {
		t.Errorf("rules %q", rules)
	}
}

// A never-touch list with a name that nobody bears is the configuration's fault: every template fails, and can be retried once it is
// put right.
func TestMistypedNeverTouchFailsForRetry(t *testing.T) {
	t.Parallel()
	for _, guard := range []string{"Fleet: {NeverTouch: {ByNames: [Acount 3]}}\n", "Account.NeverTouch"} {
		sections := section("Account", "Account", "S3") + guard
		if guard == "Account.NeverTouch" {
			sections = section("Account", "Account", "S3", "NeverTouch: {ByNames: [Acount 3]}")
		}
		w := newWorld(t, setup{configuration: configuration(t, sections)})
		w.templates.put(key, accountTemplate("t", everyone))
		err := w.handle(fanOutBody("Account", key))
		wantDisposition(t, err, queue.Retry)
		if !strings.Contains(err.Error(), "NeverTouch.ByNames[0]") || w.sent() != 0 {
			t.Errorf("error %v, %d messages", err, w.sent())
		}
	}
}

// An index above Fleet.IndexMaxAge is refused; a newer one cures it.
func TestIndexMaxAge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		generated time.Time
		want      string
	}{
		"young enough": {noon.Add(-2 * time.Hour), ""},
		"too old":      {noon.Add(-2*time.Hour - time.Second), "2h0m1s ago"},
		"ageless":      {time.Time{}, "does not say when it was generated"},
	} {
		w := newWorld(t, setup{
			configuration: configuration(t, section("Account", "Account", "S3")+"Fleet: {IndexMaxAge: 2h}\n"),
			index:         accountindex.Static{X: indexFrom(t, test.generated)},
		})
		w.templates.put(key, accountTemplate("t", everyone))
		err := w.handle(fanOutBody("Account", key))
		if test.want == "" {
			w.must(err)
			continue
		}
		wantDisposition(t, err, queue.Retry)
		var age *starbase.IndexAgeError
		if !errors.As(err, &age) || !strings.Contains(err.Error(), test.want) || w.sent() != 0 {
			t.Errorf("%s: error %v, %d messages", name, err, w.sent())
		}
	}
}

// MaxTargets counts accounts: 19 accounts in 6 regions are 19. The default is 100.
func TestMaxTargetsCountsAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Region", "Region", "S3", "MaxTargets: 19"))})
	w.templates.put("Region/x.yaml", regionTemplate("t", everyone, "ALL"))
	w.must(w.handle(fanOutBody("Region", "Region/x.yaml")))
	if n := w.queue("Region").Len(); n != 19*len(allRegions) {
		t.Errorf("%d tasks", n)
	}
}

// Every task carries run, task, version and the time after which workers refuse it.
func TestAttributesOfTasks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account", "S3")+"Fleet: {TaskMaxAge: 90m}\n")})
	version := w.templates.put(key, accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n"))
	m := w.message(fanOutBody("Account", key))
	m.Attributes = map[string]string{starfleet.AttributeRunID: "HOURLY-20261122T120000Z-abc"}
	w.must(w.base.Handle(t.Context(), m))
	task := w.queue("Account").All()[0]
	got := maps.Clone(task.Attributes)
	if len(got[starfleet.AttributeTaskID]) != 64 {
		t.Errorf("task id %q", got[starfleet.AttributeTaskID])
	}
	delete(got, starfleet.AttributeTaskID)
	want := map[string]string{
		starfleet.AttributeRunID: "HOURLY-20261122T120000Z-abc", starfleet.AttributeTemplateVersion: version,
		starfleet.AttributeNotAfter: "2026-11-22T13:30:00Z",
	}
	if diff := gocmp.Diff(want, got); diff != "" || task.GroupID != "HOURLY-20261122T120000Z-abc" {
		t.Errorf("group %q %s", task.GroupID, diff)
	}
}

// The observer gets what the log says of a run.
func TestRunReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put(key, accountTemplate("Everything", everyone+"ExcludeAccounts: {ByTags: [{Name: Number, Value: \"0\"}, {Name: Absent, Value: \"\"}]}\n"))
	w.must(w.handle(fanOutBody("Account", key)))
	r := w.reports[0]
	if r.RunID != "11111111-2222-3333-4444-555555555555" || r.Ship != "Account" || r.TemplateKey != key || r.TemplateVersion != "v1" ||
		r.TemplateName != "Everything" || r.IndexVersion != "index-1" || r.Accounts != 13 || r.Targets != 13 || r.Dispatch.Sent != 13 ||
		r.Plan == nil || r.Err != nil || r.Stopped != "" || len(r.Warnings) != 1 {
		t.Errorf("report %+v", r)
	}
	if diff := gocmp.Diff(map[accountindex.Reason]int{accountindex.Excluded: 6, accountindex.OrgRoot: 1}, r.LeftOut); diff != "" {
		t.Error(diff)
	}
	w.logged(slog.LevelInfo, "fan-out done", `"run":"11111111-`, `"template":"Everything"`, `"resolved":13`, `"sent":13`, `"index_version":"index-1"`, `"excluded":6`)
	w.logged(slog.LevelWarn, "warning about the template", "ExcludeAccounts.ByTags[1]")
}

// Two records of one message, of which one fails for a while and one for good: the message is retried, and what was tasked is
// tasked again with the ids that it had.
func TestTransientFailureOutweighsPermanentOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	v1 := w.templates.put("Account/good.yaml", accountTemplate("t", "IncludeAccounts: {ByNames: [Account 1]}\n"))
	v2 := w.templates.put("Account/bad.yaml", "nonsense")
	v3 := w.templates.put("Single/x.yaml", singleTemplate("s"))
	down := true
	w.queue("Single").fail = func(int, []queue.Outgoing) ([]queue.Failure, error) {
		if down {
			return nil, fmt.Errorf("%w: down", queue.ErrPermanent)
		}
		return nil, nil
	}
	body := `{"Records":[` + strings.Join([]string{
		s3Record(bucket, "ObjectCreated:Put", "Account/good.yaml", v1), s3Record(bucket, "ObjectCreated:Put", "Account/bad.yaml", v2),
		s3Record(bucket, "ObjectCreated:Put", "Single/x.yaml", v3)}, ",") + `]}`
	err := w.handle(body)
	wantDisposition(t, err, queue.Retry)
	if !strings.Contains(err.Error(), "Account/bad.yaml") || !strings.Contains(err.Error(), "Single/x.yaml") {
		t.Errorf("error %v", err)
	}
	down = false
	wantDisposition(t, w.handle(body), queue.DeadLetter)
	if n := w.queue("Single").Len(); n != 1 {
		t.Errorf("%d tasks of the ship that was down", n)
	}
	tasks := w.queue("Account").All()
	if len(tasks) != 2 || tasks[0].Attributes[starfleet.AttributeTaskID] != tasks[1].Attributes[starfleet.AttributeTaskID] {
		t.Errorf("tasks %v", tasks)
	}
}

// A fault in the section of one ship stops that ship, loudly, and no other. Its messages fail until it is put right, also the S3
// events of templates that nobody else owns.
func TestFaultInOneSectionStopsThatShip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t,
		section("Account", "Account", "S3, EVENTBRIDGE_TIMED_EVENT", hourly, "MaxTargets: none")+
			section("Single", "Single", "S3, EVENTBRIDGE_TIMED_EVENT", hourly))})
	w.logged(slog.LevelError, "ship stopped", "Account", "MaxTargets")
	w.templates.put(key, accountTemplate("t", everyone))
	version := w.templates.put("Single/x.yaml", singleTemplate("s"))
	for _, body := range []string{fanOutBody("Account", key), s3Body("ObjectCreated:Put", key, "v1")} {
		err := w.handle(body)
		wantDisposition(t, err, queue.Retry)
		var fault *starbase.ShipFaultError
		if !errors.As(err, &fault) || fault.Ship != "Account" {
			t.Errorf("error %v", err)
		}
	}
	w.must(w.handle(s3Body("ObjectCreated:Put", "Single/x.yaml", version)))
	w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: config.Hourly}))
	if got := values(bodies(t, w.fanOut), "worker_ship"); !slices.Equal(got, []string{"Single"}) {
		t.Errorf("queued for %q", got)
	}
	if n := w.queue("Single").Len(); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

// TestShipAtFaultKeepsItsTemplates: the folder of a ship that is stopped does not fall to the ship of the folder above it.
func TestShipAtFaultKeepsItsTemplates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t,
		section("Account", "Jobs/Account", "S3, EVENTBRIDGE_TIMED_EVENT", hourly, "MaxTargets: none")+
			section("Single", "Jobs", "S3, EVENTBRIDGE_TIMED_EVENT", hourly))})
	version := w.templates.put("Jobs/Account/x.yaml", singleTemplate("s"))
	err := w.handle(s3Body("ObjectCreated:Put", "Jobs/Account/x.yaml", version))
	var fault *starbase.ShipFaultError
	if !errors.As(err, &fault) || fault.Ship != "Account" {
		t.Errorf("error %v", err)
	}
	wantDisposition(t, err, queue.Retry)
	w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: config.Hourly}))
	if n := w.sent() + w.fanOut.Len(); n != 0 {
		t.Errorf("%d messages for a template of a ship that is stopped", n)
	}
}

func writeIndex(t *testing.T, name string) {
	t.Helper()
	if err := writeFile(name, index20(t).AppendFile(nil)); err != nil {
		t.Fatal(err)
	}
}
