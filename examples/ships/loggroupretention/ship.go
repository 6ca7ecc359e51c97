package loggroupretention

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/starfleet-go/starfleet"
)

// Name is the ship's name: that of its section in the configuration.
const Name = "LogGroupRetentionShip"

// Client is what the ship needs of CloudWatch Logs. Implementations are safe for concurrent use.
type Client interface {
	// DescribeLogGroups lists one page of log groups. NextToken of the output is nil on the last one.
	DescribeLogGroups(ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput, options ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error)
	// PutRetentionPolicy sets the retention of one log group.
	PutRetentionPolicy(ctx context.Context, in *cloudwatchlogs.PutRetentionPolicyInput, options ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error)
}

// NewClient is the client of the AWS SDK for one account and region. It retries what AWS throttles, as the SDK does by default.
func NewClient(cfg aws.Config) Client { return cloudwatchlogs.NewFromConfig(cfg) }

// Ship sets the retention of log groups. Make one with [New].
type Ship struct {
	newClient func(aws.Config) Client
}

var _ starfleet.ShipWithPermissions = (*Ship)(nil)

// New makes the ship. newClient gives the client of each task: [NewClient], or a fake in tests and simulations;
// nil is NewClient.
func New(newClient func(aws.Config) Client) *Ship {
	if newClient == nil {
		newClient = NewClient
	}
	return &Ship{newClient: newClient}
}

// Name is "LogGroupRetentionShip".
func (*Ship) Name() string { return Name }

// Permissions are the IAM actions that the ship needs in each account.
func (*Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read:  []string{"logs:DescribeLogGroups"},
		Write: []string{"logs:PutRetentionPolicy"},
	}
}

// Execute sets the retention of the log groups of one region of one account. See the package comment for what it touches.
// Errors of AWS are wrapped, and every one of them is worth another attempt.
func (s *Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	return apply(ctx, s.newClient(cfg), inv)
}

// apply is Execute with a client.
func apply(ctx context.Context, client Client, inv *starfleet.Invocation[Payload]) error {
	input := &cloudwatchlogs.DescribeLogGroupsInput{}
	if prefix := inv.Payload.LogGroupNamePrefix; prefix != "" {
		input.LogGroupNamePrefix = &prefix
	}
	var seen int
	var failed failures
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed.stop(fmt.Errorf("list log groups: %w", err))
		}
		for _, group := range page.LogGroups {
			seen++
			if err := failed.add(setRetention(ctx, client, inv, group)); err != nil {
				return err
			}
		}
	}
	inv.Log().InfoContext(ctx, "log groups looked at", "count", seen, "changes", len(inv.Changes()), "failures", len(failed.errs))
	return failed.err()
}
