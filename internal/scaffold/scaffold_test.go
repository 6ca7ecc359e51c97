package scaffold_test

import (
	"bytes"
	"flag"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/scaffold"
)

var update = flag.Bool("update", false, "write the golden files anew")

var strategies = []starfleet.FanOutStrategy{starfleet.SingleInvocation, starfleet.PerAccount, starfleet.PerAccountRegion}

// checkout is this one.
func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func newModule(t *testing.T, cfg scaffold.Config) *scaffold.Module {
	t.Helper()
	m, err := scaffold.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGolden: what is made for each strategy, but for schema.json, which the made module's own test holds against its payload.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, strategy := range strategies {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			m := newModule(t, scaffold.Config{ModulePath: "example.com/ships/night-watch", FanOut: strategy, SDKVersion: "v1.2.3"})
			archive := &txtar.Archive{}
			for _, f := range m.Files {
				if f.Name != "schema.json" {
					archive.Files = append(archive.Files, txtar.File{Name: f.Name, Data: f.Data})
				}
			}
			golden, got := filepath.Join("testdata", string(strategy)+".txtar"), txtar.Format(archive)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("write it anew with -update (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNamesAreReplaced: no placeholder is left, and Go files stay formatted when the names in them are replaced.
func TestNamesAreReplaced(t *testing.T) {
	t.Parallel()
	placeholder := regexp.MustCompile(`ShipName|ship-name|program-name`)
	for _, strategy := range strategies {
		for _, f := range newModule(t, scaffold.Config{ModulePath: "example.com/x", FanOut: strategy, Checkout: checkout(t)}).Files {
			if found := placeholder.Find(f.Data); found != nil {
				t.Errorf("%s %s: %s is left", strategy, f.Name, found)
			}
			if !strings.HasSuffix(f.Name, ".go") {
				continue
			}
			if formatted, err := format.Source(f.Data); err != nil || !bytes.Equal(formatted, f.Data) {
				t.Errorf("%s %s is not formatted: %v", strategy, f.Name, err)
			}
		}
	}
}

// TestSharedSources: what the three ships have in common is the same.
func TestSharedSources(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"main.go", "template_test.go"} {
		want, err := os.ReadFile(filepath.Join("ships", "accountregion", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{"account", "singleinvocation"} {
			got, err := os.ReadFile(filepath.Join("ships", folder, name))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("ships/%s/%s is not that of ships/accountregion: %v", folder, name, err)
			}
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ ship, resource string }{
		"example.com/log-retention":         {"LogRetention", "log-retention"},
		"example.com/log_retention":         {"LogRetention", "log-retention"},
		"example.com/LogRetention":          {"LogRetention", "log-retention"},
		"github.com/acme/ships/retention":   {"Retention", "retention"},
		"github.com/acme/retention/v2":      {"Retention", "retention"},
		"gopkg.in/retention.v3":             {"Retention", "retention"},
		"corp/ships/ebs2":                   {"Ebs2", "ebs2"},
		"example.com/" + long[:54]:          {"A" + long[1:54], long[:54]},
		"example.com/account-index-checker": {"AccountIndexChecker", "account-index-checker"},
	}
	for path, want := range tests {
		m := newModule(t, scaffold.Config{ModulePath: path})
		if m.Ship != want.ship || m.Path != path {
			t.Errorf("%s: ship %s", path, m.Ship)
		}
		for _, f := range m.Files {
			if f.Name == "configuration.yaml" && !strings.Contains(string(f.Data), "WorkerRoleToAssume: starfleet-"+want.resource+" ") {
				t.Errorf("%s: the role is not named after %s", path, want.resource)
			}
		}
	}
}

// long is longer than any name may be.
var long = strings.Repeat("a", 64)

func TestRefusals(t *testing.T) {
	t.Parallel()
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/other\n\ngo 1.26.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	malformed := t.TempDir()
	if err := os.WriteFile(filepath.Join(malformed, "go.mod"), []byte("modul x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		cfg  scaffold.Config
		want []string
	}{
		"no path":              {scaffold.Config{}, []string{"ModulePath: is missing"}},
		"a space":              {scaffold.Config{ModulePath: "example.com/a b"}, []string{"ModulePath", "invalid char"}},
		"a path of the system": {scaffold.Config{ModulePath: "/tmp/a"}, []string{"ModulePath"}},
		"a parent":             {scaffold.Config{ModulePath: "../a"}, []string{"ModulePath"}},
		"version 1":            {scaffold.Config{ModulePath: "example.com/a/v1"}, []string{"/v2 or more"}},
		"a digit first":        {scaffold.Config{ModulePath: "example.com/2fast"}, []string{"makes no name for a ship"}},
		"a tilde":              {scaffold.Config{ModulePath: "example.com/a~b"}, []string{"makes no name for a ship"}},
		"too long":             {scaffold.Config{ModulePath: "example.com/" + long[:55]}, []string{"more than 54 characters"}},
		"a section":            {scaffold.Config{ModulePath: "example.com/fleet"}, []string{"makes Fleet the ship's name"}},
		"the fleet's section":  {scaffold.Config{ModulePath: "example.com/STARFLEET"}, []string{"makes STARFLEET the ship's name"}},
		"a key of a section":   {scaffold.Config{ModulePath: "example.com/account-index"}, []string{"makes AccountIndex the ship's name"}},
		"a strategy":           {scaffold.Config{ModulePath: "example.com/a", FanOut: "ACCOUNTS"}, []string{"FanOut", "ACCOUNT_REGION"}},
		"a relative checkout":  {scaffold.Config{ModulePath: "example.com/a", Checkout: ".."}, []string{"Checkout", "no absolute path"}},
		"no checkout":          {scaffold.Config{ModulePath: "example.com/a", Checkout: t.TempDir()}, []string{"Checkout", "is no checkout of github.com/starfleet-go/starfleet"}},
		"another checkout":     {scaffold.Config{ModulePath: "example.com/a", Checkout: other}, []string{"Checkout", "another module"}},
		"a malformed checkout": {scaffold.Config{ModulePath: "example.com/a", Checkout: malformed}, []string{"Checkout", "go.mod:1"}},
		"all at once":          {scaffold.Config{FanOut: "x", Checkout: "y"}, []string{"ModulePath", "FanOut", "Checkout"}},
	}
	for name, test := range tests {
		_, err := scaffold.New(test.cfg)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want it to say %q", name, err, want)
			}
		}
	}
}

// TestNamesProperty: whatever a path ends in, the module is refused or its ship has a name that ships may have.
func TestNamesProperty(t *testing.T) {
	t.Parallel()
	shipName := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,63}$`)
	rapid.Check(t, func(r *rapid.T) {
		element := rapid.StringMatching(`[A-Za-z0-9._~ /é-]{0,60}`).Draw(r, "element")
		m, err := scaffold.New(scaffold.Config{ModulePath: "example.com/" + element})
		if err == nil && !shipName.MatchString(m.Ship) {
			r.Fatalf("ship %q", m.Ship)
		}
	})
}

// TestWithoutVersion: a module that names no version of the SDK leaves it to go mod tidy.
func TestWithoutVersion(t *testing.T) {
	t.Parallel()
	for _, f := range newModule(t, scaffold.Config{ModulePath: "example.com/a"}).Files {
		if f.Name == "go.mod" && string(f.Data) != "module example.com/a\n\ngo 1.26.0\n" {
			t.Errorf("go.mod is %s", f.Data)
		}
		if f.Name == "go.sum" {
			t.Error("there is a go.sum of nothing")
		}
	}
}
