package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// CheckFiles holds the Go files of the module's packages, tests too, against the rules for files: a file has at most 600 lines unless
// it is generated, and an Example states its output, so that go test runs it.
func CheckFiles(g *Graph) ([]Violation, error) {
	var found []Violation
	for _, p := range g.Module() {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles) {
			path := filepath.Join(p.Dir, name)
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			broken, err := checkFile(p.ImportPath+"/"+name, text)
			if err != nil {
				return nil, err
			}
			found = append(found, broken...)
		}
	}
	return found, nil
}

// checkFile checks one file by its text.
func checkFile(name string, text []byte) ([]Violation, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(file) {
		return nil, nil
	}
	var broken []Violation
	if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
		broken = append(broken, Violation{name, fmt.Sprintf("has %d lines, more than %d: split it by subject", lines, maxLines)})
	}
	for _, example := range doc.Examples(file) {
		if example.Output == "" && !example.EmptyOutput {
			broken = append(broken, Violation{name, fmt.Sprintf("Example%s has no // Output: comment, so nothing runs it", example.Name)})
		}
	}
	return broken, nil
}

// link is a Markdown link or picture: its target, without a title.
var link = regexp.MustCompile(`\]\(([^)\s]+)[^)]*\)`)

// CheckDocuments holds the Markdown documents at the top of the module and under docs against the files: a link to a file of the checkout
// leads somewhere.
func CheckDocuments(dir string) ([]Violation, error) {
	var documents []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "examples/*.md", "examples/*/*.md", "examples/*/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		documents = append(documents, found...)
	}
	var broken []Violation
	for _, document := range documents {
		text, err := os.ReadFile(document)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(dir, document)
		if err != nil {
			return nil, err
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			target, _, _ := strings.Cut(match[1], "#")
			if target == "" || strings.Contains(target, ":") {
				continue // within the document, or an address
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), filepath.FromSlash(target))); err != nil {
				broken = append(broken, Violation{name, fmt.Sprintf("links to %s, which is not there", match[1])})
			}
		}
	}
	return broken, nil
}
