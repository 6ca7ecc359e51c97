package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
)

func TestOpenSampleFile(t *testing.T) {
	t.Parallel()
	c, err := config.Open("testdata/samples/configuration.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Starfleet{
		DeploymentRegion:       "us-east-1",
		TemplateBucket:         "starfleet-templates-DEPLOYMENT-ACCOUNT-ID",
		FanOutQueueURL:         "https://sqs.DEPLOYMENT-REGION.amazonaws.com/DEPLOYMENT-ACCOUNT-ID/starbase-fanout-queue",
		AccountIndex:           "StarfleetDefaultAccountIndex",
		LogLevel:               slog.LevelDebug,
		ThirdPartyLoggerLevels: map[string]string{"botocore": "CRITICAL", "urllib3.connectionpool": "CRITICAL"},
	}
	if diff := cmp.Diff(want, c.Starfleet); diff != "" {
		t.Errorf("STARFLEET (-want +got):\n%s", diff)
	}
	wantIndex := &config.DefaultAccountIndex{
		IndexBucket:     "starfleet-account-index-DEPLOYMENT-ACCOUNT-ID",
		BucketRegion:    "REPLACE-ME",
		IndexObjectPath: "accountIndex.json",
	}
	if diff := cmp.Diff(wantIndex, c.DefaultIndex); diff != "" {
		t.Errorf("StarfleetDefaultAccountIndex (-want +got):\n%s", diff)
	}
	ship, err := c.Ship("AccountIndexGeneratorShip")
	if err != nil {
		t.Fatal(err)
	}
	wantShip := &config.Ship{
		Name:               "AccountIndexGeneratorShip",
		Enabled:            true,
		TemplatePrefix:     "AccountIndexGenerator/SaveAccountInventory.yaml",
		InvocationQueueURL: "https://sqs.DEPLOYMENT-REGION.amazonaws.com/DEPLOYMENT-ACCOUNT-ID/starfleet-account-index-generator",
		Sources:            []config.Source{config.SourceTimer, config.SourceS3},
		Frequency:          config.Hourly,
		MaxTargets:         100,
		Session:            config.Session{DryRunPolicies: []string{config.DefaultDryRunPolicy}, Duration: time.Hour},
		Deployment: config.Deployment{
			Memory: 256, Timeout: 5 * time.Minute, MaxConcurrency: 10, Alarms: defaultAlarms,
			Queue: config.QueueDeployment{BatchSize: 1, VisibilityTimeout: 30 * time.Minute, MaxReceives: 5},
		},
		OwnKeys: []string{"OrgAccountAssumeRole", "OrgAccountId", "OrgRootId", "DescribeRegionsAssumeRole"},
	}
	if diff := cmp.Diff(wantShip, ship); diff != "" {
		t.Errorf("ship (-want +got):\n%s", diff)
	}
}

func TestOpenSampleFolder(t *testing.T) {
	t.Parallel()
	c, err := config.Open("testdata/samples/config")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"AccountIndexGeneratorShip", "SOMEOTHER", "AwsConfigWorkerShip", "TestingStarfleetWorkerPlugin",
		"TestingStarfleetWorkerPluginTwo", "TestingStarfleetWorkerPluginThree", "GitHubSyncWorkerShip",
		"IamRoleWorkerShip", "TESTING",
	}
	if diff := cmp.Diff(want, c.Sections()); diff != "" {
		t.Errorf("Sections (-want +got):\n%s", diff)
	}
	for _, name := range want {
		_, err := c.Ship(name)
		if isShip := name != "SOMEOTHER" && name != "TESTING"; isShip != (err == nil) {
			t.Errorf("Ship(%s): %v", name, err)
		}
	}
	if s := c.Starfleet.Secrets; s == nil || s.SecretID != "starfleet-secrets" || s.SecretRegion != "us-east-2" || !c.Starfleet.SlackEnabled {
		t.Errorf("secrets %+v, SlackEnabled %t", s, c.Starfleet.SlackEnabled)
	}
	ship, err := c.Ship("AwsConfigWorkerShip")
	if err != nil {
		t.Fatal(err)
	}
	if ship.WorkerRoleToAssume != "starfleet-worker-basic-test-role" || ship.WorkerRoleSessionName != "" || ship.Frequency != config.SixHourly {
		t.Errorf("AwsConfigWorkerShip is %+v", ship)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, leastStarfleet, leastShip)
	if c.Starfleet.AccountIndex != "StarfleetDefaultAccountIndex" || c.Starfleet.LogLevel != slog.LevelInfo || c.Starfleet.SlackEnabled ||
		c.Starfleet.ScopeToRegions != nil || c.Starfleet.Secrets != nil {
		t.Errorf("STARFLEET is %+v", c.Starfleet)
	}
	wantFleet := config.Fleet{OnTemplateChange: "stop", TaskMaxAge: 24 * time.Hour, Deployment: defaultDeployment}
	if diff := cmp.Diff(wantFleet, c.Fleet); diff != "" {
		t.Errorf("Fleet (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantFleet, mustLoad(t, leastStarfleet, leastFleet).Fleet); diff != "" {
		t.Errorf("Fleet with a key (-want +got):\n%s", diff)
	}
	if c.DefaultIndex != nil {
		t.Errorf("DefaultIndex is %+v without its section", c.DefaultIndex)
	}
	ship, err := c.Ship("MyShip")
	if err != nil {
		t.Fatal(err)
	}
	if ship.MaxTargets != 100 || ship.WorkerRoleToAssume != "" || ship.WorkerRoleSessionName != "" || ship.Alert != nil {
		t.Errorf("ship is %+v", ship)
	}
	wantSession := config.Session{DryRunPolicies: []string{config.DefaultDryRunPolicy}, Duration: time.Hour}
	if diff := cmp.Diff(wantSession, ship.Session); diff != "" {
		t.Errorf("Session (-want +got):\n%s", diff)
	}
}

