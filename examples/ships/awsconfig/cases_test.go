package awsconfig_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/queue"
)

// mainVariable makes the test binary the ship's main.
const mainVariable = "AWSCONFIG_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		starfleet.Run(awsconfig.New(awsconfig.NewClient))
		return
	}
	os.Exit(m.Run())
}

// commandLine runs the ship's own command line against the fake, with the credentials of whoever calls it.
func commandLine(t *testing.T, fake *fakeConfig, args ...string) (status int, out, log string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Env = []string{
		mainVariable + "=1", "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + serve(t, fake), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// TestCase26RunOutsideTheTemplate: an account or a region outside the template ends with status 1 and no call to AWS, a missing --region with 2.
func TestCase26RunOutsideTheTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	template, index := dir+"/template.yaml", dir+"/index.json"
	text := strings.Replace(good, "{AllAccounts: true}\nIncludeRegions: [ALL]", "{ByNames: [Payments]}\nIncludeRegions: [us-east-1]", 1)
	err := errors.Join(os.WriteFile(template, []byte(text), 0o600), os.WriteFile(index, indexOf(t, "aws", region, "eu-west-1").AppendFile(nil), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	run := func(more ...string) []string {
		return append([]string{"run", "--commit", "--use-caller-credentials", "--payload", template, "--index", index}, more...)
	}
	tests := map[string]struct {
		args   []string
		status int
		log    string
	}{
		"an account outside":   {run("--account-id", management, "--region", region), 1, management},
		"an unknown account":   {run("--account-id", "222222222222", "--region", region), 1, "222222222222"},
		"a region outside":     {run("--account-id", account, "--region", "eu-west-1"), 1, "region"},
		"no region":            {run("--account-id", account), 2, "region"},
		"no account":           {run("--region", region), 2, "account-id"},
		"no template":          {[]string{"run", "--account-id", account, "--region", region}, 2, "payload"},
		"the target, for once": {run("--account-id", account, "--region", region), 0, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeConfig{}
			status, out, log := commandLine(t, fake, test.args...)
			if status != test.status || !strings.Contains(log, test.log) {
				t.Errorf("exit status %d, want %d with %q\nout: %s\nerr: %s", status, test.status, test.log, out, log)
			}
			if inside := test.status == 0; inside != (len(fake.calls) > 0) || inside != (fake.recorder() != nil) {
				t.Errorf("AWS was asked: %v", fake.calls)
			}
		})
	}
}

// inbox keeps what is told.
type inbox struct {
	mu       sync.Mutex
	messages []alert.Message
}

func (i *inbox) Alert(_ context.Context, m alert.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.messages = append(i.messages, m)
	return nil
}

// worker serves the ship's queue by the sample's configuration, which tells everything, against the fake.
func worker(t *testing.T, fake *fakeConfig, commit bool, x *accountindex.Index) (*starfleet.Handler, *inbox) {
	t.Helper()
	told := &inbox{}
	h, err := starfleet.NewHandler(awsconfig.New(fake.client), starfleet.WithCommit(commit), starfleet.WithIndex(accountindex.Static{X: x}),
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }), starfleet.WithAlerter(told),
		starfleet.WithConfiguration(sampleConfiguration(t, "\n  AlertConfiguration: {ChannelId: C0123456789, AlertPriority: SUCCESS}\n").Configuration),
		starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) { return aws.Config{}, nil }))
	if err != nil {
		t.Fatal(err)
	}
	return h, told
}

