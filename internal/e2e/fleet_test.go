//go:build peers

package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
)

// What the programs log, by which the tests know that something was looked at and nothing was to be done.
const (
	loggedTask       = "task"
	loggedNoContent  = "nothing to task: the event is no new content"
	loggedStopped    = "fan-out stopped: nothing was sent"
	loggedNoTemplate = "the ship has no templates"
	loggedDone       = "fan-out done"
)

// tick is when the timed events of the tests were due.
const tick = "2026-01-05T12:00:00Z"

// TestMinistackFleet takes one template through all its life: uploaded, tasked by its event and worked in a dry run, tasked by timers
// and worked with commit, and deleted.
func TestMinistackFleet(t *testing.T) {
	t.Parallel()
	d := deploy(t, 3)
	for _, place := range d.everywhere() {
		createLogGroup(t, place, "/app")
		createLogGroup(t, place, "/audit/trail")
	}
	d.uploaded(t)
	d.dryRun(t)
	d.commit(t)
	d.timer(t)
	d.timerBySQS(t)
	d.deleted(t)
	d.noDeadLetters(t, d.fanOut)
	d.noDeadLetters(t, d.tasks)
}

// uploaded: the event of the uploaded template makes one task for each target, in the ship's queue.
func (d *deployment) uploaded(t *testing.T) {
	t.Helper()
	version := d.put(t, d.templates, templateKey, []byte(template))
	tasks := d.receive(t, d.tasks.url, len(d.workloads()))
	d.checkTasks(t, tasks, `^S3-workloads-[0-9a-f]{20}$`, version)
	d.drained(t, d.fanOut)
	d.giveBack(t, d.tasks.url, tasks)
}

