package accountindex_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

// sampleIndex has a management account and six others:
//
//	1 Payments  /Workloads/Prod   Team=payments
//	2 Billing   /Workloads/Dev    Team=billing
//	3 Shared    /                 no tags
//	4 Old       /Workloads/Prod   suspended
//	5 Unknown   tags and OUs unknown
//	6 payments  /Sandbox/Prod     a second Payments under a second Prod
func sampleIndex(tb testing.TB) *accountindex.Index {
	tb.Helper()
	prod := `[{"Id": "ou-1", "Name": "Prod"}, {"Id": "ou-2", "Name": "Workloads"}, {"Id": "r-ab12", "Name": "Root", "Type": "ROOT"}]`
	dev := strings.NewReplacer("ou-1", "ou-3", "Prod", "Dev").Replace(prod)
	sandbox := strings.NewReplacer("ou-1", "ou-4", "ou-2", "ou-5", "Workloads", "Sandbox").Replace(prod)
	root := `[{"Id": "r-ab12", "Name": "Root", "Type": "ROOT"}]`
	accounts := file(
		account(managementID, map[string]string{"Name": `"Management"`, "Parents": root}),
		account("100000000001", map[string]string{"Name": `"Payments"`, "Parents": prod, "Regions": `["eu-west-1", "us-east-1", "us-west-1"]`}),
		account("100000000002", map[string]string{"Name": `"Billing"`, "Parents": dev, "Tags": `{"Team": "billing", "Env": ""}`}),
		account("100000000003", map[string]string{"Name": `"Shared"`, "Parents": root, "Tags": "{}", "Regions": `["us-east-1"]`}),
		account("100000000004", map[string]string{"Name": `"Old"`, "Parents": prod, "Status": `"SUSPENDED"`}),
		account("100000000005", map[string]string{"Name": `"Unknown"`, "Parents": "null", "Tags": "", "Regions": "null"}),
		account("100000000006", map[string]string{"Name": `"payments"`, "Parents": sandbox, "Tags": `{"team": "PAYMENTS"}`}),
	)
	return load(tb, strings.TrimSuffix(accounts, "}")+`, "OrgUnits": [{"Id": "ou-9", "Name": "Empty", "Path": "/Empty"}]}`, accountindex.LoadOptions{})
}

func ids(last ...string) []string {
	found := []string{}
	for _, l := range last {
		found = append(found, "10000000000"+l)
	}
	return found
}

