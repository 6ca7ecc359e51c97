package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet"
)

const configuration = `STARFLEET:
  DeploymentRegion: us-east-2
  TemplateBucket: template-bucket
  FanOutQueueUrl: https://sqs.amazonaws.com/fanout-queue
  SecretsManager: {SecretId: fleet, SecretRegion: us-east-2}
GitHubSyncWorkerShip:
  Enabled: true
  TemplatePrefix: github_sync/
  InvocationQueueUrl: https://sqs.amazonaws.com/replace-me
  InvocationSources: [S3]
`

// TestConfigure: with a configuration and without one, the ship can be served; what is wrong with a section is said at start.
func TestConfigure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ more, want string }{
		"none":           {},
		"a good one":     {more: "  AllowTemplateBucket: true\n"},
		"a wrong key":    {more: "  AllowTemplates: true\n", want: "AllowTemplates"},
		"a plain target": {more: "  GitHubApiUrl: http://github.example.com\n", want: "https://"},
	} {
		getenv := func(string) (string, bool) { return "", false }
		if name != "none" {
			file := filepath.Join(t.TempDir(), "configuration.yaml")
			if err := os.WriteFile(file, []byte(configuration+test.more), 0o600); err != nil {
				t.Fatal(err)
			}
			getenv = func(key string) (string, bool) { return file, key == starfleet.EnvironmentConfig }
		}
		ship, options, err := configure(getenv)
		if test.want != "" {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		if err == nil {
			_, err = starfleet.NewHandler(ship, append(options, starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))...)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
