package starfleet_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

// TestManifestCannotRelaxTheBase: a manifest that was written by hand may say little of the base payload; its rules hold all the same, so that
// a misspelt selector never drops an exclusion.
func TestManifestCannotRelaxTheBase(t *testing.T) {
	t.Parallel()
	manifest := starfleet.Manifest{Name: "Loose", FanOut: starfleet.PerAccount, PayloadSchema: json.RawMessage(
		`{"type":"object","properties":{"TemplateName":{},"TemplateDescription":{},"IncludeAccounts":{"type":"object"},"ExcludeAccounts":{"type":"object"}}}`)}
	_, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte(
		"TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nExcludeAccounts: {ByName: [prod]}\n"))
	if err == nil || !strings.Contains(err.Error(), "t.yaml:4:19: ExcludeAccounts.ByName: unknown key: did you mean ByNames?") {
		t.Errorf("error %v", err)
	}
}

// TestQuotedBooleans: what the Python Starfleet takes for a boolean is one here too, in templates and in tasks, and is sent as it was written.
func TestQuotedBooleans(t *testing.T) {
	t.Parallel()
	template := parse(t, starfleet.PerAccount, "TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: \"True\"}\nOperateInOrgRoot: 1\n")
	if query := template.Query(); !query.Include.AllAccounts || !query.OperateInOrgRoot {
		t.Errorf("query %+v", query)
	}
	for task, err := range starfleet.Render(template, resolve(t, template, 1), starfleet.RunInfo{RunID: "run"}) {
		if err != nil || !strings.Contains(string(task.AppendBody(nil)), `{"AllAccounts":"True"},"OperateInOrgRoot":1`) {
			t.Errorf("%v, body %s", err, task.AppendBody(nil))
		}
	}
	body := strings.Replace(goodTask, `"IncludeAccounts":{"ByIds":["111111111111"]}`, `"IncludeAccounts":{"AllAccounts":"yes"},"OperateInOrgRoot":"off"`, 1)
	if err := newHandler(t, returns(nil)).Handle(t.Context(), message(body)); err != nil {
		t.Error(err)
	}
	body = strings.Replace(goodTask, `"IncludeAccounts":{"ByIds":["111111111111"]}`, `"IncludeAccounts":{"AllAccounts":"maybe"}`, 1)
	if err := newHandler(t, mustNotRun(t)).Handle(t.Context(), message(body)); queue.DispositionOf(err).Action != queue.DeadLetter {
		t.Errorf("error %v", err)
	}
}

// TestKeysOfOtherStrategies: a key that is another strategy's is a ship's own to define.
func TestKeysOfOtherStrategies(t *testing.T) {
	t.Parallel()
	type payload struct {
		starfleet.SinglePayload
		IncludeAccounts []string `json:"IncludeAccounts"`
	}
	manifest, err := starfleet.ManifestOf(ship[payload]("Ship"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nIncludeAccounts: [a]\n")); err != nil {
		t.Error(err)
	}
}

// TestCheckTemplate: all faults at once, unknown regions among them.
func TestCheckTemplate(t *testing.T) {
	t.Parallel()
	manifest, err := starfleet.BaseManifest("Ship", starfleet.PerAccountRegion)
	if err != nil {
		t.Fatal(err)
	}
	err = starfleet.CheckTemplate(manifest, "t.yaml", []byte("TemplateName: t\nIncludeAccounts: {}\nIncludeRegions: [us-esat-1]\n"), nil)
	faults, _ := asType[schema.Faults](err)
	if len(faults) != 3 {
		t.Errorf("want three faults, got\n%v", err)
	}
}
