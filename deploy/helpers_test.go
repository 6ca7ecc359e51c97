package deploy_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/deploy"
)

// least is a fleet of one ship without an option. Tests replace or add lines.
const least = `STARFLEET:
  DeploymentRegion: us-east-1
  TemplateBucket: templates
  FanOutQueueUrl: auto
StarfleetDefaultAccountIndex:
  IndexBucket: index-bucket
  BucketRegion: us-east-1
Fleet:
  Organizations: [o-abcdefghij]
  StateBucket: state
  ContinuationQueueUrl: auto
  Deployment:
    TemplatePublishers: [{Prefix: My/, Roles: ["arn:aws:iam::123456789012:role/publisher"]}]
MyShip:
  Enabled: true
  TemplatePrefix: My/
  InvocationQueueUrl: auto
  InvocationSources: [S3]
  WorkerRoleToAssume: worker
`

// watching is what makes the ship of least a service.
const watching = `
  Deployment:
    Fargate: {Image: ship}
`

// network is what a fleet with a service needs, in Fleet.Deployment.
const network = "    Network: {Subnets: [subnet-1], SecurityGroups: [sg-1]}\n"

// configured is the fleet of a text, with manifests of ships that work by account and need nothing.
func configured(t *testing.T, text string, ships ...string) deploy.Config {
	t.Helper()
	c, err := config.Load(fstest.MapFS{"fleet.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := deploy.Config{Configuration: c}
	for _, name := range append(ships, "MyShip") {
		m, err := starfleet.BaseManifest(name, starfleet.PerAccount)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Manifests = append(cfg.Manifests, m)
	}
	return cfg
}

// made is the main template of a text.
func made(t *testing.T, text string, ships ...string) template {
	t.Helper()
	f, err := deploy.New(configured(t, text, ships...))
	if err != nil {
		t.Fatal(err)
	}
	return rendered(t, f, deploy.CloudFormation, "cloudformation.yaml")
}

// with is a text with something else in place of a part of it.
func with(t *testing.T, text, old, replacement string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in the text", old)
	}
	return strings.Replace(text, old, replacement, 1)
}

// of are the properties of a resource that has to be there.
func (x template) of(t *testing.T, id string) map[string]any {
	t.Helper()
	r, ok := x.Resources[id]
	if !ok {
		t.Fatalf("there is no resource %s", id)
	}
	return r.Properties
}

// kind are the properties of all resources of a type, by id.
func (x template) kind(kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, r := range x.Resources {
		if r.Type == kind {
			found[id] = r.Properties
		}
	}
	return found
}

// at follows keys and indices into a value; nil when there is nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[key]
		case int:
			l, _ := value.([]any)
			if key >= len(l) {
				return nil
			}
			value = l[key]
		}
	}
	return value
}

// bySid is the statement of a policy document by its Sid, nil when it has none.
func bySid(document any, sid string) map[string]any {
	for _, s := range statements(document) {
		if s["Sid"] == sid {
			return s
		}
	}
	return nil
}
