package orgindex

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// IAMActions are the IAM actions that a Generator uses, in the account whose credentials it has.
var IAMActions = []string{
	"account:ListRegions",
	"organizations:DescribeOrganization",
	"organizations:ListAccountsForParent",
	"organizations:ListOrganizationalUnitsForParent",
	"organizations:ListRoots",
	"organizations:ListTagsForResource",
}

// OrganizationsClient is what this package needs of AWS Organizations. It is safe for concurrent use.
type OrganizationsClient interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListRoots(context.Context, *organizations.ListRootsInput, ...func(*organizations.Options)) (*organizations.ListRootsOutput, error)
	ListOrganizationalUnitsForParent(context.Context, *organizations.ListOrganizationalUnitsForParentInput, ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error)
	ListAccountsForParent(context.Context, *organizations.ListAccountsForParentInput, ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error)
	ListTagsForResource(context.Context, *organizations.ListTagsForResourceInput, ...func(*organizations.Options)) (*organizations.ListTagsForResourceOutput, error)
}

// AccountClient is what this package needs of AWS Account Management. It is safe for concurrent use.
type AccountClient interface {
	ListRegions(context.Context, *account.ListRegionsInput, ...func(*account.Options)) (*account.ListRegionsOutput, error)
}

var (
	_ OrganizationsClient = (*organizations.Client)(nil)
	_ AccountClient       = (*account.Client)(nil)
)

// A throttled call gets maxAttempts, waiting up to 1, 2, 4, 8, 16, 20, 20 seconds between.
const (
	maxAttempts = 8
	maxBackoff  = 20 * time.Second
)

// retryer is patient with throttling. The SDK's default budget of retries is shared by all calls of a client, so that one organization that is
// throttled for a while would run out of it; the number of attempts bounds them here.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.MaxBackoff = maxBackoff
		o.RateLimiter = ratelimit.None
	})
}

// NewOrganizationsClient is the client of the AWS SDK, which makes up to 8 attempts for a call that is throttled.
func NewOrganizationsClient(cfg aws.Config) *organizations.Client {
	return organizations.NewFromConfig(requestbody.Plain(cfg), func(o *organizations.Options) { o.Retryer = retryer() })
}

// NewAccountClient is the client of the AWS SDK, which makes up to 8 attempts for a call that is throttled.
func NewAccountClient(cfg aws.Config) *account.Client {
	return account.NewFromConfig(requestbody.Plain(cfg), func(o *account.Options) { o.Retryer = retryer() })
}
