package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/s3templates"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/starbase"
)

// bucket is a bucket of S3: its objects by key.
type bucket map[string]string

func (b bucket) config() aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: b}
}

// Do answers ListObjectsV2 and GetObject. A bucket without objects may not be read.
func (b bucket) Do(r *http.Request) (*http.Response, error) {
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: r}, nil
	}
	if len(b) == 0 {
		return answer(http.StatusForbidden, "<Error><Code>AccessDenied</Code></Error>")
	}
	if r.URL.Query().Get("list-type") == "" {
		body, ok := b[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			return answer(http.StatusNotFound, "<Error><Code>NoSuchKey</Code></Error>")
		}
		return answer(http.StatusOK, body)
	}
	var list strings.Builder
	prefix := r.URL.Query().Get("prefix")
	for key := range b {
		if rest, ok := strings.CutPrefix(key, prefix); ok && (r.URL.Query().Get("delimiter") == "" || !strings.Contains(rest, "/")) {
			fmt.Fprintf(&list, "<Contents><Key>%s</Key><Size>%d</Size></Contents>", key, len(b[key]))
		}
	}
	return answer(http.StatusOK, "<ListBucketResult>"+list.String()+"</ListBucketResult>")
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("config", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestPlaceOfTheManifests: manifests are those beside the configuration in use, never the embedded ones beside another.
func TestPlaceOfTheManifests(t *testing.T) {
	t.Parallel()
	const linkedOnly = "AccountAliasShip LogGroupRetentionShip"
	configuration, manifest := read(t, "configuration.yaml"), strings.ReplaceAll(read(t, "manifests/AccountIndexGeneratorShip.json"), "AccountIndexGeneratorShip", "OtherShip")
	folder, bare := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(folder, "c.yaml"): configuration, filepath.Join(folder, "manifests", "o.json"): manifest, filepath.Join(bare, "c.yaml"): configuration,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := bucket{"fleet/c.yaml": configuration, "fleet/manifests/o.json": manifest, "bare/c.yaml": configuration, "c.yaml": configuration, "manifests/o.json": manifest}
	for place, want := range map[string]string{
		"":                              "AccountAliasShip AccountIndexGeneratorShip LogGroupRetentionShip",
		folder:                          linkedOnly + " OtherShip",
		filepath.Join(folder, "c.yaml"): linkedOnly + " OtherShip",
		bare:                            linkedOnly,
		"s3://configurations/fleet":     linkedOnly + " OtherShip",
		"s3://configurations/fleet/":    linkedOnly + " OtherShip",
		"s3://configurations":           linkedOnly + " OtherShip",
		"s3://configurations/bare":      linkedOnly,
	} {
		_, manifests, err := open(t.Context(), files.config(), func(name string) (string, bool) { return place, name == config.Variable })
		if err != nil {
			t.Errorf("%q: %v", place, err)
			continue
		}
		fleet, err := newFleet(manifests)
		if err != nil {
			t.Errorf("%q: %v", place, err)
			continue
		}
		if diff := cmp.Diff(want, strings.Join(fleet.Names(), " ")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", place, diff)
		}
	}
}

// TestConfigurationOfTheEnvironment: STARFLEET_CONFIG stands above the embedded configuration.
func TestConfigurationOfTheEnvironment(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	lookup := func(name string) (string, bool) { return empty, name == config.Variable }
	_, err := newStarbase(t.Context(), aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}}, lookup)
	if err == nil || !strings.Contains(err.Error(), "no name ends in .yaml") {
		t.Errorf("got %v", err)
	}
}

// TestManifestsOfTheBucket: an object at fault is left out, and logged; a bucket that cannot be read ends the start.
func TestManifestsOfTheBucket(t *testing.T) {
	t.Parallel()
	manifest := strings.ReplaceAll(read(t, "manifests/AccountIndexGeneratorShip.json"), "AccountIndexGeneratorShip", "OtherShip")
	load := func(ctx context.Context, objects bucket) (names []string, logged string, err error) {
		fleet := starbase.NewFleet()
		store, err := s3templates.New(s3templates.Config{AWS: objects.config(), Bucket: "templates"})
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		err = loadManifests(ctx, fleet, store, "m/", slog.New(slog.NewTextHandler(&log, nil)))
		return fleet.Names(), log.String(), err
	}
	names, logged, err := load(t.Context(), bucket{"m/a.json": "{}", "m/b.json": manifest, "m/c.json": "no JSON: [", "m/d.txt": "x"})
	if err != nil || !slices.Equal(names, []string{"OtherShip"}) {
		t.Errorf("ships %q, error %v", names, err)
	}
	for _, want := range []string{"manifests left out", "m/a.json", "m/c.json"} {
		if !strings.Contains(logged, want) {
			t.Errorf("the log does not say %s: %s", want, logged)
		}
	}
	names, logged, err = load(t.Context(), bucket{"m/b.json": manifest, "m/c.json": manifest})
	if err != nil || len(names) != 1 || !strings.Contains(logged, "OtherShip is in the fleet already") {
		t.Errorf("ships %q, error %v: %s", names, err, logged)
	}
	if _, _, err = load(t.Context(), bucket{}); err == nil || !strings.Contains(err.Error(), "list manifests") {
		t.Errorf("a bucket that cannot be read: error %v", err)
	}
}
