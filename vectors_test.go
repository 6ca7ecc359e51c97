package starfleet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// vectors are golden cases that were got by running the Python Starfleet 1.0.2.
type vectors struct {
	Organizations []json.RawMessage `json:"organizations"`
	Cases         []vector          `json:"cases"`
}

type vector struct {
	Case           int                      `json:"case"`
	Organization   int                      `json:"organization"`
	FanOutStrategy starfleet.FanOutStrategy `json:"fanOutStrategy"`
	ScopeToRegions []string                 `json:"scopeToRegions"`
	Template       string                   `json:"template"`
	Tasks          []map[string]string      `json:"tasks"`
	Message        map[string]any           `json:"message"`
	Invalid        map[string]any           `json:"invalid"`
}

// TestVectors runs all golden cases: the same tasks as a set, each body JSON-equal, and every invalid template refused with at least
// the same top-level fields named.
func TestVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/resolution.json")
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != 80 {
		t.Fatalf("%d cases, want 80", len(all.Cases))
	}
	indexes := make([]*accountindex.Index, len(all.Organizations))
	for i, organization := range all.Organizations {
		if indexes[i], err = accountindex.Load(fmt.Sprintf("organization-%d.json", i), organization, accountindex.LoadOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range all.Cases {
		t.Run(fmt.Sprintf("case %d", v.Case), func(t *testing.T) {
			t.Parallel()
			v.run(t, indexes[v.Organization])
		})
	}
}

func (v vector) run(t *testing.T, index *accountindex.Index) {
	t.Helper()
	manifest, err := starfleet.BaseManifest("Vector", v.FanOutStrategy)
	if err != nil {
		t.Fatal(err)
	}
	template, err := starfleet.ParseTemplate(manifest, "template.yaml", []byte(v.Template))
	if err == nil {
		err = template.CheckRegions(index)
	}
	if v.Invalid != nil {
		requireFields(t, err, v.Invalid)
		return
	}
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	var got, want []string
	for _, body := range renderAll(t, template, index, v.ScopeToRegions) {
		got = append(got, canonical(t, body))
	}
	for _, task := range v.Tasks {
		message := map[string]any{}
		maps.Copy(message, v.Message)
		for key, value := range task {
			message[key] = value
		}
		encoded, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, canonical(t, encoded))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func renderAll(t *testing.T, template *starfleet.Template, index *accountindex.Index, scope []string) [][]byte {
	t.Helper()
	var resolution *accountindex.Resolution
	if template.Strategy() != starfleet.SingleInvocation {
		query := template.Query()
		query.ScopeToRegions = scope
		query.UnmatchedInclude, query.UnmatchedExclude = accountindex.PolicyIgnore, accountindex.PolicyIgnore
		var err error
		if resolution, err = index.Resolve(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	var bodies [][]byte
	for task, err := range starfleet.Render(template, resolution, starfleet.RunInfo{RunID: "run"}) {
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, task.AppendBody(nil))
	}
	if resolution != nil && resolution.Targets() != len(bodies) {
		t.Errorf("%d targets resolved, %d rendered", resolution.Targets(), len(bodies))
	}
	return bodies
}

// requireFields: a refusal names at least the top-level fields that the original names.
func requireFields(t *testing.T, err error, fields map[string]any) {
	t.Helper()
	var faults schema.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("want faults at %v, got %v", fields, err)
	}
	for field := range fields {
		if field == "_schema" {
			continue // the object as a whole
		}
		if !slices.ContainsFunc(faults, func(f schema.Fault) bool { return topLevel(f.Path) == field }) {
			t.Errorf("no fault at %s among:\n%v", field, faults)
		}
	}
}

func topLevel(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return path
}

func canonical(t *testing.T, data []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
