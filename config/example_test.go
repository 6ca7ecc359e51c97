package config_test

import (
	"fmt"
	"testing/fstest"

	"github.com/starfleet-go/starfleet/config"
)

// A ship keeps its own settings beside the keys that every ship has, and gets both checked and typed.
func ExampleSection() {
	files := fstest.MapFS{
		"starfleet.yaml": {Data: []byte(`
STARFLEET:
  DeploymentRegion: us-east-1
  TemplateBucket: my-templates
  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/123456789012/fanout
`)},
		"retention.yaml": {Data: []byte(`
LogRetention:
  Enabled: true
  TemplatePrefix: LogRetention/
  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/123456789012/retention
  InvocationSources: [S3]
  GroupPrefix: /aws/lambda/
`)},
	}
	c, err := config.Load(files)
	if err != nil {
		fmt.Println(err)
		return
	}
	ship, err := c.Ship("LogRetention")
	if err != nil {
		fmt.Println(err)
		return
	}
	own, err := config.Section[struct {
		GroupPrefix string `json:"GroupPrefix" jsonschema:"required,minLength=1"`
	}](c, "LogRetention")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ship.Enabled, ship.TemplatePrefix, ship.MaxTargets, own.GroupPrefix)
	// Output: true LogRetention/ 100 /aws/lambda/
}

// All faults come at once, with their places and the way out.
func ExampleLoad_faults() {
	_, err := config.Load(fstest.MapFS{"starfleet.yaml": {Data: []byte(`
STARFLEET:
  DeploymentRegion: us-esat-1
  TemplateBucket: my-templates
  FanOutQueueUrl: http://127.0.0.1:9324/000000000000/fanout
  LogLevel: Info
`)}})
	fmt.Println(err)
	// Output:
	// starfleet.yaml:3:21: STARFLEET.DeploymentRegion: unknown region "us-esat-1": did you mean us-east-1?
	// starfleet.yaml:6:13: STARFLEET.LogLevel: "Info" is none of CRITICAL, ERROR, WARNING, INFO, DEBUG, NOTSET: did you mean INFO?
}

// A template belongs to the ship with the longest prefix that covers it; a folder ends at a slash.
func ExampleOwners() {
	ships := []*config.Ship{
		{Name: "Roles", TemplatePrefix: "IAM"},
		{Name: "AuditRoles", TemplatePrefix: "IAM/Audit"},
	}
	for _, key := range []string{"IAM/admin.yaml", "IAM/Audit/reader.yaml", "IAMUsers/bot.yaml"} {
		fmt.Print(key, ":")
		for _, ship := range config.Owners(ships, key) {
			fmt.Print(" ", ship.Name)
		}
		fmt.Println()
	}
	// Output:
	// IAM/admin.yaml: Roles
	// IAM/Audit/reader.yaml: AuditRoles
	// IAMUsers/bot.yaml:
}
