package accountindexgenerator_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/accountindexgenerator"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starfleettest"
)

var (
	settings = accountindexgenerator.Settings{
		OrgAccountAssumeRole: "org-role", OrgAccountID: management, OrgRootID: rootID, DescribeRegionsAssumeRole: "regions-role",
	}
	payload = accountindexgenerator.Payload{AccountInventoryBucket: "inventory", InventoryBucketRegion: "us-east-2"}
)

const object = "inventory/accountIndex.json"

func run(t *testing.T, c *cloud, p accountindexgenerator.Payload, commit bool) starfleet.Result {
	t.Helper()
	return starfleettest.Execute(t, accountindexgenerator.New(settings, c.clients()), p, &starfleettest.ExecuteOptions{
		Commit: commit,
		AWSConfig: func(context.Context, starfleet.Target) (aws.Config, error) {
			return aws.Config{Region: "us-east-1"}, nil
		},
	})
}

// read loads the index in place.
func (c *cloud) read(t *testing.T, key string) *accountindex.Index {
	t.Helper()
	x, err := accountindex.Load(key, c.objects[key], accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// details are those of a change, by key.
func details(change starfleet.Change) map[string]string {
	all := map[string]string{}
	for _, attr := range change.Details {
		all[attr.Key] = attr.Value.String()
	}
	return all
}

func TestExecute(t *testing.T) {
	t.Parallel()
	c := newCloud()
	c.refused = map[string]bool{member: true}
	c.tagless = map[string]bool{"000000000003": true}

	dry := run(t, c, payload, false)
	if dry.Outcome != starfleet.OutcomeChanged || len(dry.Changes) != 1 || c.puts != 0 {
		t.Fatalf("dry run: %s, changes %v, error %v, %d writes", dry.Outcome, dry.Changes, dry.Err, c.puts)
	}
	done := run(t, c, payload, true)
	if done.Err != nil || c.puts != 1 {
		t.Fatalf("commit: %v, %d writes", done.Err, c.puts)
	}
	if diff := cmp.Diff(details(dry.Changes[0]), details(done.Changes[0])); diff != "" {
		t.Errorf("the dry run foretold something else: %s", diff)
	}
	x := c.read(t, object)
	a, _ := x.Account(member)
	want := []accountindex.Parent{{ID: ouID, Name: "Dev", Type: accountindex.TypeOrgUnit}, {ID: rootID, Name: "ROOT", Type: accountindex.TypeRoot}}
	if x.Len() != 4 || !cmp.Equal(a.Parents, want) || !cmp.Equal(a.Regions, []string{"eu-north-1", "us-west-2"}) {
		t.Errorf("%d accounts, %+v", x.Len(), a)
	}
	if b, _ := x.Account("000000000003"); b.Tags != nil || !cmp.Equal(b.Regions, []string{"eu-west-1", "us-east-1"}) {
		t.Errorf("account without tags that can be read: %+v", b)
	}
	org := assume.Target{Partition: "aws", AccountID: management, RoleName: "org-role", SessionName: accountindexgenerator.Name}
	regions := assume.Target{Partition: "aws", AccountID: member, RoleName: "regions-role", SessionName: accountindexgenerator.Name}
	if diff := cmp.Diff([]assume.Target{org, regions, org, regions}, c.entered); diff != "" {
		t.Error(diff)
	}

	c.members = 4
	again := run(t, c, payload, true)
	if got := details(again.Changes[0]); got["accountsAdded"] != "1" || got["accountsRemoved"] != "0" || got["accountsChanged"] != "0" || got["accounts"] != "5" {
		t.Errorf("the second run: %v, error %v", got, again.Err)
	}
}

func TestALossIsDeadLettered(t *testing.T) {
	t.Parallel()
	c := newCloud()
	if r := run(t, c, payload, true); r.Err != nil {
		t.Fatal(r.Err)
	}
	before := string(c.objects[object])
	c.members = 1
	for _, commit := range []bool{false, true} {
		r := run(t, c, payload, commit)
		if _, lost := errors.AsType[*accountindex.LossError](r.Err); !lost || queue.DispositionOf(r.Err).Action != queue.DeadLetter {
			t.Errorf("commit %v: %v", commit, r.Err)
		}
		if string(c.objects[object]) != before {
			t.Error("the index in place was replaced")
		}
	}
	aside := 0
	for key := range c.objects {
		if strings.HasPrefix(key, object+".rejected-") {
			aside++
		}
	}
	if aside != 1 || c.puts != 2 {
		t.Errorf("%d indexes put aside by %d writes", aside, c.puts)
	}
	accepting := payload
	accepting.AcceptShrink = true
	if r := run(t, c, accepting, true); r.Err != nil || c.read(t, object).Len() != 2 {
		t.Errorf("accepted: %v", r.Err)
	}
}

// TestMerge: where the index is one of several organizations, the others stay as they are.
func TestMerge(t *testing.T) {
	t.Parallel()
	other, err := accountindex.New([]accountindex.Account{{
		ID: "900000000001", Name: "Theirs", ARN: "arn:aws:organizations::900000000001:account/o-other/900000000001", State: accountindex.Active,
		Parents: []accountindex.Parent{{ID: "r-other", Name: "ROOT", Type: accountindex.TypeRoot}},
	}}, nil, time.Now(), accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c := newCloud()
	c.objects[object] = other.AppendFile(nil)
	if r := run(t, c, payload, true); queue.DispositionOf(r.Err).Action != queue.DeadLetter || string(c.objects[object]) != string(other.AppendFile(nil)) {
		t.Errorf("without Merge: %v", r.Err)
	}
	merging := payload
	merging.Merge = true
	for range 2 {
		for _, commit := range []bool{false, true} {
			r := run(t, c, merging, commit)
			if r.Err != nil || details(r.Changes[0])["accountsRemoved"] != "0" {
				t.Errorf("commit %t: %v, error %v", commit, r.Changes, r.Err)
			}
		}
	}
	x, err := accountindex.Load(object, c.objects[object], accountindex.LoadOptions{AnyOrganizations: true})
	if err != nil || x.Len() != 5 || len(x.Organizations()) != 2 {
		t.Errorf("in place is %s, error %v", c.objects[object], err)
	}
	c.objects[object] = []byte(`{"accounts": {"00`)
	if r := run(t, c, merging, true); r.Err == nil {
		t.Error("what may hold other organizations was replaced")
	}
}

func TestAnIndexAtFaultIsReplaced(t *testing.T) {
	t.Parallel()
	c := newCloud()
	c.objects[object] = []byte(`{"accounts": {"00`)
	if r := run(t, c, payload, true); r.Err != nil || c.read(t, object).Len() != 4 {
		t.Errorf("error %v", r.Err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	throttled := newCloud()
	throttled.asked = &types.TooManyRequestsException{}
	if r := run(t, throttled, payload, true); r.Outcome != starfleet.OutcomeThrottled || throttled.puts > 0 {
		t.Errorf("throttled: %s, %v", r.Outcome, r.Err)
	}
	denied := newCloud()
	denied.enterFails = &assume.DeniedError{Account: management, RoleARN: "arn:aws:iam::" + management + ":role/org-role"}
	if r := run(t, denied, payload, true); r.Outcome != starfleet.OutcomeDenied || denied.puts > 0 {
		t.Errorf("denied: %s, %v", r.Outcome, r.Err)
	}
	r := starfleettest.Execute(t, accountindexgenerator.New(accountindexgenerator.Settings{}, newCloud().clients()), payload, nil)
	if queue.DispositionOf(r.Err).Action != queue.DeadLetter || !strings.Contains(r.Err.Error(), "STARFLEET_CONFIG") {
		t.Errorf("without settings: %v", r.Err)
	}
}

// TestSettings decodes the section as a deployment of the Python Starfleet has it.
func TestSettings(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/account_index_generator.yaml")
	if err != nil {
		t.Fatal(err)
	}
	decode := func(text string) (accountindexgenerator.Settings, error) {
		c, err := config.Load(fstest.MapFS{"ship.yaml": {Data: []byte(text)}, "base.yaml": {Data: []byte(
			"STARFLEET:\n  DeploymentRegion: us-east-2\n  TemplateBucket: template-bucket\n  FanOutQueueUrl: https://sqs.amazonaws.com/fanout-queue\n")}})
		if err != nil {
			t.Fatal(err)
		}
		return config.Section[accountindexgenerator.Settings](c, accountindexgenerator.Name)
	}
	got, err := decode(string(data))
	want := accountindexgenerator.Settings{
		OrgAccountAssumeRole: "starfleet-worker-basic-test-role", OrgAccountID: "123456789012", OrgRootID: "r-123456",
		DescribeRegionsAssumeRole: "starfleet-worker-basic-test-role",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v: %s", err, diff)
	}
	if _, err := decode(strings.Replace(string(data), `"123456789012"`, `"12"`, 1)); err == nil || !strings.Contains(err.Error(), "OrgAccountId") {
		t.Errorf("error %v", err)
	}
}
