package deploy_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/dynamostore"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/aws/s3state"
	"github.com/starfleet-go/starfleet/aws/s3templates"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/deploy"
)

// template is a rendered template as tests read it. Functions of CloudFormation are the texts behind their tags.
type template struct {
	Resources map[string]struct {
		Type           string         `yaml:"Type"`
		DeletionPolicy string         `yaml:"DeletionPolicy"`
		Properties     map[string]any `yaml:"Properties"`
	} `yaml:"Resources"`
}

// readOnce are the templates that tests read, by what they are.
var readOnce sync.Map

// rendered is a file of a fleet. Tests do not change it.
func rendered(t *testing.T, f *deploy.Fleet, format deploy.Format, name string) template {
	t.Helper()
	type what struct {
		fleet  *deploy.Fleet
		format deploy.Format
		name   string
	}
	if x, ok := readOnce.Load(what{f, format, name}); ok {
		return x.(template)
	}
	files, err := f.Render(format)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file.Name == name {
			var x template
			if err := yaml.Unmarshal(file.Data, &x); err != nil {
				t.Fatal(err)
			}
			readOnce.Store(what{f, format, name}, x)
			return x
		}
	}
	t.Fatalf("no file %s", name)
	return template{}
}

// statements are those of a policy document.
func statements(document any) []map[string]any {
	var all []map[string]any
	for _, s := range document.(map[string]any)["Statement"].([]any) {
		all = append(all, s.(map[string]any))
	}
	return all
}

// texts is a text or a list of them.
func texts(value any) []string {
	if text, ok := value.(string); ok {
		return []string{text}
	}
	var all []string
	for _, item := range value.([]any) {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

// actions are what each role of a template may do, by the names of the roles.
func (x template) actions() map[string][]string {
	roles := map[string][]string{}
	for _, r := range x.Resources {
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		set := map[string]bool{}
		policies, _ := r.Properties["Policies"].([]any)
		for _, p := range policies {
			for _, s := range statements(p.(map[string]any)["PolicyDocument"]) {
				for _, action := range texts(s["Action"]) {
					set[action] = true
				}
			}
		}
		roles[r.Properties["RoleName"].(string)] = slices.Sorted(maps.Keys(set))
	}
	return roles
}

// The actions that no adapter lists, with the reasons that docs/deploy.md gives.
var (
	mapping  = []string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
	logs     = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	key      = []string{"kms:Decrypt", "kms:GenerateDataKey"}
	image    = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"}
	settling = slices.Concat(sqsqueue.SettlerIAMActions, sqsqueue.DeadLetterIAMActions)
	once     = dynamostore.IdempotencyIAMActions
	progress = dynamostore.ProgressIAMActions
)

func union(lists ...[]string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(lists...))))
}

// TestLeastPrivilege: for each role the set of actions equals the lists of the adapters, the manifests, and the indirect ones.
func TestLeastPrivilege(t *testing.T) {
	t.Parallel()
	starbase := union(s3templates.IAMActions, s3index.IAMActions, s3state.IAMActions, sqsqueue.IAMActions, mapping, logs)
	worker := union(settling, mapping, logs, assume.IAMActions)
	want := map[string]map[string][]string{
		"examples": {
			"starfleet-starbase-function":            starbase,
			"starfleet-scheduler":                    {"sqs:SendMessage"},
			"starfleet-log-group-retention-function": worker,
			"starfleet-account-alias-function":       worker,
		},
		"full": {
			"full-starbase-function":  union(starbase, secrets.IAMActions, key),
			"full-scheduler":          union([]string{"sqs:SendMessage"}, key),
			"full-hardening-function": union(worker, s3index.IAMActions, s3state.ReaderIAMActions, secrets.IAMActions, once, key, []string{"sts:SetSourceIdentity", "sts:TagSession"}),
			"full-chained-function":   union(worker, key),
			"full-catalogue-service":  union(sqsqueue.IAMActions, progress, key, []string{"glue:GetTables"}),
			"full-index-function":     union(worker, key, []string{"s3:GetObject", "s3:ListBucket", "s3:PutObject"}),
			"full-sync-function":      union(settling, mapping, logs, key, secrets.IAMActions, []string{"s3:DeleteObject", "s3:ListBucket", "s3:PutObject"}),
			"full-execution":          union(image, logs),
		},
	}
	for name, dir := range fleets {
		for _, format := range []deploy.Format{deploy.SAM, deploy.CloudFormation} {
			got := rendered(t, fleetOf(t, dir), format, deploy.MainTemplate(format)).actions()
			if diff := cmp.Diff(want[name], got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", name, format, diff)
			}
		}
	}
}