// Every spelling means what it says, and a string is never true for not being empty.
func TestBooleanSpellings(t *testing.T) {
	t.Parallel()
	for want, words := range map[bool][]string{
		true:  {"t", "true", "y", "yes", "on", "1"},
		false: {"f", "false", "n", "no", "off", "0"},
	} {
		for _, word := range words {
			for _, spelling := range []string{word, strings.ToUpper(word[:1]) + word[1:], strings.ToUpper(word)} {
				for _, text := range []string{spelling, `"` + spelling + `"`} {
					c := mustLoad(t, leastStarfleet, leastShip.with("Enabled", text))
					ship, err := c.Ship("MyShip")
					if err != nil {
						t.Errorf("Enabled: %s: %v", text, err)
					} else if ship.Enabled != want {
						t.Errorf("Enabled: %s is %t", text, ship.Enabled)
					}
				}
			}
		}
	}
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	last := slog.Level(100)
	for _, name := range []string{"CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "NOTSET"} {
		level := mustLoad(t, leastStarfleet.with("LogLevel", name)).Starfleet.LogLevel
		if level >= last {
			t.Errorf("%s is %d, not below the level before", name, level)
		}
		last = level
	}
	if level := mustLoad(t, leastStarfleet.with("LogLevel", "WARNING")).Starfleet.LogLevel; level != slog.LevelWarn {
		t.Errorf("WARNING is %v", level)
	}
}

func TestFleetValues(t *testing.T) {
	t.Parallel()
	fleet := section{"Fleet", [][2]string{
		{"NeverTouch", `{ByIds: ["123456789012"], ByTags: [{Name: tier, Value: payer}]}`},
		{"Organizations", "[o-abcdefghi]"},
		{"AssumeActive", "true"},
		{"UnmatchedInclude", "error"},
		{"UnmatchedExclude", "ignore"},
		{"ManifestPrefix", "manifests"},
		{"OnTemplateChange", "finish"},
		{"TaskMaxAge", "90m"},
		{"IndexMaxAge", "48h"},
	}}
	want := config.Fleet{
		NeverTouch: accountindex.Selection{Exclusion: accountindex.Exclusion{
			ByIds:  []string{"123456789012"},
			ByTags: []accountindex.TagSelector{{Name: "tier", Value: "payer"}},
		}},
		Organizations:    []string{"o-abcdefghi"},
		AssumeActive:     true,
		UnmatchedInclude: accountindex.PolicyError,
		UnmatchedExclude: accountindex.PolicyIgnore,
		ManifestPrefix:   "manifests/",
		OnTemplateChange: config.OnChangeFinish,
		TaskMaxAge:       90 * time.Minute,
		IndexMaxAge:      48 * time.Hour,
		Deployment:       defaultDeployment,
	}
	if diff := cmp.Diff(want, mustLoad(t, leastStarfleet, fleet).Fleet); diff != "" {
		t.Errorf("Fleet (-want +got):\n%s", diff)
	}
}

