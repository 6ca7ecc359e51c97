package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
)

var update = flag.Bool("update", false, "write the golden files, manifests and schemas anew")

// TestOutput: what the quickstart prints is a golden file, which the README quotes.
func TestOutput(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	for _, test := range []struct {
		golden string
		args   []string
		status int
	}{
		{"testdata/output.txt", []string{"--latency", "0s"}, 0},
		{"testdata/output-fail.txt", []string{"--latency", "0s", "--fail"}, 1},
	} {
		var out, progress bytes.Buffer
		if status := run(t.Context(), test.args, &out, &progress); status != test.status {
			t.Errorf("%v: exit status %d, want %d\n%s", test.args, status, test.status, progress.String())
		}
		golden(t, test.golden, out.Bytes())
		if got := progress.String(); !strings.Contains(got, "134 of 134 tasks worked") {
			t.Errorf("%v: no progress on standard error:\n%s", test.args, got)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args   []string
		status int
	}{{[]string{"--help"}, 0}, {[]string{"--nonsense"}, 2}, {[]string{"argument"}, 2}} {
		if status := run(t.Context(), test.args, io.Discard, io.Discard); status != test.status {
			t.Errorf("%v: exit status %d, want %d", test.args, status, test.status)
		}
	}
}

// TestManifestsAndSchemas: what lies beside the configuration, for starfleet plan and for editors, is what the ships say of themselves.
func TestManifestsAndSchemas(t *testing.T) {
	t.Parallel()
	current(t, passwordPolicyShip{})
	current(t, ebsEncryptionShip{})
}

func current[P starfleet.Payload](t *testing.T, ship starfleet.Ship[P]) {
	t.Helper()
	manifest, err := starfleet.ManifestOf(ship)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := manifest.Encode()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := manifest.Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("config", "manifests", ship.Name()+".json"), encoded)
	golden(t, filepath.Join("schemas", ship.Name()+".schema.json"), schema)
}

// TestCommitStaysAway: the quickstart changes nothing, not even in its simulation.
func TestCommitStaysAway(t *testing.T) {
	t.Setenv("STARFLEET_COMMIT", "true")
	c := newCloud(0, false)
	if ok, err := quickstart(t.Context(), c, io.Discard, newProgress(io.Discard, false)); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if len(c.lengths)+len(c.encrypted) > 0 {
		t.Errorf("%d accounts and %d regions were changed", len(c.lengths), len(c.encrypted))
	}
}

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
		t.Errorf("%s (-want +got), write it anew with go test ./examples/quickstart -update:\n%s", name, diff)
	}
}
