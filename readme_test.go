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
	case language == "yaml":
		return readFile(t, "examples/firstship/template.yaml")
	case language == "console":
		command, _, _ := strings.Cut(strings.TrimPrefix(text, "$ "), "\n")
		return "$ " + command + "\n" + runCommand(t, strings.Fields(command))
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
