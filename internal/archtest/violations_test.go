package archtest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const m = ModulePath

// clean is a small module that breaks no rule.
func clean() []Package {
	return []Package{
		{ImportPath: m, Imports: []string{m + "/queue", m + "/aws/sqsqueue", "github.com/aws/aws-sdk-go-v2/config"}},
		{ImportPath: m + "/queue", XTestImports: []string{m + "/starfleettest"}},
		{ImportPath: m + "/watch", Imports: []string{m + "/queue"}},
		{ImportPath: m + "/starbase", Imports: []string{m, m + "/queue"}},
		{ImportPath: m + "/starfleettest", Imports: []string{"testing", m}},
		{ImportPath: m + "/aws/sqsqueue", Imports: []string{m + "/queue", servicePrefix + "sqs"}},
		{ImportPath: m + "/examples/ships/x", Imports: []string{m, servicePrefix + "iam"}, XTestImports: []string{m + "/starfleettest"}},
		{ImportPath: m + "/examples/first", Name: "main", Imports: []string{m}, TestImports: []string{m + "/starfleettest"}},
		{ImportPath: servicePrefix + "sqs", Imports: []string{servicePrefix + "sqs/types", servicePrefix + "internal/checksum"}},
		{ImportPath: "github.com/aws/aws-sdk-go-v2/config", Imports: []string{servicePrefix + "sso"}},
	}
}

func TestACleanModuleHasNoViolation(t *testing.T) {
	t.Parallel()
	if found := CheckImports(NewGraph(clean())); len(found) > 0 {
		t.Errorf("got %v", found)
	}
}

// TestEachRuleCatchesItsViolation breaks one rule at a time.
func TestEachRuleCatchesItsViolation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path string
		add  func(p *Package)
		more []Package
		want []string
	}{
		"a leaf imports root": {
			path: m + "/watch", add: imports(m),
			want: []string{m + "/watch: may not import " + m},
		},
		"an adapter imports what is above its port": {
			path: m + "/aws/sqsqueue", add: imports(m + "/starbase"),
			want: []string{
				m + "/aws/sqsqueue: may not import " + m + "/starbase",
				m + ": reaches " + m + "/starbase: " + m + " -> " + m + "/aws/sqsqueue -> " + m + "/starbase",
			},
		},
		"an example imports an internal package": {
			path: m + "/examples/ships/x", add: imports(m + "/internal/cli"),
			want: []string{m + "/examples/ships/x: may not import " + m + "/internal/cli"},
		},
		"the tests of an example import an internal package": {
			path: m + "/examples/ships/x", add: func(p *Package) { p.XTestImports = append(p.XTestImports, m+"/aws/internal/s3fake") },
			want: []string{m + "/examples/ships/x: imports " + m + "/aws/internal/s3fake in its tests: examples use public packages alone"},
		},
		"a package without a line": {
			path: m + "/queue", more: []Package{{ImportPath: m + "/util"}},
			want: []string{m + "/util: has no line in the table of layers: add one to rules.go"},
		},
		"root reaches another service through a dependency": {
			path: "github.com/aws/aws-sdk-go-v2/config", add: imports(servicePrefix + "s3/types"),
			want: []string{m + ": reaches " + servicePrefix + "s3/types: " + m + " -> github.com/aws/aws-sdk-go-v2/config -> " + servicePrefix + "s3/types"},
		},
		"root reaches testing through a dependency": {
			path: servicePrefix + "sqs", add: imports("testing/fstest"),
			want: []string{m + ": reaches testing/fstest: " + m + " -> " + m + "/aws/sqsqueue -> " + servicePrefix + "sqs -> testing/fstest"},
		},
		"root reaches Slack": {
			path: m + "/queue", add: imports("github.com/slack-go/slack/slackutilsx"),
			want: []string{m + ": reaches github.com/slack-go/slack/slackutilsx: " + m + " -> " + m + "/queue -> github.com/slack-go/slack/slackutilsx"},
		},
		"a service client outside the adapters": {
			path: m + "/starbase", add: imports(servicePrefix + "s3"),
			want: []string{m + "/starbase: imports the service client " + servicePrefix + "s3: put what needs it under aws/"},
		},
		"a program links a module for tests": {
			path: m + "/starfleettest", add: imports("pgregory.net/rapid"),
			want: []string{m + "/starfleettest: imports pgregory.net/rapid outside its tests"},
		},
		"a program imports testing": {
			path: m + "/starbase", add: imports("testing"),
			want: []string{m + "/starbase: imports testing outside its tests"},
		},
		"an internal test uses starfleettest": {
			path: m + "/queue", add: func(p *Package) { p.TestImports = append(p.TestImports, m+"/starfleettest") },
			want: []string{m + "/queue: imports " + m + "/starfleettest in tests of the package itself: put them into package x_test"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packages := append(clean(), test.more...)
			i := slices.IndexFunc(packages, func(p Package) bool { return p.ImportPath == test.path })
			if test.add != nil {
				test.add(&packages[i])
			}
			var got []string
			for _, v := range CheckImports(NewGraph(packages)) {
				got = append(got, v.String())
			}
			slices.Sort(test.want)
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func imports(path string) func(*Package) {
	return func(p *Package) { p.Imports = append(p.Imports, path) }
}

func TestCheckFile(t *testing.T) {
	t.Parallel()
	long := "package x\n" + strings.Repeat("// line\n", maxLines)
	tests := map[string]struct {
		text string
		want string
	}{
		"600 lines":              {long[:len(long)-len("// line\n")], ""},
		"601 lines":              {long, "has 601 lines"},
		"601 lines, generated":   {"// Code generated by x. DO NOT EDIT.\n" + long, ""},
		"an example that runs":   {"package x_test\n\nfunc ExampleA() {\n\t// Output: 1\n}\n", ""},
		"an example without any": {"package x_test\n\nfunc ExampleA() {\n}\n", "ExampleA has no // Output: comment"},
		"an empty output":        {"package x_test\n\nfunc ExampleA() {\n\t// Output:\n}\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := checkFile("x_test.go", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case test.want == "" && len(found) > 0:
				t.Errorf("got %v", found)
			case test.want != "" && (len(found) != 1 || !strings.Contains(found[0].Problem, test.want)):
				t.Errorf("got %v, want one that says %q", found, test.want)
			}
		})
	}
}

func TestCheckDocuments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string]string{
		"README.md": "[here](docs/a.md#part \"title\"), [within](#part), [away](https://example.com/x.md), ![picture](docs/gone.png)",
		"docs/a.md": "[back](../README.md) [gone](b.md)",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := CheckDocuments(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Violation{
		{"README.md", "links to docs/gone.png, which is not there"},
		{filepath.Join("docs", "a.md"), "links to b.md, which is not there"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}