// checkTasks: one task for each target, with the same run, an id of its own, and the template's version.
func (d *deployment) checkTasks(t *testing.T, tasks []message, run, version string) {
	t.Helper()
	got, ids := map[target]map[string]string{}, map[string]bool{}
	for _, task := range tasks {
		var body struct {
			Account  string `json:"StarbaseAssignedAccount"`
			Region   string `json:"StarbaseAssignedRegion"`
			Template string `json:"TemplateName"`
		}
		must(t, json.Unmarshal([]byte(task.body), &body))
		got[target{body.Account, body.Region}] = map[string]string{
			"template": body.Template, "version": task.attributes[starfleet.AttributeTemplateVersion],
			"run": task.attributes[starfleet.AttributeRunID],
		}
		if id := task.attributes[starfleet.AttributeTaskID]; len(id) != 64 || ids[id] {
			t.Errorf("task id %q is no SHA-256, or not of this task alone", id)
		} else {
			ids[id] = true
		}
		if limit, err := time.Parse(time.RFC3339, task.attributes[starfleet.AttributeNotAfter]); err != nil || !limit.After(time.Now()) {
			t.Errorf("attributes of a task: %v", task.attributes)
		}
	}
	first := tasks[0].attributes[starfleet.AttributeRunID]
	if !regexp.MustCompile(run).MatchString(first) {
		t.Errorf("run %q is not of the form %s", first, run)
	}
	want := map[target]map[string]string{}
	for _, place := range d.workloads() {
		want[place] = map[string]string{"template": "WorkloadLogRetention", "version": version, "run": first}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(target{})); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

// dryRun: the ship works its queue, records the changes, and makes none.
func (d *deployment) dryRun(t *testing.T) {
	t.Helper()
	d.startShip(t)
	d.drained(t, d.tasks)
	d.checkWork(t, "S3-workloads-", starfleet.OutcomeChanged, false)
	if got := retentions(t, d.everywhere()); len(got) > 0 {
		t.Errorf("retentions after a dry run: %v", got)
	}
}

// checkWork: the tasks of a run were each done once, in their places.
func (d *deployment) checkWork(t *testing.T, run string, outcome starfleet.Outcome, commit bool) {
	t.Helper()
	type work struct {
		Outcome starfleet.Outcome
		Commit  bool
		Changes int
	}
	want := map[target][]work{}
	expected := work{Outcome: outcome, Commit: commit}
	if outcome == starfleet.OutcomeChanged {
		expected.Changes = 1
	}
	for _, place := range d.workloads() {
		want[place] = []work{expected}
	}
	d.eventuallyLogged(t, d.ship, func() error {
		got := map[target][]work{}
		for _, l := range d.lines(t, d.ship, loggedTask) {
			if strings.HasPrefix(l.Run, run) {
				place := target{l.Account, l.Region}
				got[place] = append(got[place], work{Outcome: l.Outcome, Commit: l.Commit, Changes: l.Changes})
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(target{})); diff != "" {
			return fmt.Errorf("work of runs %s... (-want +got):\n%s", run, diff)
		}
		return nil
	})
}

// timer: a timed event by direct invocation tasks the same, and with commit the ship sets what is missing, in the accounts of
// the tasks and in no other.
func (d *deployment) timer(t *testing.T) {
	t.Helper()
	d.invoke(t, `{"name":"DAILY","scheduled_time":"`+tick+`"}`)
	d.waitForWork(t, "DAILY-20260105T120000Z-")
	d.checkWork(t, "DAILY-20260105T120000Z-", starfleet.OutcomeChanged, true)
	want := map[target]map[string]int32{}
	for _, place := range d.workloads() {
		want[place] = map[string]int32{"/app": 90}
	}
	if diff := cmp.Diff(want, retentions(t, d.everywhere()), cmp.AllowUnexported(target{})); diff != "" {
		t.Errorf("retentions (-want +got):\n%s", diff)
	}
}

// timerBySQS: the same event as the body of a message. Nothing is left to change.
func (d *deployment) timerBySQS(t *testing.T) {
	t.Helper()
	id := d.send(t, d.fanOut.url, `{"name":"DAILY"}`)[0]
	d.waitForWork(t, "DAILY-"+id+"-")
	d.checkWork(t, "DAILY-"+id+"-", starfleet.OutcomeOK, true)
}

// waitForWork waits until a run was fanned out and its tasks are gone.
func (d *deployment) waitForWork(t *testing.T, run string) {
	t.Helper()
	d.eventuallyLogged(t, d.starbase, func() error {
		if !slices.ContainsFunc(d.lines(t, d.starbase, loggedDone), func(l line) bool { return strings.HasPrefix(l.Run, run) }) {
			return fmt.Errorf("there is no fan-out of a run %s... yet", run)
		}
		return nil
	})
	d.drained(t, d.fanOut)
	d.drained(t, d.tasks)
}

// deleted: neither the event of the deletion, nor a timer, nor a message that was under way tasks a template that is gone.
func (d *deployment) deleted(t *testing.T) {
	t.Helper()
	before := len(d.lines(t, d.ship, loggedTask))
	_, err := d.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &d.templates, Key: new(templateKey)})
	must(t, err)
	if l := d.waitForLines(t, d.starbase, loggedNoContent, 1)[0]; l.Key != templateKey || !strings.HasPrefix(l.Event, "ObjectRemoved:") {
		t.Errorf("event of the deletion: %+v", l)
	}
	d.invoke(t, `{"name":"DAILY"}`)
	d.waitForLines(t, d.starbase, loggedNoTemplate, 1)
	d.send(t, d.fanOut.url, `{"worker_ship":"LogGroupRetentionShip","template_prefix":"`+templateKey+`"}`)
	if l := d.waitForLines(t, d.starbase, loggedStopped, 1)[0]; l.Stopped != "the template, or this version of it, was deleted" {
		t.Errorf("a message for a template that is gone: %+v", l)
	}
	d.drained(t, d.fanOut)
	d.drained(t, d.tasks)
	d.nudge(t, d.ship)
	if after := len(d.lines(t, d.ship, loggedTask)); after != before {
		t.Errorf("%d tasks of a template that is gone", after-before)
	}
}
