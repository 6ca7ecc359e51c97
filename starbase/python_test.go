package starbase_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// pythonWorld has a Python ship that works by account and region, known by its manifest alone, which has no schema.
func pythonWorld(t *testing.T) *world {
	t.Helper()
	manifest, err := starfleet.ParseManifest("manifest.json", []byte(`{"name": "AwsConfigWorkerShip", "fanOutStrategy": "ACCOUNT_REGION", "runtime": "python"}`))
	if err != nil {
		t.Fatal(err)
	}
	fleet := starbase.NewFleet()
	if err := fleet.AddManifest(manifest); err != nil {
		t.Fatal(err)
	}
	return newWorld(t, setup{fleet: fleet, configuration: configuration(t, section("AwsConfigWorkerShip", "Config/", "S3"))})
}

// A Python ship gets what a Python Starbase would send: the template as it is written, with keys that nothing here knows, and the two assigned keys last.
func TestPythonShipIsTaskedByItsManifest(t *testing.T) {
	t.Parallel()
	w := pythonWorld(t)
	w.templates.put("Config/t.yaml", `TemplateName: config
TemplateDescription: d
IncludeAccounts: {ByNames: [account 3]}
IncludeRegions: [us-east-1, eu-west-1]
DefaultConfiguration: {RecorderConfiguration: {RecordingEnabled: yes}, RetentionPeriodInDays: 90}
`)
	w.must(w.handle(fanOutBody("AwsConfigWorkerShip", "Config/t.yaml")))
	var got []string
	for _, m := range w.queue("AwsConfigWorkerShip").All() {
		got = append(got, m.Body)
	}
	task := func(region string) string {
		return `{"TemplateName":"config","TemplateDescription":"d","IncludeAccounts":{"ByNames":["account 3"]},"IncludeRegions":["us-east-1","eu-west-1"],` +
			`"DefaultConfiguration":{"RecorderConfiguration":{"RecordingEnabled":true},"RetentionPeriodInDays":90},` +
			`"StarbaseAssignedAccount":"000000000003","StarbaseAssignedRegion":"` + region + `"}`
	}
	if diff := gocmp.Diff([]string{task("eu-west-1"), task("us-east-1")}, got); diff != "" {
		t.Error(diff)
	}
}

// What Python would refuse, or take for something that matches nothing, is refused before anything is sent, at any depth.
func TestPythonShipIsNotTaskedByWhatPythonDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ keys, says string }{
		"expression":                {"IncludeAccounts: {ByExpression: name == \"x\"}", "IncludeAccounts.ByExpression: ship AwsConfigWorkerShip runs on Python"},
		"excluding by expression":   {"IncludeAccounts: {AllAccounts: true}\nExcludeAccounts: {ByExpression: name == \"x\"}", "ExcludeAccounts.ByExpression"},
		"path":                      {"IncludeAccounts: {ByOrgUnits: [SomeOU, /SomeOU]}", "IncludeAccounts.ByOrgUnits[1]: ship AwsConfigWorkerShip runs on Python, which does not know OU paths"},
		"excluding by path":         {"IncludeAccounts: {AllAccounts: true}\nExcludeAccounts: {ByOrgUnits: [/SomeOU]}", "ExcludeAccounts.ByOrgUnits[0]"},
		"path in keys of the ship":  {"IncludeAccounts: {AllAccounts: true}\nOverrides: [{IncludeAccounts: {ByOrgUnits: [/SomeOU]}}]", "Overrides[0].IncludeAccounts.ByOrgUnits[0]"},
		"expression in keys of its": {"IncludeAccounts: {AllAccounts: true}\nOverrides: [{At: {ByExpression: \"true\"}}]", "Overrides[0].At.ByExpression"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := pythonWorld(t)
			w.templates.put("Config/t.yaml", "TemplateName: t\nTemplateDescription: d\nIncludeRegions: [ALL]\n"+test.keys+"\n")
			err := w.handle(fanOutBody("AwsConfigWorkerShip", "Config/t.yaml"))
			wantDisposition(t, err, queue.DeadLetter)
			if !strings.Contains(err.Error(), test.says) || w.sent() != 0 {
				t.Errorf("%d sent, error %v", w.sent(), err)
			}
		})
	}
}
