package starfleet_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
)

var updateReadme = flag.Bool("update-readme", false, "write the quoted files and outputs of README.md anew")

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestReadme: every block of the README is a file of the project, or a command that is run here and prints what the README says.
func TestReadme(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	got := fence.ReplaceAllFunc(data, func(block []byte) []byte {
		blocks++
		parts := fence.FindSubmatch(block)
		text := checkBlock(t, string(parts[1]), string(parts[2]))
		return []byte("```" + string(parts[1]) + "\n" + text + "```")
	})
	if blocks < 7 {
		t.Errorf("%d blocks: has the README lost its examples?", blocks)
	}
	if *updateReadme {
		if err := os.WriteFile("README.md", got, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(string(data), string(got)); diff != "" {
		t.Errorf("README.md (-is +should be), write it anew with go test -run Readme -update-readme .:\n%s", diff)
	}
}

// knownCommands are run by other tests, or are what runs them; those of internal/bench take minutes as they stand, and seconds in its own test.
var knownCommands = []string{
	"go test ./...", "go get github.com/starfleet-go/starfleet", "go run ./internal/bench", "go run ./internal/bench -memory",
	"go run ./internal/bench/watch",
}

// walkthroughs are documents whose commands build on each other: the tests of internal/walkthrough run them in order.
var walkthroughs = []string{"docs/write-a-ship.md"}

// TestDocuments: the blocks of the other documents are commands of the project, too.
func TestDocuments(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	for _, file := range files {
		if slices.Contains(walkthroughs, filepath.ToSlash(file)) {
			continue
		}
		for _, block := range fence.FindAllStringSubmatch(readFile(t, file), -1) {
			if want := checkBlock(t, block[1], block[2]); want != block[2] {
				t.Errorf("%s: the block is\n%s\nand should be\n%s", file, block[2], want)
			}
		}
	}
}

var (
	goNames   = regexp.MustCompile("`(starfleet|starbase|config|accountindex)\\.([A-Z]\\w*)`")
	ofInvoked = regexp.MustCompile("`inv\\.([A-Z]\\w*)`")
	manifests = regexp.MustCompile("`(\\{\"name\".*?\\})`")
	firstCell = regexp.MustCompile("(?m)^\\| (`[A-Z][^|]*) \\|")
	codeWords = regexp.MustCompile("`([A-Z]\\w*)`")
)

// TestFromPython: what docs/from-python.md says that a Python name becomes is there, its keys are those of the configuration, and its manifest is one.
func TestFromPython(t *testing.T) {
	t.Parallel()
	text := readFile(t, "docs/from-python.md")
	folders := map[string]string{"starfleet": ".", "starbase": "starbase", "config": "config", "accountindex": "accountindex"}
	names := goNames.FindAllStringSubmatch(text, -1)
	if len(names) < 15 {
		t.Errorf("%d names of Go: has the document lost its tables?", len(names))
	}
	for _, name := range names {
		if !declares(t, folders[name[1]], `(?m)^(func|type) `+name[2]+`\b`) {
			t.Errorf("there is no %s.%s", name[1], name[2])
		}
	}
	for _, name := range ofInvoked.FindAllStringSubmatch(text, -1) {
		if !declares(t, ".", `(?m)^(func \(inv \*Invocation\[P\]\) |\t([A-Z]\w*, )?)`+name[1]+`\b`) {
			t.Errorf("there is no inv.%s", name[1])
		}
	}
	_, section, _ := strings.Cut(text, "## Configuration")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, cell := range firstCell.FindAllStringSubmatch(section, -1) {
		for _, key := range codeWords.FindAllStringSubmatch(cell[1], -1) {
			if !regexp.MustCompile(`(?m)^//( #)?\s+` + key[1] + `\b`).MatchString(readFile(t, "config/doc.go")) {
				t.Errorf("package config knows no %s", key[1])
			}
		}
	}
	found := manifests.FindAllStringSubmatch(text, -1)
	if len(found) == 0 {
		t.Error("no manifest")
	}
	for _, manifest := range found {
		if _, err := starfleet.ParseManifest("docs/from-python.md", []byte(manifest[1])); err != nil {
			t.Error(err)
		}
	}
}

// declares says whether a Go file of the folder, but for tests, has the pattern.
func declares(t *testing.T, folder, pattern string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		return !strings.HasSuffix(file, "_test.go") && regexp.MustCompile(pattern).MatchString(readFile(t, file))
	})
}

// checkBlock returns what the block should be.
func checkBlock(t *testing.T, language, text string) string {
	t.Helper()
	switch {
	case language == "go" && strings.Contains(text, "package main"):
		return readFile(t, "examples/firstship/main.go")
	case language == "go":
		if !strings.Contains(readFile(t, "examples/firstship/main_test.go"), strings.TrimSpace(text)) {
			t.Errorf("the block is nowhere in examples/firstship/main_test.go:\n%s", text)
		}
	case language == "yaml" && strings.Contains(text, "pull_request"):
		return readFile(t, "examples/starbase/deployment/plan.yml")
	case language == "bash": // run by internal/e2e
		return readFile(t, "examples/starbase/deployment/deploy.sh")
	case language == "json" && strings.Contains(text, "sts:AssumeRoleWithWebIdentity"):
		return readFile(t, "examples/starbase/deployment/plan-trust.json")
	case language == "json": // held against the adapter by the tests of internal/cli
		return readFile(t, "examples/starbase/deployment/plan-role.json")
	case language == "yaml":
		return readFile(t, "examples/firstship/template.yaml")
	case language == "console":
		command, _, _ := strings.Cut(strings.TrimPrefix(text, "$ "), "\n")
		return "$ " + command + "\n" + runCommand(t, strings.Fields(command))
	case language == "sh" && strings.HasPrefix(text, "starfleet dlq "):
		// cmd/starfleet runs them, at an SQS in memory.
	case language == "sh":
		if !slices.Contains(knownCommands, strings.TrimSuffix(text, "\n")) {
			t.Errorf("no test runs %q", text)
		}
	default:
		t.Errorf("no test knows a block of %q", language)
	}
	return text
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// runCommand builds the program of a "go run PACKAGE ARGS..." and runs it as it would run off a terminal.
func runCommand(t *testing.T, words []string) string {
	t.Helper()
	if len(words) < 3 || words[0] != "go" || words[1] != "run" {
		t.Fatalf("%q is not a go run", words)
	}
	program := filepath.Join(t.TempDir(), "program")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, words[2]).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", words[2], err, out)
	}
	var out, progress bytes.Buffer
	command := exec.CommandContext(t.Context(), program, words[3:]...)
	command.Stdout, command.Stderr = &out, &progress
	if err := command.Run(); err != nil {
		t.Fatalf("%q: %v\n%s", words, err, progress.String())
	}
	return out.String()
}
