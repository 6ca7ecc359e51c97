package orgindex

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// RegionsClient is what RegionsThroughRole needs of EC2.
type RegionsClient interface {
	DescribeRegions(context.Context, *ec2.DescribeRegionsInput, ...func(*ec2.Options)) (*ec2.DescribeRegionsOutput, error)
}

var _ RegionsClient = (*ec2.Client)(nil)

// RegionsThroughRole reads the enabled regions of an account by ec2:DescribeRegions, with the credentials that enter gives for the account: those
// of a role in it. The region of that configuration is the one that is asked; it has to be enabled in the account.
func RegionsThroughRole(enter func(ctx context.Context, account accountindex.Account) (aws.Config, error)) RegionsFunc {
	return func(ctx context.Context, a accountindex.Account) ([]string, error) {
		cfg, err := enter(ctx, a)
		if err != nil {
			return nil, err
		}
		return describeRegions(ctx, ec2.NewFromConfig(requestbody.Plain(cfg), func(o *ec2.Options) { o.Retryer = retryer() }))
	}
}

// describeRegions asks for the regions that are enabled, which is EC2's default.
func describeRegions(ctx context.Context, client RegionsClient) ([]string, error) {
	out, err := client.DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(false)})
	if err != nil {
		return nil, err
	}
	regions := make([]string, 0, len(out.Regions))
	for _, region := range out.Regions {
		regions = append(regions, aws.ToString(region.RegionName))
	}
	return regions, nil
}
