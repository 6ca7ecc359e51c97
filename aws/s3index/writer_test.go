package s3index_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
	"github.com/starfleet-go/starfleet/aws/s3index"
)

// newWriter is a writer over the fake of a bundle.
func newWriter(t *testing.T, b *bundle, change ...func(*s3index.WriterConfig)) *s3index.Writer {
	t.Helper()
	cfg := s3index.WriterConfig{AWS: b.server.Config(), Bucket: bucket, Now: b.now, Logger: slog.New(slog.NewTextHandler(&b.logs, nil))}
	for _, f := range change {
		f(&cfg)
	}
	w, err := s3index.NewWriter(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// indexOf is an index of n accounts, generated d after that of indexFile.
func indexOf(t *testing.T, n int, d time.Duration) *accountindex.Index {
	t.Helper()
	file := bytes.ReplaceAll(indexFile(n), []byte("2025-02-03T04:10:00Z"), []byte(time.Date(2025, 2, 3, 4, 10, 0, 0, time.UTC).Add(d).Format(time.RFC3339)))
	x, err := accountindex.Load("x.json", file, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]s3fake.Versioning{"versioned": s3fake.Enabled, "never versioned": s3fake.Never} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.server.Create(bucket, v)
			w := newWriter(t, b)
			if _, err := w.Current(t.Context()); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("error %v", err)
			}
			for i, n := range []int{20, 22, 20} { // the last loses 2 of 22
				version, err := w.Write(t.Context(), indexOf(t, n, time.Duration(i)*time.Hour))
				if err != nil || version == "" {
					t.Fatalf("version %q, error %v", version, err)
				}
				if x, err := w.Current(t.Context()); err != nil || x.Len() != n || x.Version() != version {
					t.Errorf("in place is %v, error %v", x, err)
				}
			}
			if diff := cmp.Diff(s3index.WriterIAMActions, b.server.Actions()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALossIsPutAside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(20)
	_, err := newWriter(t, b).Write(t.Context(), indexOf(t, 17, time.Hour))
	loss, ok := errors.AsType[*accountindex.LossError](err)
	const kept = "s3://" + bucket + "/" + key + ".rejected-20250203T040506Z"
	if !ok || loss.Accounts != 3 || loss.OfAccounts != 20 || loss.KeptAs != kept || !strings.Contains(err.Error(), kept) || !strings.Contains(err.Error(), "--accept-shrink") {
		t.Fatalf("error %v", err)
	}
	if n := b.accounts(t); n != 20 {
		t.Errorf("in place is an index of %d accounts, want the last good one", n)
	}
	aside, err := s3index.New(s3index.Config{AWS: b.server.Config(), Bucket: bucket, Key: strings.TrimPrefix(kept, "s3://"+bucket+"/")})
	if err != nil {
		t.Fatal(err)
	}
	if x, err := aside.Index(t.Context()); err != nil || x.Len() != 17 {
		t.Errorf("put aside is %v, error %v", x, err)
	}
	accepting := newWriter(t, b, func(c *s3index.WriterConfig) { c.AcceptShrink = true })
	if _, err := accepting.Write(t.Context(), indexOf(t, 17, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if x, err := accepting.Current(t.Context()); err != nil || x.Len() != 17 {
		t.Errorf("in place is %v, error %v", x, err)
	}
}

func TestANewerIndexStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(5)
	_, err := newWriter(t, b).Write(t.Context(), indexOf(t, 5, -time.Hour))
	if _, ok := errors.AsType[*s3index.NewerError](err); !ok || !strings.Contains(err.Error(), "2025-02-03T04:10:00Z") {
		t.Errorf("error %v", err)
	}
}

// TestAHalfWrittenIndexIsReplaced: nothing could be read of it, so that there is nothing to lose.
func TestAHalfWrittenIndexIsReplaced(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := indexFile(20)
	b.server.Put(bucket, key, file[:len(file)/2])
	if _, err := newWriter(t, b).Write(t.Context(), indexOf(t, 2, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := b.accounts(t); n != 2 || !strings.Contains(b.logs.String(), "at fault and will be replaced") {
		t.Errorf("%d accounts in place, log %s", n, b.logs.String())
	}
}

// TestOfTwoWritersTheLaterLooksAgain: what another put in place meanwhile is what the index is held against.
func TestOfTwoWritersTheLaterLooksAgain(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]int{"a first index": 0, "a replacement": 5} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if before > 0 {
				b.put(before)
			}
			var once sync.Once
			b.server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPut {
					once.Do(func() { b.put(20) })
				}
				return false
			})
			_, err := newWriter(t, b).Write(t.Context(), indexOf(t, 5, time.Hour))
			if _, ok := errors.AsType[*accountindex.LossError](err); !ok {
				t.Errorf("error %v", err)
			}
			if n := b.accounts(t); n != 20 {
				t.Errorf("%d accounts in place", n)
			}
		})
	}
}

