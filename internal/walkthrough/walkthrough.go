// Package walkthrough reads the commands of a document that a reader types one after the other, so that tests can run them as they stand there.
// The tests of such documents are here too: those commands that need nothing but Go run in every go test, all of them from .ci/moto.sh.
package walkthrough

import (
	"fmt"
	"regexp"
	"strings"
)

// Step is one command of a document.
type Step struct {
	Line    int    // of the document, from 1
	Section string // the heading of level two above it, "" above the first
	Command string
	// Output is what the document says that the command prints. It counts where Printed is true.
	Output  string
	Printed bool
}

// Block is a piece of a file that the document quotes.
type Block struct {
	Line     int
	Language string
	Text     string
}

// fence begins or ends a block.
var fence = regexp.MustCompile("^```(\\w*)$")

// Read reads a document: blocks of sh have a command on each line, blocks of console commands after "$ " with what they print, and those of
// any other language are quotations. A block without a language, one that does not end, and one of console that does not begin with a
// command are errors.
func Read(markdown string) (steps []Step, quoted []Block, err error) {
	var section string
	var block *Block
	for i, line := range strings.Split(markdown, "\n") {
		match := fence.FindStringSubmatch(line)
		switch {
		case match != nil && block == nil:
			if match[1] == "" {
				return nil, nil, fmt.Errorf("line %d: the block has no language", i+1)
			}
			block = &Block{Line: i + 1, Language: match[1]}
		case match != nil:
			added, err := stepsOf(*block, section)
			if err != nil {
				return nil, nil, err
			}
			if added == nil {
				quoted = append(quoted, *block)
			}
			steps, block = append(steps, added...), nil
		case block != nil:
			block.Text += line + "\n"
		case strings.HasPrefix(line, "## "):
			section = strings.TrimPrefix(line, "## ")
		}
	}
	if block != nil {
		return nil, nil, fmt.Errorf("line %d: the block does not end", block.Line)
	}
	return steps, quoted, nil
}

// stepsOf are the commands of a block, nil for a quotation.
func stepsOf(b Block, section string) ([]Step, error) {
	steps := []Step{}
	line := b.Line
	for text := range strings.Lines(b.Text) {
		line++
		command, isCommand := strings.CutPrefix(text, "$ ")
		switch {
		case b.Language == "sh":
			steps = append(steps, Step{Line: line, Section: section, Command: strings.TrimSpace(text)})
		case b.Language != "console":
			return nil, nil
		case isCommand:
			steps = append(steps, Step{Line: line, Section: section, Command: strings.TrimSpace(command), Printed: true})
		case len(steps) == 0:
			return nil, fmt.Errorf("line %d: the block of console does not begin with a command", line)
		default:
			steps[len(steps)-1].Output += text
		}
	}
	return steps, nil
}

// elapsed is how long a task took, which no document can foretell.
var elapsed = regexp.MustCompile(`\bin [0-9][0-9.a-zµ]*s\b`)

// Same says whether a command printed what the document says, but for how long tasks took.
func Same(document, printed string) bool {
	return elapsed.ReplaceAllString(document, "in a while") == elapsed.ReplaceAllString(printed, "in a while")
}
