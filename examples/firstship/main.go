// Retention is the ship of the README: it sets how long one log group is kept, everywhere.
package main

import (
	"context"

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
	inv.Change("set retention", "group", inv.Payload.LogGroup, "days", inv.Payload.Days)
	if !inv.Commit {
		return nil // a dry run is the default
	}
	_, err = cloudwatchlogs.NewFromConfig(cfg).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: &inv.Payload.LogGroup, RetentionInDays: &inv.Payload.Days})
	return err
}

func main() { starfleet.Run(Retention{}) }
