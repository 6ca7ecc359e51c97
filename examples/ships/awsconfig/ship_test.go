package awsconfig_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starfleettest"
)

const (
	account = "111122223333"
	region  = "us-east-1"
)

// everything records all, global resources in us-east-1 alone.
func everything() awsconfig.Configuration {
	return awsconfig.Configuration{
		DeliveryChannelDetails: awsconfig.DeliveryChannel{BucketName: "all-bucket", S3DeliveryFrequency: "TwentyFour_Hours"},
		RecorderConfiguration: awsconfig.Recorder{
			ConfigRoleName: "MyConfigRole", RecordingEnabled: true,
			RecordingGroup: awsconfig.RecordingGroup{RecordEverything: &awsconfig.RecordEverything{RecordGlobalsInTheseRegions: []string{"us-east-1"}}},
		},
		RetentionPeriodInDays: 2557,
	}
}

// with is everything with a change.
func with(change func(*awsconfig.Configuration)) awsconfig.Configuration {
	c := everything()
	change(&c)
	return c
}

func only(resources ...string) awsconfig.RecordingGroup {
	return awsconfig.RecordingGroup{RecordSpecificResources: resources}
}

// settled is a fake that the ship brought to a configuration before.
func settled(t *testing.T, c awsconfig.Configuration) *fakeConfig {
	t.Helper()
	f := &fakeConfig{}
	if r := f.commit(t, c); r.Err != nil {
		t.Fatal(r.Err)
	}
	f.writes()
	return f
}

// changes are the recorded changes as text.
func changes(r starfleet.Result) []string {
	var lines []string
	for _, c := range r.Changes {
		lines = append(lines, fmt.Sprint(c.What, c.Details))
	}
	return lines
}

