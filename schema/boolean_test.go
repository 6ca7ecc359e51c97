package schema_test

import (
	"testing"

	"github.com/starfleet-go/starfleet/schema"
)

func TestWithBooleans(t *testing.T) {
	t.Parallel()
	doc, err := schema.Parse("t.yaml", []byte("A: \"True\"\nB: {C: 0, D: maybe, E: \"off\"}\nF: 2\nG: [\"yes\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	before := string(doc.Root.AppendJSON(nil))
	got := doc.WithBooleans([]string{"A"}, []string{"B", "C"}, []string{"B", "D"}, []string{"B", "E"}, []string{"F"}, []string{"G"}, []string{"H", "I"})
	if want := `{"A":true,"B":{"C":false,"D":"maybe","E":false},"F":2,"G":["yes"]}`; string(got.Root.AppendJSON(nil)) != want {
		t.Errorf("got %s, want %s", got.Root.AppendJSON(nil), want)
	}
	if after := string(doc.Root.AppendJSON(nil)); after != before {
		t.Errorf("the document itself was changed: %s", after)
	}
	if path := got.Root.Get("B").Get("E").Path(); path != "B.E" {
		t.Errorf("path %s", path)
	}
	if same := doc.WithBooleans([]string{"F"}); same != doc {
		t.Error("a document without such words was copied")
	}
}
