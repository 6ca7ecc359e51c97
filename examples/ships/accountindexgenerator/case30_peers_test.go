//go:build peers

package accountindexgenerator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

// TestPythonCase30: Python finds in the file what this SDK finds. One of several organizations, and one with a fact that is unknown, it refuses.
func TestPythonCase30(t *testing.T) {
	python := os.Getenv("STARFLEET_TEST_PYTHON")
	if python == "" {
		t.Fatal("STARFLEET_TEST_PYTHON names no Python: run .ci/python.sh")
	}
	read := func(file []byte) ([]byte, error) {
		command := exec.CommandContext(t.Context(), python, "testdata/read_index.py")
		command.Stdin = bytes.NewReader(file)
		return command.Output()
	}
	file := generated(t)
	out, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Root           string
		Names          map[string]string
		Units, Regions map[string][]string
		Tags           map[string]map[string][]string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	all := []string{"000000000002", "000000000003", "000000000004", nested, management}
	if got.Root != management || len(got.Names) != len(all) || !cmp.Equal(got.Regions["us-east-1"], all) || !cmp.Equal(got.Tags["team"]["payments"], all) {
		t.Errorf("Python read %s", out)
	}
	want := map[string][]string{"root": all, rootID: all, "dev": all[:4], ouID: all[:4], "nested": {nested}, nestedOU: {nested}}
	if diff := cmp.Diff(want, got.Units); diff != "" {
		t.Error(diff)
	}
	x, err := accountindex.Load("index.json", file, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.ReplaceAll(bytes.ReplaceAll(bytes.ReplaceAll(bytes.ReplaceAll(file, []byte("o-a1b2c3d4e5"), []byte("o-other")), []byte("00000000"), []byte("90000000")),
		[]byte(rootID), []byte("r-other")), []byte("ou-ab12"), []byte("ou-cd34"))
	y, err := accountindex.Load("other.json", bytes.ReplaceAll(other, []byte(management), []byte("923456789012")), accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	several, err := accountindex.Merge(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := read(several.AppendFile(nil)); err == nil {
		t.Errorf("Python read an index of several organizations: %s", out)
	}
	unknown := bytes.Replace(file, []byte(`"Tags": {`), []byte(`"Tags": null, "Old": {`), 1)
	if out, err := read(unknown); err == nil {
		t.Errorf("Python read unknown tags: %s", out)
	}
}
