package walkthrough_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/internal/walkthrough"
)

func TestRead(t *testing.T) {
	t.Parallel()
	const document = "# Title\n\n```sh\na b\ncd c\n```\n## Two\n```go\nfunc x() {}\n```\ntext\n```console\n$ d 'e f'\nprinted\n$ g\n```\n"
	steps, quoted, err := walkthrough.Read(document)
	if err != nil {
		t.Fatal(err)
	}
	want := []walkthrough.Step{
		{Line: 4, Command: "a b"},
		{Line: 5, Command: "cd c"},
		{Line: 13, Section: "Two", Command: "d 'e f'", Output: "printed\n", Printed: true},
		{Line: 15, Section: "Two", Command: "g", Printed: true},
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]walkthrough.Block{{Line: 8, Language: "go", Text: "func x() {}\n"}}, quoted); diff != "" {
		t.Errorf("quoted (-want +got):\n%s", diff)
	}
	for name, faulty := range map[string]string{
		"no language": "```\na\n```\n", "no end": "```sh\na\n", "no command": "```console\na\n```\n",
	} {
		if _, _, err := walkthrough.Read(faulty); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for printed, want := range map[string]bool{
		"ok: 0 changes in 1.234s (x)\n": true, "ok: 0 changes in 0s (x)\n": true, "ok: 1 change in 12ms (x)\n": false, "ok: 0 changes in 12ms (y)\n": false, "": false,
	} {
		if walkthrough.Same("ok: 0 changes in 12ms (x)\n", printed) != want {
			t.Errorf("%q: not %v", printed, want)
		}
	}
}
