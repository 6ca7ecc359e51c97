//go:build peers

package orgpeers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/local"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// configTemplate records everything everywhere, and under Prod some resource types in a bucket of its own.
const configTemplate = `TemplateName: Config
TemplateDescription: AWS Config everywhere
IncludeAccounts: {AllAccounts: true}
IncludeRegions: [ALL]
DefaultConfiguration:
  DeliveryChannelDetails: {BucketName: all-bucket, S3DeliveryFrequency: TwentyFour_Hours}
  RecorderConfiguration:
    ConfigRoleName: Recorder
    RecordingEnabled: true
    RecordingGroup: {RecordEverything: {RecordGlobalsInTheseRegions: [us-east-1]}}
  RetentionPeriodInDays: 365
AccountOverrideConfigurations:
- IncludeAccounts: {ByOrgUnits: [/Prod]}
  IncludeRegions: [ALL]
  DeliveryChannelDetails:
    {BucketName: prod-bucket, BucketKeyPrefix: prod, S3DeliveryFrequency: One_Hour, SnsTopicArn: 'arn:aws:sns:us-east-1:700000000001:changes', PreferredName: prod}
  RecorderConfiguration:
    ConfigRoleName: prod/Recorder
    RecordingEnabled: true
    PreferredName: prod
    RecordingGroup: {RecordSpecificResources: ['AWS::S3::Bucket', 'AWS::EC2::VPC']}
  RetentionPeriodInDays: 2557
`

// The accounts of the test: moto keeps AWS Config for each account and region, and has every call that the ship makes.
const (
	configDefault = "700000000002"
	configProd    = "700000000003"
	configClosed  = "700000000004"
)

var configRegions = []string{"eu-west-1", "us-east-1"}

// TestMotoAwsConfig goes the ship's whole way in two regions of two accounts: without commit, with it, once more, and on to a template that stops the
// recorders. One recorder was there before, by another name.
func TestMotoAwsConfig(t *testing.T) {
	x := configIndex(t)
	existing := configClient(t, configDefault, "eu-west-1")
	_, err := existing.PutConfigurationRecorder(t.Context(), &configservice.PutConfigurationRecorderInput{ConfigurationRecorder: &types.ConfigurationRecorder{
		Name: aws.String("there-before"), RoleARN: aws.String("arn:aws:iam::" + configDefault + ":role/Old"), RecordingGroup: &types.RecordingGroup{AllSupported: true},
	}})
	must(t, 0, err)
	before := configStates(t)

	checkConfigTasks(t, configTasked(t, x, configTemplate, false), starfleet.OutcomeChanged)
	if diff := cmp.Diff(before, configStates(t)); diff != "" {
		t.Fatalf("a dry run changed something:\n%s", diff)
	}
	checkConfigTasks(t, configTasked(t, x, configTemplate, true), starfleet.OutcomeChanged)
	want := map[string]configState{}
	for _, region := range configRegions {
		want[configDefault+" "+region] = configState{
			Recorder: "default", Role: "arn:aws:iam::" + configDefault + ":role/Recorder", Strategy: types.RecordingStrategyTypeAllSupportedResourceTypes,
			Globals: region == "us-east-1", Recording: true, Channel: "default", Bucket: "all-bucket", Frequency: types.MaximumExecutionFrequencyTwentyFourHours, Days: 365,
		}
		want[configProd+" "+region] = configState{
			Recorder: "prod", Role: "arn:aws:iam::" + configProd + ":role/prod/Recorder", Strategy: types.RecordingStrategyTypeInclusionByResourceTypes,
			Resources: "AWS::EC2::VPC AWS::S3::Bucket", Recording: true, Channel: "prod", Bucket: "prod-bucket", Prefix: "prod",
			Topic: "arn:aws:sns:us-east-1:700000000001:changes", Frequency: types.MaximumExecutionFrequencyOneHour, Days: 2557,
		}
		want[configClosed+" "+region] = configState{}
	}
	kept := want[configDefault+" eu-west-1"]
	kept.Recorder = "there-before"
	want[configDefault+" eu-west-1"] = kept
	if diff := cmp.Diff(want, configStates(t)); diff != "" {
		t.Fatalf("after commit (-want +got):\n%s", diff)
	}
	checkConfigTasks(t, configTasked(t, x, configTemplate, true), starfleet.OutcomeOK)

	stopped := strings.ReplaceAll(configTemplate, "RecordingEnabled: true", "RecordingEnabled: false")
	checkConfigTasks(t, configTasked(t, x, stopped, true), starfleet.OutcomeChanged)
	for place, state := range configStates(t) {
		if state.Recording {
			t.Errorf("%s still records", place)
		}
	}
	checkConfigTasks(t, configTasked(t, x, stopped, true), starfleet.OutcomeOK)
}