func TestLoadFolder(t *testing.T) {
	t.Parallel()
	starfleet, ship := leastStarfleet.String(), leastShip.String()
	other := section{"OtherShip", leastShip.keys}.String()
	t.Run("which files", func(t *testing.T) {
		t.Parallel()
		c, err := loadFiles(map[string]string{
			"b.yaml": ship, "a.yaml": other, "c.yaml": starfleet,
			"fleet.yml": "Fleet: 1", "d.YAML": "- [", "e.json": "{", "README.md": "hello", "sub/x.yaml": "- [",
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"OtherShip", "MyShip"}, c.Sections()); diff != "" {
			t.Errorf("Sections, in the order of file names (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"d.YAML", "e.json", "fleet.yml"}, c.Ignored()); diff != "" {
			t.Errorf("Ignored (-want +got):\n%s", diff)
		}
	})
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no file":         {map[string]string{}, "no name ends in .yaml: put the configuration there"},
		"only .yml":       {map[string]string{"a.yml": starfleet}, "rename a.yml"},
		"only below":      {map[string]string{"config/a.yaml": starfleet}, "name the folder itself, such as config"},
		"folder.yaml":     {map[string]string{"a.yaml": starfleet, "x.yaml/a.txt": ""}, "x.yaml: is a folder, not a file"},
		"empty file":      {map[string]string{"a.yaml": starfleet, "b.yaml": ""}, "b.yaml:"},
		"only comments":   {map[string]string{"a.yaml": starfleet, "b.yaml": "# nothing\n"}, "b.yaml:"},
		"a list":          {map[string]string{"a.yaml": starfleet, "b.yaml": "- x\n"}, "b.yaml:1:1: a configuration is a mapping of sections, this is a list"},
		"a string":        {map[string]string{"a.yaml": "hello\n"}, "a.yaml:1:1: a configuration is a mapping of sections, this is a string"},
		"no STARFLEET":    {map[string]string{"a.yaml": ship}, "a.yaml: STARFLEET: the section is missing"},
		"none of two has": {map[string]string{"a.yaml": ship, "b.yaml": other}, "STARFLEET: the section is missing"},
		"null section":    {map[string]string{"a.yaml": "STARFLEET:\n"}, "STARFLEET: is empty"},
		"null Fleet":      {map[string]string{"a.yaml": starfleet + "Fleet:\n"}, "Fleet: is empty"},
		"list section":    {map[string]string{"a.yaml": "STARFLEET: [x]\n"}, "STARFLEET: must be a mapping of keys, is a list"},
		"wrong case":      {map[string]string{"a.yaml": strings.ToLower(starfleet[:9]) + starfleet[9:]}, "starfleet: unknown section: did you mean STARFLEET?"},
		"FLEET":           {map[string]string{"a.yaml": starfleet + "FLEET: {}\n"}, "FLEET: unknown section: did you mean Fleet?"},
		"Fleeet":          {map[string]string{"a.yaml": starfleet + "Fleeet: {AssumeActive: true}\n"}, "unknown section: did you mean Fleet?"},
		"NeverTouch":      {map[string]string{"a.yaml": starfleet + "Fleet: {AssumeActive: true}\nNeverTouch: {AllAccounts: true}\n"}, "NeverTouch: is no section: it belongs under Fleet or the section of a ship"},
		"NeverTuoch":      {map[string]string{"a.yaml": starfleet + "NeverTuoch: {AllAccounts: true}\n"}, "did you mean NeverTouch, which belongs under Fleet or the section of a ship?"},
		"never_touch":     {map[string]string{"a.yaml": starfleet + "never_touch: {AllAccounts: true}\n"}, "did you mean NeverTouch, which belongs under Fleet"},
		"organizations":   {map[string]string{"a.yaml": starfleet + "organizations: [o-1]\n"}, "did you mean Organizations, which belongs under Fleet?"},
		"Organizations":   {map[string]string{"a.yaml": starfleet + "Organizations: [o-1]\n"}, "Organizations: is no section: it belongs under Fleet: indent"},
		"MaxTargets":      {map[string]string{"a.yaml": starfleet + ship + "MaxTargets: 5\n"}, "MaxTargets: is no section: it belongs under the section of a ship"},
		"MaxTarget":       {map[string]string{"a.yaml": starfleet + ship + "MaxTarget: 5\n"}, "did you mean MaxTargets"},
		"ScopeToRegions":  {map[string]string{"a.yaml": starfleet + "ScopeToRegions: [us-east-1]\n"}, "ScopeToRegions: is no section: it belongs under STARFLEET"},
		"IndexBucket":     {map[string]string{"a.yaml": starfleet + "IndexBucket: b\n"}, "it belongs under StarfleetDefaultAccountIndex"},
		"two files":       {map[string]string{"a.yaml": starfleet + ship, "b.yaml": ship}, "MyShip: the section stands in two files: also at a.yaml:"},
		"STARFLEET twice": {map[string]string{"a.yaml": starfleet, "b.yaml": starfleet}, "STARFLEET: the section stands in two files: also at a.yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadFiles(test.files)
			faults := faultsOf(t, err)
			if len(faults) != 1 || !strings.Contains(faults[0].Error(), test.want) {
				t.Errorf("faults are\n%v\nwant one with %q", err, test.want)
			}
		})
	}
	t.Run("a ship called nearly Fleet", func(t *testing.T) {
		t.Parallel()
		if _, err := load(leastStarfleet, section{"Fleets", leastShip.keys}); err != nil {
			t.Error(err)
		}
	})
	t.Run("ships and indexes of names like keys", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, leastStarfleet.with("AccountIndex", "AccountIndexes"), section{"Organisations", leastShip.keys}, section{"AccountIndexes", [][2]string{{"Table", "x"}}})
		if diff := cmp.Diff([]string{"Organisations", "AccountIndexes"}, c.Sections()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("an unreadable file is told apart", func(t *testing.T) {
		t.Parallel()
		_, err := config.Load(failingFS{fstest.MapFS{"a.yaml": {Data: []byte(starfleet)}}})
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "a.yaml") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("very many sections", func(t *testing.T) {
		t.Parallel()
		var b strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&b, "S%d: {}\n", i)
		}
		c, err := loadFiles(map[string]string{"a.yaml": starfleet, "b.yaml": b.String()})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(c.Sections()); n != 20_000 {
			t.Errorf("%d sections", n)
		}
	})
	t.Run("too large", func(t *testing.T) {
		t.Parallel()
		_, err := loadText(starfleet + "#" + strings.Repeat("x", 10<<20))
		if faults := faultsOf(t, err); len(faults) != 1 {
			t.Errorf("faults are %v", err)
		}
	})
}