func TestExecute(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before *awsconfig.Configuration // nil: AWS Config was never set up
		after  awsconfig.Configuration
		want   []string // changes
		writes []string
	}{
		"from nothing": {
			after: everything(),
			want: []string{
				"create configuration recorder[name=default role=arn:aws:iam::111122223333:role/MyConfigRole strategy=ALL_SUPPORTED_RESOURCE_TYPES globalResources=true]",
				"create delivery channel[name=default bucket=all-bucket frequency=TwentyFour_Hours]",
				"set retention[days=2557]",
				"start configuration recorder[name=default]",
			},
			writes: []string{"config:PutConfigurationRecorder", "config:PutDeliveryChannel", "config:PutRetentionConfiguration", "config:StartConfigurationRecorder"},
		},
		"from nothing, without recording": {
			after: with(func(c *awsconfig.Configuration) {
				c.RecorderConfiguration.RecordingEnabled, c.RecorderConfiguration.PreferredName = false, "ours"
				c.RecorderConfiguration.RecordingGroup = only("AWS::S3::Bucket", "AWS::EC2::VPC")
				c.DeliveryChannelDetails.PreferredName = "theirs"
				c.DeliveryChannelDetails.BucketKeyPrefix, c.DeliveryChannelDetails.SnsTopicArn = "p", "arn:aws:sns:us-east-1:111122223333:t"
			}),
			want: []string{
				"create configuration recorder[name=ours role=arn:aws:iam::111122223333:role/MyConfigRole strategy=INCLUSION_BY_RESOURCE_TYPES globalResources=false" +
					" resourceTypesAdded=AWS::EC2::VPC,AWS::S3::Bucket]",
				"create delivery channel[name=theirs bucket=all-bucket prefix=p topic=arn:aws:sns:us-east-1:111122223333:t frequency=TwentyFour_Hours]",
				"set retention[days=2557]",
			},
			writes: []string{"config:PutConfigurationRecorder", "config:PutDeliveryChannel", "config:PutRetentionConfiguration"},
		},
		"the retention": {
			before: new(everything()),
			after:  with(func(c *awsconfig.Configuration) { c.RetentionPeriodInDays = 30 }),
			want:   []string{"set retention[days=30 daysBefore=2557]"},
			writes: []string{"config:PutRetentionConfiguration"},
		},
		"stop": {
			before: new(everything()),
			after:  with(func(c *awsconfig.Configuration) { c.RecorderConfiguration.RecordingEnabled = false }),
			want:   []string{"stop configuration recorder[name=default]"},
			writes: []string{"config:StopConfigurationRecorder"},
		},
		"the role and the group": {
			before: new(with(func(c *awsconfig.Configuration) {
				c.RecorderConfiguration.RecordingGroup = only("AWS::S3::Bucket", "AWS::EC2::VPC")
			})),
			after: with(func(c *awsconfig.Configuration) {
				c.RecorderConfiguration.ConfigRoleName = "path/Other"
				c.RecorderConfiguration.RecordingGroup = only("AWS::EC2::VPC", "AWS::IAM::Role")
			}),
			want: []string{"change configuration recorder[name=default role=arn:aws:iam::111122223333:role/path/Other" +
				" roleBefore=arn:aws:iam::111122223333:role/MyConfigRole resourceTypesAdded=AWS::IAM::Role resourceTypesRemoved=AWS::S3::Bucket]"},
			writes: []string{"config:PutConfigurationRecorder"},
		},
		"all but some": {
			before: new(everything()),
			after: with(func(c *awsconfig.Configuration) {
				c.RecorderConfiguration.RecordingGroup = awsconfig.RecordingGroup{RecordEverythingExcept: []string{"AWS::IAM::User"}}
			}),
			want: []string{"change configuration recorder[name=default strategy=EXCLUSION_BY_RESOURCE_TYPES strategyBefore=ALL_SUPPORTED_RESOURCE_TYPES" +
				" globalResources=false globalResourcesBefore=true excludedResourceTypesAdded=AWS::IAM::User]"},
			writes: []string{"config:PutConfigurationRecorder"},
		},
		"the channel, less a topic and a prefix": {
			before: new(with(func(c *awsconfig.Configuration) {
				c.DeliveryChannelDetails.SnsTopicArn, c.DeliveryChannelDetails.BucketKeyPrefix = "arn:aws:sns:us-east-1:111122223333:t", "p"
			})),
			after: with(func(c *awsconfig.Configuration) {
				c.DeliveryChannelDetails.S3KmsKeyArn, c.DeliveryChannelDetails.S3DeliveryFrequency = "arn:aws:kms:us-east-1:111122223333:key/k", "One_Hour"
			}),
			want: []string{"change delivery channel[name=default prefix= prefixBefore=p kmsKey=arn:aws:kms:us-east-1:111122223333:key/k" +
				" topic= topicBefore=arn:aws:sns:us-east-1:111122223333:t frequency=One_Hour frequencyBefore=TwentyFour_Hours]"},
			writes: []string{"config:PutDeliveryChannel"},
		},
		"no difference": {before: new(everything()), after: everything()},
		"no difference in order, nor in repetition": {
			before: new(with(func(c *awsconfig.Configuration) {
				c.RecorderConfiguration.RecordingGroup = only("AWS::S3::Bucket", "AWS::EC2::VPC")
			})),
			after: with(func(c *awsconfig.Configuration) {
				c.RecorderConfiguration.RecordingGroup = only("AWS::EC2::VPC", "AWS::S3::Bucket", "AWS::EC2::VPC")
			}),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeConfig{}
			if test.before != nil {
				fake = settled(t, *test.before)
			}
			dry := fake.dryRun(t, test.after)
			if diff := cmp.Diff(test.want, changes(dry)); diff != "" || dry.Err != nil {
				t.Errorf("dry run, error %v: changes (-want +got):\n%s", dry.Err, diff)
			}
			if writes := fake.writes(); len(writes) > 0 || len(dry.Alerts) > 0 {
				t.Fatalf("a dry run wrote %v and told %v", writes, dry.Alerts)
			}
			done := fake.commit(t, test.after)
			if diff := cmp.Diff(changes(dry), changes(done)); diff != "" || done.Err != nil {
				t.Errorf("commit, error %v: changes (-dry run +commit):\n%s", done.Err, diff)
			}
			if diff := cmp.Diff(test.writes, fake.writes()); diff != "" || (len(done.Alerts) == 1) != (len(test.writes) > 0) {
				t.Errorf("told %v, wrote (-want +got):\n%s", done.Alerts, diff)
			}
			again := fake.commit(t, test.after)
			if writes := fake.writes(); again.Outcome != starfleet.OutcomeOK || len(again.Changes)+len(writes)+len(again.Alerts) > 0 {
				t.Errorf("the second run: %s, changes %v, writes %v, told %v", again.Outcome, changes(again), writes, again.Alerts)
			}
		})
	}
}

