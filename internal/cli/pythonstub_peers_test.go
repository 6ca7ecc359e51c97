//go:build peers

package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	starfleet "github.com/starfleet-go/starfleet"
)

// pythonManifest is a ship with a key of each kind.
const pythonManifest = `{"name": "Kinds", "fanOutStrategy": "ACCOUNT", "payloadSchema": {"type": "object", "required": ["TemplateName", "TemplateDescription", "IncludeAccounts"],
  "properties": {"TemplateName": {"type": "string"}, "TemplateDescription": {"type": "string"}, "IncludeAccounts": {"type": "object"},
    "fields": {"type": ["string", "null"], "minLength": 2, "maxLength": 4}, "Fields": {"type": "integer", "minimum": 1, "maximum": 10},
    "Ä 😀 \" \\": {"type": "number"}, "Flags": {"type": "array", "minItems": 1, "items": {"type": "boolean"}}, "Anything": {},
    "Size": {"enum": [1, "two", null]}, "Nested": {"type": "object", "additionalProperties": false, "required": ["In"], "properties": {"In": {"type": "string", "enum": ["a", "b"]}}},
    "Free": {"type": "object"}}}}`

// TestPythonStarbaseTasksGoShips: the package that --python writes is taken by Python, and says of templates what the ship says of them.
func TestPythonStarbaseTasksGoShips(t *testing.T) {
	python := os.Getenv("STARFLEET_TEST_PYTHON")
	if python == "" {
		t.Fatal("STARFLEET_TEST_PYTHON names no Python: run .ci/python.sh")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "python"))); err != nil {
		t.Fatal(err)
	}
	kinds := filepath.Join(dir, "Kinds.json")
	if err := os.WriteFile(kinds, []byte(pythonManifest), 0o600); err != nil {
		t.Fatal(err)
	}
	manifests := []string{kinds}
	for _, name := range []string{"LogRetention", "Report"} {
		manifests = append(manifests, filepath.Join(fleet, "config", "manifests", name+".json"))
	}
	p := terminal{}
	p.run(t, append([]string{"manifest", "--python"}, manifests...)...)
	if p.exitStatus != 0 {
		t.Fatalf("exit status %d: %s", p.exitStatus, p.stderr.String())
	}
	if err := os.Mkdir(filepath.Join(dir, "go_ships"), 0o700); err != nil {
		t.Fatal(err)
	}
	stub := filepath.Join(dir, "go_ships", "__init__.py")
	if err := os.WriteFile(stub, p.stdout.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), python, "-m", "py_compile", stub).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, p.stdout.String())
	}
	holdVerdicts(t, python, dir, manifests)
}

// holdVerdicts compares what Python says of templates with what is wanted, and with what this SDK says.
func holdVerdicts(t *testing.T, python, dir string, manifests []string) {
	t.Helper()
	ships := map[string]starfleet.Manifest{}
	for _, name := range manifests {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := starfleet.ParseManifest(name, data)
		if err != nil {
			t.Fatal(err)
		}
		ships[m.Name] = m
	}
	var asked [][2]any
	for _, c := range pythonTemplates {
		var template any
		if err := yaml.Unmarshal([]byte(c.text()), &template); err != nil {
			t.Fatal(err)
		}
		asked = append(asked, [2]any{c.ship, template})
	}
	in, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, filepath.Join(dir, "verdicts.py"), dir)
	var failure bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(in), &failure
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, failure.String())
	}
	var answer struct {
		Strategies map[string]string
		Verdicts   []any
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Kinds": "ACCOUNT", "LogRetention": "ACCOUNT_REGION", "Report": "SINGLE_INVOCATION"}
	if diff := cmp.Diff(want, answer.Strategies); diff != "" {
		t.Error(diff)
	}
	for i, c := range pythonTemplates {
		refusal, refused := answer.Verdicts[i].(string)
		if refused == c.taken || refused && (!strings.HasPrefix(refusal, "ValidationError: ") || !strings.Contains(refusal, c.says)) {
			t.Errorf("%s %q: Python says %v", c.ship, c.keys, answer.Verdicts[i])
		}
		_, err := starfleet.ParseTemplate(ships[c.ship], "template.yaml", []byte(c.text()))
		if (err == nil) != (c.taken || c.onlyPythonRefuses) {
			t.Errorf("%s %q: Go says %v", c.ship, c.keys, err)
		}
	}
}