// failingFS lists its files and opens none.
type failingFS struct{ fstest.MapFS }

func (f failingFS) Open(name string) (fs.File, error) {
	if name == "." {
		return f.MapFS.Open(name)
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"good.conf": leastStarfleet.String(), "bad/a.yaml": "Fleet: {AssumeActive: maybe}\n"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := config.Open(filepath.Join(dir, "good.conf")); err != nil || c.Starfleet.TemplateBucket != "templates" {
		t.Errorf("a file of any name: %v", err)
	}
	_, err := config.Open(filepath.Join(dir, "bad"))
	faults := faultsOf(t, err)
	if want := filepath.Join(dir, "bad", "a.yaml"); len(faults) != 2 || faults[0].File != want {
		t.Errorf("faults do not name the path as it was given:\n%v", err)
	}
	if _, err := config.Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing path: %v", err)
	}
	if _, err := config.Open("s3://bucket/prefix"); err == nil || !strings.Contains(err.Error(), "S3 adapter") {
		t.Errorf("an address of S3: %v", err)
	}
}

func TestUnclaimed(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, leastStarfleet.with("AccountIndex", "MyIndex"), leastShip, section{"MyIndex", [][2]string{{"Table", "x"}}},
		section{"MyShop", leastShip.keys}, section{"Unrelated", [][2]string{{"Table", "x"}}})
	var got []string
	for _, u := range c.Unclaimed([]string{"MyShip"}) {
		if u.File != "starfleet.yaml" || u.Line < 1 || u.Column < 1 {
			t.Errorf("%s has the place %s:%d:%d", u.Name, u.File, u.Line, u.Column)
		}
		got = append(got, u.Name+"->"+u.DidYouMean)
	}
	if diff := cmp.Diff([]string{"MyShop->MyShip", "Unrelated->"}, got); diff != "" {
		t.Errorf("Unclaimed (-want +got):\n%s", diff)
	}
	if text := c.Unclaimed([]string{"MyShip"})[0].String(); !strings.Contains(text, "section MyShop belongs to no ship of this program: did you mean MyShip?") {
		t.Errorf("notice is %q", text)
	}
}
