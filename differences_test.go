package starfleet_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// difference is a case in which this SDK differs from the Python Starfleet on purpose.
type difference struct {
	Row              string                   `json:"row"`
	Here             string                   `json:"here"`
	FanOutStrategy   starfleet.FanOutStrategy `json:"fanOutStrategy"`
	Runtime          string                   `json:"runtime"`
	Closed           bool                     `json:"closed"` // the payload is that of a ship without OpenPayload
	AssumeActive     bool                     `json:"assumeActive"`
	UnmatchedInclude accountindex.Policy      `json:"unmatchedInclude"`
	UnmatchedExclude accountindex.Policy      `json:"unmatchedExclude"`
	Index            json.RawMessage          `json:"index"`
	Template         string                   `json:"template"`

	Tasks    []map[string]string            `json:"tasks"`    // the assigned keys
	LeftOut  map[string]accountindex.Reason `json:"leftOut"`  // by account id
	Warnings *[]string                      `json:"warnings"` // a text in each, all of them
	Invalid  []string                       `json:"invalid"`  // paths of faults
	Error    string                         `json:"error"`    // a text in the error
}

// closedAccount is the payload of a ship that knows its keys.
type closedAccount struct{ starfleet.AccountPayload }

// TestDifferences runs the cases of testdata/differences, one for each thing in which resolution differs from the original on purpose.
func TestDifferences(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/differences/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var d difference
			if err := json.Unmarshal(data, &d); err != nil {
				t.Fatal(err)
			}
			tasks, resolution, err := d.run(t)
			if d.Tasks == nil {
				d.requireRefused(t, err)
				return
			}
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if diff := cmp.Diff(d.Tasks, tasks); diff != "" {
				t.Errorf("%s: tasks (-want +got):\n%s", d.Here, diff)
			}
			d.requireExplained(t, resolution)
		})
	}
}

func (d difference) run(t *testing.T) ([]map[string]string, *accountindex.Resolution, error) {
	t.Helper()
	index, err := accountindex.Load("index.json", d.Index, accountindex.LoadOptions{AssumeActive: d.AssumeActive})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := starfleet.BaseManifest("Ship", d.FanOutStrategy)
	if d.Closed {
		manifest, err = starfleet.ManifestOf(ship[closedAccount]("Ship"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if d.Runtime != "" {
		manifest.Runtime = d.Runtime
	}
	template, err := starfleet.ParseTemplate(manifest, "template.yaml", []byte(d.Template))
	if err != nil {
		return nil, nil, err
	}
	if err := template.CheckRegions(index); err != nil {
		return nil, nil, err
	}
	query := template.Query()
	query.UnmatchedInclude, query.UnmatchedExclude = d.UnmatchedInclude, d.UnmatchedExclude
	resolution, err := index.Resolve(t.Context(), query)
	if err != nil {
		return nil, nil, err
	}
	var tasks []map[string]string
	for task, err := range starfleet.Render(template, resolution, starfleet.RunInfo{RunID: "run"}) {
		if err != nil {
			return nil, nil, err
		}
		keys := map[string]string{"StarbaseAssignedAccount": task.AccountID()}
		if task.Region() != "" {
			keys["StarbaseAssignedRegion"] = task.Region()
		}
		tasks = append(tasks, keys)
	}
	return tasks, resolution, nil
}

func (d difference) requireRefused(t *testing.T, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), d.Error) {
		t.Fatalf("%s: error %v, want one with %q", d.Here, err, d.Error)
	}
	var faults schema.Faults
	if len(d.Invalid) > 0 && !errors.As(err, &faults) {
		t.Fatalf("%s: error %v has no places", d.Here, err)
	}
	for _, path := range d.Invalid {
		if !slices.ContainsFunc(faults, func(f schema.Fault) bool { return f.Path == path && f.Line > 0 && f.Column > 0 }) {
			t.Errorf("%s: no fault at %s among:\n%v", d.Here, path, faults)
		}
	}
}

func (d difference) requireExplained(t *testing.T, resolution *accountindex.Resolution) {
	t.Helper()
	for id, reason := range d.LeftOut {
		decision, ok := resolution.ExplainAccount(id)
		if !ok || decision.Reason != reason || decision.Rule == "" {
			t.Errorf("%s: account %s: %s by %q, want %s", d.Here, id, decision.Reason, decision.Rule, reason)
		}
	}
	if d.Warnings == nil {
		return
	}
	warnings := resolution.Warnings()
	if len(warnings) != len(*d.Warnings) {
		t.Fatalf("%s: warnings %+v, want %d", d.Here, warnings, len(*d.Warnings))
	}
	for i, text := range *d.Warnings {
		if !strings.Contains(warnings[i].Path+": "+warnings[i].Message, text) {
			t.Errorf("%s: warning %+v, want one with %q", d.Here, warnings[i], text)
		}
	}
}
