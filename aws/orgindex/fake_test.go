package orgindex_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/time/rate"

	"github.com/starfleet-go/starfleet/aws/orgindex"
)

const (
	management = "000000000001"
	rootID     = "r-ab12"
	pageSize   = 20 // that of Organizations
)

// fakeOrg is an organization as both services show it.
type fakeOrg struct {
	latency time.Duration
	limits  map[string]*rate.Limiter // by action; nil: no limits
	caller  string                   // default management
	refuse  error                    // what ListRegions answers for others

	mu       sync.Mutex
	units    map[string][]types.OrganizationalUnit // by parent
	accounts map[string][]types.Account            // by parent
	tags     map[string]map[string]string
	regions  map[string][]string
	fails    map[string]error // by action and resource: "ListTagsForResource 000000000003"
	calls    []string         // "ListRegions 000000000002", in order
	actions  map[string]int
	excess   int // calls above the limits
}

func accountID(n int) string { return fmt.Sprintf("%012d", n) }

func newOrg() *fakeOrg {
	return &fakeOrg{
		caller: management, units: map[string][]types.OrganizationalUnit{}, accounts: map[string][]types.Account{},
		tags: map[string]map[string]string{}, regions: map[string][]string{}, fails: map[string]error{}, actions: map[string]int{},
	}
}

// unit adds an OU and returns its id.
func (f *fakeOrg) unit(parent, name string) string {
	id := fmt.Sprintf("ou-ab12-%08d", len(f.units)+1)
	f.units[parent] = append(f.units[parent], types.OrganizationalUnit{Id: &id, Name: &name})
	f.units[id] = nil
	return id
}

