package s3state_test

import (
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
	"github.com/starfleet-go/starfleet/aws/s3state"
	"github.com/starfleet-go/starfleet/starfleettest"
	"github.com/starfleet-go/starfleet/state"
)

const bucket = "starfleet-state"

func open(t *testing.T, v s3fake.Versioning, prefix string) (*s3fake.Server, *s3state.Store) {
	t.Helper()
	server := s3fake.New(t)
	server.Create(bucket, v)
	server.PageSize(2)
	store, err := s3state.New(s3state.Config{AWS: server.Config(), Bucket: bucket, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	return server, store
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]s3fake.Versioning{"versioned": s3fake.Enabled, "never versioned": s3fake.Never, "suspended": s3fake.Suspended} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			starfleettest.ExerciseState(t, func(t *testing.T) state.Store {
				_, store := open(t, v, "production/")
				return store
			})
		})
	}
}

// TestIAMActions: the list names what the calls need, and nothing else.
func TestIAMActions(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Never, "")
	_, err1 := store.Create(t.Context(), "a", nil)
	_, err2 := store.Put(t.Context(), "a", []byte("x"))
	_, err3 := store.Get(t.Context(), "a")
	for _, err := range store.List(t.Context(), "") {
		err3 = errors.Join(err3, err)
	}
	if err := errors.Join(err1, err2, err3, store.Delete(t.Context(), "a")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(server.Actions(), slices.Sorted(slices.Values(s3state.IAMActions))); diff != "" {
		t.Error(diff)
	}
}

func TestNewNamesTheFaults(t *testing.T) {
	t.Parallel()
	_, err := s3state.New(s3state.Config{Prefix: "a//b", MaxBytes: -1})
	for _, want := range []string{"Config.Bucket", "Config.Region", "Config.Prefix", "Config.MaxBytes"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestPrefixIsAFolder(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"deep/production", "deep/production/"} {
		server, store := open(t, s3fake.Never, prefix)
		server.Put(bucket, "deep/production-old/a", nil)
		server.Put(bucket, "deep/production/not a key", nil)
		if _, err := store.Put(t.Context(), "runs/a", nil); err != nil {
			t.Fatal(err)
		}
		if requests := server.Requests(); requests[0] != "PUT 200 /"+bucket+"/deep/production/runs/a" {
			t.Errorf("requests %v", requests)
		}
		var keys []string
		for key, err := range store.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
		if !slices.Equal(keys, []string{"runs/a"}) {
			t.Errorf("keys %q", keys)
		}
	}
}

// TestConflictUnderWay: S3 answers 409 while another conditional write is under way; who waits learns which was first.
func TestConflictUnderWay(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Never, "")
	refusals := 0
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if refusals++; refusals > 2 {
			return false
		}
		s3fake.Fail(w, r, http.StatusConflict, "ConditionalRequestConflict")
		return true
	})
	if _, err := store.Create(t.Context(), "a", []byte("one")); err != nil {
		t.Fatal(err)
	}
	refusals = 0
	if _, err := store.Create(t.Context(), "a", []byte("two")); !errors.Is(err, state.ErrExists) {
		t.Errorf("error %v, want ErrExists", err)
	}
	refusals = -100
	if _, err := store.Create(t.Context(), "b", nil); err == nil || errors.Is(err, state.ErrExists) || !strings.Contains(err.Error(), "409") {
		t.Errorf("error %v: nobody knows whether the entry exists", err)
	}
}

// TestALostAnswer: the write is made and its answer cut. The next attempt finds what the first one wrote, as the contract says.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Never, "")
	cut := true
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !cut || r.Method != http.MethodPut {
			return false
		}
		cut = false
		server.Put(bucket, "a", []byte("one"))
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return true
		}
		_ = connection.Close()
		return true
	})
	_, err := store.Create(t.Context(), "a", []byte("one"))
	if err != nil && !errors.Is(err, state.ErrExists) {
		t.Fatalf("error %v", err)
	}
	if entry, err := store.Get(t.Context(), "a"); err != nil || string(entry.Data) != "one" {
		t.Errorf("%q, error %v", entry.Data, err)
	}
}

func TestFaultsAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		status int
		code   string
		is     error
		want   string
	}{
		{"denied", http.StatusForbidden, "AccessDenied", fs.ErrPermission, "s3:PutObject"},
		{"no bucket", http.StatusNotFound, "NoSuchBucket", nil, "there is no such bucket"},
		{"server", http.StatusInternalServerError, "InternalError", nil, "500"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			server, store := open(t, s3fake.Never, "")
			server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				s3fake.Fail(w, r, c.status, c.code)
				return true
			})
			_, create := store.Create(t.Context(), "a", nil)
			_, get := store.Get(t.Context(), "a")
			for call, err := range map[string]error{"Create": create, "Get": get, "Delete": store.Delete(t.Context(), "a")} {
				if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
					t.Errorf("%s: error %v, want %q", call, err, c.want)
				}
				if errors.Is(err, state.ErrExists) || errors.Is(err, state.ErrNotFound) {
					t.Errorf("%s: error %v says something of the entry", call, err)
				}
			}
		})
	}
}

func TestAnEntryThatIsTooLarge(t *testing.T) {
	t.Parallel()
	server, _ := open(t, s3fake.Never, "")
	store, err := s3state.New(s3state.Config{AWS: server.Config(), Bucket: bucket, MaxBytes: 3})
	if err != nil {
		t.Fatal(err)
	}
	server.Put(bucket, "three", []byte("123"))
	server.Put(bucket, "four", []byte("1234"))
	if entry, err := store.Get(t.Context(), "three"); err != nil || string(entry.Data) != "123" {
		t.Errorf("%q, error %v", entry.Data, err)
	}
	if _, err := store.Get(t.Context(), "four"); err == nil || !strings.Contains(err.Error(), "more than 3 bytes") {
		t.Errorf("error %v", err)
	}
}
