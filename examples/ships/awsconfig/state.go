package awsconfig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
)

// state is AWS Config in one region of an account, as it is or as it is to be, in a form in which equal states are equal.
type state struct {
	recorder      *recorder // nil: there is none
	channel       *channel  // nil: there is none
	retentionDays int32     // 0: none is set
	recording     bool
}

type recorder struct {
	name, roleARN string
	strategy      types.RecordingStrategyType
	globals       bool
	recorded      []string             // resource types, sorted, each once
	excluded      []string             // the same
	mode          *types.RecordingMode // kept as it is: templates do not speak of it
}

type channel struct {
	name, bucket, prefix, kmsKeyARN, topicARN string
	frequency                                 types.MaximumExecutionFrequency
}

// target is where a task works.
type target struct{ partition, accountID, region string }

// targetOf takes the partition from the account's ARN, else from the region. One that is unknown is an error before anything is asked.
func targetOf(inv *starfleet.Invocation[Payload]) (target, error) {
	partition := accountindex.PartitionOf(inv.Region)
	if inv.Account != nil {
		partition = cmp.Or(inv.Account.Partition(), partition)
	}
	if partition == "" {
		return target{}, starfleet.Permanent(fmt.Errorf("the partition of account %s %s is unknown, and with it the ARN of the recorder's role: "+
			"give the ship an account index, or a newer SDK", inv.AccountID, inv.Region))
	}
	return target{partition, inv.AccountID, inv.Region}, nil
}

// desired is what a configuration makes of the region, beside what is there: what has a name keeps it.
func desired(c Configuration, now state, target target) state {
	r, d := c.RecorderConfiguration, c.DeliveryChannelDetails
	want := state{
		recorder: &recorder{
			name:    cmp.Or(r.PreferredName, "default"),
			roleARN: "arn:" + target.partition + ":iam::" + target.accountID + ":role/" + r.ConfigRoleName,
		},
		channel: &channel{
			name: cmp.Or(d.PreferredName, "default"), bucket: d.BucketName, prefix: d.BucketKeyPrefix, kmsKeyARN: d.S3KmsKeyArn, topicARN: d.SnsTopicArn,
			frequency: types.MaximumExecutionFrequency(d.S3DeliveryFrequency),
		},
		retentionDays: c.RetentionPeriodInDays, recording: r.RecordingEnabled,
	}
	want.recorder.group(r.RecordingGroup, target.region)
	if now.recorder != nil {
		want.recorder.name, want.recorder.mode = now.recorder.name, now.recorder.mode
	}
	if now.channel != nil {
		want.channel.name = now.channel.name
	}
	return want
}

// group is what of a recording group holds in a region.
func (r *recorder) group(g RecordingGroup, region string) {
	switch {
	case g.RecordEverything != nil:
		regions := g.RecordEverything.RecordGlobalsInTheseRegions
		r.strategy = types.RecordingStrategyTypeAllSupportedResourceTypes
		r.globals = slices.Contains(regions, AllRegions) || slices.Contains(regions, region)
	case g.RecordSpecificResources != nil:
		r.strategy, r.recorded = types.RecordingStrategyTypeInclusionByResourceTypes, set(g.RecordSpecificResources)
	default:
		r.strategy, r.excluded = types.RecordingStrategyTypeExclusionByResourceTypes, set(g.RecordEverythingExcept)
	}
}

