package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNode(t *testing.T) {
	t.Parallel()
	document := mustParse(t, "a:\n  - x\n  - {\"b.c\": yes, \"\": 2}\nd: 017\n"+strings.Repeat("l", 200)+": 1\n")
	root := document.Root
	if got := root.Get("a").Len(); got != 2 {
		t.Errorf("a has %d items", got)
	}
	var paths []string
	for _, child := range root.Entries() {
		paths = append(paths, child.Path())
		for _, item := range child.Items() {
			paths = append(paths, item.Path())
			for _, entry := range item.Entries() {
				paths = append(paths, entry.Path())
			}
		}
	}
	want := []string{"a", "a[0]", "a[1]", `a[1]["b.c"]`, `a[1][""]`, "d", strings.Repeat("l", 128) + "…"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d := root.Get("d"); d.Text() != "15" || d.Source() != "017" || d.Line != 4 || d.Column != 4 {
		t.Errorf("d is %s from %s at %d:%d", d.Text(), d.Source(), d.Line, d.Column)
	}
	for item := range root.Get("a").Items() {
		if item == 0 {
			break
		}
		t.Error("the loop does not end")
	}
	if root.Get("a").Get("x") != nil || root.Get("z") != nil || !errors.Is(Faults(nil).Err(), nil) {
		t.Error("found what is not there")
	}
}

func TestNilNode(t *testing.T) {
	t.Parallel()
	var n *Node
	for range n.Entries() {
		t.Error("an entry")
	}
	for range n.Items() {
		t.Error("an item")
	}
	if n.Get("a") != nil || n.Len() != 0 || n.Text() != "" || n.Source() != "" || n.True() || n.Path() != "" || string(n.AppendJSON(nil)) != "null" {
		t.Error("a nil node has something")
	}
}

// values generates the values of documents.
func values(depth int) *rapid.Generator[any] {
	scalars := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Int64(), func(i int64) any { return i }),
		rapid.Map(rapid.Float64(), func(f float64) any { return json.RawMessage(formatFloat(f)) }),
		rapid.Map(rapid.String(), func(s string) any { return s }),
	)
	if depth == 0 {
		return scalars
	}
	below := values(depth - 1)
	return rapid.OneOf(
		scalars,
		rapid.Map(rapid.SliceOfN(below, 0, 4), func(s []any) any { return s }),
		rapid.Map(rapid.MapOfN(rapid.String(), below, 0, 4), func(m map[string]any) any { return m }),
	)
}

// same says in what two trees differ, places aside.
func same(t interface{ Errorf(string, ...any) }, a, b *Node) {
	if a.Kind != b.Kind || a.text != b.text || a.key != b.key || len(a.children) != len(b.children) || a.Path() != b.Path() {
		t.Errorf("%s differs: %s %q, %s %q", a.Path(), a.Kind, a.Text(), b.Kind, b.Text())
		return
	}
	for i := range a.children {
		same(t, a.children[i], b.children[i])
	}
}

// TestAppendJSONRoundTrip holds that the JSON of a tree reads back as the same tree, by either reader, and means to
// encoding/json what the tree was made from.
func TestAppendJSONRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := values(4).Draw(t, "value")
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		document, err := ParseJSON("a", raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		text := document.Root.AppendJSON(nil)
		again, err := ParseJSON("b", text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		same(t, document.Root, again.Root)
		var before, after any
		if err := errors.Join(json.Unmarshal(raw, &before), json.Unmarshal(text, &after)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
	})
}

func TestAppendJSONEscapes(t *testing.T) {
	t.Parallel()
	document, err := ParseJSON("a", []byte(`{"k\u0001\"":"\b\f\n\r\t\\\/\u001f\uFFFF\uFFFE\u2028<&>é\ud83d\ude00"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"k\u0001\"":"\b\f\n\r\t\\/\u001f\uffff\ufffe` + "\u2028" + `<&>é😀"}`
	if got := string(document.Root.AppendJSON([]byte("x"))); got != "x"+want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	faults := Faults{
		{File: "b", Line: 1, Column: 2, Problem: "p"},
		{File: "a", Problem: "no place", Hint: "h"},
		{File: "b", Line: 1, Column: 1, Path: "x[0]", Problem: "p", Hint: "h"},
		{File: "b", Line: 1, Column: 2, Problem: "p"},
		{Line: 3, Column: 4, Problem: "no file"},
	}
	want := "3:4: no file\na: no place: h\nb:1:1: x[0]: p: h\nb:1:2: p"
	if got := faults.Sort().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var first Fault
	if !errors.As(faults.Err(), &first) || first != faults[0] {
		t.Errorf("found %v", first)
	}
	if err := (Faults{}).Err(); err != nil {
		t.Errorf("no faults are the error %v", err)
	}
	raw, err := json.Marshal(faults[2])
	if want := `{"file":"b","line":1,"column":1,"path":"x[0]","problem":"p","hint":"h"}`; err != nil || string(raw) != want {
		t.Errorf("got %s, want %s", raw, want)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	keys := []string{"IncludeAccounts", "ExcludeAccounts", "IncludeRegions", "TemplateName", "ByIds", "ByNames", "OU"}
	for word, want := range map[string]string{
		"IncludeAccount": "IncludeAccounts", "includeaccounts": "IncludeAccounts", "include_accounts": "IncludeAccounts",
		"ExcludeAcounts": "ExcludeAccounts", "ByIDs": "ByIds", "ByName": "ByNames", "TempalteName": "TemplateName",
		"ou": "OU", "UO": "", "Colour": "", "": "", "x": "", "IncludeRegion": "IncludeRegions",
		strings.Repeat("IncludeAccounts", 1000): "",
	} {
		if got := DidYouMean(word, keys); got != want {
			t.Errorf("%q: got %q, want %q", shorten(word, 40), got, want)
		}
	}
	if got := DidYouMean("ab", []string{"abc", "abd"}); got != "abc" {
		t.Errorf("of two that are equally near %q won", got)
	}
	if got := DidYouMean("x", nil); got != "" {
		t.Errorf("got %q from nothing", got)
	}
}
