package scaffold_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/internal/scaffold"
)

var small = &scaffold.Module{Files: []scaffold.File{{Name: "a", Data: []byte("1")}, {Name: "b", Data: []byte("2")}}}

// listed is what a folder has, nil when it is not there.
func listed(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestWrite(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	empty, repository := filepath.Join(top, "empty"), filepath.Join(top, "repository")
	for _, dir := range []string{empty, filepath.Join(repository, ".git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{filepath.Join(top, "new", "below"), empty, repository} {
		if err := small.Write(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(filepath.Join(dir, "b")); err != nil || string(data) != "2" {
			t.Errorf("b is %q, %v", data, err)
		}
	}
}

// TestWriteRefuses a folder that has something in it, and leaves it as it is.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"b", "mine.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var notEmpty *scaffold.NotEmptyError
	if err := small.Write(t.Context(), dir); !errors.As(err, &notEmpty) || !slices.Equal(notEmpty.Names, []string{"b", "mine.txt"}) {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "b")); err != nil || string(data) != "mine" || len(listed(t, dir)) != 2 {
		t.Errorf("b is %q, %v; there are %v", data, err, listed(t, dir))
	}
	if err := small.Write(t.Context(), filepath.Join(dir, "b")); err == nil {
		t.Error("a file was taken for a folder")
	}
	if err := small.Write(t.Context(), filepath.Join(dir, "b", "below")); err == nil {
		t.Error("a file was taken for a folder above")
	}
}

// TestAllOrNothing: what fails half way, or is interrupted, leaves what was there, and nothing else.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	end(interrupted)
	tests := map[string]struct {
		ctx    context.Context
		module *scaffold.Module
		want   error
	}{
		"a file that is there": {t.Context(), &scaffold.Module{Files: append(small.Files[:2:2], scaffold.File{Name: "a"})}, os.ErrExist},
		"a folder that is not": {t.Context(), &scaffold.Module{Files: append(small.Files[:2:2], scaffold.File{Name: "no/such"})}, os.ErrNotExist},
		"interrupted":          {ended, small, interrupted},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			empty := filepath.Join(top, "empty")
			if err := os.Mkdir(empty, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{filepath.Join(top, "new", "below"), empty} {
				if err := test.module.Write(test.ctx, dir); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			}
			if diff := cmp.Diff([]string{"empty"}, listed(t, top)); diff != "" || len(listed(t, empty)) > 0 {
				t.Errorf("left behind: %s %v", diff, listed(t, empty))
			}
		})
	}
}

func TestNotEmptyErrorIsShort(t *testing.T) {
	t.Parallel()
	err := &scaffold.NotEmptyError{Dir: "d", Names: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}}
	if want := "d is not empty: it has a, b, c, d, e, f, g, h, i, j and 2 more: name a folder that is new or empty"; err.Error() != want {
		t.Error(err)
	}
}