// TestNamesAreKept: the original started and stopped the recorder by PreferredName, which failed where the recorder had another name.
func TestNamesAreKept(t *testing.T) {
	t.Parallel()
	c := with(func(c *awsconfig.Configuration) {
		c.RecorderConfiguration.PreferredName, c.DeliveryChannelDetails.PreferredName = "first", "first"
		c.RecorderConfiguration.RecordingEnabled = false
	})
	fake := settled(t, c)
	c = with(func(c *awsconfig.Configuration) {
		c.RecorderConfiguration.PreferredName, c.DeliveryChannelDetails.PreferredName = "second", "second"
		c.RecorderConfiguration.ConfigRoleName, c.DeliveryChannelDetails.BucketName = "Other", "other-bucket"
	})
	for _, recording := range []bool{true, false} {
		c.RecorderConfiguration.RecordingEnabled = recording
		r := fake.commit(t, c)
		if r.Err != nil || fake.recording["first"] != recording {
			t.Errorf("recording %v: %v, %v", recording, fake.recording, r.Err)
		}
	}
	if *fake.recorder().Name != "first" || *fake.channel.Name != "first" || *fake.channel.S3BucketName != "other-bucket" {
		t.Errorf("recorder %s, channel %+v", *fake.recorder().Name, fake.channel)
	}
}

// TestWhatTemplatesDoNotSpeakOfStays: a recorder's mode, and recorders of other services and clouds.
func TestWhatTemplatesDoNotSpeakOfStays(t *testing.T) {
	t.Parallel()
	fake := settled(t, everything())
	mode := &types.RecordingMode{RecordingFrequency: types.RecordingFrequencyDaily}
	fake.recorder().RecordingMode = mode
	linked := types.ConfigurationRecorder{Name: aws.String("AWSConfigurationRecorderForX"), ServicePrincipal: aws.String("x.amazonaws.com")}
	connected := types.ConfigurationRecorder{Name: aws.String("other-cloud"), ConnectorArn: aws.String("arn:aws:config:us-east-1:111122223333:connector/x")}
	fake.recorders = append([]types.ConfigurationRecorder{linked, connected}, fake.recorders...)

	c := with(func(c *awsconfig.Configuration) { c.RecorderConfiguration.ConfigRoleName = "Other" })
	r := fake.commit(t, c)
	if diff := cmp.Diff([]string{"config:PutConfigurationRecorder"}, fake.writes()); diff != "" || r.Err != nil {
		t.Errorf("error %v, writes %s", r.Err, diff)
	}
	if fake.recorder().RecordingMode != mode || fake.recorders[0].RoleARN != nil || fake.recorders[1].RoleARN != nil {
		t.Errorf("recorders %+v", fake.recorders)
	}
}

