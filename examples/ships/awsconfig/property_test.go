package awsconfig_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
)

func drawConfiguration(r *rapid.T, label string) awsconfig.Configuration {
	resources := rapid.SliceOfN(rapid.SampledFrom([]string{"AWS::S3::Bucket", "AWS::EC2::VPC", "AWS::IAM::Role", "AWS::IAM::User"}), 1, 5)
	optional := func(name string, values ...string) string {
		return rapid.SampledFrom(append(values, "")).Draw(r, label+name)
	}
	var group awsconfig.RecordingGroup
	switch rapid.IntRange(0, 2).Draw(r, label+" group") {
	case 0:
		regions := rapid.SampledFrom([][]string{{}, {"ALL"}, {"NONE"}, {region}, {"eu-west-1"}}).Draw(r, label+" globals")
		group.RecordEverything = &awsconfig.RecordEverything{RecordGlobalsInTheseRegions: regions}
	case 1:
		group.RecordSpecificResources = resources.Draw(r, label+" resources")
	default:
		group.RecordEverythingExcept = resources.Draw(r, label+" excluded")
	}
	return awsconfig.Configuration{
		DeliveryChannelDetails: awsconfig.DeliveryChannel{
			BucketName: rapid.SampledFrom([]string{"one-bucket", "two-bucket"}).Draw(r, label+" bucket"), S3DeliveryFrequency: "One_Hour",
			PreferredName: optional(" channel", "a", "b"), BucketKeyPrefix: optional(" prefix", "p", "q/"),
			S3KmsKeyArn: optional(" key", "arn:aws:kms:us-east-1:111122223333:key/k"), SnsTopicArn: optional(" topic", "arn:aws:sns:us-east-1:111122223333:t"),
		},
		RecorderConfiguration: awsconfig.Recorder{
			ConfigRoleName: rapid.SampledFrom([]string{"Role", "path/Role"}).Draw(r, label+" role"), RecordingEnabled: rapid.Bool().Draw(r, label+" recording"),
			PreferredName: optional(" recorder", "a", "b"), RecordingGroup: group,
		},
		RetentionPeriodInDays: rapid.SampledFrom([]int32{30, 365, 2557}).Draw(r, label+" days"),
	}
}

// TestProperties: from any state that the ship itself or nobody made, a dry run writes nothing and foretells what commit writes, commit settles in one
// run whatever AWS's own checks, and the order of resource types does not matter.
func TestProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		fake := &fakeConfig{}
		run := func(c awsconfig.Configuration, commit bool) []string {
			result := attempt{fake: fake, commit: commit}.execute(t, awsconfig.Payload{DefaultConfiguration: c})
			if result.Err != nil {
				r.Fatal(result.Err)
			}
			return changes(result)
		}
		if rapid.Bool().Draw(r, "set up before") {
			run(drawConfiguration(r, "before"), true)
			fake.writes()
		}
		want := drawConfiguration(r, "after")
		foretold := run(want, false)
		if writes := fake.writes(); len(writes) > 0 {
			r.Fatalf("a dry run wrote %v", writes)
		}
		did := run(want, true)
		if diff := cmp.Diff(foretold, did); diff != "" || len(fake.writes()) != len(did) {
			r.Fatalf("the dry run foretold something else (-foretold +did):\n%s", diff)
		}
		if len(fake.recorders) != 1 || fake.recording[*fake.recorder().Name] != want.RecorderConfiguration.RecordingEnabled {
			r.Fatalf("recorders %+v, recording %v", fake.recorders, fake.recording)
		}
		group := fake.recorder().RecordingGroup
		slices.Reverse(group.ResourceTypes)
		if group.ExclusionByResourceTypes != nil {
			group.ExclusionByResourceTypes = &types.ExclusionByResourceTypes{ResourceTypes: slices.Clone(group.ExclusionByResourceTypes.ResourceTypes)}
			slices.Reverse(group.ExclusionByResourceTypes.ResourceTypes)
		}
		if again := run(want, true); len(again) > 0 {
			r.Fatalf("the second run changed %v", again)
		}
	})
}