// configIndex has an account directly under the root, one under Prod, and a closed one.
func configIndex(t *testing.T) *accountindex.Index {
	t.Helper()
	root := accountindex.Parent{ID: "r-cf01", Name: "ROOT", Type: accountindex.TypeRoot}
	prod := accountindex.Parent{ID: "ou-cf01-11111111", Name: "Prod", Type: accountindex.TypeOrgUnit}
	var accounts []accountindex.Account
	add := func(id string, state accountindex.State, parents ...accountindex.Parent) {
		accounts = append(accounts, accountindex.Account{
			ID: id, Name: "Config " + id, ARN: "arn:aws:organizations::700000000001:account/o-configtest/" + id, State: state,
			Parents: parents, Regions: configRegions, Tags: map[string]string{},
		})
	}
	add(configDefault, accountindex.Active, root)
	add(configProd, accountindex.Active, prod, root)
	add(configClosed, accountindex.Closed, prod, root)
	x, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	return must(t, x, err)
}

// configTasked runs the ship for a template by the index, with roles that it assumes in the accounts.
func configTasked(t *testing.T, x *accountindex.Index, text string, commit bool) *local.Report {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDMANAGEMENT", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": motoURL(t),
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	fleet := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Index: x, Templates: map[string]string{awsconfig.Name + "/config.yaml": text}, Ships: []string{awsconfig.Name},
	})
	starfleettest.AddShip(fleet, awsconfig.New(nil), starfleet.WithCommit(commit))
	return fleet.Trigger(local.Timer(config.Hourly))
}

// checkConfigTasks wants one task with the outcome in each region of each account that is active.
func checkConfigTasks(t *testing.T, report *local.Report, outcome starfleet.Outcome) {
	t.Helper()
	var got, want []string
	for _, run := range report.Runs {
		for _, r := range run.Results {
			if got = append(got, r.AccountID+" "+r.Region); r.Outcome != outcome {
				t.Errorf("%s %s: %s, want %s: %v", r.AccountID, r.Region, r.Outcome, outcome, r.Err)
			}
		}
	}
	for _, id := range []string{configDefault, configProd} {
		for _, region := range configRegions {
			want = append(want, id+" "+region)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tasked (-want +got):\n%s", diff)
	}
}

// configState is AWS Config of a region as AWS tells it.
type configState struct {
	Recorder, Role, Resources      string
	Strategy                       types.RecordingStrategyType
	Globals, Recording             bool
	Channel, Bucket, Prefix, Topic string
	Frequency                      types.MaximumExecutionFrequency
	Days                           int32
}

// configClient works in a region of an account by another role than the ship's.
func configClient(t *testing.T, id, region string) *configservice.Client {
	t.Helper()
	provider, err := assume.New(assume.Config{AWS: managementConfig(t, motoURL(t))})
	must(t, 0, err)
	cfg, err := provider.Config(t.Context(), assume.Target{Partition: "aws", AccountID: id, RoleName: "auditor", Region: region})
	must(t, 0, err)
	cfg.BaseEndpoint = aws.String(motoURL(t))
	return configservice.NewFromConfig(cfg)
}

// configStates is what there is, by account and region.
func configStates(t *testing.T) map[string]configState {
	t.Helper()
	states := map[string]configState{}
	for _, id := range []string{configDefault, configProd, configClosed} {
		for _, region := range configRegions {
			states[id+" "+region] = readConfigState(t, configClient(t, id, region))
		}
	}
	return states
}

func readConfigState(t *testing.T, client *configservice.Client) (state configState) {
	t.Helper()
	ctx := t.Context()
	recorders, err := client.DescribeConfigurationRecorders(ctx, &configservice.DescribeConfigurationRecordersInput{})
	for _, r := range must(t, recorders, err).ConfigurationRecorders {
		state.Recorder, state.Role = *r.Name, *r.RoleARN
		state.Strategy, state.Globals = r.RecordingGroup.RecordingStrategy.UseOnly, r.RecordingGroup.IncludeGlobalResourceTypes
		var resources []string
		for _, resource := range r.RecordingGroup.ResourceTypes {
			resources = append(resources, string(resource))
		}
		slices.Sort(resources)
		state.Resources = strings.Join(resources, " ")
	}
	statuses, err := client.DescribeConfigurationRecorderStatus(ctx, &configservice.DescribeConfigurationRecorderStatusInput{})
	for _, status := range must(t, statuses, err).ConfigurationRecordersStatus {
		state.Recording = status.Recording
	}
	channels, err := client.DescribeDeliveryChannels(ctx, &configservice.DescribeDeliveryChannelsInput{})
	for _, c := range must(t, channels, err).DeliveryChannels {
		state.Channel, state.Bucket, state.Prefix, state.Topic = *c.Name, *c.S3BucketName, aws.ToString(c.S3KeyPrefix), aws.ToString(c.SnsTopicARN)
		state.Frequency = c.ConfigSnapshotDeliveryProperties.DeliveryFrequency
	}
	retentions, err := client.DescribeRetentionConfigurations(ctx, &configservice.DescribeRetentionConfigurationsInput{})
	for _, r := range must(t, retentions, err).RetentionConfigurations {
		state.Days = aws.ToInt32(r.RetentionPeriodInDays)
	}
	return state
}
