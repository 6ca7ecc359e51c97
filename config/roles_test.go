package config_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/config"
)

// TestRoles: the roles of all sections, those at fault and disabled ones too, and nothing that is no role.
func TestRoles(t *testing.T) {
	t.Parallel()
	text := leastStarfleet.String() + `
IamRoleWorkerShip:
  Enabled: "False"
  WorkerRoleToAssume: arn:{partition}:iam::{account}:role/team/worker
  WorkerRoleSessionName: session
  WorkerRoleExternalId: external
  WorkerRoleSourceIdentity: identity
  AllowedRoles: [careful, bold]
AccountIndexGeneratorShip:
  OrgAccountAssumeRole: org-reader
  OrgAccountId: "111122223333"
  DescribeRegionsAssumeRole: worker-{account}
  Deployment: {AssumeRoles: [deployed], Main: ./Role}
Broken:
  WorkerRoleToAssume: [bold, {a: nested}]
  Nonsense: 3
NoMapping: [WorkerRole]
`
	c, err := config.Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"arn:{partition}:iam::{account}:role/team/worker", "bold", "careful", "deployed", "nested", "org-reader", "worker-{account}"}
	if diff := cmp.Diff(want, c.Roles()); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}
