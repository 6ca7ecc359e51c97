package s3index_test

import (
	"errors"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
)

// TestAnEarlierVersion: in a bucket that keeps versions, the index that work began with can be had after it was replaced.
func TestAnEarlierVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Create(bucket, s3fake.Enabled)
	first := b.put(1)
	b.put(2)
	if n := b.accounts(t); n != 2 {
		t.Fatalf("%d accounts", n)
	}
	for range 2 {
		index, err := b.source.Version(t.Context(), first)
		if err != nil || index.Len() != 1 || index.Version() != first || !b.source.Keeps(first) {
			t.Fatalf("%v, error %v", index, err)
		}
	}
	if n := len(b.server.Requests()); n != 2 {
		t.Errorf("%d requests, want 2: an earlier version is kept in memory", n)
	}
	if n := b.accounts(t); n != 2 {
		t.Errorf("the current index has %d accounts", n)
	}
	for _, gone := range []string{"", "v.99", "nonsense"} {
		if index, err := b.source.Version(t.Context(), gone); !errors.Is(err, accountindex.ErrNoVersion) || index != nil {
			t.Errorf("version %q: %v, error %v", gone, index, err)
		}
	}
}

// TestAnEarlierVersionIsNotKept: without versions only the current index can be had, and another is never given in its place.
func TestAnEarlierVersionIsNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Create(bucket, s3fake.Never)
	b.put(1)
	index, err := b.source.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	version := index.Version()
	if b.source.Keeps(version) {
		t.Errorf("the bucket is said to keep %s", version)
	}
	if again, err := b.source.Version(t.Context(), version); err != nil || again != index {
		t.Errorf("the current version: %v, error %v", again, err)
	}
	b.put(2)
	if _, err := b.source.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if index, err := b.source.Version(t.Context(), version); !errors.Is(err, accountindex.ErrNoVersion) || index != nil {
		t.Errorf("a version that was replaced: %v, error %v", index, err)
	}
}