// TestMemberRoles: the roles of target accounts have the actions of the manifests, and trust the ship's own role in the own organization alone.
func TestMemberRoles(t *testing.T) {
	t.Parallel()
	want := map[string]map[string][]string{
		"examples": {
			"starfleet-account-alias":       {"iam:CreateAccountAlias", "iam:ListAccountAliases"},
			"starfleet-log-group-retention": {"logs:DescribeLogGroups", "logs:PutRetentionPolicy"},
		},
		"full": {
			"auditor":                     {"ec2:EnableEbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault", "iam:ListAccountAliases"},
			"hardening-${AWS::AccountId}": {"ec2:EnableEbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault"},
			"index":                       {"organizations:ListRoots"},
		},
	}
	for name, dir := range fleets {
		x := rendered(t, fleetOf(t, dir), deploy.SAM, "member-roles.yaml")
		if diff := cmp.Diff(want[name], x.actions()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for id, r := range x.Resources {
			for _, s := range statements(r.Properties["AssumeRolePolicyDocument"]) {
				conditions := s["Condition"].(map[string]any)
				principal := fmt.Sprint(conditions["ArnEquals"].(map[string]any)["aws:PrincipalArn"])
				organization := conditions["StringEquals"].(map[string]any)["aws:PrincipalOrgID"]
				if organization != "OrganizationId" || !strings.HasSuffix(principal, "-function") && !strings.HasSuffix(principal, ":role/hub") {
					t.Errorf("%s %s: %s trusts %s of %v", name, id, s["Sid"], principal, organization)
				}
			}
		}
	}
}

// TestTrustOfSeveralShips: those that differ in nothing but their own roles are in one statement, with each role; others are not.
func TestTrustOfSeveralShips(t *testing.T) {
	t.Parallel()
	text := least
	for name, more := range map[string]string{"SameShip": "", "KeyedShip": "\n  WorkerRoleExternalId: external-1"} {
		text += strings.NewReplacer("OtherShip", name, "Other/", name+"/", "WorkerRoleToAssume: w", "WorkerRoleToAssume: worker"+more).Replace(other)
	}
	f, err := deploy.New(configured(t, text, "SameShip", "KeyedShip"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, s := range statements(rendered(t, f, deploy.SAM, "member-roles.yaml").of(t, "RoleWorker")["AssumeRolePolicyDocument"]) {
		got[s["Sid"].(string)] = texts(at(s, "Condition", "ArnEquals", "aws:PrincipalArn"))
	}
	const home = "arn:${AWS::Partition}:iam::${HomeAccountId}:role/starfleet-"
	want := map[string][]string{"KeyedShip": {home + "keyed-function"}, "Ships2": {home + "my-function", home + "same-function"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trust (-want +got):\n%s", diff)
	}
}

// TestExternalIDAndBoundary: the external id, session tags and source identity of a ship's section are in the trust, and the boundary is on every role.
func TestExternalIDAndBoundary(t *testing.T) {
	t.Parallel()
	f := fleetOf(t, fleets["full"])
	members := rendered(t, f, deploy.SAM, "member-roles.yaml")
	trust := statements(members.Resources["RoleFleetHardening"].Properties["AssumeRolePolicyDocument"])[0]
	if got := trust["Condition"].(map[string]any)["StringEquals"].(map[string]any)["sts:ExternalId"]; got != "full-1" {
		t.Errorf("external id %v", got)
	}
	if diff := cmp.Diff([]string{"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}, texts(trust["Action"])); diff != "" {
		t.Errorf("actions of the trust (-want +got):\n%s", diff)
	}
	for _, x := range []template{members, rendered(t, f, deploy.SAM, "template.yaml")} {
		for id, r := range x.Resources {
			want := "arn:aws:iam::123456789012:policy/boundary"
			if strings.HasPrefix(id, "RoleFleet") { // of the account in which the role is
				want = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/boundary"
			}
			if r.Type == "AWS::IAM::Role" && r.Properties["PermissionsBoundary"] != want {
				t.Errorf("%s has the boundary %v, want %s", id, r.Properties["PermissionsBoundary"], want)
			}
		}
	}
}

// TestBoundaryOfAWS: a policy of AWS is the same in every account.
func TestBoundaryOfAWS(t *testing.T) {
	t.Parallel()
	const boundary = "arn:aws-us-gov:iam::aws:policy/PowerUserAccess"
	f, err := deploy.New(configured(t, with(t, least, "    TemplatePublishers", "    PermissionsBoundary: "+boundary+"\n    TemplatePublishers")))
	if err != nil {
		t.Fatal(err)
	}
	if got := rendered(t, f, deploy.SAM, "member-roles.yaml").of(t, "RoleWorker")["PermissionsBoundary"]; got != boundary {
		t.Errorf("the boundary is %v", got)
	}
}

// TestShipAssumesItsOwnRoleOnly: in its own organization, and of a chain the first role.
func TestShipAssumesItsOwnRoleOnly(t *testing.T) {
	t.Parallel()
	account := strings.Repeat("?", 12) // not *, which would stand for more than the id of an account
	want := map[string][]string{
		"full-hardening-function": {"arn:${AWS::Partition}:iam::*:role/fleet/hardening-" + account, "arn:${AWS::Partition}:iam::*:role/fleet/auditor"},
		"full-chained-function":   {"arn:aws:iam::210987654321:role/hub"},
		"full-index-function":     {"arn:${AWS::Partition}:iam::*:role/fleet/index"},
	}
	got := map[string][]string{}
	for _, r := range rendered(t, fleetOf(t, fleets["full"]), deploy.SAM, "template.yaml").Resources {
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		for _, s := range statements(r.Properties["Policies"].([]any)[0].(map[string]any)["PolicyDocument"]) {
			if s["Sid"] != "Assume" {
				continue
			}
			name := r.Properties["RoleName"].(string)
			got[name] = texts(s["Resource"])
			organizations := texts(s["Condition"].(map[string]any)["StringEquals"].(map[string]any)["aws:ResourceOrgID"])
			if diff := cmp.Diff([]string{"o-abcdefghij"}, organizations); diff != "" {
				t.Errorf("%s: organizations (-want +got):\n%s", name, diff)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}