// account adds account number n under an OU.
func (f *fakeOrg) account(parent string, n int, change ...func(*types.Account)) string {
	id := accountID(n)
	joined := time.Date(2025, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
	a := types.Account{
		Id: &id, Name: aws.String("Account " + strconv.Itoa(n)), Arn: aws.String("arn:aws:organizations::" + management + ":account/o-a1b2c3d4e5/" + id),
		Email: aws.String("a" + id + "@example.org"), State: types.AccountStateActive, Status: types.AccountStatusActive,
		JoinedMethod: types.AccountJoinedMethodCreated, JoinedTimestamp: &joined,
	}
	for _, c := range change {
		c(&a)
	}
	f.accounts[parent] = append(f.accounts[parent], a)
	f.tags[id] = map[string]string{"n": strconv.Itoa(n)}
	f.regions[id] = []string{"us-east-1", "eu-west-1"}
	return id
}

// sample is a small organization with nested OUs.
func sample() *fakeOrg {
	f := newOrg()
	f.account(rootID, 1)
	workloads := f.unit(rootID, "Workloads")
	prod := f.unit(workloads, "Prod")
	f.unit(workloads, "Empty")
	f.account(workloads, 2)
	f.account(prod, 3)
	f.account(prod, 4, func(a *types.Account) { a.State = types.AccountStateSuspended })
	f.account(prod, 5, func(a *types.Account) { a.State, a.Status = "", types.AccountStatusSuspended })
	return f
}

// call is one call on the wire.
func (f *fakeOrg) call(ctx context.Context, service, action, resource string) error {
	if f.latency > 0 {
		select {
		case <-time.After(f.latency):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, action+" "+resource)
	f.actions[service+":"+action]++
	if l := f.limits[service+":"+action]; l != nil && !l.Allow() {
		f.excess++
		return &types.TooManyRequestsException{}
	}
	return f.fails[action+" "+resource]
}

// of is how many calls there were of an action.
func (f *fakeOrg) of(action string) int { return f.actions[action] }

func (f *fakeOrg) DescribeOrganization(ctx context.Context, _ *organizations.DescribeOrganizationInput, _ ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error) {
	if err := f.call(ctx, "organizations", "DescribeOrganization", ""); err != nil {
		return nil, err
	}
	return &organizations.DescribeOrganizationOutput{Organization: &types.Organization{MasterAccountId: aws.String(management)}}, nil
}

func (f *fakeOrg) ListRoots(ctx context.Context, _ *organizations.ListRootsInput, _ ...func(*organizations.Options)) (*organizations.ListRootsOutput, error) {
	if err := f.call(ctx, "organizations", "ListRoots", ""); err != nil {
		return nil, err
	}
	return &organizations.ListRootsOutput{Roots: []types.Root{{Id: aws.String(rootID), Name: aws.String("Root")}}}, nil
}

// page cuts a page out of a list.
func page[T any](all []T, token *string) ([]T, *string) {
	start, _ := strconv.Atoi(aws.ToString(token))
	end := min(start+pageSize, len(all))
	if end == len(all) {
		return all[start:end], nil
	}
	return all[start:end], aws.String(strconv.Itoa(end))
}

func (f *fakeOrg) ListOrganizationalUnitsForParent(ctx context.Context, in *organizations.ListOrganizationalUnitsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	if err := f.call(ctx, "organizations", "ListOrganizationalUnitsForParent", *in.ParentId); err != nil {
		return nil, err
	}
	out := &organizations.ListOrganizationalUnitsForParentOutput{}
	out.OrganizationalUnits, out.NextToken = page(f.units[*in.ParentId], in.NextToken)
	return out, nil
}

func (f *fakeOrg) ListAccountsForParent(ctx context.Context, in *organizations.ListAccountsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error) {
	if err := f.call(ctx, "organizations", "ListAccountsForParent", *in.ParentId); err != nil {
		return nil, err
	}
	out := &organizations.ListAccountsForParentOutput{}
	out.Accounts, out.NextToken = page(f.accounts[*in.ParentId], in.NextToken)
	return out, nil
}

func (f *fakeOrg) ListTagsForResource(ctx context.Context, in *organizations.ListTagsForResourceInput, _ ...func(*organizations.Options)) (*organizations.ListTagsForResourceOutput, error) {
	if err := f.call(ctx, "organizations", "ListTagsForResource", *in.ResourceId); err != nil {
		return nil, err
	}
	var all []types.Tag
	for key, value := range f.tags[*in.ResourceId] {
		all = append(all, types.Tag{Key: &key, Value: &value})
	}
	slices.SortFunc(all, func(a, b types.Tag) int { return len(*a.Key) - len(*b.Key) })
	out := &organizations.ListTagsForResourceOutput{}
	out.Tags, out.NextToken = page(all, in.NextToken)
	return out, nil
}

// ListRegions answers as account management does: who asks for itself may not name itself, if it is the management account.
func (f *fakeOrg) ListRegions(ctx context.Context, in *account.ListRegionsInput, _ ...func(*account.Options)) (*account.ListRegionsOutput, error) {
	id := aws.ToString(in.AccountId)
	err := f.call(ctx, "account", "ListRegions", id)
	switch {
	case err != nil:
		return nil, err
	case id == management && f.caller == management:
		return nil, &accounttypes.ValidationException{Message: aws.String("the management account may not name itself")}
	case id == management:
		return nil, &accounttypes.AccessDeniedException{}
	case id != "" && f.refuse != nil:
		return nil, f.refuse
	case id == "":
		id = f.caller
	}
	out := &account.ListRegionsOutput{}
	for _, region := range f.regions[id] {
		out.Regions = append(out.Regions, accounttypes.Region{RegionName: &region, RegionOptStatus: accounttypes.RegionOptStatusEnabled})
	}
	return out, nil
}

// denied is an answer with the status 403.
func denied() error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}}, Err: &accounttypes.AccessDeniedException{},
	}}
}

// config asks the organization for everything, as fast as it goes.
func (f *fakeOrg) config() orgindex.Config {
	rates := orgindex.DefaultRates()
	for i := range rates {
		rates[i].PerSecond, rates[i].Burst = 1e9, 1000
	}
	return orgindex.Config{Organizations: f, Accounts: f, Rates: rates}
}
