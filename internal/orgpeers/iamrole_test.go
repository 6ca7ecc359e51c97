//go:build peers

package orgpeers_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/local"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// operator is a role with all that moto can keep. Its policy is for the first account alone.
const operator = `TemplateName: operator
TemplateDescription: The role of the test
IncludeAccounts: {AllAccounts: true}
IambicVariables: [{Key: team, Value: platform}]
IambicRoleTemplate:
  properties:
    role_name: operator-{{var.account_name}}
    description: Operator of {{var.team}}
    path: /teams/
    max_session_duration: 7200
    permissions_boundary: {policy_arn: 'arn:aws:iam::{{var.account_id}}:policy/boundary'}
    assume_role_policy_document:
      version: '2012-10-17'
      statement:
        - {effect: allow, action: 'sts:AssumeRole', principal: {aws: ['000000000009', 'arn:aws:iam::000000000008:root'], service: ec2.amazonaws.com}}
    managed_policies: [{policy_arn: 'arn:aws:iam::{{var.account_id}}:policy/extra'}]
    inline_policies:
      - policy_name: own
        version: '2012-10-17'
        StarfleetIncludeAccounts: {ByNames: [Account 1]}
        statement: [{effect: Deny, action: ['s3:DeleteBucket', 's3:PutObject'], resource: '*', condition: {Bool: {'aws:SecureTransport': false}}}]
      - policy_name: nobody
        StarfleetIncludeAccounts: {ByTags: [{Name: Nobody, Value: has}]}
        statement: [{effect: Allow, action: '*', resource: '*'}]
    tags: [{key: team, value: '{{var.team}}'}]
`

// roleAccounts are accounts of moto that no other test uses.
var roleAccounts = []string{"700000000001", "700000000002", "700000000003"}

