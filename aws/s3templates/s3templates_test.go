package s3templates_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
	"github.com/starfleet-go/starfleet/aws/s3templates"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/starfleettest"
)

const bucket = "starfleet-templates"

func open(t *testing.T, v s3fake.Versioning) (*s3fake.Server, *s3templates.Store) {
	t.Helper()
	server := s3fake.New(t)
	server.Create(bucket, v)
	store, err := s3templates.New(s3templates.Config{AWS: server.Config(), Bucket: bucket})
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
			starfleettest.ExerciseTemplateStore(t, func(t *testing.T) starfleettest.TemplateFixture {
				server, store := open(t, v)
				server.PageSize(100)
				return starfleettest.TemplateFixture{
					Store:     store,
					Put:       func(key string, data []byte) { server.Put(bucket, key, data) },
					Delete:    func(key string) { server.Delete(bucket, key) },
					Versioned: v == s3fake.Enabled,
				}
			})
		})
	}
}

func TestNewNamesTheFaults(t *testing.T) {
	t.Parallel()
	_, err := s3templates.New(s3templates.Config{})
	for _, want := range []string{"Config.Bucket", "Config.Region"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

// TestVersionsOfEvents reads by what S3 events carry: a version id, or an ETag without quotes.
func TestVersionsOfEvents(t *testing.T) {
	t.Parallel()
	const etag = "f97c5d29941bfb1b2fdab0874906ab82" // of "one"
	for _, c := range []struct {
		what       string
		versioning s3fake.Versioning
		version    string
		want       string // version of what is read
	}{
		{"version id", s3fake.Enabled, "v.1", "v.1"},
		{"etag in a versioned bucket", s3fake.Enabled, etag, "v.1"},
		{"etag", s3fake.Never, etag, etag},
		{"quoted etag", s3fake.Never, `"` + etag + `"`, etag},
		{"the null version", s3fake.Suspended, "null", etag},
		{"etag in a suspended bucket", s3fake.Suspended, etag, etag},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			server, store := open(t, c.versioning)
			server.Put(bucket, "t.yaml", []byte("one"))
			file, err := store.Read(t.Context(), "t.yaml", c.version)
			if err != nil || string(file.Data) != "one" || file.Version != c.want {
				t.Errorf("read %+v with error %v", file, err)
			}
		})
	}
}

// TestAnOldVersionOutlivesSuspension reads a version id of the time before versioning was suspended.
func TestAnOldVersionOutlivesSuspension(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Enabled)
	old := server.Put(bucket, "t.yaml", []byte("one"))
	server.Create(bucket, s3fake.Suspended)
	server.Put(bucket, "t.yaml", []byte("two"))
	if file, err := store.Read(t.Context(), "t.yaml", old); err != nil || string(file.Data) != "one" {
		t.Errorf("read %+v with error %v", file, err)
	}
}

func TestADeleteMarkerIsNotFound(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Enabled)
	server.Put(bucket, "t.yaml", []byte("one"))
	marker := server.Delete(bucket, "t.yaml")
	for _, version := range []string{"", marker} {
		if _, err := store.Read(t.Context(), "t.yaml", version); !errors.Is(err, starbase.ErrNotFound) {
			t.Errorf("version %q: error %v", version, err)
		}
	}
}

