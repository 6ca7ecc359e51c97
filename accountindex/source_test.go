package accountindex_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

func TestStatic(t *testing.T) {
	t.Parallel()
	x := sampleIndex(t)
	var source accountindex.Source = accountindex.Static{X: x}
	if got, err := source.Index(context.Background()); err != nil || got != x {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := (accountindex.Static{}).Index(context.Background()); err == nil {
		t.Error("an empty Static gives no error")
	}
}

func TestFileIsReadAgainWhenChanged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	name := filepath.Join(t.TempDir(), "index.json")
	source := &accountindex.File{Name: name}
	var _ accountindex.Refresher = source
	if _, err := source.Index(ctx); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	write := func(text string, changed time.Time) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	read := func() *accountindex.Index {
		t.Helper()
		x, err := source.Index(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	now := time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC)
	write(file(account(firstID, nil)), now)
	first := read()
	if read() != first || first.Version() == "" {
		t.Error("an unchanged file was read again, or has no version")
	}
	if fresh, err := source.Refresh(ctx); err != nil || fresh == first {
		t.Errorf("Refresh did not read: %v", err)
	}
	write(file(account(secondID, nil)), now.Add(time.Second))
	if _, ok := read().Account(secondID); !ok {
		t.Error("a file of another time was not read")
	}
	write(file(account(firstID, nil), account(secondID, nil)), now.Add(time.Second))
	if read().Len() != 2 {
		t.Error("a file of another size was not read")
	}
	write("{}", now.Add(2*time.Second))
	if _, err := source.Index(ctx); err == nil {
		t.Error("a file at fault gave an index")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := source.Index(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}
