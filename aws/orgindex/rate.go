package orgindex

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/time/rate"
)

// Rate is how often an API may be called: a token bucket.
type Rate struct {
	// Action is the API, as IAM names it.
	Action string
	// PerSecond is how many calls a second it takes in the long run.
	PerSecond float64
	// Burst is how many calls it takes at once.
	Burst int
	// Source says where the numbers are from.
	Source string
}

// Where the rates are from. Those of Organizations are the ones of the account that asks; for a whole organization they are a little higher.
const (
	accountQuotas       = "https://docs.aws.amazon.com/accounts/latest/reference/quotas.html"
	organizationsQuotas = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html#throttling-limits"
)

// defaultRates are in the order of their actions.
var defaultRates = []Rate{
	{"account:ListRegions", 5, 5, accountQuotas},
	{"organizations:DescribeOrganization", 1, 2, organizationsQuotas},
	{"organizations:ListAccountsForParent", 5, 8, organizationsQuotas},
	{"organizations:ListOrganizationalUnitsForParent", 5, 8, organizationsQuotas},
	{"organizations:ListRoots", 1, 2, organizationsQuotas},
	{"organizations:ListTagsForResource", 10, 15, organizationsQuotas},
}

// DefaultRates are those of a Config that sets none, with where each is from. The caller may change the slice.
func DefaultRates() []Rate { return slices.Clone(defaultRates) }

// calls paces the calls of one run and counts them.
type calls struct {
	limiters map[string]*rate.Limiter

	mu   sync.Mutex
	made map[string]int
}

func newCalls(own []Rate) *calls {
	c := &calls{limiters: map[string]*rate.Limiter{}, made: map[string]int{}}
	for _, r := range slices.Concat(defaultRates, own) { // the later ones win
		c.limiters[r.Action] = rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
	}
	return c
}

// errNoTime is why something was not asked.
var errNoTime = errors.New("the time did not suffice")

// wait waits until the API may be called. The error is errNoTime when the context ends first, or would.
func (c *calls) wait(ctx context.Context, action string) error {
	if err := c.limiters[action].Wait(ctx); err != nil {
		return errNoTime
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[action]++
	return nil
}