// TestOldRecorders have no strategy, and AWS answers with lists that the strategy does not use: neither is a difference.
func TestOldRecorders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]awsconfig.Configuration{
		"all":  everything(),
		"some": with(func(c *awsconfig.Configuration) { c.RecorderConfiguration.RecordingGroup = only("AWS::S3::Bucket") }),
	} {
		fake := settled(t, c)
		group := fake.recorder().RecordingGroup
		group.RecordingStrategy, group.ExclusionByResourceTypes = nil, &types.ExclusionByResourceTypes{}
		if r := fake.dryRun(t, c); r.Err != nil || len(r.Changes) > 0 {
			t.Errorf("%s: changes %v, error %v", name, changes(r), r.Err)
		}
	}
	fake := settled(t, everything())
	fake.recorder().RecordingGroup = nil
	fake.recording = nil // no status
	r := fake.dryRun(t, everything())
	if len(r.Changes) != 2 || r.Changes[1].What != "start configuration recorder" {
		t.Errorf("a recorder without a group and a status: %v, error %v", changes(r), r.Err)
	}
}

func TestGlobalResources(t *testing.T) {
	t.Parallel()
	for regions, want := range map[string]bool{"": false, "NONE": false, "ALL": true, "eu-west-1": false, "eu-west-1 us-east-1": true} {
		c := with(func(c *awsconfig.Configuration) {
			c.RecorderConfiguration.RecordingGroup.RecordEverything.RecordGlobalsInTheseRegions = strings.Fields(regions)
		})
		if got := settled(t, c).recorder().RecordingGroup.IncludeGlobalResourceTypes; got != want {
			t.Errorf("%q: %v in us-east-1", regions, got)
		}
	}
}

// TestPartitions: the role's ARN is one of the account's partition, by the index or by the region.
func TestPartitions(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{"us-east-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"} {
		for _, x := range []bool{false, true} {
			fake := &fakeConfig{}
			a := attempt{fake: fake, region: region, commit: true}
			if x {
				a.index = indexOf(t, want, region)
			}
			r := a.execute(t, awsconfig.Payload{DefaultConfiguration: everything()})
			if role := "arn:" + want + ":iam::111122223333:role/MyConfigRole"; r.Err != nil || *fake.recorder().RoleARN != role {
				t.Errorf("%s, index %v: recorder %+v, error %v", region, x, fake.recorder(), r.Err)
			}
		}
	}
	fake := &fakeConfig{}
	r := attempt{fake: fake, region: "xx-nowhere-1", commit: true}.execute(t, awsconfig.Payload{DefaultConfiguration: everything()})
	if queue.DispositionOf(r.Err).Action != queue.DeadLetter || len(fake.calls) > 0 {
		t.Errorf("a partition was guessed: %v, calls %v", r.Err, fake.calls)
	}
}

// withTopic has a topic and a prefix, which everything is without.
func withTopic(c *awsconfig.Configuration) {
	c.DeliveryChannelDetails.SnsTopicArn, c.DeliveryChannelDetails.BucketKeyPrefix = "arn:aws:sns:us-east-1:111122223333:t", "p"
}

// TestATopicThatAWSKeeps: the task does everything else and then fails, once for all, instead of reporting the same change in every run.
func TestATopicThatAWSKeeps(t *testing.T) {
	t.Parallel()
	fake := settled(t, with(func(c *awsconfig.Configuration) {
		withTopic(c)
		c.RetentionPeriodInDays, c.RecorderConfiguration.RecordingEnabled = 30, false
	}))
	fake.keepsOptional = true
	r := fake.commit(t, everything())
	kept, ok := errors.AsType[*awsconfig.KeptError](r.Err)
	if !ok || !slices.Equal(kept.Facts, []string{"topic"}) || queue.DispositionOf(r.Err).Action != queue.DeadLetter || len(r.Alerts) > 0 {
		t.Errorf("error %v, told %v", r.Err, r.Alerts)
	}
	if text := "change delivery channel (all else is done: set retention, start configuration recorder): AWS Config keeps the topic of"; !strings.Contains(fmt.Sprint(r.Err), text) {
		t.Errorf("error %v does not say %s", r.Err, text)
	}
	want := []string{"config:PutDeliveryChannel", "config:PutRetentionConfiguration", "config:StartConfigurationRecorder"}
	if diff := cmp.Diff(want, fake.writes()); diff != "" || len(r.Changes) != 3 || *fake.retention != 2557 || !fake.recording["default"] {
		t.Errorf("changes %v, wrote (-want +got):\n%s", changes(r), diff)
	}
}

