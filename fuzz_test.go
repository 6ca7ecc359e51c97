package starfleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

// FuzzTask: whatever a message holds, a worker does not panic, and the ship runs only where the message's own payload allows it.
func FuzzTask(f *testing.F) {
	for _, body := range []string{goodTask, "", "{}", "[]", "null", `{"TemplateName":"t"}`, `{"StarbaseAssignedAccount":"111111111111"}`} {
		f.Add(body, "")
	}
	f.Add(goodTask, "2001-01-01T00:00:00Z")
	handler, err := starfleet.NewHandler(starfleet.ShipFunc("Ship", requireAllowed), environment(), quiet())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, notAfter string) {
		m := queue.Message{ID: "m", Body: body, ReceiveCount: 1, Attributes: map[string]string{}}
		if notAfter != "" {
			m.Attributes[starfleet.AttributeNotAfter] = notAfter
		}
		if err := handler.Handle(t.Context(), m); errors.Is(err, errNotAllowed) {
			t.Fatalf("%v\n%s", err, body)
		}
	})
}

var errNotAllowed = errors.New("the ship ran where it must not")

// requireAllowed is a ship that finds out whether it may run at all.
func requireAllowed(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
	p := inv.Payload
	switch {
	case !accountindex.IsAccountID(inv.AccountID), !accountindex.IsRegionName(inv.Region), inv.Commit,
		slices.Contains(p.ExcludeAccounts.ByIds, inv.AccountID), slices.Contains(p.ExcludeRegions, inv.Region),
		!slices.Contains(p.IncludeRegions, "ALL") && !slices.Contains(p.IncludeRegions, inv.Region), p.Days < 1, p.Days > 3653:
		return errNotAllowed
	}
	return nil
}

// FuzzTemplate: whatever a template holds, it is refused with places, or each of its tasks is the template with the assigned keys.
func FuzzTemplate(f *testing.F) {
	files, err := filepath.Glob("testdata/templates/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no templates", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i := range 3 {
			f.Add(data, uint8(i))
		}
	}
	strategies := []starfleet.FanOutStrategy{starfleet.SingleInvocation, starfleet.PerAccount, starfleet.PerAccountRegion}
	index := exampleIndex()
	f.Fuzz(func(t *testing.T, data []byte, strategy uint8) {
		manifest, err := starfleet.BaseManifest("Ship", strategies[int(strategy)%len(strategies)])
		if err != nil {
			t.Fatal(err)
		}
		template, err := starfleet.ParseTemplate(manifest, "t.yaml", data)
		if err != nil {
			var faults schema.Faults
			if !errors.As(err, &faults) || len(faults) == 0 || faults[0].Line < 1 {
				t.Fatalf("a refusal without a place: %v", err)
			}
			return
		}
		var resolution *accountindex.Resolution
		if template.Strategy() != starfleet.SingleInvocation {
			if resolution, err = index.Resolve(t.Context(), template.Query()); err != nil {
				return
			}
		}
		for task, err := range starfleet.Render(template, resolution, starfleet.RunInfo{RunID: "run"}) {
			if err != nil {
				t.Fatal(err)
			}
			checkBody(t, template, task)
		}
	})
}

func checkBody(t *testing.T, template *starfleet.Template, task starfleet.Task) {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(task.AppendBody(nil), &body); err != nil {
		t.Fatalf("a body that is no JSON: %v\n%s", err, task.AppendBody(nil))
	}
	if body["TemplateName"] != template.Name() {
		t.Fatalf("TemplateName %q, want %q", body["TemplateName"], template.Name())
	}
	if task.AccountID() != "" && body["StarbaseAssignedAccount"] != task.AccountID() || task.Region() != "" && body["StarbaseAssignedRegion"] != task.Region() {
		t.Fatalf("assigned keys of %s in %s", task.Label(), task.AppendBody(nil))
	}
}
