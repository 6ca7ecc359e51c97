package orgindex

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

// Result is what a run made.
type Result struct {
	Index  *accountindex.Index
	Report Report
}

// The facts of an account that a Failure may be about.
const (
	FactTags    = "tags"
	FactRegions = "regions"
	FactPlace   = "place"   // its OUs: it moved while the organization was read
	FactAccount = "account" // all: it is not in the index
)

// Report says how a run went.
type Report struct {
	// Began is when the run began: what the index says of when it was generated.
	Began time.Time
	// Listing is how long it took to walk the OUs, Reading how long tags and regions took after that.
	Listing, Reading time.Duration

	// Accounts and OrgUnits are how many the index has, the root among the latter.
	Accounts, OrgUnits int
	// States is how many accounts are in each.
	States map[accountindex.State]int

	// TagsRead and RegionsRead are the accounts whose tags and regions were read in this run; RegionsKept those that have the regions
	// of the previous index instead. All others are unknown.
	TagsRead, RegionsRead, RegionsKept int
	// RegionsNotAsked are accounts whose regions the time did not suffice for, or that nobody could be asked about: no failures.
	RegionsNotAsked int

	// Calls are the API calls made, by IAM action, without retries.
	Calls map[string]int

	// Failures are the facts that could not be read, by account and fact.
	Failures []Failure
}

// Failure is a fact of one account that could not be read.
type Failure struct {
	AccountID string
	Fact      string // FactTags, FactRegions, FactPlace or FactAccount
	Err       error
}

// String says which fact of which account, and why.
func (f Failure) String() string {
	return fmt.Sprintf("%s of account %s: %v", f.Fact, f.AccountID, f.Err)
}

// TagsUnknown is how many accounts of the index have no tags that are known: templates that select by tag leave them out.
func (r Report) TagsUnknown() int { return r.Accounts - r.TagsRead }

// RegionsUnknown is how many accounts of the index have no regions that are known: they are tasked in none.
func (r Report) RegionsUnknown() int { return r.Accounts - r.RegionsRead - r.RegionsKept }

// String is the report in one line.
func (r Report) String() string {
	parts := []string{
		fmt.Sprintf("%d accounts in %d OUs", r.Accounts, r.OrgUnits),
		fmt.Sprintf("tags of %d", r.TagsRead),
		fmt.Sprintf("regions of %d read and of %d kept", r.RegionsRead, r.RegionsKept),
	}
	if n := len(r.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d facts could not be read", n))
	}
	total := 0
	for _, n := range r.Calls {
		total += n
	}
	return strings.Join(append(parts, fmt.Sprintf("%d calls in %v", total, (r.Listing+r.Reading).Round(time.Millisecond))), ", ")
}

func sortFailures(failures []Failure) {
	slices.SortFunc(failures, func(a, b Failure) int {
		return cmp.Or(strings.Compare(a.AccountID, b.AccountID), strings.Compare(a.Fact, b.Fact))
	})
}