// sampleTask is the sample's template as a Starbase sends it for an account and region.
func sampleTask(t testing.TB, accountID, region string) queue.Message {
	t.Helper()
	data, err := os.ReadFile("testdata/aws_config_template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return task(t, string(data), accountID, region)
}

func task(t testing.TB, text, accountID, region string) queue.Message {
	t.Helper()
	text += fmt.Sprintf("\nStarbaseAssignedAccount: %q\nStarbaseAssignedRegion: %s\n", accountID, region)
	template, err := parse(t, "t.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return queue.Message{ID: "m-" + accountID, Body: string(template.Document().Root.AppendJSON(nil)), ReceiveCount: 1}
}

// TestCase27FromNothing: recorder, channel, retention, start, in that order, and one SUCCESS; the second run does nothing. The template is the
// sample's, once by its default and once by its first override.
func TestCase27FromNothing(t *testing.T) {
	t.Parallel()
	for _, where := range []struct{ account, region, bucket, recorder string }{
		{account, "us-east-1", "all-bucket", "default"},
		{"000000000001", "us-west-1", "bucket-000000000001", "us-west-1-000000000001"},
	} {
		fake := &fakeConfig{}
		h, told := worker(t, fake, true, indexWithSamples(t))
		m := sampleTask(t, where.account, where.region)
		if err := h.Handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		want := []string{"config:PutConfigurationRecorder", "config:PutDeliveryChannel", "config:PutRetentionConfiguration", "config:StartConfigurationRecorder"}
		if diff := cmp.Diff(want, fake.writes()); diff != "" || *fake.channel.S3BucketName != where.bucket || !fake.recording[where.recorder] {
			t.Errorf("channel %+v, recording %v, wrote (-want +got):\n%s", fake.channel, fake.recording, diff)
		}
		if len(told.messages) != 1 || told.messages[0].Priority != alert.Success || !strings.Contains(told.messages[0].Text, where.account+" "+where.region) {
			t.Errorf("told %+v", told.messages)
		}
		if err := h.Handle(t.Context(), m); err != nil || len(fake.writes()) > 0 || len(told.messages) != 1 {
			t.Errorf("the second run: error %v, told %+v", err, told.messages)
		}
	}
}

// TestCase28TwoOverrides: two overrides for one account and region are a permanent error and a PROBLEM, and change nothing. An account that only
// one of them is for is not held up.
func TestCase28TwoOverrides(t *testing.T) {
	t.Parallel()
	text := override + "- IncludeAccounts: {ByTags: [{Name: Team, Value: payments}]}\n  IncludeRegions: [us-west-1]\n" + body
	text = strings.Replace(text, "IncludeRegions: [ALL]\n", "IncludeRegions: [ALL]\nOperateInOrgRoot: true\n", 1)
	fake := &fakeConfig{}
	h, told := worker(t, fake, true, indexWithSamples(t))
	err := h.Handle(t.Context(), task(t, text, account, "us-west-1"))
	duplicate, ok := errors.AsType[*awsconfig.DuplicateOverrideError](err)
	want := awsconfig.DuplicateOverrideError{AccountID: account, Region: "us-west-1", Overrides: [2]int{0, 1}}
	if !ok || *duplicate != want || queue.DispositionOf(err).Action != queue.DeadLetter {
		t.Errorf("error %v", err)
	}
	if len(fake.calls) > 0 {
		t.Errorf("AWS was asked: %v", fake.calls)
	}
	if len(told.messages) != 1 || told.messages[0].Priority != alert.Problem || told.messages[0].Channel != "C0123456789" {
		t.Fatalf("told %+v", told.messages)
	}
	for _, part := range []string{"template: T", account + " us-west-1", "AccountOverrideConfigurations[0]", "AccountOverrideConfigurations[1]"} {
		if !strings.Contains(told.messages[0].Text, part) {
			t.Errorf("the alert does not say %q: %s", part, told.messages[0].Text)
		}
	}
	for _, other := range []queue.Message{task(t, text, account, "us-east-1"), task(t, text, management, "us-west-1")} {
		if err := h.Handle(t.Context(), other); err != nil {
			t.Error(err)
		}
	}
}

// indexWithSamples has the accounts that the sample's template names, too.
func indexWithSamples(t testing.TB) *accountindex.Index {
	t.Helper()
	var accounts []accountindex.Account
	for a := range indexOf(t, "aws", "us-east-1", "us-west-1").Accounts() {
		accounts = append(accounts, a)
	}
	second := accounts[0]
	second.ID, second.Name, second.ARN = "000000000002", "Account 2", strings.TrimSuffix(second.ARN, second.ID)+"000000000002"
	return newIndex(t, append(accounts, second))
}
