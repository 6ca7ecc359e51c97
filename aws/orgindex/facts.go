package orgindex

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/starfleet-go/starfleet/accountindex"
)

var (
	errNoRegions     = errors.New("the answer names no region")
	errNobodyToAsk   = errors.New("account:ListRegions refused the first accounts, so that the others were not asked about: enable trusted access for account management in the organization")
	errNotConfigured = errors.New("there is nobody to ask")
)

// refusalsUntilOff is after how many accounts that account:ListRegions refused, and none that it answered, the others are not asked about: then it
// is not the accounts, but trusted access or the caller's role.
const refusalsUntilOff = 10

// regionsPageSize is the most that account:ListRegions takes, and more regions than there are: one call suffices.
const regionsPageSize = 50

// readTags reads the tags of all accounts.
func (r *run) readTags(ctx context.Context) {
	const action = "organizations:ListTagsForResource"
	each(r.ids, func(string) error { return r.calls.wait(ctx, action) }, func(id string, err error) {
		var tags map[string]string
		if err == nil {
			tags, err = r.tagsOf(ctx, id, func() error { return r.calls.wait(ctx, action) })
		}
		switch {
		case ctx.Err() != nil && err != nil:
			r.fail(ctx, id, FactTags, errNoTime)
		case err != nil:
			r.fail(ctx, id, FactTags, err)
		default:
			r.keep(id, func(read *reading, report *Report) {
				read.tags = tags
				report.TagsRead++
			})
		}
	})
}

// tagsOf reads the tags of one account. wait is called before each page but the first.
func (r *run) tagsOf(ctx context.Context, id string, wait func() error) (map[string]string, error) {
	tags := map[string]string{}
	pages := organizations.NewListTagsForResourcePaginator(r.cfg.Organizations, &organizations.ListTagsForResourceInput{ResourceId: &id})
	for first := true; pages.HasMorePages(); first = false {
		if !first {
			if err := wait(); err != nil {
				return nil, err
			}
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, tag := range page.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return tags, nil
}

// regionReader asks for regions, and stops asking who refuses all.
type regionReader struct {
	*run
	answered atomic.Bool
	refused  atomic.Int32
}

// readRegions reads the regions of as many accounts as the time suffices for, the oldest first.
func (r *run) readRegions(ctx context.Context) {
	if r.cfg.RegionsBudget > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.cfg.RegionsBudget)
		defer cancel()
	}
	reader := &regionReader{run: r}
	each(r.regionsOrder(), func(id string) error { return reader.admit(ctx, id) }, func(id string, refused error) {
		regions, err := reader.regionsOf(ctx, r.found.accounts[id], refused)
		if err == nil {
			r.keep(id, func(read *reading, report *Report) {
				read.regions = regions
				report.RegionsRead++
			})
			return
		}
		notAsked := errors.Is(err, errNoTime) || errors.Is(err, errNotConfigured) || errors.Is(err, errNobodyToAsk) || ctx.Err() != nil
		if !notAsked {
			r.fail(ctx, id, FactRegions, err)
		}
		kept, asOf := r.previousRegions(id)
		r.keep(id, func(read *reading, report *Report) {
			if notAsked {
				report.RegionsNotAsked++
			}
			if kept != nil {
				read.regions, read.regionsAsOf = kept, asOf
				report.RegionsKept++
			}
		})
	})
}

// regionsOrder is the accounts by how much they need to be asked about: those that are tasked before those that are not, and the oldest first.
func (r *run) regionsOrder() []string {
	type need struct {
		id     string
		active bool
		asOf   time.Time
	}
	needs := make([]need, 0, len(r.ids))
	for _, id := range r.ids {
		_, asOf := r.previousRegions(id)
		needs = append(needs, need{id, r.found.accounts[id].State == accountindex.Active, asOf})
	}
	slices.SortFunc(needs, func(a, b need) int {
		if a.active != b.active {
			if a.active {
				return -1
			}
			return 1
		}
		return cmp.Or(a.asOf.Compare(b.asOf), strings.Compare(a.id, b.id))
	})
	order := make([]string, len(needs))
	for i, n := range needs {
		order[i] = n.id
	}
	return order
}

