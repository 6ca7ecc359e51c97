package loggroupretention

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/starfleet-go/starfleet"
)

// setRetention brings one log group to the retention of the template. A group that is gone by now is no error.
func setRetention(ctx context.Context, client Client, inv *starfleet.Invocation[Payload], group types.LogGroup) error {
	name := aws.ToString(group.LogGroupName)
	if change, why := decide(inv.Payload, group); !change {
		inv.Log().DebugContext(ctx, "log group left as it is", "group", name, "why", why)
		return nil
	}
	days := inv.Payload.RetentionInDays
	inv.Change("set retention", "group", name, "days", days, "before", before(group))
	if !inv.Commit {
		return nil
	}
	_, err := client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &name, RetentionInDays: &days})
	var gone *types.ResourceNotFoundException
	if errors.As(err, &gone) {
		inv.Log().InfoContext(ctx, "log group was deleted meanwhile", "group", name)
		return nil
	}
	if err != nil {
		return fmt.Errorf("set retention of log group %s: %w", name, err)
	}
	return nil
}

// decide says whether a log group is to be changed and, when it is not, why.
func decide(p Payload, group types.LogGroup) (change bool, why string) {
	switch {
	case p.excludes(aws.ToString(group.LogGroupName)):
		return false, "excluded by name"
	case group.LogGroupClass == types.LogGroupClassDelivery:
		return false, "the retention of the DELIVERY class is fixed"
	case group.RetentionPolicyName != nil:
		return false, "the account-level policy " + *group.RetentionPolicyName + " decides"
	case group.RetentionInDays == nil:
		return true, ""
	case *group.RetentionInDays == p.RetentionInDays:
		return false, "it has this retention"
	case p.ExistingRetention == Replace:
		return true, ""
	case p.ExistingRetention == Lengthen:
		return *group.RetentionInDays < p.RetentionInDays, "it keeps events longer"
	default:
		return false, "it has a retention of its own"
	}
}

// before is the retention that a group has, for the record of a change.
func before(group types.LogGroup) any {
	if group.RetentionInDays == nil {
		return "never expires"
	}
	return *group.RetentionInDays
}
