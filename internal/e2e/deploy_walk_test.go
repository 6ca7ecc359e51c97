//go:build peers

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// standIn is aws or sam in the walk through: it notes how it was called, and fails when a local file that it is given is not there.
const standIn = `#!/usr/bin/env bash
set -euo pipefail
echo "$(basename "$0") $*" >>"$CALLS"
for word in "$@"; do
  case $word in build/* | examples/*) [[ -e $word ]] ;; esac
done
if [[ $(basename "$0") == sam ]]; then
  while read -r file; do [[ -s build/$file ]]; done < <(sed -n 's/^ *CodeUri: //p' build/template.yaml)
fi
`

// starfleetIn runs the program, but for the two commands that ask AWS, which other tests run.
const starfleetIn = `#!/usr/bin/env bash
set -euo pipefail
echo "starfleet $*" >>"$CALLS"
case $1 in
  index) echo '{}' >"$4" ;;
  runs) ;;
  *) exec "$STARFLEET" "$@" ;;
esac
`

// TestDeployWalkThrough runs the script of the documentation in a copy of the checkout: everything but AWS itself. Packaging twice gives the same bytes.
func TestDeployWalkThrough(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs("../..")
	must(t, err)
	dir, bin := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"aws": standIn, "sam": standIn, "starfleet": starfleetIn} {
		must(t, os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755))
	}
	program := filepath.Join(bin, "real")
	runTool(t, "go", "build", "-o", program, "github.com/starfleet-go/starfleet/cmd/starfleet")
	clone := filepath.Join(dir, "clone")
	must(t, os.Mkdir(clone, 0o755))
	runTool(t, "bash", "-c", `set -o pipefail; git -C "$0" ls-files -z --cached --others --exclude-standard | tar -C "$0" --null -T - -cf - | tar -C "$1" -xf -`, checkout, clone)
	calls := filepath.Join(dir, "calls")
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = clone
		cmd.Env = append(cmd.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "CALLS="+calls, "STARFLEET="+program)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	out := run("bash", "examples/starbase/deployment/deploy.sh")
	sums := regexp.MustCompile(`(?m)^[0-9a-f]{64}  build/artifacts/`).FindAllString(out, -1)
	if len(sums) != 3 {
		t.Errorf("%d zips: %s", len(sums), out)
	}
	made, err := os.ReadFile(calls)
	must(t, err)
	var verbs []string
	for line := range strings.Lines(string(made)) {
		words := strings.Fields(line)
		verbs = append(verbs, strings.Join(words[:3], " "))
	}
	want := []string{
		"starfleet deploy check", "starfleet deploy render", "starfleet deploy package", "sam deploy --template-file", "aws cloudformation deploy",
		"aws cloudformation deploy", "starfleet index generate", "aws s3 cp", "aws s3 sync", "starfleet runs list",
	}
	if diff := cmp.Diff(want, verbs); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	again := run(program, "deploy", "package", "--config", "examples/starbase/config", "--source", checkout, "--out", "build/artifacts")
	for _, sum := range sums {
		if !strings.Contains(again, sum) {
			t.Errorf("the zip differs from folder to folder: %s is not in\n%s", sum, again)
		}
	}
}
