package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/starfleet-go/starfleet"
)

// Payload is what a template says of the work. Its base makes one task for each region of each account.
type Payload struct {
	starfleet.AccountRegionPayload

	RetentionInDays    int32  `json:"RetentionInDays" jsonschema:"required,enum=7,enum=30,enum=90,enum=180,enum=365,enum=731" jsonschema_description:"For how many days log groups that have no retention keep their events from now on."`
	LogGroupNamePrefix string `json:"LogGroupNamePrefix,omitempty" jsonschema:"maxLength=512" jsonschema_description:"Only log groups whose names begin with this. Default all."`
}

// Ship gives a retention to the log groups that keep their events for ever. It never changes one that somebody has set.
type Ship struct{}

// Name is the ship's section in the configuration.
func (Ship) Name() string { return "ShipName" }

// Permissions are the IAM actions that the ship's role needs in each account.
func (Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read:  []string{"logs:DescribeLogGroups"},
		Write: []string{"logs:PutRetentionPolicy"},
	}
}

// Execute does one task: one region of one account. It may run again for the same task, and several at once.
func (Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	cfg, err := inv.AWSConfig(ctx) // the ship's role in inv.AccountID, for inv.Region
	if err != nil {
		return err
	}
	logs := cloudwatchlogs.NewFromConfig(cfg)
	input := &cloudwatchlogs.DescribeLogGroupsInput{}
	if prefix := inv.Payload.LogGroupNamePrefix; prefix != "" {
		input.LogGroupNamePrefix = &prefix
	}
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(logs, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list log groups: %w", err)
		}
		for _, group := range page.LogGroups {
			if !keepsForEver(group) {
				continue
			}
			if err := setRetention(ctx, logs, inv, aws.ToString(group.LogGroupName)); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepsForEver is false for groups that have a retention, their own or a policy's. That of the class DELIVERY is fixed.
func keepsForEver(group types.LogGroup) bool {
	return group.RetentionInDays == nil && group.RetentionPolicyName == nil && group.LogGroupClass != types.LogGroupClassDelivery
}

// setRetention records the change and, with commit alone, makes it.
func setRetention(ctx context.Context, logs *cloudwatchlogs.Client, inv *starfleet.Invocation[Payload], group string) error {
	days := inv.Payload.RetentionInDays
	inv.Change("set retention", "group", group, "days", days)
	if !inv.Commit {
		return nil
	}
	_, err := logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: &days})
	if err != nil {
		return fmt.Errorf("set the retention of log group %s: %w", group, err)
	}
	return nil
}