// pythonTemplate is a template beyond its name and description, and what Python says of it.
type pythonTemplate struct {
	ship, keys        string
	taken             bool
	says              string
	onlyPythonRefuses bool
}

func (c pythonTemplate) text() string { return "TemplateName: t\nTemplateDescription: d\n" + c.keys }

const (
	everywhere  = "IncludeAccounts: {AllAccounts: true}\n"
	everyRegion = everywhere + "IncludeRegions: [ALL]\n"
)

var pythonTemplates = []pythonTemplate{
	{ship: "Report", keys: "", taken: true},
	{ship: "Report", keys: "Other: 1\n", says: "'Other': ['Unknown field.']"},
	{ship: "LogRetention", keys: everyRegion + "RetentionDays: 30\n", taken: true},
	{ship: "LogRetention", keys: everyRegion, says: "RetentionDays"},
	{ship: "LogRetention", keys: everyRegion + "RetentionDays: \"30\"\n", says: "RetentionDays"},
	{ship: "LogRetention", keys: everyRegion + "RetentionDays: 0\n", says: "RetentionDays"},
	{ship: "LogRetention", keys: "IncludeAccounts: {AllAccounts: true}\nRetentionDays: 30\n", says: "IncludeRegions"},
	{ship: "LogRetention", keys: everyRegion + "RetentionDays: 30\nExcludeAccounts: {ByOrgUnits: [ou-ab12-prod0001, Prod]}\n", taken: true},
	{ship: "LogRetention", keys: everyRegion + "RetentionDays: 30\nExcludeAccounts: {ByOrgUnits: [/Workloads/Prod]}\n", says: "does not know paths", onlyPythonRefuses: true},
	{ship: "LogRetention", keys: "IncludeAccounts: {ByOrgUnits: [Prod, /Workloads]}\nIncludeRegions: [ALL]\nRetentionDays: 30\n", says: "does not know paths", onlyPythonRefuses: true},
	{ship: "LogRetention", keys: "IncludeAccounts: {ByExpression: 'name == \"x\"'}\nIncludeRegions: [ALL]\nRetentionDays: 30\n", says: "Unknown field", onlyPythonRefuses: true},
	{ship: "LogRetention", keys: everyRegion + "RetentionDays: 30\nExcludeAccounts: {ByExpression: 'name == \"x\"'}\n", says: "Unknown field", onlyPythonRefuses: true},
	{ship: "Kinds", keys: everywhere + "fields: abc\nFields: 3\nÄ 😀 \" \\: 1.5\nFlags: [true, false]\nAnything: {a: 1}\nSize: two\nNested: {In: a}\nFree: {x: [1]}\nUnknown: kept\n", taken: true},
	{ship: "Kinds", keys: everywhere + "fields: null\nAnything: null\n", taken: true},
	{ship: "Kinds", keys: everywhere + "fields: abcde\n", says: "fields"},
	{ship: "Kinds", keys: everywhere + "fields: 12\n", says: "fields"},
	{ship: "Kinds", keys: everywhere + "Fields: null\n", says: "Fields"},
	{ship: "Kinds", keys: everywhere + "Fields: 11\n", says: "Fields"},
	{ship: "Kinds", keys: everywhere + "Fields: 3.5\n", says: "Fields"},
	{ship: "Kinds", keys: everywhere + "Flags: []\n", says: "Flags"},
	{ship: "Kinds", keys: everywhere + "Flags: ['true']\n", says: "Flags"},
	{ship: "Kinds", keys: everywhere + "Nested: {In: c}\n", says: "In"},
	{ship: "Kinds", keys: everywhere + "Nested: {In: a, Out: b}\n", says: "Out"},
	{ship: "Kinds", keys: everywhere + "Free: text\n", says: "Free"},
}