// TestAKeptTopicDoesNotHideAFailure that another attempt cures: the next one takes what was left, and then says what was kept.
func TestAKeptTopicDoesNotHideAFailure(t *testing.T) {
	t.Parallel()
	fake := settled(t, with(func(c *awsconfig.Configuration) {
		withTopic(c)
		c.RecorderConfiguration.RecordingEnabled = false
	}))
	fake.keepsOptional = true
	fake.fails = map[string]error{"config:StartConfigurationRecorder": &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}}
	if first := fake.commit(t, everything()); first.Outcome != starfleet.OutcomeThrottled || queue.DispositionOf(first.Err).Action != queue.Retry {
		t.Errorf("the first attempt: %s, error %v", first.Outcome, first.Err)
	}
	fake.fails = nil
	second := fake.commit(t, everything())
	if _, ok := errors.AsType[*awsconfig.KeptError](second.Err); !ok || !fake.recording["default"] {
		t.Errorf("the second attempt: recording %v, error %v", fake.recording, second.Err)
	}
}

// TestAStaleReadAfterAPut is not taken for a topic that was kept.
func TestAStaleReadAfterAPut(t *testing.T) {
	t.Parallel()
	fake := settled(t, with(withTopic))
	fake.staleReads = 1
	r := fake.commit(t, everything())
	if diff := cmp.Diff([]string{"config:PutDeliveryChannel"}, fake.writes()); diff != "" || r.Err != nil || len(r.Alerts) != 1 {
		t.Errorf("error %v, told %v, wrote (-want +got):\n%s", r.Err, r.Alerts, diff)
	}
	fake = settled(t, with(withTopic))
	unread := errors.New("broken")
	fake.afterPut = func() { fake.fails = map[string]error{"config:DescribeDeliveryChannels": unread} }
	if r := fake.commit(t, everything()); !errors.Is(r.Err, unread) || queue.DispositionOf(r.Err).Action != queue.Retry {
		t.Errorf("error %v", r.Err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
	missing := &types.NoSuchBucketException{Message: aws.String("no such bucket")}
	invalid := &types.InvalidRecordingGroupException{Message: aws.String("no such type")}
	tests := map[string]struct {
		fails   string
		err     error
		outcome starfleet.Outcome
		action  queue.Action
		changes int
		text    string
	}{
		"recorder unread":  {"config:DescribeConfigurationRecorders", throttled, starfleet.OutcomeThrottled, queue.Retry, 0, "read the configuration recorder: "},
		"channel unread":   {"config:DescribeDeliveryChannels", throttled, starfleet.OutcomeThrottled, queue.Retry, 0, "read the delivery channel: "},
		"retention unread": {"config:DescribeRetentionConfigurations", throttled, starfleet.OutcomeThrottled, queue.Retry, 0, "read the retention: "},
		"recorder refused": {"config:PutConfigurationRecorder", invalid, starfleet.OutcomeFailed, queue.DeadLetter, 1, "create configuration recorder: "},
		"bucket missing":   {"config:PutDeliveryChannel", missing, starfleet.OutcomeFailed, queue.Retry, 2, "create delivery channel (done before: create configuration recorder): "},
		"throttled at the start": {
			"config:StartConfigurationRecorder", throttled, starfleet.OutcomeThrottled, queue.Retry, 4,
			"start configuration recorder (done before: create configuration recorder, create delivery channel, set retention): ",
		},
		"the time is up": {"config:PutRetentionConfiguration", context.DeadlineExceeded, starfleet.OutcomeTimedOut, queue.Retry, 3, "set retention"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeConfig{fails: map[string]error{test.fails: test.err}}
			r := fake.commit(t, everything())
			if !errors.Is(r.Err, test.err) || r.Outcome != test.outcome || queue.DispositionOf(r.Err).Action != test.action {
				t.Errorf("outcome %s, error %v", r.Outcome, r.Err)
			}
			if len(r.Changes) != test.changes || len(r.Alerts) > 0 || !strings.Contains(r.Err.Error(), test.text) {
				t.Errorf("changes %v, told %v, error %v", changes(r), r.Alerts, r.Err)
			}
			fake.fails = nil
			rest := fake.commit(t, everything())
			if rest.Err != nil || len(rest.Changes) != 4-max(test.changes-1, 0) || len(rest.Alerts) != 1 || !fake.recording["default"] {
				t.Errorf("the next attempt: changes %v, told %v, error %v", changes(rest), rest.Alerts, rest.Err)
			}
		})
	}
}

// TestARecorderThatGoesMeanwhile has no status: it is made anew.
func TestARecorderThatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	fake := settled(t, everything())
	fake.fails = map[string]error{"config:DescribeConfigurationRecorderStatus": &types.NoSuchConfigurationRecorderException{}}
	if r := fake.dryRun(t, everything()); r.Err != nil || len(r.Changes) != 1 {
		t.Errorf("changes %v, error %v", changes(r), r.Err)
	}
	fake.fails = map[string]error{"config:DescribeConfigurationRecorderStatus": errors.New("broken")}
	if r := fake.dryRun(t, everything()); r.Err == nil {
		t.Error("an unread status passed for one")
	}
}

