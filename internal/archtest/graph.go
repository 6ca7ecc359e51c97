// Package archtest holds the rules on which package may import which, on the size of files and on examples, and checks them.
// They are what keeps a ship's binary free of what it does not use, and the layers of the SDK in one direction.
package archtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ModulePath is the module whose packages the rules are about.
const ModulePath = "github.com/starfleet-go/starfleet"

// Package is one package as `go list -json` describes it. Field names are those of its output.
type Package struct {
	ImportPath   string
	Name         string
	Dir          string
	Standard     bool
	Imports      []string
	TestImports  []string // of tests in the package itself
	XTestImports []string // of tests in package x_test
	GoFiles      []string
	CgoFiles     []string
	TestGoFiles  []string
	XTestGoFiles []string
}

// Relative is the path of a package in the module, "." for its root; ok is false for packages of other modules.
func Relative(importPath string) (path string, ok bool) {
	if importPath == ModulePath {
		return ".", true
	}
	return strings.CutPrefix(importPath, ModulePath+"/")
}

// Graph is the packages of the module and everything that they import.
type Graph struct {
	packages map[string]Package
}

// NewGraph is a graph of the given packages.
func NewGraph(packages []Package) *Graph {
	g := &Graph{packages: make(map[string]Package, len(packages))}
	for _, p := range packages {
		g.packages[p.ImportPath] = p
	}
	return g
}

// Load asks the go command for the packages of the module at dir, as they are built for Lambda: linux, without cgo.
func Load(ctx context.Context, dir string) (*Graph, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-tags=peers",
		"-json=ImportPath,Name,Dir,Standard,Imports,TestImports,XTestImports,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	var packages []Package
	decoder := jsontext.NewDecoder(bytes.NewReader(out))
	for {
		var p Package
		if err := json.UnmarshalDecode(decoder, &p); errors.Is(err, io.EOF) {
			return NewGraph(packages), nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// Module are the packages of the module, by import path.
func (g *Graph) Module() []Package {
	var own []Package
	for path, p := range g.packages {
		if _, ok := Relative(path); ok {
			own = append(own, p)
		}
	}
	slices.SortFunc(own, func(a, b Package) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return own
}

// Closure is every package that one package imports, directly or not, each with the way there: the packages from the first to it.
func (g *Graph) Closure(importPath string) map[string][]string {
	ways := map[string][]string{importPath: {importPath}}
	queue := []string{importPath}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, next := range g.packages[at].Imports {
			if _, seen := ways[next]; !seen {
				ways[next] = append(slices.Clone(ways[at]), next)
				queue = append(queue, next)
			}
		}
	}
	delete(ways, importPath)
	return ways
}