// previousRegions are the regions of the account in the previous index and when they were read; nil and zero when it has none that are young enough.
func (r *run) previousRegions(id string) ([]string, time.Time) {
	if r.previous == nil {
		return nil, time.Time{}
	}
	a, _ := r.previous.Account(id)
	asOf := a.RegionsAsOf
	if asOf.IsZero() {
		asOf = r.previous.GeneratedOf(a.OrganizationID())
	}
	if a.Regions == nil || asOf.IsZero() || r.report.Began.Sub(asOf) > r.cfg.MaxRegionsAge {
		return nil, time.Time{}
	}
	return a.Regions, asOf
}

// own says whether an account asks for itself.
func (r *regionReader) own(id string) bool { return id == cmp.Or(r.cfg.Caller, r.found.management) }

// admit waits until account:ListRegions may be called for an account. The error says why it will not be.
func (r *regionReader) admit(ctx context.Context, id string) error {
	switch {
	case ctx.Err() != nil:
		return errNoTime
	case r.cfg.Accounts == nil:
		return errNotConfigured
	case !r.own(id) && !r.answered.Load() && r.refused.Load() >= refusalsUntilOff:
		return errNobodyToAsk
	}
	return r.calls.wait(ctx, listRegionsAction)
}

// regionsOf reads the regions of one account, from whoever answers. refused is what admit said.
func (r *regionReader) regionsOf(ctx context.Context, a accountindex.Account, refused error) (regions []string, err error) {
	if err = refused; err == nil {
		regions, err = r.listRegions(ctx, a.ID)
	}
	if err != nil && r.cfg.RegionsElsewhere != nil && (errors.Is(err, errNotConfigured) || errors.Is(err, errNobodyToAsk) || refusal(err)) {
		regions, err = r.cfg.RegionsElsewhere(ctx, a)
	}
	if err == nil && len(regions) == 0 {
		err = errNoRegions
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(regions)
	return slices.Compact(regions), nil
}

const listRegionsAction = "account:ListRegions"

// listRegions asks account:ListRegions, of which the first page is admitted.
func (r *regionReader) listRegions(ctx context.Context, id string) ([]string, error) {
	own := r.own(id)
	in := &account.ListRegionsInput{
		MaxResults:              aws.Int32(regionsPageSize),
		RegionOptStatusContains: []accounttypes.RegionOptStatus{accounttypes.RegionOptStatusEnabled, accounttypes.RegionOptStatusEnabledByDefault},
	}
	if !own { // who asks for itself may not name itself, if it is the management account
		in.AccountId = &id
	}
	var regions []string
	pages := account.NewListRegionsPaginator(r.cfg.Accounts, in)
	for first := true; pages.HasMorePages(); first = false {
		if !first {
			if err := r.calls.wait(ctx, listRegionsAction); err != nil {
				return nil, err
			}
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			if !own && refusal(err) && r.refused.Add(1) == refusalsUntilOff && !r.answered.Load() {
				r.cfg.Logger.WarnContext(ctx, "regions of the other accounts not asked for", "error", errNobodyToAsk)
			}
			return nil, err
		}
		for _, region := range page.Regions {
			regions = append(regions, aws.ToString(region.RegionName))
		}
	}
	if !own {
		r.answered.Store(true)
	}
	return regions, nil
}

// refusal says whether the service understood the call and will not answer it, so that another may be asked.
func refusal(err error) bool {
	if _, denied := errors.AsType[*accounttypes.AccessDeniedException](err); denied {
		return true
	}
	if _, invalid := errors.AsType[*accounttypes.ValidationException](err); invalid {
		return true
	}
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	return ok && response.HTTPStatusCode() == http.StatusForbidden
}
