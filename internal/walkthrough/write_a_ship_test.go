package walkthrough_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/internal/walkthrough"
)

// needsOnlyGo are the sections of docs/write-a-ship.md whose commands need nothing but Go. Others are run with moto alone.
var needsOnlyGo = []string{"Make it", "Make it yours"}

// checkout is this one.
func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// writeAShip is the document.
func writeAShip(t *testing.T) ([]walkthrough.Step, []walkthrough.Block) {
	t.Helper()
	steps, quoted, err := walkthrough.Read(read(t, filepath.Join(checkout(t), "docs", "write-a-ship.md")))
	if err != nil {
		t.Fatal(err)
	}
	return steps, quoted
}

// session is a reader at work: where, and with which environment.
type session struct {
	dir, bin string
	env      []string
}

// newSession is in an empty folder, without a network: the module cache has what the SDK's own tests need, and that is enough.
func newSession(t *testing.T) *session {
	t.Helper()
	s := &session{dir: t.TempDir(), bin: t.TempDir()}
	s.env = append(os.Environ(), "SDK="+checkout(t), "GOBIN="+s.bin, "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOWORK=off",
		"PATH="+s.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return s
}

// run runs one command of plain words, and gives what it prints.
func (s *session) run(t *testing.T, step walkthrough.Step) string {
	t.Helper()
	words := strings.Fields(step.Command)
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], `"$SDK"`, checkout(t))
	}
	if words[0] == "cd" {
		s.dir = filepath.Join(s.dir, words[1])
		return ""
	}
	if installed, err := exec.LookPath(filepath.Join(s.bin, words[0])); err == nil {
		words[0] = installed
	}
	command := exec.CommandContext(t.Context(), words[0], words[1:]...)
	command.Dir, command.Env = s.dir, s.env
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("line %d: %s: %v\n%s", step.Line, step.Command, err, out)
	}
	return string(out)
}

// TestWriteAShip runs the commands of docs/write-a-ship.md that need only Go, and holds what it quotes against the ship that they make.
func TestWriteAShip(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	steps, quoted := writeAShip(t)
	ran := 0
	for _, step := range steps {
		if !slices.Contains(needsOnlyGo, step.Section) {
			continue
		}
		ran++
		check(t, step, s.run(t, step))
	}
	if ran < 6 || len(quoted) < 3 {
		t.Errorf("%d commands, %d quotations: has the document lost some?", ran, len(quoted))
	}
	source := read(t, filepath.Join(s.dir, "ship.go")) + read(t, filepath.Join(s.dir, "ship_test.go"))
	for _, block := range quoted {
		if block.Language != "go" || !strings.Contains(source, block.Text) {
			t.Errorf("line %d: the ship has nowhere\n%s", block.Line, block.Text)
		}
	}
}

// check holds what a command printed against the document.
func check(t *testing.T, step walkthrough.Step, printed string) {
	t.Helper()
	if step.Printed && !walkthrough.Same(step.Output, printed) {
		t.Errorf("line %d: %s prints otherwise (-document +printed):\n%s", step.Line, step.Command, cmp.Diff(step.Output, printed))
	}
}

// TestVersionOfMoto: the document and the job that runs its commands have the same moto.
func TestVersionOfMoto(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(read(t, filepath.Join(checkout(t), ".ci", "moto.sh")), "\nmoto_version=")
	version, _, found := strings.Cut(rest, "\n")
	if !found || !strings.Contains(read(t, filepath.Join(checkout(t), "docs", "write-a-ship.md")), "'moto[server]=="+version+"'") {
		t.Errorf("the document does not install moto %q, which .ci/moto.sh has", version)
	}
}
