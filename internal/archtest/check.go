package archtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Violation is one rule broken by one package.
type Violation struct {
	Package string // import path, or the name of a file
	Problem string
}

// String is "package: problem".
func (v Violation) String() string { return v.Package + ": " + v.Problem }

const servicePrefix = "github.com/aws/aws-sdk-go-v2/service/"

// CheckImports holds the imports of the module's packages against all rules, and returns what breaks them, in order.
func CheckImports(g *Graph) []Violation {
	var found []Violation
	for _, p := range g.Module() {
		path, _ := Relative(p.ImportPath)
		found = append(found, checkLayer(p, path)...)
		found = append(found, checkTestOnly(p, path)...)
		found = append(found, checkTests(p, path)...)
		found = append(found, checkServices(p, path)...)
	}
	found = append(found, checkRoot(g)...)
	slices.SortFunc(found, func(a, b Violation) int {
		return cmp.Or(strings.Compare(a.Package, b.Package), strings.Compare(a.Problem, b.Problem))
	})
	return found
}

// matches says whether a path is one of the patterns.
func matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matchesOne(path, pattern) })
}

func matchesOne(path, pattern string) bool {
	folder, whole := strings.CutSuffix(pattern, "/...")
	return path == folder || whole && strings.HasPrefix(path, folder+"/")
}

// layerOf is the line of a package in the table: its own, or that of the longest folder above it.
func layerOf(path string) (allowed []string, found bool) {
	if allowed, found = layers[path]; found {
		return allowed, true
	}
	best := ""
	for pattern := range layers {
		if strings.HasSuffix(pattern, "/...") && matchesOne(path, pattern) && len(pattern) > len(best) {
			best = pattern
		}
	}
	return layers[best], best != ""
}

// checkLayer holds a package's imports from the module against the table.
func checkLayer(p Package, path string) []Violation {
	allowed, found := layerOf(path)
	if !found {
		return []Violation{{p.ImportPath, "has no line in the table of layers: add one to rules.go"}}
	}
	var broken []Violation
	for _, imported := range p.Imports {
		if target, own := Relative(imported); own && !matches(target, allowed) {
			broken = append(broken, Violation{p.ImportPath, fmt.Sprintf("may not import %s", imported)})
		}
	}
	return broken
}

// checkTestOnly finds what belongs to tests in programs.
func checkTestOnly(p Package, path string) []Violation {
	var broken []Violation
	for _, imported := range p.Imports {
		target, own := Relative(imported)
		switch {
		case matches(imported, onlyInTests):
			broken = append(broken, Violation{p.ImportPath, fmt.Sprintf("imports %s outside its tests", imported)})
		case matches(path, testHelpers):
		case matches(imported, []string{"testing/..."}), own && matches(target, testHelpers):
			broken = append(broken, Violation{p.ImportPath, fmt.Sprintf("imports %s outside its tests", imported)})
		}
	}
	return broken
}

// checkTests: tests that use starfleettest are external, so that its imports of the package under test are no cycle (those of a main, which
// nobody can import, are not), and the tests of examples use what their readers can use.
func checkTests(p Package, path string) []Violation {
	var broken []Violation
	for _, imported := range p.TestImports {
		if target, own := Relative(imported); own && target == "starfleettest" && path != target && p.Name != "main" {
			broken = append(broken, Violation{p.ImportPath, fmt.Sprintf("imports %s in tests of the package itself: put them into package x_test", imported)})
		}
	}
	if !matches(path, []string{"examples/..."}) {
		return broken
	}
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if target, own := Relative(imported); own && strings.Contains("/"+target+"/", "/internal/") {
			broken = append(broken, Violation{p.ImportPath, fmt.Sprintf("imports %s in its tests: examples use public packages alone", imported)})
		}
	}
	return broken
}

// checkServices: only adapters and ships talk to AWS services.
func checkServices(p Package, path string) []Violation {
	if matches(path, serviceClients) {
		return nil
	}
	var broken []Violation
	for _, imported := range p.Imports {
		if strings.HasPrefix(imported, servicePrefix) {
			broken = append(broken, Violation{p.ImportPath, fmt.Sprintf("imports the service client %s: put what needs it under aws/", imported)})
		}
	}
	return broken
}

// checkRoot holds everything that root links against what it may link.
func checkRoot(g *Graph) []Violation {
	var broken []Violation
	for path, way := range g.Closure(ModulePath) {
		service, isService := strings.CutPrefix(path, servicePrefix)
		service, _, _ = strings.Cut(service, "/")
		switch {
		case matches(path, neverInRoot), isService && service != "internal" && !slices.Contains(rootServices, service):
			broken = append(broken, Violation{ModulePath, fmt.Sprintf("reaches %s: %s", path, strings.Join(way, " -> "))})
		}
	}
	return broken
}
