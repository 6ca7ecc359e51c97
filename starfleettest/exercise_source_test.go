package starfleettest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/starfleettest"
)

func openStatic(t *testing.T, file []byte) starfleettest.SourceFixture {
	t.Helper()
	index, err := accountindex.Load("index.json", file, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return starfleettest.SourceFixture{Source: accountindex.Static{X: index}}
}

func openFile(t *testing.T, file []byte) starfleettest.SourceFixture {
	t.Helper()
	name := filepath.Join(t.TempDir(), "index.json")
	write := func(file []byte) {
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		write(file)
	}
	return starfleettest.SourceFixture{
		Source: &accountindex.File{Name: name},
		Write:  write,
		Remove: func() {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestSourceConformance(t *testing.T) {
	t.Parallel()
	t.Run("Static", func(t *testing.T) { t.Parallel(); starfleettest.ExerciseSource(t, openStatic) })
	t.Run("File", func(t *testing.T) { t.Parallel(); starfleettest.ExerciseSource(t, openFile) })
}

// brokenSources are sources that break the contract in one way each.
var brokenSources = map[string]func(context.Context, *accountindex.File, *accountindex.Index) (*accountindex.Index, error){
	"loads at each call": func(_ context.Context, f *accountindex.File, _ *accountindex.Index) (*accountindex.Index, error) {
		return (&accountindex.File{Name: f.Name}).Index(context.Background())
	},
	"keeps the first index for ever": func(ctx context.Context, f *accountindex.File, first *accountindex.Index) (*accountindex.Index, error) {
		if first != nil {
			return first, nil
		}
		return f.Index(ctx)
	},
	"answers nothing and no error": func(ctx context.Context, f *accountindex.File, _ *accountindex.Index) (*accountindex.Index, error) {
		x, err := f.Index(ctx)
		if err != nil {
			return nil, nil
		}
		return x, nil
	},
}

// brokenSource is a File with its Index replaced.
type brokenSource struct {
	file  *accountindex.File
	index func(context.Context, *accountindex.File, *accountindex.Index) (*accountindex.Index, error)
	first *accountindex.Index
}

func (b *brokenSource) Index(ctx context.Context) (*accountindex.Index, error) {
	return b.index(ctx, b.file, b.first)
}

func TestSourceConformanceFindsFaults(t *testing.T) {
	t.Parallel()
	for name, index := range brokenSources {
		expectFailure(t, name, func(t *testing.T) {
			starfleettest.ExerciseSource(t, func(t *testing.T, file []byte) starfleettest.SourceFixture {
				f := openFile(t, file)
				broken := &brokenSource{file: f.Source.(*accountindex.File), index: index}
				broken.first, _ = broken.file.Index(t.Context())
				f.Source = broken
				return f
			})
		})
	}
}
