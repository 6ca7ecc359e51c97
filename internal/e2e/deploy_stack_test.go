//go:build peers

package e2e_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	templates "github.com/starfleet-go/starfleet/deploy"
)

// home is the account of the example fleet's configuration.
const home = "111122223333"

// exampleConfig is the configuration of the example fleet.
const exampleConfig = "../../examples/starbase/config"

// artefacts are the buckets of the functions' zips, by account: names of buckets are everybody's.
func artefacts(account string) string { return "starfleet-artefacts-" + account }

// tool is a program that .ci/deploy.sh installed. A test without it fails.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatal(variable + " has no path of a program: run .ci/deploy.sh")
	}
	return path
}

// run runs a program, which has to say nothing but ends well.
func runTool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// stackFolder is a fleet's configuration, and what is rendered of it.
type stackFolder struct{ config, out string }

// copyExample is the example fleet's configuration in a folder of the test's own.
func copyExample(t *testing.T) stackFolder {
	t.Helper()
	f := stackFolder{config: filepath.Join(t.TempDir(), "config"), out: t.TempDir()}
	must(t, os.CopyFS(f.config, os.DirFS(exampleConfig)))
	return f
}

// fleet is the fleet of the configuration.
func (f stackFolder) fleet(t *testing.T) *templates.Fleet {
	t.Helper()
	c, err := config.Open(f.config)
	must(t, err)
	var manifests []starfleet.Manifest
	files, err := filepath.Glob(filepath.Join(f.config, "manifests", "*.json"))
	must(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(t, err)
		m, err := starfleet.ParseManifest(file, data)
		must(t, err)
		manifests = append(manifests, m)
	}
	fleet, err := templates.New(templates.Config{Configuration: c, Manifests: manifests})
	must(t, err)
	return fleet
}

// render writes the templates of a fleet in a format and returns their paths, the main one first.
func (f stackFolder) render(t *testing.T, format templates.Format) []string {
	t.Helper()
	files, err := f.fleet(t).Render(format)
	must(t, err)
	var paths []string
	for _, file := range files {
		path := filepath.Join(f.out, string(format), file.Name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, file.Data, 0o600))
		paths = append(paths, path)
	}
	return paths
}

// expand renders SAM, expands it as CloudFormation does, and lints what comes out.
func (f stackFolder) expand(t *testing.T, account, version string) stackTemplate {
	t.Helper()
	main := f.render(t, templates.SAM)[0]
	expanded := filepath.Join(f.out, "expanded.json")
	runTool(t, tool(t, "STARFLEET_TEST_SAM_PYTHON"), "../../.ci/expand_sam.py", main, "s3://"+artefacts(account)+"/"+version, expanded)
	lint(t, expanded)
	data, err := os.ReadFile(expanded)
	must(t, err)
	var parsed stackTemplate
	must(t, json.Unmarshal(data, &parsed))
	return parsed
}

// lint holds templates against cfn-lint: errors, warnings and notices. W3037 says that it does not know an action, which it learns later than
// AWS has them.
func lint(t *testing.T, files ...string) {
	t.Helper()
	runTool(t, tool(t, "STARFLEET_TEST_CFN_LINT"), append([]string{"--regions", region, "-i", "W3037", "-t"}, files...)...)
}

// stackTemplate is a template that was expanded.
type stackTemplate struct {
	Resources map[string]*struct {
		Type           string
		Properties     map[string]any
		DependsOn      any    `json:",omitempty"`
		DeletionPolicy string `json:",omitempty"`
	}
	Outputs map[string]any
}

// kinds are the types of the template's resources, each once.
func (x stackTemplate) kinds() []string {
	found := map[string]bool{}
	for _, r := range x.Resources {
		found[r.Type] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// point lets each function call its own recorder, and find its queues there.
func (x stackTemplate) point(t *testing.T, recorders map[string]*recorder) {
	t.Helper()
	for id, r := range x.Resources {
		if r.Type != "AWS::Lambda::Function" {
			continue
		}
		name := r.Properties["FunctionName"].(string)
		if recorders[name] == nil {
			recorders[name] = newRecorder(t, endpoint(t))
		}
		variables := r.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)
		variables["AWS_ENDPOINT_URL"] = recorders[name].url
		variables[config.VariableQueues] = recorders[name].url + "/" + home
		if variables[config.Variable] != "config" {
			t.Errorf("function %s has %v", id, variables)
		}
	}
}

// apply creates the stack, or updates it, and waits for the end of it.
func (d *deployment) apply(t *testing.T, client *cloudformation.Client, x stackTemplate, create bool) {
	t.Helper()
	body, err := json.Marshal(x)
	must(t, err)
	d.put(t, artefacts(d.fleet), "template.json", body)
	url := aws.String(endpoint(t) + "/" + artefacts(d.fleet) + "/template.json")
	capabilities := []types.Capability{types.CapabilityCapabilityNamedIam}
	want := types.StackStatusUpdateComplete
	if create {
		want = types.StackStatusCreateComplete
		_, err = client.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("starfleet"), TemplateURL: url, Capabilities: capabilities})
	} else {
		_, err = client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("starfleet"), TemplateURL: url, Capabilities: capabilities})
	}
	must(t, err)
	eventually(t, func() error {
		out, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("starfleet")})
		if err != nil {
			return err
		}
		switch status := out.Stacks[0].StackStatus; {
		case status == want:
			return nil
		case strings.HasSuffix(string(status), "_IN_PROGRESS"):
			return fmt.Errorf("the stack is %s", status)
		default:
			t.Fatalf("the stack is %s, want %s: %s", status, want, failures(t, client))
			return nil
		}
	})
}

// failures are the reasons that the stack's events give.
func failures(t *testing.T, client *cloudformation.Client) string {
	t.Helper()
	out, err := client.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("starfleet")})
	must(t, err)
	var reasons []string
	for _, e := range out.StackEvents {
		if reason := aws.ToString(e.ResourceStatusReason); reason != "" {
			reasons = append(reasons, fmt.Sprintf("%s (%s) %s: %s", aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceType), e.ResourceStatus, reason))
		}
	}
	return strings.Join(reasons, "\n")
}

// uploadArtefacts puts the zips where the template expects them. Each has the configuration beside its bootstrap, with the queues of its function's recorder
// in place of those of AWS.
func (d *deployment) uploadArtefacts(t *testing.T, f stackFolder, version string, mains map[string]string, recorders map[string]*recorder) {
	t.Helper()
	for _, a := range f.fleet(t).Artefacts() {
		files := map[string]string{}
		must(t, fs.WalkDir(os.DirFS(f.config), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(filepath.Join(f.config, path))
			files["config/"+path] = strings.ReplaceAll(string(data), "https://sqs.us-east-1.amazonaws.com", recorders["starfleet-"+a.Name].url)
			return err
		}))
		d.put(t, artefacts(d.fleet), version+"/artifacts/"+a.Name+".zip", pack(t, mains[a.Name], files))
	}
}

func (d *deployment) createArtefacts(t *testing.T) {
	t.Helper()
	_, err := d.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(artefacts(d.fleet))})
	must(t, err)
}
