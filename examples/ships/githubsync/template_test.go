package githubsync_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write schema.json")

// handler is the ship as Run would serve it, without an environment.
func handler(t *testing.T) *starfleet.Handler {
	t.Helper()
	ship, err := githubsync.New(githubsync.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := starfleet.NewHandler(ship, starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSchemaIsCurrent holds schema.json, which editors read, against the payload type. Write it anew with -update.
func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := handler(t).Manifest().Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.json is not that of the payload type; go test -update writes it (-want +got):\n%s", diff)
	}
}

// TestTemplatesAreValid: the template of the example, and one as a deployment of the Python Starfleet has it.
func TestTemplatesAreValid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"template.yaml", "testdata/github_sync.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "template.yaml" && !strings.HasPrefix(string(data), schema.Modeline("schema.json")+"\n") {
			t.Error("template.yaml does not begin with the line by which editors find its schema")
		}
		h := handler(t)
		template, err := starfleet.ParseTemplate(h.Manifest(), name, data)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.CheckPayload(template.Document()); err != nil {
			t.Error(err)
		}
		if template.Strategy() != starfleet.SingleInvocation {
			t.Errorf("strategy %s", template.Strategy())
		}
	}
}

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/github_sync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		old, with string // with takes the place of old, or is added
		want      []string
	}{
		"no organization":           {"Organization: fakeorg\n", "", []string{"Organization"}},
		"an organization of parts":  {"fakeorg", "fake/org", []string{"Organization"}},
		"a repository with its own": {"myrepo", "..", []string{`Repository ".."`}},
		"a repository that is two":  {"myrepo", "my/repo", []string{"Repository"}},
		"a branch above":            {"BranchName: main", "BranchName: a/../b", []string{"BranchName"}},
		"a branch with a question":  {"BranchName: main", "BranchName: main?x", []string{"BranchName"}},
		"half an app":               {"GitHubAppId: \"1234567\"\n", "", []string{"GitHubAppId and GitHubInstallationId go together"}},
		"ids without quotes":        {"\"1234567\"", "1234567", []string{"GitHubAppId"}},
		"an ARN of an access point": {"some-bucket", "arn:aws:s3:us-east-1:111122223333:accesspoint/x", []string{"BucketName"}},
		"an alias of one":           {"some-bucket", "templates-abcdefgh-s3alias", []string{"BucketName", "alias of an access point"}},
		"no region":                 {"us-east-2", "Ohio", []string{"BucketRegion"}},
		"no extraction":             {"ExtractZipContents: True\n", "", []string{"ExtractZipContents"}},
		"a token in the template":   {"", "GitHubToken: ghp_x\n", []string{"GitHubToken"}},
		"a host in the template":    {"", "GitHubApiUrl: https://example.com\n", []string{"GitHubApiUrl"}},
		"an unknown key":            {"", "DeleteMissing: true\n", []string{"DeleteMissing"}},
		"nothing included":          {"", "IncludeRepoPaths: []\n", []string{"IncludeRepoPaths"}},
		"everything excluded":       {"", "ExcludeRepoPaths: ['']\n", []string{"ExcludeRepoPaths[0] is empty"}},
		"an open bracket":           {"", "IncludeRepoPaths: ['^a$', '[']\n", []string{"IncludeRepoPaths[1] \"[\"", "missing closing ]"}},
		"look-ahead":                {"", "IncludeRepoPaths: ['^(?!docs/)']\n", []string{"IncludeRepoPaths[0]", "RE2", "ExcludeRepoPaths"}},
		"look-behind":               {"", "ExcludeRepoPaths: ['(?<!a)b']\n", []string{"ExcludeRepoPaths[0]", "RE2"}},
		"a back-reference":          {"", "ExcludeRepoPaths: ['(a)\\1']\n", []string{"ExcludeRepoPaths[0]", "RE2"}},
		"two faults":                {"", "IncludeRepoPaths: ['(?=x)']\nExcludeRepoPaths: ['(']\n", []string{"IncludeRepoPaths[0]", "ExcludeRepoPaths[0]"}},
		"a prefix without a slash":  {"", "KeyPrefix: docs\n", []string{`KeyPrefix "docs" does not end in a slash`, "docs-old/x", `"docs/"`}},
		"a prefix that leads away":  {"", "KeyPrefix: docs/../x/\n", []string{"KeyPrefix"}},
		"the archive and deletions": {"ExtractZipContents: True", "ExtractZipContents: false", []string{"DeleteMissingFiles goes with ExtractZipContents"}},
		"the archive left out": {
			"ExtractZipContents: True\nDeleteMissingFiles: True", "ExtractZipContents: false\nExcludeRepoPaths: ['zip$']", []string{"leave out myrepo.zip"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := string(data) + "\n" + test.with
			if test.old != "" {
				if !strings.Contains(string(data), test.old) {
					t.Fatalf("the template has no %q", test.old)
				}
				text = strings.Replace(string(data), test.old, test.with, 1)
			}
			h := handler(t)
			template, err := starfleet.ParseTemplate(h.Manifest(), "t.yaml", []byte(text))
			if err == nil {
				err = h.CheckPayload(template.Document())
			}
			if err == nil {
				t.Fatal("the template was accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to say %s", err, want)
				}
			}
		})
	}
}