// otherIndex is an index of n accounts of another organization than indexOf's.
func otherIndex(t *testing.T, n int, d time.Duration) *accountindex.Index {
	t.Helper()
	text := strings.NewReplacer(`account/o-`, `account/o-other`, `"0000`, `"9000`, `/0000`, `/9000`, `"r-`, `"r-other`, `"ou-`, `"ou-other-`).Replace(string(indexOf(t, n, d).AppendFile(nil)))
	x, err := accountindex.Load("other.json", []byte(text), accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestMergeKeepsTheOtherOrganizations: two generators, each of its own organization, write one object, and neither takes anything from the other.
func TestMergeKeepsTheOtherOrganizations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(20)
	merging := newWriter(t, b, func(c *s3index.WriterConfig) { c.Merge = true })
	lengths := func(want int, organizations int) {
		t.Helper()
		x, err := merging.Current(t.Context())
		if err != nil || x.Len() != want || len(x.Organizations()) != organizations {
			t.Errorf("%d accounts of %v, error %v", x.Len(), x.Organizations(), err)
		}
	}
	if _, err := newWriter(t, b).Write(t.Context(), otherIndex(t, 30, time.Hour)); err == nil || !strings.Contains(err.Error(), "lacks 20 of 20 accounts") {
		t.Errorf("without merging: %v", err)
	}
	lengths(20, 1)
	for i, x := range []*accountindex.Index{otherIndex(t, 30, time.Hour), indexOf(t, 19, 2*time.Hour), otherIndex(t, 31, time.Hour)} {
		if _, err := merging.Write(t.Context(), x); err != nil {
			t.Fatal(i, err)
		}
	}
	lengths(19+31, 2)
	if _, err := merging.Write(t.Context(), otherIndex(t, 20, 3*time.Hour)); err == nil || !strings.Contains(err.Error(), "lacks 11 of 31 accounts") {
		t.Errorf("a loss in one organization: %v", err)
	}
	if _, err := newWriter(t, b).Write(t.Context(), otherIndex(t, 31, 3*time.Hour)); err == nil || !strings.Contains(err.Error(), "lacks 19 of 19 accounts") {
		t.Errorf("without merging: %v", err)
	}
	if _, err := merging.Write(t.Context(), indexOf(t, 19, time.Hour)); err == nil || !strings.Contains(err.Error(), "a run that began later has written already") {
		t.Errorf("an older index of one organization: %v", err)
	}
	lengths(19+31, 2)
}

// TestMergeSeesWhatAnotherWrote: the part that another generator puts in place meanwhile is kept.
func TestMergeSeesWhatAnotherWrote(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var once sync.Once
	b.server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			once.Do(func() { b.put(20) })
		}
		return false
	})
	merging := newWriter(t, b, func(c *s3index.WriterConfig) { c.Merge = true })
	if _, err := merging.Write(t.Context(), otherIndex(t, 5, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if x, err := merging.Current(t.Context()); err != nil || x.Len() != 25 {
		t.Errorf("in place is %v, error %v", x, err)
	}
}

// TestMergeWithNothingToReadKeepsIt: an object that is no index may hold other organizations.
func TestMergeWithNothingToReadKeepsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := indexFile(20)
	b.server.Put(bucket, key, file[:len(file)/2])
	merging := newWriter(t, b, func(c *s3index.WriterConfig) { c.Merge = true })
	if _, err := merging.Write(t.Context(), otherIndex(t, 5, time.Hour)); err == nil || !strings.Contains(err.Error(), "cannot be kept") {
		t.Errorf("error %v", err)
	}
}

func TestAWriteThatFailsLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(5)
	b.server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			s3fake.Fail(w, r, http.StatusForbidden, "AccessDenied")
		}
		return r.Method == http.MethodPut
	})
	if _, err := newWriter(t, b).Write(t.Context(), indexOf(t, 6, time.Hour)); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "s3:PutObject") {
		t.Errorf("error %v", err)
	}
	_, err := newWriter(t, b).Write(t.Context(), indexOf(t, 1, time.Hour))
	if _, ok := errors.AsType[*accountindex.LossError](err); !ok || !strings.Contains(err.Error(), "could not be put aside") {
		t.Errorf("error %v", err)
	}
	if n := b.accounts(t); n != 5 {
		t.Errorf("%d accounts in place", n)
	}
}

func TestNewWriterNamesTheFaults(t *testing.T) {
	t.Parallel()
	_, err := s3index.NewWriter(s3index.WriterConfig{})
	for _, want := range []string{"Bucket", "Region"} {
		if err == nil || !strings.Contains(err.Error(), "Config."+want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}
