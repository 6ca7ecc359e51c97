package deploy_test

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/deploy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// known are the fleets that tests asked for, by folder: each is read once, since reading takes longer than most tests.
var known sync.Map

// fleetOf is the fleet of a folder of configuration with manifests beside it.
func fleetOf(t *testing.T, dir string) *deploy.Fleet {
	t.Helper()
	if f, ok := known.Load(dir); ok {
		return f.(*deploy.Fleet)
	}
	f, err := deploy.New(configOf(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	known.Store(dir, f)
	return f
}

func configOf(t *testing.T, dir string) deploy.Config {
	t.Helper()
	c, err := config.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return deploy.Config{Configuration: c, Manifests: manifestsOf(t, filepath.Join(dir, "manifests"))}
}

func manifestsOf(t *testing.T, dir string) []starfleet.Manifest {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests in %s (%v)", dir, err)
	}
	var manifests []starfleet.Manifest
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := starfleet.ParseManifest(file, data)
		if err != nil {
			t.Fatal(err)
		}
		manifests = append(manifests, m)
	}
	return manifests
}

// The fleets that are rendered: that of the examples, and one with every option.
var fleets = map[string]string{"examples": "../examples/starbase/config", "full": "testdata/full"}

// TestGolden: what is rendered of each fleet in each format is what the golden files say.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, dir := range fleets {
		f := fleetOf(t, dir)
		for _, format := range deploy.Formats() {
			files, err := f.Render(format)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				golden(t, filepath.Join("testdata", "golden", name, string(format), filepath.FromSlash(file.Name)), file.Data)
			}
		}
	}
}

// golden compares a file with its golden one.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", name, diff)
	}
}
