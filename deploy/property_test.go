package deploy_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/deploy"
)

// anyFleet is a configuration that can be deployed, with ships of any strategy and options.
func anyFleet(t *rapid.T) deploy.Config {
	pick := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Z][a-z]{2,6}([A-Z][a-z]{2,6}){0,2}`), 1, 5, func(name string) string {
		return strings.ReplaceAll(config.Hyphenated(name), "-", "")
	}).Draw(t, "ships")
	var cfg deploy.Config
	var ships, publishers strings.Builder
	for i, name := range names {
		strategy := rapid.SampledFrom([]starfleet.FanOutStrategy{starfleet.SingleInvocation, starfleet.PerAccount, starfleet.PerAccountRegion}).Draw(t, "strategy")
		m, err := starfleet.BaseManifest(name, strategy)
		if err != nil {
			t.Fatal(err)
		}
		m.Permissions = starfleet.Permissions{Read: []string{"iam:ListRoles"}, Write: []string{"iam:TagRole"}}
		cfg.Manifests = append(cfg.Manifests, m)
		fmt.Fprintf(&publishers, "      - {Prefix: P%d/, Roles: [\"arn:aws:iam::123456789012:role/%s\"]}\n", i, pick("publisher", "a", "b"))
		fmt.Fprintf(&ships, "%s:\n  Enabled: true\n  TemplatePrefix: P%d/\n  InvocationQueueUrl: auto\n  InvocationSources: [%s]\n  EventBridgeTimedFrequency: %s\n  WorkerRoleToAssume: %s\n  Deployment: {%s}\n",
			name, i, "EVENTBRIDGE_TIMED_EVENT", pick("frequency", "HOURLY", "DAILY"), pick("role", "worker", "team/worker-{account}", `"arn:{partition}:iam::{account}:role/x/y"`),
			pick("deployment", "", "Commit: true", "Timeout: 1m, MaxConcurrency: 2", "Uses: [index, halts, once]", "Fargate: {Image: i, MaxTasks: 7}", fmt.Sprintf("Schedules: {P%d/a.yaml: rate(1 day)}", i)))
	}
	text := `STARFLEET: {DeploymentRegion: eu-west-1, TemplateBucket: templates, FanOutQueueUrl: auto}
StarfleetDefaultAccountIndex: {IndexBucket: index-bucket, BucketRegion: eu-west-1}
Fleet:
  Organizations: [o-abcdefghij]
  StateBucket: state
  ContinuationQueueUrl: auto
  Deployment:
    Name: ` + rapid.StringMatching(`[a-z]{1,12}`).Draw(t, "name") + `
    Network: {Subnets: [subnet-1], SecurityGroups: [sg-1]}
    KmsKey: ` + pick("key", "create", "arn:aws:kms:eu-west-1:123456789012:key/0") + `
    Tags: {` + pick("tags", "", `a: "${b}"`, `"x y": '%{z} "q" \'`) + `}
    TemplatePublishers:
` + publishers.String() + ships.String()
	c, err := config.Load(fstest.MapFS{"fleet.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	cfg.Configuration = c
	return cfg
}

// TestAnyFleet: whatever its ships are like, a fleet renders to YAML that can be read and HCL that is valid and formatted, every role's actions are without
// wildcards, each queue has a policy that closes it, and no ship writes that does not say so.
func TestAnyFleet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cfg := anyFleet(t)
		f, err := deploy.New(cfg)
		if err != nil {
			if strings.Contains(err.Error(), "the fleet's own") {
				t.Skip("a ship with a reserved name")
			}
			t.Fatal(err)
		}
		format := rapid.SampledFrom(deploy.Formats()).Draw(t, "format")
		files, err := f.Render(format)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if format == deploy.Terraform {
				if _, diagnostics := hclsyntax.ParseConfig(file.Data, file.Name, hcl.InitialPos); diagnostics.HasErrors() {
					t.Fatalf("%s: %v", file.Name, diagnostics)
				}
				if !bytes.Equal(hclwrite.Format(file.Data), file.Data) {
					t.Fatalf("%s is not formatted", file.Name)
				}
				continue
			}
			var x template
			if err := yaml.Unmarshal(file.Data, &x); err != nil {
				t.Fatalf("%s: %v", file.Name, err)
			}
			holds(t, cfg, x)
		}
	})
}

// holds checks what is true of every template.
func holds(t *rapid.T, cfg deploy.Config, x template) {
	for role, actions := range x.actions() {
		if strings.Contains(strings.Join(actions, " "), "*") {
			t.Fatalf("role %s may do %v", role, actions)
		}
	}
	for id := range x.kind("AWS::SQS::Queue") {
		closed := bySid(x.Resources[id+"Policy"].Properties["PolicyDocument"], "SendersOnly")
		if closed["Effect"] != "Deny" || closed["Principal"] != "*" {
			t.Fatalf("queue %s is open: %v", id, closed)
		}
	}
	for _, kind := range []string{"AWS::Lambda::Function", "AWS::Serverless::Function"} {
		for id, function := range x.kind(kind) {
			if commit := at(function, "Environment", "Variables", "STARFLEET_COMMIT"); commit == "true" && !commits(cfg, strings.TrimSuffix(id, "Function")) {
				t.Fatalf("%s writes", id)
			}
		}
	}
}

// commits says whether the section of a ship lets it write.
func commits(cfg deploy.Config, name string) bool {
	ship, err := cfg.Configuration.Ship(name)
	return err == nil && ship.Deployment.Commit
}
