package s3index_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starfleettest"
)

const (
	bucket = "starfleet-account-index"
	key    = "accountIndex.json"
)

// bundle is a source over a fake S3, with a clock that stands still until it is set forward.
type bundle struct {
	server *s3fake.Server
	source *s3index.Source

	mu   sync.Mutex
	time time.Time
	logs bytes.Buffer
}

func (b *bundle) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.time
}

func (b *bundle) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.time = b.time.Add(d)
}

func setup(t *testing.T, change ...func(*s3index.Config)) *bundle {
	t.Helper()
	b := &bundle{server: s3fake.New(t), time: time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC)}
	b.server.Create(bucket, s3fake.Enabled)
	cfg := s3index.Config{AWS: b.server.Config(), Bucket: bucket, Now: b.now, Logger: slog.New(slog.NewTextHandler(&b.logs, nil))}
	for _, f := range change {
		f(&cfg)
	}
	source, err := s3index.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.source = source
	return b
}

func (b *bundle) put(n int) string { return b.server.Put(bucket, key, indexFile(n)) }

// accounts asks the source and returns how many accounts its index has.
func (b *bundle) accounts(t *testing.T) int {
	t.Helper()
	index, err := b.source.Index(t.Context())
	if err != nil {
		t.Fatalf("Index: %v", err)
	}
	return index.Len()
}

// statuses are those of the answers that S3 gave so far.
func (b *bundle) statuses() []string {
	var all []string
	for _, request := range b.server.Requests() {
		all = append(all, strings.Fields(request)[1])
	}
	return all
}

// indexFile is an index of n accounts.
func indexFile(n int) []byte {
	var accounts []string
	for i := range n {
		id := fmt.Sprintf("%012d", i+1)
		accounts = append(accounts, fmt.Sprintf(`%q: {"Id": %q, "Name": "Account %d", "Arn": "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/%s", "State": "ACTIVE",
 "Regions": ["us-east-1"], "Tags": {}, "Parents": [{"Id": "r-ab12", "Name": "ROOT", "Type": "ROOT"}]}`, id, id, i+1, id))
	}
	return []byte(`{"accounts": {` + strings.Join(accounts, ",") + `}, "generated": "2025-02-03T04:10:00Z"}`)
}

func broken(w http.ResponseWriter, r *http.Request) bool {
	s3fake.Fail(w, r, http.StatusServiceUnavailable, "SlowDown")
	return true
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]s3fake.Versioning{"versioned": s3fake.Enabled, "never versioned": s3fake.Never} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			starfleettest.ExerciseSource(t, func(t *testing.T, file []byte) starfleettest.SourceFixture {
				b := setup(t)
				b.server.Create(bucket, v)
				if file != nil {
					b.server.Put(bucket, key, file)
				}
				return starfleettest.SourceFixture{
					Source: b.source,
					Write:  func(file []byte) { b.server.Put(bucket, key, file) },
					Remove: func() { b.server.Delete(bucket, key) },
				}
			})
		})
	}
}

func TestIndexIsAskedAgainByETagOnceItIsOld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(1)
	steps := []struct {
		what     string
		do       func()
		accounts int
		answers  []string
	}{
		{"first", func() {}, 1, []string{"200"}},
		{"at once again", func() {}, 1, []string{"200"}},
		{"changed, not yet old", func() { b.put(2); b.pass(time.Minute - time.Nanosecond) }, 1, []string{"200"}},
		{"old", func() { b.pass(time.Nanosecond) }, 2, []string{"200", "200"}},
		{"old and unchanged", func() { b.pass(time.Minute) }, 2, []string{"200", "200", "304"}},
		{"fresh by that", func() { b.pass(time.Minute - time.Nanosecond) }, 2, []string{"200", "200", "304"}},
	}
	for _, s := range steps {
		s.do()
		if n := b.accounts(t); n != s.accounts || !slices.Equal(b.statuses(), s.answers) {
			t.Fatalf("%s: %d accounts, answers %v, want %d, %v", s.what, n, b.statuses(), s.accounts, s.answers)
		}
	}
}

func TestRefreshAsksAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(1)
	b.accounts(t)
	b.put(2)
	index, err := b.source.Refresh(t.Context())
	if err != nil || index.Len() != 2 {
		t.Fatalf("%v, error %v", index, err)
	}
	if n := b.accounts(t); n != 2 {
		t.Errorf("Index has %d accounts after Refresh", n)
	}
	b.server.Intercept(broken)
	if _, err := b.source.Refresh(t.Context()); err == nil {
		t.Error("Refresh hides that S3 fails")
	}
	if n := b.accounts(t); n != 2 {
		t.Errorf("Index has %d accounts after Refresh failed", n)
	}
}

func TestTheVersionIsKept(t *testing.T) {
	t.Parallel()
	for v, want := range map[s3fake.Versioning]string{s3fake.Enabled: "v.1", s3fake.Never: "etag", s3fake.Suspended: "etag"} {
		b := setup(t)
		b.server.Create(bucket, v)
		b.put(1)
		index, err := b.source.Index(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := index.Version(); got != want && (want != "etag" || len(got) != 32) {
			t.Errorf("version %q, want %s", got, want)
		}
	}
}

func TestTheLastGoodIndexStandsInForABoundedTime(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *s3index.Config) { c.MaxStale = 10 * time.Minute })
	b.put(3)
	b.accounts(t)
	b.server.Intercept(broken)
	b.pass(time.Minute)
	if n := b.accounts(t); n != 3 {
		t.Fatalf("%d accounts", n)
	}
	if logged := b.logs.String(); strings.Count(logged, "level=WARN") != 1 || !strings.Contains(logged, "s3://"+bucket+"/"+key) {
		t.Errorf("logged: %s", logged)
	}
	asked := len(b.statuses())
	b.pass(9 * time.Second)
	b.accounts(t)
	if n := len(b.statuses()); n != asked {
		t.Errorf("S3, which fails, was asked again after 9 s")
	}
	b.pass(time.Second)
	b.accounts(t)
	if n := len(b.statuses()); n == asked {
		t.Errorf("S3 was not asked again after 10 s")
	}
	b.pass(8*time.Minute + 50*time.Second)
	if n := b.accounts(t); n != 3 {
		t.Errorf("%d accounts after 10 minutes", n)
	}
	b.pass(time.Second)
	if index, err := b.source.Index(t.Context()); err == nil || index != nil {
		t.Fatalf("an index with %d accounts is used for more than MaxStale", index.Len())
	}
	b.server.Intercept(nil)
	if n := b.accounts(t); n != 3 {
		t.Errorf("%d accounts once S3 is back", n)
	}
	if last := b.statuses()[len(b.statuses())-1]; last != "304" {
		t.Errorf("status %s once S3 is back: the unchanged index was read again", last)
	}
}

