package accountindex_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

// TestManySelectors: hundreds of thousands of selectors, equal or not, cost as much as reading them.
func TestManySelectors(t *testing.T) {
	t.Parallel()
	const n = 300_000
	x := sampleIndex(t)
	distinct := make([]string, n)
	tags := make([]accountindex.TagSelector, n)
	for i := range distinct {
		distinct[i] = fmt.Sprintf("/Nowhere/%d", i)
		tags[i] = accountindex.TagSelector{Name: "Team", Value: distinct[i]}
	}
	for name, e := range map[string]accountindex.Exclusion{
		"one OU":        {ByOrgUnits: slices.Repeat([]string{"prod"}, n)},
		"one id":        {ByIds: slices.Repeat(ids("1"), n)},
		"distinct OUs":  {ByOrgUnits: slices.Concat(distinct, []string{"Prod"})},
		"distinct tags": {ByTags: slices.Concat(tags, []accountindex.TagSelector{{Name: "team", Value: "PAYMENTS"}})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			r := resolve(t, x, accountindex.Query{Include: include(e)})
			if got := targets(r); !slices.Contains(got, ids("1")[0]) || len(got) > 2 {
				t.Errorf("targets are %v", got)
			}
			if w := r.Warnings(); len(w) > 1002 {
				t.Errorf("%d warnings", len(w))
			} else if strings.HasPrefix(name, "distinct") && w[len(w)-1].Message != fmt.Sprintf("%d more selectors match nothing in the account index", n-1000) {
				t.Errorf("the last warning is %v", w[len(w)-1])
			}
			decisions(r)
			t.Logf("took %v", time.Since(begin)) // minutes when each selector costs a pass over the accounts
		})
	}
}

// TestEqualSelectorsAreOne: the first of several that differ in case alone stands for all, in reports too.
func TestEqualSelectorsAreOne(t *testing.T) {
	t.Parallel()
	e := accountindex.Exclusion{
		ByNames: []string{"Billing", "billing"}, ByOrgUnits: []string{"Sandbox", "SANDBOX"},
		ByTags: []accountindex.TagSelector{{Name: "Team", Value: "payments"}, {Name: "TEAM", Value: "Payments"}, {Name: "x", Value: "y"}, {Name: "X", Value: "Y"}},
	}
	r := resolve(t, sampleIndex(t), accountindex.Query{Include: include(e)})
	if diff := cmp.Diff(ids("1", "2", "6"), targets(r)); diff != "" {
		t.Error(diff)
	}
	want := []accountindex.Warning{{Path: "IncludeAccounts.ByTags[2]", Message: `"x=y" matches nothing in the account index`}}
	if diff := cmp.Diff(want, r.Warnings()); diff != "" {
		t.Error(diff)
	}
}
