package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/starfleet-go/starfleet/internal/scaffold"
)

// goCommand runs the go command in a module of its own, without a network: what it needs is what the SDK's own tests have needed.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = dir
	command.Env = append(command.Environ(), "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestModule: a module made with a checkout builds and passes its test at once, and is one that go mod tidy understands.
func TestModule(t *testing.T) {
	t.Parallel()
	for _, strategy := range strategies {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "night-watch")
			m := newModule(t, scaffold.Config{ModulePath: "example.com/night-watch", FanOut: strategy, Checkout: checkout(t)})
			if err := m.Write(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			goCommand(t, dir, "vet", "./...")
			goCommand(t, dir, "test", "./...")
			if out := goCommand(t, dir, "run", ".", "validate", "template.yaml"); out != "template.yaml: ok\n" {
				t.Errorf("validate: %s", out)
			}
			for _, f := range m.Files {
				if data, err := os.ReadFile(filepath.Join(dir, f.Name)); err != nil || string(data) != string(f.Data) {
					t.Errorf("%s was changed by building and testing: %v", f.Name, err)
				}
			}
			checkDirect(t, dir)
		})
	}
}

// checkDirect wants that go.mod calls those requirements direct that the module's packages import.
func checkDirect(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sdk, err := os.ReadFile(filepath.Join(checkout(t), "go.mod")); err != nil || !strings.Contains(string(sdk), "\ngo "+f.Go.Version+"\n") || f.Go.Version != "1.26.0" {
		t.Errorf("go %s is not that of the SDK: %v", f.Go.Version, err)
	}
	var want, got []string
	imported := strings.Fields(goCommand(t, dir, "list", "-f", `{{join .Imports "\n"}}{{"\n"}}{{join .TestImports "\n"}}`))
	for path := range strings.FieldsSeq(goCommand(t, dir, append([]string{"list", "-f", `{{with .Module}}{{.Path}}{{end}}`}, imported...)...)) {
		if !slices.Contains(want, path) {
			want = append(want, path)
		}
	}
	for _, r := range f.Require {
		if !r.Indirect {
			got = append(got, r.Mod.Path)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("direct requirements are %v, imported are %v", got, want)
	}
}