func TestABodyThatBreaksOffIsPassing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(1)
	b.accounts(t)
	b.put(2)
	b.pass(time.Minute)
	b.server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"accounts": {`))
		return true
	})
	if n := b.accounts(t); n != 1 {
		t.Errorf("%d accounts, want those of the last good index", n)
	}
	b.pass(time.Minute)
	b.server.Intercept(nil)
	if n := b.accounts(t); n != 2 {
		t.Errorf("%d accounts, want the new ones", n)
	}
}

// TestWhatIsNotPassingIsAnErrorAtOnce: nobody works by an index that was taken away or replaced by something else.
func TestWhatIsNotPassingIsAnErrorAtOnce(t *testing.T) {
	t.Parallel()
	deny := func(w http.ResponseWriter, r *http.Request) bool {
		s3fake.Fail(w, r, http.StatusForbidden, "AccessDenied")
		return true
	}
	for _, c := range []struct {
		what string
		do   func(*bundle)
		is   error
		want string
	}{
		{"missing", func(b *bundle) { b.server.Delete(bucket, key) }, fs.ErrNotExist, "run the index generator"},
		{"denied", func(b *bundle) { b.server.Intercept(deny) }, fs.ErrPermission, "s3:ListBucket"},
		{"too large", func(b *bundle) { b.put(50) }, s3index.ErrTooLarge, "more than 4096 bytes"},
		{"malformed", func(b *bundle) { b.server.Put(bucket, key, []byte(`{"accounts": 1}`)) }, nil, "s3://" + bucket + "/" + key},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(c *s3index.Config) { c.MaxBytes = 4096 })
			b.put(1)
			b.accounts(t)
			b.pass(time.Minute)
			c.do(b)
			for range 2 {
				index, err := b.source.Index(t.Context())
				if err == nil || index != nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("index %v, error %v", index, err)
				}
			}
			b.server.Intercept(nil)
			b.put(2)
			if n := b.accounts(t); n != 2 {
				t.Errorf("mended it has %d accounts", n)
			}
		})
	}
}

func TestFaultsOfTheIndexAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Put(bucket, key, []byte(`{"accounts": 1}`))
	for range 3 {
		_, err := b.source.Index(t.Context())
		if _, ok := errors.AsType[schema.Faults](err); !ok {
			t.Errorf("error %v, want schema.Faults", err)
		}
	}
	if got, want := b.statuses(), []string{"200", "304", "304"}; !slices.Equal(got, want) {
		t.Errorf("answers %v, want %v: a file at fault is read once", got, want)
	}
}

func TestASizeThatIsNotAnnouncedIsBoundedToo(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *s3index.Config) { c.MaxBytes = 4096 })
	b.server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		_ = http.NewResponseController(w).Flush() // no length from here on
		_, _ = w.Write(indexFile(50))
		return true
	})
	if _, err := b.source.Index(t.Context()); !errors.Is(err, s3index.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
}

func TestManyAskersShareARequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(1)
	started, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.server.Intercept(func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() { close(started) })
		<-release
		return false
	})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if index, err := b.source.Index(t.Context()); err != nil || index.Len() != 1 {
				t.Errorf("%v, error %v", index, err)
			}
		})
	}
	<-started
	close(release)
	wg.Wait()
	if n := len(b.statuses()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestRefreshDoesNotShareAnOlderRequest: that one may have been answered before the change that the caller knows of.
func TestRefreshDoesNotShareAnOlderRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(1)
	var wg sync.WaitGroup
	var once sync.Once
	b.server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		old := false
		once.Do(func() {
			old = true
			b.put(2)
			wg.Go(func() {
				if index, err := b.source.Refresh(t.Context()); err != nil || index.Len() != 2 {
					t.Errorf("%v, error %v", index, err)
				}
			})
			_, _ = w.Write(indexFile(1))
		})
		return old
	})
	b.accounts(t)
	wg.Wait()
}

func TestACancelledAskerDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put(1)
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	b.server.Intercept(func(http.ResponseWriter, *http.Request) bool {
		cancel(gaveUp)
		return false
	})
	if index, err := b.source.Index(ctx); index == nil && !errors.Is(err, gaveUp) {
		t.Errorf("index %v, error %v", index, err)
	}
	if n := b.accounts(t); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestNewNamesTheFaults(t *testing.T) {
	t.Parallel()
	_, err := s3index.New(s3index.Config{MaxAge: -1, MaxStale: -1, MaxBytes: -1})
	for _, want := range []string{"Bucket", "Region", "MaxAge", "MaxStale", "MaxBytes"} {
		if err == nil || !strings.Contains(err.Error(), "Config."+want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][2]string{"s3://b/x/i.json": {"b", "x/i.json"}, "s3://b": {"b", key}} {
		bucket, key, err := s3index.ParseURL(url)
		if got := [2]string{bucket, key}; err != nil || got != want {
			t.Errorf("%s: %q, error %v", url, got, err)
		}
	}
	if _, _, err := s3index.ParseURL("index.json"); err == nil {
		t.Error("a file name is taken for a URL")
	}
}

func TestIAMActions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.source.Index(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	b.put(1)
	b.accounts(t)
	if _, err := b.source.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.source.Version(t.Context(), "v.99"); !errors.Is(err, accountindex.ErrNoVersion) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s3index.IAMActions, b.server.Actions()); diff != "" {
		t.Error(diff)
	}
}
