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
	"slices"
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