func TestResolveSelectors(t *testing.T) {
	t.Parallel()
	type exclusion = accountindex.Exclusion
	tests := map[string]struct {
		include accountindex.Selection
		exclude exclusion
		want    []string
	}{
		"nobody":                      {},
		"all":                         {include: everybody, want: ids("1", "2", "3", "5", "6")},
		"ids, twice and unknown":      {include: include(exclusion{ByIds: []string{"100000000002", "100000000002", "999999999999"}}), want: ids("2")},
		"name in any case, ambiguous": {include: include(exclusion{ByNames: []string{"PAYments"}}), want: ids("1", "6")},
		"name with a space":           {include: include(exclusion{ByNames: []string{" Billing"}})},
		"OU by name, ambiguous":       {include: include(exclusion{ByOrgUnits: []string{"prod"}}), want: ids("1", "6")},
		"OU by path":                  {include: include(exclusion{ByOrgUnits: []string{"/workloads/Prod"}}), want: ids("1")},
		"OU by id":                    {include: include(exclusion{ByOrgUnits: []string{"OU-4"}}), want: ids("6")},
		"OU is nested":                {include: include(exclusion{ByOrgUnits: []string{"Workloads"}}), want: ids("1", "2")},
		"the root by ROOT":            {include: include(exclusion{ByOrgUnits: []string{"root"}}), want: ids("1", "2", "3", "6")},
		"the root by id":              {include: include(exclusion{ByOrgUnits: []string{"r-ab12"}}), want: ids("1", "2", "3", "6")},
		"the root by path":            {include: include(exclusion{ByOrgUnits: []string{"/"}}), want: ids("1", "2", "3", "6")},
		"tag in any case":             {include: include(exclusion{ByTags: []accountindex.TagSelector{{Name: "TEAM", Value: "Payments"}}}), want: ids("1", "6")},
		"tag with empty value":        {include: include(exclusion{ByTags: []accountindex.TagSelector{{Name: "Env", Value: ""}}}), want: ids("2")},
		"union":                       {include: include(exclusion{ByNames: []string{"Shared"}, ByOrgUnits: []string{"Dev"}}), want: ids("2", "3")},
		"exclude wins":                {include: include(exclusion{ByIds: ids("1", "2")}), exclude: exclusion{ByNames: []string{"billing"}}, want: ids("1")},
		"unknown tags in exclude":     {include: everybody, exclude: exclusion{ByTags: []accountindex.TagSelector{{Name: "Team", Value: "billing"}}}, want: ids("1", "3", "6")},
		"unknown OUs in exclude":      {include: include(exclusion{ByIds: ids("5", "3")}), exclude: exclusion{ByOrgUnits: []string{"Dev"}}, want: ids("3")},
		"by id, no fact used":         {include: include(exclusion{ByIds: ids("5")}), exclude: exclusion{ByIds: ids("1")}, want: ids("5")},
		"suspended is never tasked":   {include: include(exclusion{ByIds: ids("4")})},
		"the root account is not":     {include: include(exclusion{ByIds: ids("0")})},
		"expression":                  {include: include(exclusion{ByExpression: `tag("TEAM") == "payments" || name == "Shared"`}), want: ids("1", "3")},
		"expression, OUs":             {include: include(exclusion{ByExpression: `inOU("/workloads") and not ("Dev" in ous)`}), want: ids("1")},
		"expression, absent tag":      {include: include(exclusion{ByExpression: `tag("none") == ""`}), want: ids("1", "2", "3", "6")},
		"expression, path":            {include: include(exclusion{ByExpression: `path == "/Workloads/Dev" or path == "/"`}), want: ids("2", "3")},
		"expression, regions":         {include: include(exclusion{ByExpression: `len(regions) == 1 and any(regions, # startsWith "us")`}), want: ids("3")},
		"expression, id":              {include: include(exclusion{ByExpression: `id endsWith "5"`}), want: ids("5")},
	}
	x := sampleIndex(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := resolve(t, x, accountindex.Query{Include: test.include, Exclude: test.exclude})
			if diff := cmp.Diff(append([]string{}, test.want...), targets(r)); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
			if r.Targets() != len(test.want) || r.Accounts() != len(test.want) || r.Index() != x {
				t.Errorf("Targets %d, Accounts %d", r.Targets(), r.Accounts())
			}
		})
	}
}

func TestResolveRegions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		include, exclude, scope []string
		limit                   int
		want                    []string
	}{
		"all": {include: []string{"ALL"}, want: []string{
			"100000000001/eu-west-1", "100000000001/us-east-1", "100000000001/us-west-1", "100000000003/us-east-1"}},
		"named, one not enabled": {include: []string{"us-west-1", "eu-west-1", "ap-east-1"}, want: []string{"100000000001/eu-west-1", "100000000001/us-west-1"}},
		"without":                {include: []string{"ALL"}, exclude: []string{"us-east-1"}, want: []string{"100000000001/eu-west-1", "100000000001/us-west-1"}},
		"scope":                  {include: []string{"ALL"}, scope: []string{"us-east-1", "ap-east-1"}, want: []string{"100000000001/us-east-1", "100000000003/us-east-1"}},
		"out of scope":           {include: []string{"us-east-1"}, scope: []string{"eu-west-1"}},
		"none asked for":         {},
		"limit in an account": {include: []string{"ALL"}, limit: 2, want: []string{
			"100000000001/eu-west-1", "100000000001/us-east-1"}},
		"limit between accounts": {include: []string{"ALL"}, limit: 3, want: []string{
			"100000000001/eu-west-1", "100000000001/us-east-1", "100000000001/us-west-1"}},
		"limit above": {include: []string{"us-east-1"}, limit: 9, want: []string{"100000000001/us-east-1", "100000000003/us-east-1"}},
	}
	x := sampleIndex(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := resolve(t, x, accountindex.Query{
				Include: include(accountindex.Exclusion{ByIds: ids("1", "3", "5")}), PerRegion: true, Limit: test.limit,
				IncludeRegions: test.include, ExcludeRegions: test.exclude, ScopeToRegions: test.scope,
			})
			if diff := cmp.Diff(append([]string{}, test.want...), targets(r)); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
			if r.Targets() != len(test.want) || r.LeftOut()[accountindex.Undecidable] != 1 {
				t.Errorf("Targets %d, LeftOut %v", r.Targets(), r.LeftOut())
			}
			all := resolve(t, x, accountindex.Query{Include: everybody, PerRegion: true, IncludeRegions: []string{"ALL"}, OperateInOrgRoot: true})
			for target := range all.All() {
				want := strings.Contains(strings.Join(test.want, " "), target.AccountID+"/"+target.Region)
				if r.Contains(target) != want {
					t.Errorf("Contains(%v) is %v", target, !want)
				}
			}
		})
	}
	r := resolve(t, x, accountindex.Query{Include: everybody})
	for _, absent := range []accountindex.Target{{}, {AccountID: "100000000004"}, {AccountID: "100000000001", Region: "us-east-1"}} {
		if r.Contains(absent) {
			t.Errorf("Contains(%v)", absent)
		}
	}
}

