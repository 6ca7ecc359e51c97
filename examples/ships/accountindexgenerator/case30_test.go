package accountindexgenerator_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pythonFile is an index file as the Python Starfleet reads it.
type pythonFile struct {
	Accounts map[string]struct {
		Name, Arn string
		Parents   []struct{ ID, Name, Type string }
		Regions   []string
		Tags      map[string]string
	} `json:"accounts"`
	Generated string `json:"generated"`
}

// generated is the file that the ship writes for an organization of nested OUs.
func generated(t *testing.T) []byte {
	t.Helper()
	c := newCloud()
	c.nested = true
	if r := run(t, c, payload, true); r.Err != nil {
		t.Fatal(r.Err)
	}
	return c.objects[object]
}

// TestCase30IndexOfNestedOUs: parents are listed nearest first up to ROOT, regions are sorted, and the time ends in Z. That the Python default index
// loads the file is in TestPythonCase30.
func TestCase30IndexOfNestedOUs(t *testing.T) {
	t.Parallel()
	var file pythonFile
	if err := json.Unmarshal(generated(t), &file); err != nil {
		t.Fatal(err)
	}
	parents := map[string][]string{}
	for id, a := range file.Accounts {
		for _, p := range a.Parents {
			parents[id] = append(parents[id], p.Name+" "+p.ID+" "+p.Type)
		}
		if !slices.IsSorted(a.Regions) || len(a.Regions) == 0 || a.Tags == nil || a.Name == "" || a.Arn == "" {
			t.Errorf("account %s is %+v", id, a)
		}
	}
	root, dev := "ROOT "+rootID+" ROOT", "Dev "+ouID+" ORGANIZATIONAL_UNIT"
	want := map[string][]string{
		management: {root}, member: {dev, root}, "000000000003": {dev, root}, "000000000004": {dev, root},
		nested: {"Nested " + nestedOU + " ORGANIZATIONAL_UNIT", dev, root},
	}
	if diff := cmp.Diff(want, parents); diff != "" {
		t.Error(diff)
	}
	if at, err := time.Parse("2006-01-02T15:04:05Z", file.Generated); err != nil || at.IsZero() {
		t.Errorf("generated %q", file.Generated)
	}
}
