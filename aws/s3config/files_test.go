package s3config_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
	"github.com/starfleet-go/starfleet/aws/s3config"
)

const bucket = "starfleet-configuration"

func newServer(t *testing.T) *s3fake.Server {
	t.Helper()
	server := s3fake.New(t)
	server.Create(bucket, s3fake.Never)
	return server
}

func client(server *s3fake.Server) s3config.Client { return s3config.NewClient(server.Config(), "") }

func TestFilesHoldsTheFilesDirectlyUnderThePrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]map[string]string{
		"config":     {"a.yaml": "A: 1\n", "b.yaml": "", "manifest.json": "{}"},
		"config/":    {"a.yaml": "A: 1\n", "b.yaml": "", "manifest.json": "{}"},
		"config/sub": {"c.yaml": "C: 1\n"},
		"":           {"root.yaml": "R: 1\n"},
	} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			server.PageSize(2)
			for key, data := range map[string]string{
				"config/": "", "config/a.yaml": "A: 1\n", "config/b.yaml": "", "config/manifest.json": "{}",
				"config/sub/c.yaml": "C: 1\n", "config/sub/d/e.yaml": "", "configuration/x.yaml": "", "root.yaml": "R: 1\n",
			} {
				server.Put(bucket, key, []byte(data))
			}
			folder, err := s3config.Files(t.Context(), client(server), bucket, prefix)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			entries, err := fs.ReadDir(folder, ".")
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, entry := range entries {
				data, err := fs.ReadFile(folder, entry.Name())
				if err != nil {
					t.Fatal(err)
				}
				got[entry.Name()] = string(data)
				names = append(names, entry.Name())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if err := fstest.TestFS(folder, names...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFilesIsACopy(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.Put(bucket, "config/a.yaml", []byte("one"))
	folder, err := s3config.Files(t.Context(), client(server), bucket, "config")
	if err != nil {
		t.Fatal(err)
	}
	server.Put(bucket, "config/a.yaml", []byte("two"))
	data, err := fs.ReadFile(folder, "a.yaml")
	if err != nil || string(data) != "one" {
		t.Errorf("%s, error %v", data, err)
	}
	copy(data, "xxx")
	if data, _ = fs.ReadFile(folder, "a.yaml"); string(data) != "one" {
		t.Errorf("a reader changed the file to %s", data)
	}
}

func TestFilesRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		fill func(*s3fake.Server)
		is   error
		want string
	}{
		{"nothing there", func(*s3fake.Server) {}, fs.ErrNotExist, "no files directly under"},
		{"sub-folders only", func(s *s3fake.Server) { s.Put(bucket, "config/sub/a.yaml", nil) }, fs.ErrNotExist, "no files directly under"},
		{"too many files", func(s *s3fake.Server) {
			for i := range s3config.MaxFiles + 1 {
				s.Put(bucket, fmt.Sprintf("config/%d.yaml", i), nil)
			}
		}, nil, "more than 1000 files"},
		{"too many bytes", func(s *s3fake.Server) {
			half := bytes.Repeat([]byte("x"), s3config.MaxTotalBytes/2)
			s.Put(bucket, "config/a.yaml", half)
			s.Put(bucket, "config/b.yaml", half)
			s.Put(bucket, "config/c.yaml", []byte("x"))
		}, nil, "more than 16777216 bytes"},
		{"a name that no file has", func(s *s3fake.Server) { s.Put(bucket, "config/..", nil) }, nil, `".." is no name`},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			c.fill(server)
			_, err := s3config.Files(t.Context(), client(server), bucket, "config")
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestFilesOfABucketThatIsNotThere(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	_, err := s3config.Files(t.Context(), client(server), "other", "config")
	if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "no such bucket") {
		t.Errorf("error %v", err)
	}
}

// TestOpen: the URL in STARFLEET_CONFIG is enough for a ship that was given the opener.
func TestOpen(t *testing.T) {
	server := newServer(t)
	server.Put(bucket, "fleet/configuration.yaml", []byte("STARFLEET: {}\n"))
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none",
	} {
		t.Setenv(name, value)
	}
	var opener starfleet.ConfigOpener = s3config.Open
	files, err := opener(t.Context(), "s3://"+bucket+"/fleet/")
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(files, "configuration.yaml")
	if err != nil || string(data) != "STARFLEET: {}\n" {
		t.Errorf("%q, error %v", data, err)
	}
	if _, err := opener(t.Context(), "fleet"); err == nil {
		t.Error("no error for what is no s3:// URL")
	}
}

func TestIAMActions(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.Put(bucket, "config/a.yaml", nil)
	if _, err := s3config.Files(t.Context(), client(server), bucket, "config"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s3config.IAMActions, server.Actions()); diff != "" {
		t.Error(diff)
	}
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][2]string{
		"s3://b/k":            {"b", "k"},
		"s3://b":              {"b", ""},
		"s3://b/":             {"b", ""},
		"s3://b/x/y z%20.yml": {"b", "x/y z%20.yml"},
	} {
		bucket, key, err := s3config.ParseURL(url)
		if got := [2]string{bucket, key}; err != nil || got != want {
			t.Errorf("%s: %q, error %v", url, got, err)
		}
	}
	for _, url := range []string{"", "s3://", "s3:///k", "b/k", "https://b/k", "S3://b/k"} {
		if bucket, key, err := s3config.ParseURL(url); err == nil {
			t.Errorf("%q is taken for %q, %q", url, bucket, key)
		}
	}
}