// set is a list in order, each element once: the order in which AWS and templates have resource types is no difference.
func set[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = string(item)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// read is what there is. A region has at most one of each; recorders that are linked to another AWS service, or by a connector to another cloud, are not the
// ship's.
func read(ctx context.Context, client Client) (state, error) {
	var now state
	recorders, err := client.DescribeConfigurationRecorders(ctx, &configservice.DescribeConfigurationRecordersInput{})
	if err != nil {
		return state{}, fmt.Errorf("read the configuration recorder: %w", err)
	}
	for _, r := range recorders.ConfigurationRecorders {
		if r.ServicePrincipal == nil && r.ConnectorArn == nil && now.recorder == nil {
			now.recorder = recorderOf(r)
		}
	}
	if now.recorder != nil {
		if now.recording, err = isRecording(ctx, client, now.recorder.name); err != nil {
			return state{}, err
		}
	}
	if now.channel, err = readChannel(ctx, client); err != nil {
		return state{}, err
	}
	pages := configservice.NewDescribeRetentionConfigurationsPaginator(client, &configservice.DescribeRetentionConfigurationsInput{})
	for pages.HasMorePages() && now.retentionDays == 0 {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return state{}, fmt.Errorf("read the retention: %w", err)
		}
		if len(page.RetentionConfigurations) > 0 {
			now.retentionDays = aws.ToInt32(page.RetentionConfigurations[0].RetentionPeriodInDays)
		}
	}
	return now, nil
}

// isRecording asks for the status of one recorder. A recorder that is gone by now, or without a status, does not record.
func isRecording(ctx context.Context, client Client, name string) (bool, error) {
	out, err := client.DescribeConfigurationRecorderStatus(ctx, &configservice.DescribeConfigurationRecorderStatusInput{ConfigurationRecorderNames: []string{name}})
	if _, gone := errors.AsType[*types.NoSuchConfigurationRecorderException](err); gone {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the status of the configuration recorder %s: %w", name, err)
	}
	for _, status := range out.ConfigurationRecordersStatus {
		if aws.ToString(status.Name) == name {
			return status.Recording, nil
		}
	}
	return false, nil
}

func recorderOf(r types.ConfigurationRecorder) *recorder {
	found := &recorder{name: aws.ToString(r.Name), roleARN: aws.ToString(r.RoleARN), mode: r.RecordingMode}
	group := r.RecordingGroup
	if group == nil {
		return found
	}
	// What the strategy does not use is no difference.
	switch found.strategy = strategyOf(group); found.strategy {
	case types.RecordingStrategyTypeAllSupportedResourceTypes:
		found.globals = group.IncludeGlobalResourceTypes
	case types.RecordingStrategyTypeInclusionByResourceTypes:
		found.recorded = set(group.ResourceTypes)
	case types.RecordingStrategyTypeExclusionByResourceTypes:
		if group.ExclusionByResourceTypes != nil {
			found.excluded = set(group.ExclusionByResourceTypes.ResourceTypes)
		}
	}
	return found
}

// strategyOf is the strategy of a recording group, which recorders from before there were strategies do not name.
func strategyOf(group *types.RecordingGroup) types.RecordingStrategyType {
	switch {
	case group.RecordingStrategy != nil && group.RecordingStrategy.UseOnly != "":
		return group.RecordingStrategy.UseOnly
	case group.AllSupported:
		return types.RecordingStrategyTypeAllSupportedResourceTypes
	default:
		return types.RecordingStrategyTypeInclusionByResourceTypes
	}
}

func readChannel(ctx context.Context, client Client) (*channel, error) {
	out, err := client.DescribeDeliveryChannels(ctx, &configservice.DescribeDeliveryChannelsInput{})
	if err != nil {
		return nil, fmt.Errorf("read the delivery channel: %w", err)
	}
	if len(out.DeliveryChannels) == 0 {
		return nil, nil
	}
	c := out.DeliveryChannels[0]
	found := &channel{
		name: aws.ToString(c.Name), bucket: aws.ToString(c.S3BucketName), prefix: aws.ToString(c.S3KeyPrefix),
		kmsKeyARN: aws.ToString(c.S3KmsKeyArn), topicARN: aws.ToString(c.SnsTopicARN),
	}
	if c.ConfigSnapshotDeliveryProperties != nil {
		found.frequency = c.ConfigSnapshotDeliveryProperties.DeliveryFrequency
	}
	return found, nil
}
