// Retention is the ship of the README: it sets how long one log group is kept, everywhere.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/starfleet-go/starfleet"
)

// Payload is what a template says of the work. Its base makes one task for each region of each account.
type Payload struct {
	starfleet.AccountRegionPayload
	LogGroup string `json:"LogGroup" jsonschema:"required,minLength=1"`
	Days     int32  `json:"Days" jsonschema:"required,enum=30,enum=90,enum=365"`
}

type Retention struct{}

func (Retention) Name() string { return "Retention" }

func (Retention) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	cfg, err := inv.AWSConfig(ctx) // the ship's role in inv.AccountID, for inv.Region
	if err != nil {
		return err
	}
	logs, group, days := cloudwatchlogs.NewFromConfig(cfg), inv.Payload.LogGroup, inv.Payload.Days
	found, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group, Limit: aws.Int32(1)})
	if err != nil {
		return err
	}
	if len(found.LogGroups) == 0 || aws.ToString(found.LogGroups[0].LogGroupName) != group {
		return starfleet.Skip("there is no log group " + group)
	}
	if aws.ToInt32(found.LogGroups[0].RetentionInDays) == days {
		return nil
	}
	inv.Change("set retention", "group", group, "days", days)
	if !inv.Commit {
		return nil // a dry run is the default
	}
	_, err = logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: &days})
	return err
}

func main() { starfleet.Run(Retention{}) }