const base = "STARFLEET:\n  DeploymentRegion: us-east-2\n  TemplateBucket: template-bucket\n  FanOutQueueUrl: https://sqs.amazonaws.com/fanout-queue\n" +
	"StarfleetDefaultAccountIndex:\n  IndexBucket: index-bucket\n  BucketRegion: us-east-2\nFleet:\n  StateBucket: state-bucket\n"

func load(t *testing.T, section string) *config.Configuration {
	t.Helper()
	c, err := config.Load(fstest.MapFS{"ship.yaml": {Data: []byte(section)}, "base.yaml": {Data: []byte(base)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestConfiguration reads the section as a deployment of the Python Starfleet has it, and with the keys that are new.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/github_sync_config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, string(data))
	if _, err := c.Ship(githubsync.Name); err != nil {
		t.Error(err)
	}
	want := githubsync.Config{
		TemplateBucket: "template-bucket",
		Protected: map[string]string{
			"index-bucket": "the account index, which says what every template selects", "state-bucket": "the fleet's state",
			"config-bucket": "the fleet's configuration",
		},
	}
	got, err := githubsync.FromConfiguration(c, "s3://config-bucket/fleet")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	section := strings.TrimRight(string(data), "\n") + "\n  "
	got, err = githubsync.FromConfiguration(load(t, section+"AllowTemplateBucket: true\n  GitHubApiUrl: https://github.example.com/api/v3\n  MaxArchiveMiB: 10\n"), "config")
	set := githubsync.Settings{AllowTemplateBucket: true, GitHubAPIURL: "https://github.example.com/api/v3", MaxArchiveMiB: 10}
	if diff := cmp.Diff(set, got.Settings); diff != "" || err != nil || len(got.Protected) != 2 {
		t.Errorf("error %v, protected %v: %s", err, got.Protected, diff)
	}
	for _, bad := range []string{"AllowTemplateBucket: maybe\n", "MaxFiles: 0.5\n", "MaxFiles: -1\n", "AllowTemplateBuckets: true\n"} {
		if _, err := githubsync.FromConfiguration(load(t, section+bad), ""); err == nil || !strings.Contains(err.Error(), strings.TrimRight(strings.SplitN(bad, ":", 2)[0], "s")) {
			t.Errorf("%s: error %v", bad, err)
		}
	}
}

// TestGitHubAPIURL: what the secret has goes to no address that others can read or choose.
func TestGitHubAPIURL(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"": true, "https://api.github.com": true, "https://github.example.com/api/v3/": true, "http://127.0.0.1:8080": true, "http://localhost:1": true, "http://[::1]:1": true,
		"http://github.example.com": false, "github.example.com": false, "ftp://127.0.0.1": false, "https://": false, "https://user:pass@github.example.com": false,
		"https://github.example.com?x=1": false, "http://127.0.0.1.example.com": false, "https://a b": false,
	} {
		_, err := githubsync.New(githubsync.Config{Settings: githubsync.Settings{GitHubAPIURL: address}})
		if (err == nil) != good {
			t.Errorf("%q: error %v", address, err)
		}
	}
	if _, err := githubsync.New(githubsync.Config{Settings: githubsync.Settings{MaxFiles: -1}}); err == nil {
		t.Error("a limit below zero was accepted")
	}
}
