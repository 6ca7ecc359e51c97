package accountindex_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// FuzzLoad: whatever a file holds, it is refused with faults or gives an index that is written,
// read and resolved.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(file(account(firstID, nil))))
	f.Add(twoOrganizations(f).AppendFile(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		x, err := accountindex.Load("fuzz.json", data, accountindex.LoadOptions{AnyOrganizations: true})
		if !bytes.Equal(before, data) {
			t.Fatal("Load changed the data")
		}
		if err != nil {
			var faults schema.Faults
			if !errors.As(err, &faults) || len(faults) == 0 || x != nil {
				t.Fatalf("error is %#v", err)
			}
			for _, fault := range faults {
				if fault.Line < 0 || fault.Problem == "" {
					t.Fatalf("fault is %#v", fault)
				}
			}
			return
		}
		written := x.AppendFile(nil)
		again, err := accountindex.Load("written.json", written, accountindex.LoadOptions{AnyOrganizations: true})
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, written)
		}
		if second := again.AppendFile(nil); !bytes.Equal(written, second) {
			t.Fatalf("written differently:\n%s\n%s", written, second)
		}
		if _, err := x.Resolve(context.Background(), accountindex.Query{Include: everybody}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzExpression: an expression that compiles gives an answer or an error, and no panic.
func FuzzExpression(f *testing.F) {
	for _, text := range append([]string{`split(name, "")[0] == first(ous)`, "let a = 1; a == 1", "1..9"}, expressions...) {
		f.Add(text)
	}
	x := sampleIndex(f)
	f.Fuzz(func(t *testing.T, text string) {
		checked := accountindex.CheckExpression(text)
		_, err := x.Resolve(context.Background(), accountindex.Query{Include: include(accountindex.Exclusion{ByExpression: text})})
		if checked != nil && text != "" && err == nil {
			t.Fatalf("%q is refused by CheckExpression only: %v", text, checked)
		}
	})
}
