package deploy_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/starfleet-go/starfleet/deploy"
)

// TestSameEveryTime: the order in which manifests come, and that of Go's maps, change nothing of what is rendered.
func TestSameEveryTime(t *testing.T) {
	t.Parallel()
	for name, dir := range fleets {
		cfg := configOf(t, dir)
		want := map[string][]byte{}
		for range 5 {
			rand.Shuffle(len(cfg.Manifests), func(i, j int) { cfg.Manifests[i], cfg.Manifests[j] = cfg.Manifests[j], cfg.Manifests[i] })
			f, err := deploy.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for _, format := range deploy.Formats() {
				files, err := f.Render(format)
				if err != nil {
					t.Fatal(err)
				}
				for _, file := range files {
					key := string(format) + "/" + file.Name
					if before, ok := want[key]; ok && !bytes.Equal(before, file.Data) {
						t.Fatalf("%s: %s differs from run to run", name, key)
					}
					want[key] = file.Data
				}
			}
		}
		if len(want) != 9 {
			t.Errorf("%s: %d files", name, len(want))
		}
	}
}

// TestTerraformForm: each module is valid syntax, is formatted as `terraform fmt` does it, and has a resource for each of CloudFormation's.
func TestTerraformForm(t *testing.T) {
	t.Parallel()
	for name, dir := range fleets {
		f := fleetOf(t, dir)
		files, err := f.Render(deploy.Terraform)
		if err != nil {
			t.Fatal(err)
		}
		for i, template := range []string{"cloudformation.yaml", "member-roles.yaml", "member-roles-stackset.yaml"} {
			file := files[i]
			parsed, diagnostics := hclsyntax.ParseConfig(file.Data, file.Name, hcl.InitialPos)
			if diagnostics.HasErrors() {
				t.Fatalf("%s %s: %v", name, file.Name, diagnostics)
			}
			if diff := cmp.Diff(string(hclwrite.Format(file.Data)), string(file.Data)); diff != "" {
				t.Errorf("%s %s is not formatted (-should +is):\n%s", name, file.Name, diff)
			}
			// An attribute of data.aws_region that earlier versions do not have is used.
			if !bytes.Contains(file.Data, []byte("version = \">= 6.0\"")) {
				t.Errorf("%s %s: any version of the provider aws would do", name, file.Name)
			}
			got := map[string]int{}
			for _, block := range parsed.Body.(*hclsyntax.Body).Blocks {
				if block.Type == "resource" {
					got[block.Labels[0]]++
				}
			}
			want := map[string]int{}
			for _, r := range rendered(t, f, deploy.CloudFormation, template).Resources {
				parts := strings.Split(r.Type, "::")
				want["awscc_"+strings.ToLower(parts[1])]++
			}
			byService := map[string]int{}
			for kind, n := range got {
				service := strings.Join(strings.SplitN(kind, "_", 3)[:2], "_")
				byService[service] += n
			}
			if diff := cmp.Diff(want, byService); diff != "" {
				t.Errorf("%s %s: resources by service (-CloudFormation +Terraform):\n%s", name, file.Name, diff)
			}
		}
	}
}

// TestArchive: the same content gives the same bytes, in whatever order it comes; a name is not there twice, and none leads out.
func TestArchive(t *testing.T) {
	t.Parallel()
	files := []deploy.File{{Name: "config/b.yaml", Data: []byte("b")}, {Name: "config/a.yaml", Data: []byte("a")}, {Name: "config/manifests/m.json", Data: []byte("{}")}}
	var first, second bytes.Buffer
	if err := deploy.Archive(&first, []byte("program"), files); err != nil {
		t.Fatal(err)
	}
	files[0], files[2] = files[2], files[0]
	if err := deploy.Archive(&second, []byte("program"), files); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the order of files changes the zip")
	}
	for _, name := range []string{"../x", "/x", "config/a.yaml", "bootstrap", ""} {
		if err := deploy.Archive(&bytes.Buffer{}, nil, append(files, deploy.File{Name: name})); err == nil {
			t.Errorf("a file %q is no error", name)
		}
	}
}

// TestArtefacts: the zips that templates ask for are those that are built.
func TestArtefacts(t *testing.T) {
	t.Parallel()
	f := fleetOf(t, fleets["full"])
	var names []string
	for _, a := range f.Artefacts() {
		names = append(names, a.Name)
	}
	if diff := cmp.Diff([]string{"chained", "hardening", "index", "starbase", "sync"}, names); diff != "" {
		t.Errorf("artefacts (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "golden", "full", "sam", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !bytes.Contains(text, []byte("CodeUri: artifacts/"+name+".zip\n")) {
			t.Errorf("the template does not ask for %s", name)
		}
	}
	if n := bytes.Count(text, []byte("CodeUri:")); n != len(names) {
		t.Errorf("the template asks for %d zips", n)
	}
}
