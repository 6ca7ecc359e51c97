package starfleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet"
)

// TestSamples: templates as deployments of the Python Starfleet have them. Three are refused, with a place and a reason; all others load.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/templates/*.yaml")
	if err != nil || len(files) != 10 {
		t.Fatal(len(files), "samples", err)
	}
	strategies := map[string]starfleet.FanOutStrategy{
		"aws_config.yaml": starfleet.PerAccountRegion, "sample_account_region_payload.yaml": starfleet.PerAccountRegion,
		"iam_role.yaml": starfleet.PerAccount, "sample_account_payload.yaml": starfleet.PerAccount,
	}
	refused := map[string]string{"empty_payload.yaml": "empty", "invalid_base.yaml": "TemplateName: is required", "invalid_yaml.yaml": ":1:"}
	for _, file := range files {
		name := filepath.Base(file)
		strategy := starfleet.SingleInvocation
		if s, ok := strategies[name]; ok {
			strategy = s
		}
		manifest, err := starfleet.BaseManifest("Ship", strategy)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		template, err := starfleet.ParseTemplate(manifest, name, data)
		want, bad := refused[name]
		switch {
		case bad && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		case !bad && err != nil:
			t.Errorf("%s: %v", name, err)
		case !bad && template.CheckRegions(nil) != nil:
			t.Errorf("%s: %v", name, template.CheckRegions(nil))
		}
	}
}