func TestNoCredentialsNoCalls(t *testing.T) {
	t.Parallel()
	fake, denied := &fakeConfig{}, errors.New("the account does not let the role in")
	o := &starfleettest.ExecuteOptions{Commit: true, AWSConfig: func(context.Context, starfleet.Target) (aws.Config, error) { return aws.Config{}, denied }}
	r := starfleettest.Execute(t, awsconfig.New(fake.client), awsconfig.Payload{DefaultConfiguration: everything()}, o)
	if !errors.Is(r.Err, denied) || len(fake.calls) > 0 {
		t.Errorf("calls %v, error %v", fake.calls, r.Err)
	}
}

// TestPermissionsAreTheCallsMade holds the list against a recording of the calls. iam:PassRole is not among them: see Permissions.
func TestPermissionsAreTheCallsMade(t *testing.T) {
	t.Parallel()
	fake := settled(t, everything())
	permissions := awsconfig.New(nil).Permissions()
	fake.dryRun(t, everything())
	if diff := cmp.Diff(permissions.Read, fake.calls); diff != "" {
		t.Errorf("a dry run (-permissions +calls):\n%s", diff)
	}
	fresh := &fakeConfig{}
	c := everything()
	for _, recording := range []bool{true, false} {
		c.RecorderConfiguration.RecordingEnabled = recording
		fresh.commit(t, c)
	}
	if diff := cmp.Diff(permissions.Write, fresh.writes()); diff != "" {
		t.Errorf("with commit (-permissions +calls):\n%s", diff)
	}
}

// TestSuccessIsToldOnce says what was done, one line a step.
func TestSuccessIsToldOnce(t *testing.T) {
	t.Parallel()
	r := (&fakeConfig{}).commit(t, everything())
	want := []starfleet.Alert{{
		Priority: alert.Success, Title: "AwsConfigWorkerShip: AWS Config was changed",
		Text: "\n- create configuration recorder\n- create delivery channel\n- set retention\n- start configuration recorder",
	}}
	if diff := cmp.Diff(want, r.Alerts); diff != "" {
		t.Error(diff)
	}
}