func TestResolveReasons(t *testing.T) {
	t.Parallel()
	x := sampleIndex(t)
	r := resolve(t, x, accountindex.Query{
		Include:    include(accountindex.Exclusion{ByOrgUnits: []string{"ROOT"}, ByIds: ids("5")}),
		Exclude:    accountindex.Exclusion{ByNames: []string{"Billing"}},
		NeverTouch: []accountindex.Guard{{Name: "Fleet.NeverTouch", Selection: include(accountindex.Exclusion{ByIds: ids("2", "6")})}},
		PerRegion:  true, IncludeRegions: []string{"eu-west-1"},
	})
	type line struct {
		Reason accountindex.Reason
		Rule   string
	}
	want := map[string]line{
		"100000000000": {accountindex.OrgRoot, "a management account, and OperateInOrgRoot is not set"},
		"100000000001": {accountindex.Included, `IncludeAccounts.ByOrgUnits[0] "ROOT" (/)`},
		"100000000002": {accountindex.NeverTouched, `Fleet.NeverTouch.ByIds[0] "100000000002"`},
		"100000000003": {accountindex.NoRegions, "none of the account's regions is asked for"},
		"100000000004": {accountindex.NotActive, "the state of the account is SUSPENDED"},
		"100000000005": {accountindex.Undecidable, "IncludeAccounts.ByOrgUnits[0] uses the OUs of the account, which are unknown"},
		"100000000006": {accountindex.NeverTouched, `Fleet.NeverTouch.ByIds[1] "100000000006"`},
	}
	got := map[string]line{}
	for id, d := range decisions(r) {
		got[id] = line{d.Reason, d.Rule}
		if d.Account.ID != id || d.Account.Name == "" {
			t.Errorf("account of %s is %+v", id, d.Account)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	one := decisions(r)["100000000001"]
	if diff := cmp.Diff([]string{"eu-west-1"}, one.Regions); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"us-east-1: not in IncludeRegions", "us-west-1: not in IncludeRegions"}, one.LeftOutRegions); diff != "" {
		t.Error(diff)
	}
	counts := map[accountindex.Reason]int{
		accountindex.OrgRoot: 1, accountindex.NeverTouched: 2, accountindex.NoRegions: 1, accountindex.NotActive: 1, accountindex.Undecidable: 1,
	}
	if diff := cmp.Diff(counts, r.LeftOut()); diff != "" {
		t.Errorf("LeftOut: %s", diff)
	}
}

