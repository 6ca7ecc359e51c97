package accountindexgenerator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/orgindex"
	"github.com/starfleet-go/starfleet/examples/ships/accountindexgenerator"
)

const management, member, rootID, ouID = "123456789012", "000000000002", "r-123456", "ou-ab12-11111111"

// nested stands in an OU of its own below the other one, where the cloud has it.
const nested, nestedOU = "000000000090", "ou-ab12-22222222"

// cloud is an organization and a bucket.
type cloud struct {
	mu         sync.Mutex
	members    int // accounts in the OU, beside the management account in the root
	nested     bool
	asked      error
	refused    map[string]bool // accounts that ListRegions refuses
	tagless    map[string]bool
	objects    map[string][]byte
	puts       int
	entered    []assume.Target
	enterFails error
}

func newCloud() *cloud { return &cloud{members: 3, objects: map[string][]byte{}} }

func (c *cloud) clients() accountindexgenerator.Clients {
	return accountindexgenerator.Clients{
		Enter: func(_ context.Context, base aws.Config, target assume.Target) (aws.Config, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.entered = append(c.entered, target)
			return base, c.enterFails
		},
		Organizations: func(aws.Config) orgindex.OrganizationsClient { return c },
		Accounts:      func(aws.Config) orgindex.AccountClient { return c },
		Regions: func(enter func(context.Context, accountindex.Account) (aws.Config, error)) orgindex.RegionsFunc {
			return func(ctx context.Context, a accountindex.Account) ([]string, error) {
				_, err := enter(ctx, a)
				return []string{"us-west-2", "eu-north-1"}, err
			}
		},
		Bucket: c,
	}
}

func (c *cloud) DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error) {
	if c.asked != nil {
		return nil, c.asked
	}
	return &organizations.DescribeOrganizationOutput{Organization: &types.Organization{MasterAccountId: aws.String(management)}}, nil
}

func (c *cloud) ListRoots(context.Context, *organizations.ListRootsInput, ...func(*organizations.Options)) (*organizations.ListRootsOutput, error) {
	return &organizations.ListRootsOutput{Roots: []types.Root{{Id: aws.String(rootID)}}}, nil
}

func (c *cloud) ListOrganizationalUnitsForParent(_ context.Context, in *organizations.ListOrganizationalUnitsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	out := &organizations.ListOrganizationalUnitsForParentOutput{}
	if *in.ParentId == rootID {
		out.OrganizationalUnits = []types.OrganizationalUnit{{Id: aws.String(ouID), Name: aws.String("Dev")}}
	}
	if *in.ParentId == ouID && c.nested {
		out.OrganizationalUnits = []types.OrganizationalUnit{{Id: aws.String(nestedOU), Name: aws.String("Nested")}}
	}
	return out, nil
}

func (c *cloud) ListAccountsForParent(_ context.Context, in *organizations.ListAccountsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error) {
	ids := []string{management}
	if *in.ParentId == ouID {
		ids = nil
		for n := range c.members {
			ids = append(ids, fmt.Sprintf("%012d", n+2))
		}
	}
	if *in.ParentId == nestedOU {
		ids = []string{nested}
	}
	out := &organizations.ListAccountsForParentOutput{}
	for _, id := range ids {
		out.Accounts = append(out.Accounts, types.Account{
			Id: &id, Name: aws.String("Account " + id), Arn: aws.String("arn:aws:organizations::" + management + ":account/o-a1b2c3d4e5/" + id), State: types.AccountStateActive,
		})
	}
	return out, nil
}

func (c *cloud) ListTagsForResource(_ context.Context, in *organizations.ListTagsForResourceInput, _ ...func(*organizations.Options)) (*organizations.ListTagsForResourceOutput, error) {
	if c.tagless[*in.ResourceId] {
		return nil, &types.AccessDeniedException{}
	}
	return &organizations.ListTagsForResourceOutput{Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("payments")}}}, nil
}

func (c *cloud) ListRegions(_ context.Context, in *account.ListRegionsInput, _ ...func(*account.Options)) (*account.ListRegionsOutput, error) {
	if c.refused[aws.ToString(in.AccountId)] {
		return nil, &accounttypes.AccessDeniedException{}
	}
	return &account.ListRegionsOutput{Regions: []accounttypes.Region{{RegionName: aws.String("us-east-1")}, {RegionName: aws.String("eu-west-1")}}}, nil
}

// etag of an object is how long it is, enough for a test.
func etag(data []byte) string { return fmt.Sprintf(`"%d"`, len(data)) }

func (c *cloud) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	data, ok := c.objects[*in.Bucket+"/"+*in.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	if aws.ToString(in.IfNoneMatch) == etag(data) {
		return nil, &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusNotModified}}, Err: &smithy.GenericAPIError{Code: "NotModified"},
		}}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(data)), ContentLength: aws.Int64(int64(len(data))), ETag: aws.String(etag(data))}, nil
}

func (c *cloud) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	data, err := io.ReadAll(in.Body)
	c.puts++
	c.objects[*in.Bucket+"/"+*in.Key] = data
	return &s3.PutObjectOutput{ETag: aws.String(etag(data))}, err
}