// TestMotoIAMRole goes through the life of a role: without commit nothing is there, with it the role is, then nothing is left to change, drift is put
// right in the account that has it, and the role is deleted only where it carries the ownership tag.
func TestMotoIAMRole(t *testing.T) {
	for _, id := range roleAccounts {
		for _, policy := range []string{"boundary", "extra", "other"} {
			_, err := iamIn(t, id).CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: &policy, PolicyDocument: aws.String(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`)})
			must(t, 0, err)
		}
	}
	checkRoles(t, roleTask(t, operator, false), starfleet.OutcomeChanged)
	for _, id := range roleAccounts {
		if got := roleIn(t, id); got != nil {
			t.Fatalf("a dry run made %+v in account %s", got, id)
		}
	}

	checkRoles(t, roleTask(t, operator, true), starfleet.OutcomeChanged)
	made := map[string]string{}
	for i, id := range roleAccounts {
		made[id] = describe(t, id)
		own := "[]"
		if i == 0 {
			own = "[own]"
		}
		want := fmt.Sprintf("/teams/ Operator of platform 7200 boundary [starfleet:ship=IamRoleWorkerShip team=platform] [extra] %s", own)
		if made[id] != want {
			t.Errorf("account %s has %s, want %s", id, made[id], want)
		}
	}
	checkRoles(t, roleTask(t, operator, true), starfleet.OutcomeOK)

	drift(t, roleAccounts[1])
	checkRoles(t, roleTask(t, operator, false), starfleet.OutcomeOK, roleAccounts[1])
	if got := describe(t, roleAccounts[1]); got == made[roleAccounts[1]] {
		t.Error("a dry run put the drift right")
	}
	checkRoles(t, roleTask(t, operator, true), starfleet.OutcomeOK, roleAccounts[1])
	if diff := cmp.Diff(made[roleAccounts[1]], describe(t, roleAccounts[1])); diff != "" {
		t.Errorf("after the drift (-want +got):\n%s", diff)
	}
	checkRoles(t, roleTask(t, operator, true), starfleet.OutcomeOK)
	deleteRoles(t)
}

// deleteRoles takes the ownership from one of the roles, and lets all be deleted.
func deleteRoles(t *testing.T) {
	t.Helper()
	gone, kept := operator+"  deleted: true\n", roleAccounts[2]
	_, err := iamIn(t, kept).UntagRole(t.Context(), &iam.UntagRoleInput{RoleName: roleName(kept), TagKeys: []string{iamrole.OwnershipTag}})
	must(t, 0, err)
	_, err = iamIn(t, roleAccounts[0]).CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("profile")})
	must(t, 0, err)
	_, err = iamIn(t, roleAccounts[0]).AddRoleToInstanceProfile(t.Context(),
		&iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("profile"), RoleName: roleName(roleAccounts[0])})
	must(t, 0, err)
	for _, commit := range []bool{false, true} {
		for _, run := range roleTask(t, gone, commit).Runs {
			for _, r := range run.Results {
				notOwned := new(iamrole.NotOwnedError)
				if r.AccountID == kept && !errors.As(r.Err, &notOwned) || r.AccountID != kept && r.Outcome != starfleet.OutcomeChanged {
					t.Errorf("account %s: %s, %v", r.AccountID, r.Outcome, r.Err)
				}
			}
		}
		for _, id := range roleAccounts {
			if there := roleIn(t, id) != nil; there != (id == kept || !commit) {
				t.Errorf("account %s, commit %t: role there %t", id, commit, there)
			}
		}
	}
}

// drift changes everything about the role of an account that the ship looks after.
func drift(t *testing.T, id string) {
	t.Helper()
	ctx, client, name := t.Context(), iamIn(t, id), roleName(id)
	const anybody = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	_, err := client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(anybody)})
	must(t, 0, err)
	_, err = client.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, Description: aws.String("drifted"), MaxSessionDuration: aws.Int32(3600)})
	must(t, 0, err)
	_, err = client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::" + id + ":policy/other")})
	must(t, 0, err)
	_, err = client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("more"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)})
	must(t, 0, err)
	_, err = client.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("other")}, {Key: aws.String("x"), Value: aws.String("y")}}})
	must(t, 0, err)
	_, err = client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name})
	must(t, 0, err)
}

// roleTask runs the ship for a template in all of the accounts.
func roleTask(t *testing.T, template string, commit bool) *local.Report {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDMANAGEMENT", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": motoURL(t),
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	accounts := make([]accountindex.Account, len(roleAccounts))
	for i, id := range roleAccounts {
		accounts[i] = accountindex.Account{
			ID: id, Name: fmt.Sprintf("Account %d", i+1), ARN: "arn:aws:organizations::700000000009:account/o-abcdefghij/" + id, State: accountindex.Active,
			Regions: []string{"us-east-1"}, Tags: map[string]string{}, Parents: []accountindex.Parent{{ID: "r-abcd", Name: "ROOT"}},
		}
	}
	index, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	must(t, 0, err)
	configuration := starfleettest.Configuration(t, iamrole.Name)
	ship, err := iamrole.New(iamrole.Config{Configuration: configuration})
	must(t, 0, err)
	fleet := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Index: index, Templates: map[string]string{iamrole.Name + "/operator.yaml": template}, Configuration: configuration,
	})
	starfleettest.AddShip(fleet, ship, starfleet.WithCommit(commit))
	return fleet.Trigger(local.Timer(config.Hourly))
}

// checkRoles wants the outcome in each account, and changes in those that are excepted.
func checkRoles(t *testing.T, report *local.Report, outcome starfleet.Outcome, changed ...string) {
	t.Helper()
	seen := 0
	for _, run := range report.Runs {
		for _, r := range run.Results {
			seen++
			want := outcome
			if slices.Contains(changed, r.AccountID) {
				want = starfleet.OutcomeChanged
			}
			if r.Outcome != want {
				t.Errorf("account %s: %s, want %s: %v, %v", r.AccountID, r.Outcome, want, r.Changes, r.Err)
			}
		}
	}
	if seen != len(roleAccounts) {
		t.Errorf("%d tasks", seen)
	}
}

func roleName(id string) *string {
	return aws.String(fmt.Sprintf("operator-Account%d", slices.Index(roleAccounts, id)+1))
}

// iamIn is IAM in an account, by another role than the ship's.
func iamIn(t *testing.T, id string) *iam.Client {
	t.Helper()
	provider, err := assume.New(assume.Config{AWS: managementConfig(t, motoURL(t))})
	must(t, 0, err)
	cfg, err := provider.Config(t.Context(), assume.Target{Partition: "aws", AccountID: id, RoleName: "auditor"})
	must(t, 0, err)
	cfg.BaseEndpoint = aws.String(motoURL(t))
	return iam.NewFromConfig(cfg)
}

// roleIn is the role of an account, nil when there is none.
func roleIn(t *testing.T, id string) *types.Role {
	t.Helper()
	out, err := iamIn(t, id).GetRole(t.Context(), &iam.GetRoleInput{RoleName: roleName(id)})
	if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
		return nil
	}
	return must(t, out, err).Role
}

// describe is the role of an account in one line.
func describe(t *testing.T, id string) string {
	t.Helper()
	role, client := roleIn(t, id), iamIn(t, id)
	if role == nil {
		return "nothing"
	}
	boundary := "none"
	if role.PermissionsBoundary != nil {
		_, boundary, _ = strings.Cut(*role.PermissionsBoundary.PermissionsBoundaryArn, ":policy/")
	}
	var tags, managed []string
	for _, tag := range role.Tags {
		tags = append(tags, *tag.Key+"="+*tag.Value)
	}
	slices.Sort(tags)
	attached, err := client.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: roleName(id)})
	for _, policy := range must(t, attached, err).AttachedPolicies {
		managed = append(managed, *policy.PolicyName)
	}
	inline, err := client.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: roleName(id)})
	must(t, 0, err)
	return fmt.Sprintf("%s %s %d %s %v %v %v", *role.Path, aws.ToString(role.Description), *role.MaxSessionDuration, boundary, tags, managed, inline.PolicyNames)
}