func TestResolveOnlyAndLimit(t *testing.T) {
	t.Parallel()
	x := sampleIndex(t)
	r := resolve(t, x, accountindex.Query{
		Include: include(accountindex.Exclusion{ByIds: ids("1", "2", "3", "4")}),
		Only:    append(ids("3", "2", "2", "4", "6"), "999999999999"), Limit: 1,
	})
	if diff := cmp.Diff(ids("2"), targets(r)); diff != "" {
		t.Error(diff)
	}
	want := []accountindex.Warning{
		{Path: "Only[3]", Message: "100000000004 is not selected: not-active: the state of the account is SUSPENDED"},
		{Path: "Only[4]", Message: "100000000006 is not selected: not-included: no selector of IncludeAccounts matches"},
		{Path: "Only[5]", Message: `"999999999999" is not in the account index`},
	}
	if diff := cmp.Diff(want, r.Warnings()); diff != "" {
		t.Error(diff)
	}
	counts := map[accountindex.Reason]int{accountindex.NotActive: 1, accountindex.NotOnly: 1, accountindex.OverLimit: 1}
	if diff := cmp.Diff(counts, r.LeftOut()); diff != "" {
		t.Error(diff)
	}
	if _, err := x.Resolve(context.Background(), accountindex.Query{Limit: -1, UnmatchedInclude: "loud"}); err == nil ||
		!strings.Contains(err.Error(), "the limit -1 is below 0") || !strings.Contains(err.Error(), `"loud" is not a policy`) {
		t.Errorf("error is %v", err)
	}
}

func TestResolveOrgRoot(t *testing.T) {
	t.Parallel()
	for _, partition := range []string{"aws", "aws-us-gov", "aws-cn"} {
		x := load(t, strings.ReplaceAll(file(account(managementID, nil), account(firstID, nil)), "arn:aws:", "arn:"+partition+":"), accountindex.LoadOptions{})
		if diff := cmp.Diff([]string{firstID}, targets(resolve(t, x, accountindex.Query{Include: everybody}))); diff != "" {
			t.Errorf("%s: %s", partition, diff)
		}
		if diff := cmp.Diff([]string{managementID, firstID}, targets(resolve(t, x, accountindex.Query{Include: everybody, OperateInOrgRoot: true}))); diff != "" {
			t.Errorf("%s: %s", partition, diff)
		}
		named := accountindex.Query{Include: include(accountindex.Exclusion{ByIds: []string{firstID}}), OperateInOrgRoot: true}
		if diff := cmp.Diff([]string{firstID}, targets(resolve(t, x, named))); diff != "" {
			t.Errorf("%s: the flag added the root: %s", partition, diff)
		}
		if a, _ := x.Account(firstID); a.Partition() != partition {
			t.Errorf("partition is %s, want %s", a.Partition(), partition)
		}
	}
}