// TestFaultsOfTheConfigurationAreNotNotFound would otherwise take a wrong bucket for deleted templates.
func TestFaultsOfTheConfigurationAreNotNotFound(t *testing.T) {
	t.Parallel()
	refuse := func(status int, code string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
			s3fake.Fail(w, r, status, code)
			return true
		}
	}
	for _, c := range []struct {
		what  string
		hook  func(http.ResponseWriter, *http.Request) bool
		is    error
		wants []string
	}{
		{"no bucket", refuse(http.StatusNotFound, "NoSuchBucket"), nil, []string{"there is no such bucket"}},
		{"denied", refuse(http.StatusForbidden, "AccessDenied"), fs.ErrPermission, []string{"s3:GetObject", "s3:ListBucket"}},
		{"region", refuse(http.StatusMovedPermanently, "PermanentRedirect"), nil, []string{"another region", `"eu-west-1"`}},
		{"server", refuse(http.StatusServiceUnavailable, "SlowDown"), nil, []string{"503"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			server, store := open(t, s3fake.Enabled)
			server.Put(bucket, "Ship/t.yaml", []byte("one"))
			server.Intercept(c.hook)
			_, readErr := store.Read(t.Context(), "Ship/t.yaml", "")
			_, pinErr := store.Read(t.Context(), "Ship/t.yaml", "v.1")
			_, currentErr := store.Current(t.Context(), "Ship/t.yaml")
			var listErr error
			for _, listErr = range store.List(t.Context(), "Ship/") {
			}
			for call, err := range map[string]error{"Read": readErr, "Read of a version": pinErr, "Current": currentErr, "List": listErr} {
				if err == nil || errors.Is(err, starbase.ErrNotFound) || c.is != nil && !errors.Is(err, c.is) {
					t.Errorf("%s: error %v", call, err)
					continue
				}
				for _, want := range append(c.wants, "s3://"+bucket+"/Ship/") {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s: error %v does not say %q", call, err, want)
					}
				}
			}
		})
	}
}

// TestABodyThatBreaksOffIsAnError never takes half a template for the whole.
func TestABodyThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Enabled)
	server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("TemplateName: t"))
		return true
	})
	if file, err := store.Read(t.Context(), "t.yaml", ""); err == nil || !strings.Contains(err.Error(), "t.yaml") {
		t.Errorf("read %+v with error %v", file, err)
	}
}

// TestKeysThatXMLCanNotCarry lists a key that would break the listing of all others.
func TestKeysThatXMLCanNotCarry(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Never)
	want := []string{"Ship/\x01.yaml", "Ship/a+b %41.yaml", "Ship/z.yaml"}
	for _, key := range want {
		server.Put(bucket, key, []byte("x"))
	}
	var got []string
	for key, err := range store.List(t.Context(), "Ship/") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func TestIAMActions(t *testing.T) {
	t.Parallel()
	server, store := open(t, s3fake.Enabled)
	version := server.Put(bucket, "Ship/t.yaml", []byte("one"))
	ctx := t.Context()
	for _, call := range []func() error{
		func() error { _, err := store.Read(ctx, "Ship/t.yaml", ""); return err },
		func() error { _, err := store.Read(ctx, "Ship/t.yaml", version); return err },
		func() error { _, err := store.Current(ctx, "Ship/t.yaml"); return err },
		func() error { _, err := store.Current(ctx, "missing"); return ignoreNotFound(err) },
		func() error { _, err := store.Read(ctx, "missing", ""); return ignoreNotFound(err) },
		func() error { return listErr(ctx, store) },
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(s3templates.IAMActions, server.Actions()); diff != "" {
		t.Error(diff)
	}
}

func ignoreNotFound(err error) error {
	if errors.Is(err, starbase.ErrNotFound) {
		return nil
	}
	return err
}

func listErr(ctx context.Context, store *s3templates.Store) error {
	for _, err := range store.List(ctx, "") {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestNewClientOnLocalhost reaches a stand-in by a name, which could not be had with a bucket before it.
func TestNewClientOnLocalhost(t *testing.T) {
	t.Parallel()
	server, _ := open(t, s3fake.Never)
	server.Put(bucket, "t.yaml", []byte("one"))
	cfg := server.Config()
	cfg.BaseEndpoint = aws.String(strings.Replace(server.URL, "127.0.0.1", "localhost", 1))
	store, err := s3templates.New(s3templates.Config{AWS: cfg, Region: "eu-west-1", Bucket: bucket})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Read(t.Context(), "t.yaml", ""); err != nil {
		t.Error(err)
	}
}
