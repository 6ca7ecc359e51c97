package cli_test

import (
	"archive/zip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/aws/s3index"
)

// example is the example fleet.
var example = filepath.Join("..", "..", "examples", "starbase")

// writeModule makes a Go module of one program, and a fleet whose only function is that.
func writeModule(t *testing.T) (source, config string) {
	t.Helper()
	source, config = t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(source, "go.mod"), "module example.com/fleet\n\ngo 1.26\n")
	write(filepath.Join(source, "main.go"), "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(len(os.Args) - 1) }\n")
	write(filepath.Join(config, "fleet.yaml"), `STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: templates, FanOutQueueUrl: auto}
Fleet: {Organizations: [o-a1b2c3d4e5], Deployment: {Main: ., ExistingTemplateBucket: true}}
`)
	write(filepath.Join(config, "manifests", "README"), "")
	write(filepath.Join(config, "notes.txt"), "not part of it")
	return source, config
}

// TestDeployPackage: a zip has the bootstrap and the configuration, and is the same from another folder.
func TestDeployPackage(t *testing.T) {
	t.Parallel()
	var sums []string
	for range 2 {
		source, config := writeModule(t)
		out := t.TempDir()
		var p terminal
		p.run(t, "deploy", "package", "--config", config, "--source", source, "--out", out)
		if p.exitStatus != 0 {
			t.Fatalf("status %d: %s", p.exitStatus, p.stderr.String())
		}
		sum, _, _ := strings.Cut(p.stdout.String(), " ")
		sums = append(sums, sum)
		archive, err := zip.OpenReader(filepath.Join(out, "starbase.zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = archive.Close() }()
		names := map[string]os.FileMode{}
		for _, f := range archive.File {
			names[f.Name] = f.Mode()
		}
		if diff := cmp.Diff(map[string]os.FileMode{"bootstrap": 0o755, "config/fleet.yaml": 0o644}, names); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	}
	if sums[0] != sums[1] || len(sums[0]) != 64 {
		t.Errorf("the zips differ: %q", sums)
	}
}

// TestDeployPackageFails: on a program that does not compile, a name that is none, and a fleet that does not say what to build.
func TestDeployPackageFails(t *testing.T) {
	t.Parallel()
	source, config := writeModule(t)
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--config", config, "--source", t.TempDir()}, 1, "go build .: exit status 1"},
		{[]string{"--config", config, "--source", source, "--only", "other"}, 2, "--only: the fleet has no other.zip"},
		{[]string{"--config", filepath.Join("..", "..", "deploy", "testdata", "nothing")}, 1, "no such file"},
	} {
		var p terminal
		p.run(t, append([]string{"deploy", "package", "--out", t.TempDir()}, c.args...)...)
		if p.exitStatus != c.status || !strings.Contains(p.stderr.String(), c.says) {
			t.Errorf("%v: status %d: %s", c.args, p.exitStatus, p.stderr.String())
		}
	}
	text, err := os.ReadFile(filepath.Join(config, "fleet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "fleet.yaml"), []byte(strings.Replace(string(text), "Main: ., ", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var p terminal
	p.run(t, "deploy", "package", "--config", config, "--source", source, "--out", t.TempDir())
	if p.exitStatus != 1 || !strings.Contains(p.stderr.String(), "name its Go package in Fleet.Deployment.Main") {
		t.Errorf("status %d: %s", p.exitStatus, p.stderr.String())
	}
}

// TestDeployDiffOfAStack reads the template of a stack from CloudFormation.
func TestDeployDiffOfAStack(t *testing.T) {
	_, config := writeModule(t)
	out := t.TempDir()
	var render terminal
	render.run(t, "deploy", "render", "--config", config, "--out", out)
	text, err := os.ReadFile(filepath.Join(out, "template.yaml"))
	if err != nil {
		t.Fatalf("%v: %s", err, render.stderr.String())
	}
	deployed := strings.Replace(string(text), "MemorySize: 512", "MemorySize: 256", 1)
	body := "<GetTemplateResponse><GetTemplateResult><TemplateBody>" +
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(deployed) + "</TemplateBody></GetTemplateResult></GetTemplateResponse>"
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = append(asked, r.Form.Get("Action"), r.Form.Get("StackName"), r.Form.Get("TemplateStage"))
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	startQueue(t)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	var p terminal
	p.run(t, "deploy", "diff", "--config", config, "--stack", "starfleet")
	if want := "~ StarbaseFunction MemorySize: 256 -> 512\n"; p.exitStatus != 0 || p.stdout.String() != want {
		t.Errorf("status %d: %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	if diff := cmp.Diff([]string{"GetTemplate", "starfleet", "Original"}, asked); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestPlanWorkflow: the example workflow runs on pull_request with the rights that it needs, no action or step may write the repository, and its role reads
// the account index as the command line does, and nothing else.
func TestPlanWorkflow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(example, "deployment", "plan.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		On          map[string]any    `yaml:"on"`
		Permissions map[string]string `yaml:"permissions"`
		Jobs        map[string]struct {
			If          string            `yaml:"if"`
			Permissions map[string]string `yaml:"permissions"`
			Steps       []struct {
				Run string `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	job := workflow.Jobs["plan"]
	if _, ok := workflow.On["pull_request"]; !ok || len(workflow.On) != 1 || len(workflow.Permissions) != 0 || !strings.Contains(job.If, "head.repo.full_name == github.repository") {
		t.Errorf("on %v, permissions %v, if %q", workflow.On, workflow.Permissions, job.If)
	}
	if diff := cmp.Diff(map[string]string{"contents": "read", "id-token": "write", "pull-requests": "write"}, job.Permissions); diff != "" {
		t.Errorf("permissions (-want +got):\n%s", diff)
	}
	for _, step := range job.Steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("a step puts a value into its script: %s", step.Run)
		}
	}
	data, err := os.ReadFile(filepath.Join(example, "deployment", "plan-role.json"))
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct{ Action, Resource []string }
	}
	if err := json.Unmarshal(data, &policy); err != nil {
		t.Fatal(err)
	}
	for _, s := range policy.Statement {
		for _, action := range s.Action {
			if !strings.Contains(strings.Join(s3index.IAMActions, " "), action) {
				t.Errorf("%s is no action of the index's reader", action)
			}
		}
		for _, resource := range s.Resource {
			if !strings.HasPrefix(resource, "arn:aws:s3:::starfleet-account-index-111122223333") {
				t.Errorf("the role reads %s", resource)
			}
		}
	}
}

// TestPlanCommentHasNoAddresses: what the workflow puts into the comment has no e-mail address of an account.
func TestPlanCommentHasNoAddresses(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile(filepath.Join(fleet, "index.json"))
	if err != nil || !strings.Contains(string(index), "@") {
		t.Fatalf("the index has no addresses (%v)", err)
	}
	old := filepath.Join(t.TempDir(), "old.yaml")
	template := filepath.Join(fleet, "templates", "LogRetention", "workloads.yaml")
	text, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--against", old}} {
		var p terminal
		p.run(t, append([]string{"plan", "--config", filepath.Join(fleet, "config"), "--index", filepath.Join(fleet, "index.json"), "-o", "markdown", template}, more...)...)
		if p.exitStatus != 0 || p.stdout.Len() == 0 || strings.Contains(strings.ReplaceAll(p.stdout.String(), "@all", ""), "@") {
			t.Errorf("status %d: %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
		}
	}
}
