package starfleettest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
)

// SourceFixture is an account index source under test, with the hands that change what it reads.
type SourceFixture struct {
	Source accountindex.Source

	// Write replaces the index file, and Remove takes it away. Both are nil for a source whose index never changes, and both fail the
	// test themselves.
	Write  func(file []byte)
	Remove func()
}

// ExerciseSource holds an implementation of accountindex.Source against its contract. The function that it is given makes a
// source of an index file for each subtest, and of no file when file is nil; the latter is asked only of
// sources that can change.
//
// A change has to be seen at once: by Refresh where the source is an accountindex.Refresher, by Index otherwise.
func ExerciseSource(t *testing.T, open func(t *testing.T, file []byte) SourceFixture) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open func(t *testing.T, file []byte) SourceFixture)
	}{
		{"answers with the index of the file", sourceAnswers},
		{"an unchanged file is the same index", sourceUnchanged},
		{"many may ask at once", sourceConcurrent},
		{"a cancelled context is no half answer", sourceCancelled},
		{"a change is seen, and the old index stays as it was", sourceChanged},
		{"a malformed file is an error until it is mended", sourceMalformed},
		{"a missing file is fs.ErrNotExist until it is there", sourceMissing},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

func sourceAnswers(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	index := mustIndex(t, open(t, sourceFile("000000000002", "000000000001")).Source)
	if got := indexIDs(index); !slices.Equal(got, []string{"000000000001", "000000000002"}) {
		t.Errorf("the index holds %v", got)
	}
}

func sourceUnchanged(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	f := open(t, sourceFile("000000000001"))
	first := mustIndex(t, f.Source)
	for range 3 {
		if mustIndex(t, f.Source) != first {
			t.Error("Index loaded an unchanged file again")
		}
	}
	if n := latestIndex(t, f.Source).Len(); n != 1 {
		t.Errorf("asked anew the index of an unchanged file has %d accounts", n)
	}
}

func sourceConcurrent(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	f := open(t, sourceFile("000000000001"))
	var wg sync.WaitGroup
	answers := make([]*accountindex.Index, 32)
	for i := range answers {
		wg.Go(func() {
			var err error
			if answers[i], err = f.Source.Index(t.Context()); err != nil {
				t.Errorf("asked at once with others: %v", err)
			}
		})
	}
	wg.Wait()
	for _, answer := range answers {
		if answer == nil || answer != answers[0] {
			t.Fatal("askers at once got different indexes of one file")
		}
	}
	for i := range answers {
		wg.Go(func() {
			ask := f.Source.Index
			if refresher, ok := f.Source.(accountindex.Refresher); ok && i%2 == 0 {
				ask = refresher.Refresh
			}
			if index, err := ask(t.Context()); err != nil || index.Len() != 1 {
				t.Errorf("asked at once with others, some of them anew: %v, error %v", index, err)
			}
		})
	}
	wg.Wait()
}

func sourceCancelled(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	f := open(t, sourceFile("000000000001"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	index, err := f.Source.Index(ctx)
	if (index == nil) == (err == nil) {
		t.Errorf("index %v with error %v: want one of the two", index, err)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	if index = mustIndex(t, f.Source); index.Len() != 1 {
		t.Errorf("after a cancelled call the index has %d accounts", index.Len())
	}
}

func sourceChanged(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	f := changeable(t, open, sourceFile("000000000001"))
	before := mustIndex(t, f.Source)
	f.Write(sourceFile("000000000001", "000000000002", "000000000003"))
	after := latestIndex(t, f.Source)
	if after.Len() != 3 {
		t.Errorf("after the change the index has %d accounts, want 3", after.Len())
	}
	if before.Len() != 1 {
		t.Errorf("the old index changed to %d accounts", before.Len())
	}
	if mustIndex(t, f.Source) != after {
		t.Error("Index is not what was loaded last")
	}
}

func sourceMalformed(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	f := changeable(t, open, sourceFile("000000000001"))
	mustIndex(t, f.Source)
	for _, file := range []string{"", "{", `{"accounts": {"1": {}}}`, "\xff"} {
		f.Write([]byte(file))
		for range 2 {
			if index, err := askLatest(t, f.Source); err == nil || index != nil {
				t.Errorf("file %q: index %v, error %v", file, index, err)
			}
		}
	}
	f.Write(sourceFile("000000000001", "000000000002"))
	if n := latestIndex(t, f.Source).Len(); n != 2 {
		t.Errorf("the mended index has %d accounts", n)
	}
}

func sourceMissing(t *testing.T, open func(*testing.T, []byte) SourceFixture) {
	f := changeable(t, open, nil)
	file := sourceFile("000000000001")
	for range 2 {
		for _, ask := range []func() (*accountindex.Index, error){
			func() (*accountindex.Index, error) { return f.Source.Index(t.Context()) },
			func() (*accountindex.Index, error) { return askLatest(t, f.Source) },
		} {
			if index, err := ask(); !errors.Is(err, fs.ErrNotExist) || index != nil {
				t.Errorf("index %v, error %v, want one that is fs.ErrNotExist", index, err)
			}
		}
		f.Write(file)
		if n := latestIndex(t, f.Source).Len(); n != 1 {
			t.Errorf("the index has %d accounts", n)
		}
		f.Remove()
		if index, err := askLatest(t, f.Source); err == nil || index != nil {
			t.Errorf("of a file that was taken away: index %v, error %v", index, err)
		}
	}
}

// changeable opens a source, and ends the subtest when the source can not change.
func changeable(t *testing.T, open func(*testing.T, []byte) SourceFixture, file []byte) SourceFixture {
	t.Helper()
	if open(t, sourceFile("000000000001")).Write == nil {
		t.Skip("the index of this source never changes")
	}
	return open(t, file)
}

func mustIndex(t *testing.T, s accountindex.Source) *accountindex.Index {
	t.Helper()
	index, err := s.Index(t.Context())
	if err != nil || index == nil {
		t.Fatalf("Index: %v with error %v", index, err)
	}
	return index
}

func latestIndex(t *testing.T, s accountindex.Source) *accountindex.Index {
	t.Helper()
	index, err := askLatest(t, s)
	if err != nil || index == nil {
		t.Fatalf("asked anew: index %v with error %v", index, err)
	}
	return index
}

func askLatest(t *testing.T, s accountindex.Source) (*accountindex.Index, error) {
	t.Helper()
	if refresher, ok := s.(accountindex.Refresher); ok {
		return refresher.Refresh(t.Context())
	}
	return s.Index(t.Context())
}

func indexIDs(x *accountindex.Index) []string {
	var ids []string
	for account := range x.Accounts() {
		ids = append(ids, account.ID)
	}
	return ids
}

// sourceFile is a small index file with active accounts of the ids.
func sourceFile(ids ...string) []byte {
	accounts := make([]string, 0, len(ids))
	for _, id := range ids {
		accounts = append(accounts, fmt.Sprintf(`%q: {"Id": %q, "Name": "Account %s", "Arn": "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/%s",
 "State": "ACTIVE", "Email": "", "Regions": ["us-east-1"], "Tags": {}, "Parents": [{"Id": "r-ab12", "Name": "ROOT", "Type": "ROOT"}]}`, id, id, id, id))
	}
	return []byte(`{"accounts": {` + strings.Join(accounts, ",\n") + `}, "generated": "2025-02-03T04:10:00Z"}`)
}