func TestUnmatchedPolicies(t *testing.T) {
	t.Parallel()
	x := sampleIndex(t)
	nothing := accountindex.Exclusion{
		ByNames: []string{"Biling", "Old"}, ByIds: []string{"123", "100000000004"}, ByOrgUnits: []string{"/Workloads/Prd", "Empty"},
		ByTags: []accountindex.TagSelector{{Name: "Team", Value: "nobody"}}, ByExpression: "false",
	}
	faults := func(side string) []string {
		return []string{
			side + `.ByIds[0]: "123" matches nothing in the account index: an account id has 12 digits`,
			side + `.ByNames[0]: "Biling" matches nothing in the account index: did you mean "Billing"?`,
			side + `.ByOrgUnits[0]: "/Workloads/Prd" matches nothing in the account index: did you mean "/Workloads/Prod"?`,
			side + `.ByTags[0]: "Team=nobody" matches nothing in the account index`,
			side + `.ByExpression: "false" matches nothing in the account index`,
		}
	}
	tests := map[string]struct {
		q                accountindex.Query
		errors, warnings []string
	}{
		"include, default": {accountindex.Query{Include: include(nothing)}, nil, faults("IncludeAccounts")},
		"include, error":   {accountindex.Query{Include: include(nothing), UnmatchedInclude: accountindex.PolicyError}, faults("IncludeAccounts"), nil},
		"include, ignore":  {accountindex.Query{Include: include(nothing), UnmatchedInclude: accountindex.PolicyIgnore}, nil, nil},
		"exclude, default": {accountindex.Query{Exclude: nothing}, faults("ExcludeAccounts")[:3], nil},
		"exclude, error":   {accountindex.Query{Exclude: nothing, UnmatchedExclude: accountindex.PolicyError}, faults("ExcludeAccounts"), nil},
		"exclude, warn":    {accountindex.Query{Exclude: nothing, UnmatchedExclude: accountindex.PolicyWarn}, nil, faults("ExcludeAccounts")},
		"exclude, ignore":  {accountindex.Query{Exclude: nothing, UnmatchedExclude: accountindex.PolicyIgnore}, nil, nil},
		"guard, default":   {accountindex.Query{NeverTouch: []accountindex.Guard{{Name: "G", Selection: include(nothing)}}}, faults("G")[:3], nil},
		"guard, ignore":    {accountindex.Query{NeverTouch: []accountindex.Guard{{Name: "G", Selection: include(nothing)}}, UnmatchedExclude: accountindex.PolicyIgnore}, nil, faults("G")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := x.Resolve(context.Background(), test.q)
			if test.errors != nil {
				if diff := cmp.Diff(strings.Join(test.errors, "\n"), err.Error()); diff != "" {
					t.Errorf("errors (-want +got):\n%s", diff)
				}
				var unmatched *accountindex.UnmatchedError
				if !errors.As(err, &unmatched) || unmatched.Value != "123" {
					t.Errorf("first is %#v", unmatched)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var warnings []string
			for _, w := range r.Warnings() {
				warnings = append(warnings, w.Path+": "+w.Message)
			}
			if diff := cmp.Diff(test.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAmbiguousNamesWarn(t *testing.T) {
	t.Parallel()
	r := resolve(t, sampleIndex(t), accountindex.Query{Include: include(accountindex.Exclusion{ByNames: []string{"PAYMENTS"}, ByOrgUnits: []string{"Prod"}})})
	want := []accountindex.Warning{
		{Path: "IncludeAccounts.ByNames[0]", Message: `"PAYMENTS" stands for 2 accounts: 100000000001, 100000000006`},
		{Path: "IncludeAccounts.ByOrgUnits[0]", Message: `"Prod" stands for 2 OUs: /Workloads/Prod (ou-1), /Sandbox/Prod (ou-4)`},
	}
	if diff := cmp.Diff(want, r.Warnings()); diff != "" {
		t.Error(diff)
	}
}

func TestIncompleteParentsAreUnknown(t *testing.T) {
	t.Parallel()
	x := load(t, file(
		account(firstID, map[string]string{"Parents": `[{"Id": "ou-1", "Name": "Lost"}]`}),
		account(secondID, map[string]string{"Parents": `[]`}),
	), accountindex.LoadOptions{})
	r := resolve(t, x, accountindex.Query{Include: everybody, Exclude: accountindex.Exclusion{ByOrgUnits: []string{"Above"}}, UnmatchedExclude: accountindex.PolicyWarn})
	if r.Targets() != 0 || r.LeftOut()[accountindex.Undecidable] != 2 {
		t.Errorf("%v, %v", targets(r), r.LeftOut())
	}
	if w := x.Warnings(); len(w) != 1 || !strings.Contains(w[0].Message, "do not end in the root") {
		t.Errorf("warnings are %v", w)
	}
}

// TestCaseFollowsPython: names that Python's str.lower makes equal are equal, and no others.
func TestCaseFollowsPython(t *testing.T) {
	t.Parallel()
	x := load(t, file(
		account(firstID, map[string]string{"Name": `"\u039f\u0394\u039f\u03a3"`}),
		account(secondID, map[string]string{"Name": `"\u0130zmir"`, "Tags": `{"Place": "\u0130zmir"}`}),
	), accountindex.LoadOptions{})
	for name, want := range map[string][]string{
		"\u03bf\u03b4\u03bf\u03c2": {firstID}, "\u03bf\u03b4\u03bf\u03c3": {},
		"\u0130ZMIR": {secondID}, "i\u0307zmir": {secondID}, "izmir": {},
	} {
		r := resolve(t, x, accountindex.Query{Include: include(accountindex.Exclusion{ByNames: []string{name}})})
		if diff := cmp.Diff(want, targets(r)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	tag := accountindex.TagSelector{Name: "place", Value: "\u0130ZMIR"}
	r := resolve(t, x, accountindex.Query{Include: everybody, Exclude: accountindex.Exclusion{ByTags: []accountindex.TagSelector{tag}}})
	if diff := cmp.Diff([]string{firstID}, targets(r)); diff != "" {
		t.Error(diff)
	}
}
