//go:build peers

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
)

// task is the body of a task, with further keys.
func task(account, region, more string) string {
	return fmt.Sprintf(`{"TemplateName":"WorkloadLogRetention","TemplateDescription":"d","IncludeAccounts":{"AllAccounts":true},`+
		`"IncludeRegions":["ALL"],"RetentionInDays":90%s,"StarbaseAssignedAccount":%q,"StarbaseAssignedRegion":%q}`, more, account, region)
}

// dead is what a test expects of a dead letter; says is part of the error's text.
type dead struct{ body, class, says string }

// checkDeadLetters: the messages of a queue that died are those, and each says why.
func (d *deployment) checkDeadLetters(t *testing.T, q queuePair, want map[string]dead) {
	t.Helper()
	got := d.receive(t, q.deadLetters, len(want))
	for _, letter := range got {
		a := letter.attributes
		w, ok := want[a[queue.AttributeSourceMessageID]]
		if !ok {
			t.Errorf("dead letter of message %q was not expected: %v", a[queue.AttributeSourceMessageID], a)
			continue
		}
		if w.body != "" && letter.body != w.body {
			t.Errorf("body of a dead letter (-want +got):\n%s", cmp.Diff(w.body, letter.body))
		}
		text := a[queue.AttributeErrorMessage]
		if a[queue.AttributeErrorClass] != w.class || !strings.Contains(text, w.says) || a[queue.AttributeSourceARN] != q.arn {
			t.Errorf("dead letter has class %q, source %q and error %q, want class %q and an error with %q",
				a[queue.AttributeErrorClass], a[queue.AttributeSourceARN], text, w.class, w.says)
		}
	}
	d.drained(t, q)
}

// TestMinistackBadTasks: of one batch the good task is done, and each bad one becomes a dead letter with its error.
func TestMinistackBadTasks(t *testing.T) {
	t.Parallel()
	d := deploy(t, 3)
	bodies := []string{
		"no JSON",
		task(d.fleet, region, ""),
		task(d.payments, region, ""),
		task("", region, ""),
		task(d.payments, otherRegion, `,"ExcludeRegions":["`+otherRegion+`"]`),
		strings.Replace(task(d.checkout, region, ""), "90", `"ninety"`, 1),
	}
	ids := d.send(t, d.tasks.url, bodies...)
	d.startShip(t)
	d.checkDeadLetters(t, d.tasks, map[string]dead{
		ids[0]: {bodies[0], "RefusedError", "refused by task body: message " + ids[0] + ":1:2: the text is not JSON"},
		ids[1]: {bodies[1], "RefusedError", "refused by Fleet.NeverTouch: account " + d.fleet + " is never touched"},
		ids[3]: {bodies[3], "RefusedError", `refused by StarbaseAssignedAccount: "" is not a 12-digit account id`},
		ids[4]: {bodies[4], "RefusedError", "refused by ExcludeRegions: the template excludes the region of account " + d.payments + " " + otherRegion},
		ids[5]: {bodies[5], "RefusedError", "refused by payload schema: message " + ids[5] + ":1:"},
	})
	var done []string
	for _, l := range d.waitForLines(t, d.ship, loggedTask, len(bodies)) {
		if l.Outcome == starfleet.OutcomeOK || l.Outcome == starfleet.OutcomeChanged {
			done = append(done, l.Message)
		}
	}
	if diff := cmp.Diff([]string{ids[2]}, done); diff != "" {
		t.Errorf("messages that were done (-want +got):\n%s", diff)
	}
}

// TestMinistackBadFanOut: a template at fault, and whatever the Starbase cannot make sense of, becomes a dead letter of the fan-out queue
// with all that is wrong, and nothing is tasked.
func TestMinistackBadFanOut(t *testing.T) {
	t.Parallel()
	d := deploy(t, 3)
	d.put(t, d.templates, "LogGroupRetention/bad.yaml", []byte("TemplateName: bad\nTemplateDescription: d\nIncludeAccounts:\n"+
		"  ByNames: [payments]\nIncludeRegions: [ALL]\nRetentionInDays: 91\nRetentionDays: 90\n"))
	letter := d.receive(t, d.fanOut.deadLetters, 1)[0]
	if !strings.Contains(letter.body, `"LogGroupRetention/bad.yaml"`) || !strings.Contains(letter.body, `"Records"`) {
		t.Errorf("the dead letter is not the event of S3: %s", letter.body)
	}
	for _, want := range []string{"LogGroupRetention/bad.yaml:6:18: RetentionInDays: ", "LogGroupRetention/bad.yaml:7:1: RetentionDays: "} {
		if !strings.Contains(letter.attributes[queue.AttributeErrorMessage], want) {
			t.Errorf("error of a template at fault has no %q: %v", want, letter.attributes)
		}
	}
	if class := letter.attributes[queue.AttributeErrorClass]; class != "schema.Faults" {
		t.Errorf("class %q", class)
	}

	other := deploy(t, 3)
	bodies := []string{"no JSON", `{"worker_ship":"NoSuchShip","template_prefix":"a.yaml"}`, `{"name":"WEEKLY"}`}
	ids := other.send(t, other.fanOut.url, bodies...)
	other.checkDeadLetters(t, other.fanOut, map[string]dead{
		ids[0]: {bodies[0], "starbase.EventError", "the message is not a JSON object"},
		ids[1]: {bodies[1], "starbase.UnknownShipError", `ship "NoSuchShip" cannot be tasked`},
		ids[2]: {bodies[2], "starbase.EventError", "WEEKLY"},
	})
	for _, d := range []*deployment{d, other} {
		d.drained(t, d.fanOut)
		if visible, hidden := d.depth(t, d.tasks.url); visible+hidden > 0 {
			t.Errorf("%d tasks", visible+hidden)
		}
	}
}

// TestMinistackRetry: a task to be tried again is hidden for as long as the ship's function asked for, and no longer: neither does
// the mapping bring it back at once because the function reported it, nor only when the queue's visibility timeout ends.
// The last attempt that the redrive policy allows makes it a dead letter with its error.
func TestMinistackRetry(t *testing.T) {
	t.Parallel()
	d := deploy(t, 2)
	body := task(d.payments, region, `,"KeyOfANewerVersion":true`)
	id := d.send(t, d.tasks.url, body)[0]
	d.startShip(t)
	retry := d.waitForLines(t, d.ship, "message will be retried", 1)[0]
	attempts := d.waitForLines(t, d.ship, loggedTask, 2)
	if attempts[0].Attempt != 1 || attempts[1].Attempt != 2 || attempts[1].Message != id {
		t.Errorf("attempts: %+v", attempts)
	}
	asked, took := time.Duration(retry.After), attempts[1].Time.Sub(attempts[0].Time)
	t.Logf("asked for %v, delivered again after %v", asked, took.Round(time.Millisecond))
	if asked < 5*time.Second || took < asked || took > asked+visibilityTimeout*time.Second/2 {
		t.Errorf("asked for %v, delivered again after %v", asked, took)
	}
	d.checkDeadLetters(t, d.tasks, map[string]dead{
		id: {body, "starfleet.UnknownKeysError", "does not know the payload keys KeyOfANewerVersion"},
	})
}
