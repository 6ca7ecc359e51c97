package accountindex_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/accountindex"
)

// organizationIndex is an index of one organization: its management account, n others in the OU /Dev, and the OU /Empty without accounts.
// Names and paths are those of any other organization.
func organizationIndex(t rapid.TB, id string, management, n int, generated time.Time) *accountindex.Index {
	t.Helper()
	suffix := strings.TrimPrefix(id, "o-")
	root := accountindex.Parent{ID: "r-" + suffix, Name: "ROOT", Type: accountindex.TypeRoot}
	dev := accountindex.Parent{ID: "ou-" + suffix + "-dev00001", Name: "Dev", Type: accountindex.TypeOrgUnit}
	var accounts []accountindex.Account
	for i := management; i <= management+n; i++ {
		account := accountindex.Account{
			ID: fmt.Sprintf("%012d", i), Name: fmt.Sprintf("Account %d", i-management), State: accountindex.Active,
			ARN:     fmt.Sprintf("arn:aws:organizations::%012d:account/%s/%012d", management, id, i),
			Parents: []accountindex.Parent{dev, root}, Regions: []string{"eu-west-1"}, Tags: map[string]string{"Team": suffix},
		}
		if i == management {
			account.Parents = account.Parents[1:]
		}
		accounts = append(accounts, account)
	}
	x, err := accountindex.New(accounts, []accountindex.OrgUnit{{ID: "ou-" + suffix + "-empty001", Name: "Empty", Path: "/Empty"}}, generated, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

var morning = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

// twoOrganizations are of the accounts 1 to 3 and 101 to 104.
func twoOrganizations(t testing.TB) *accountindex.Index {
	t.Helper()
	x, err := accountindex.Merge(organizationIndex(t, "o-aaaa", 1, 2, morning.Add(time.Hour)), organizationIndex(t, "o-bbbb", 101, 3, morning))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestMergeKeepsOrganizationsApart(t *testing.T) {
	t.Parallel()
	x := twoOrganizations(t)
	if diff := cmp.Diff([]string{"o-aaaa", "o-bbbb"}, x.Organizations()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"000000000001", "000000000101"}, x.OrgRoots()); diff != "" {
		t.Error(diff)
	}
	if !x.Generated().Equal(morning) || !x.GeneratedOf("o-aaaa").Equal(morning.Add(time.Hour)) || !x.GeneratedOf("o-bbbb").Equal(morning) || !x.GeneratedOf("o-cccc").IsZero() {
		t.Errorf("generated %s, %s and %s", x.Generated(), x.GeneratedOf("o-aaaa"), x.GeneratedOf("o-bbbb"))
	}
	var units []string
	for _, u := range x.OrgUnits() {
		units = append(units, u.Organization+" "+u.Path+" "+u.ID)
	}
	want := []string{
		"o-aaaa / r-aaaa", "o-aaaa /Dev ou-aaaa-dev00001", "o-aaaa /Empty ou-aaaa-empty001",
		"o-bbbb / r-bbbb", "o-bbbb /Dev ou-bbbb-dev00001", "o-bbbb /Empty ou-bbbb-empty001",
	}
	if diff := cmp.Diff(want, units); diff != "" {
		t.Error(diff)
	}
}

// The management account of each organization is out, a path or a name stands for the OUs of all, and a root for one organization.
func TestResolveInSeveralOrganizations(t *testing.T) {
	t.Parallel()
	x := twoOrganizations(t)
	for _, test := range []struct {
		q    accountindex.Query
		want []string
	}{
		{accountindex.Query{Include: everybody}, []string{"000000000002", "000000000003", "000000000102", "000000000103", "000000000104"}},
		{accountindex.Query{Include: everybody, OperateInOrgRoot: true}, []string{"000000000001", "000000000002", "000000000003", "000000000101", "000000000102", "000000000103", "000000000104"}},
		{accountindex.Query{Include: include(accountindex.Exclusion{ByOrgUnits: []string{"r-bbbb"}})}, []string{"000000000102", "000000000103", "000000000104"}},
		{accountindex.Query{Include: include(accountindex.Exclusion{ByOrgUnits: []string{"/Dev"}}), Exclude: accountindex.Exclusion{ByOrgUnits: []string{"r-aaaa"}}}, []string{"000000000102", "000000000103", "000000000104"}},
		{accountindex.Query{Include: include(accountindex.Exclusion{ByOrgUnits: []string{"ROOT"}}), Exclude: accountindex.Exclusion{ByTags: []accountindex.TagSelector{{Name: "Team", Value: "bbbb"}}}}, []string{"000000000002", "000000000003"}},
		{accountindex.Query{Include: include(accountindex.Exclusion{ByNames: []string{"Account 1"}})}, []string{"000000000002", "000000000102"}},
	} {
		if diff := cmp.Diff(test.want, targets(resolve(t, x, test.q))); diff != "" {
			t.Errorf("%+v: %s", test.q, diff)
		}
	}
}

func TestMergeReplacesAnOrganizationWhole(t *testing.T) {
	t.Parallel()
	newer := organizationIndex(t, "o-bbbb", 101, 1, morning.Add(2*time.Hour))
	x, err := accountindex.Merge(twoOrganizations(t), newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := x.Account("000000000104"); ok || x.Len() != 5 || !x.GeneratedOf("o-bbbb").Equal(morning.Add(2*time.Hour)) || !x.GeneratedOf("o-aaaa").Equal(morning.Add(time.Hour)) {
		t.Errorf("%d accounts, generated %s", x.Len(), x.GeneratedOf("o-bbbb"))
	}
	alone, err := accountindex.Merge(newer, newer)
	if err != nil || string(alone.AppendFile(nil)) != string(newer.AppendFile(nil)) {
		t.Errorf("merged with itself (%v):\n%s", err, alone.AppendFile(nil))
	}
	if _, err := accountindex.Merge(); err == nil {
		t.Error("an index was made of none")
	}
}

func TestMergeRefusesWhatTwoOrganizationsClaim(t *testing.T) {
	t.Parallel()
	ours, theirs := organizationIndex(t, "o-aaaa", 1, 2, morning), organizationIndex(t, "o-bbbb", 3, 2, morning)
	if _, err := accountindex.Merge(ours, theirs); err == nil || !strings.Contains(err.Error(), "organizations.o-bbbb.accounts.000000000003: the account 000000000003 is there twice") {
		t.Errorf("an account of two: %v", err)
	}
	same := strings.NewReplacer("r-bbbb", "r-aaaa", "ou-bbbb-empty001", "ou-aaaa-dev00001")
	text := same.Replace(string(organizationIndex(t, "o-bbbb", 101, 2, morning).AppendFile(nil)))
	text = strings.Replace(text, `"Name": "Empty"`, `"Name": "Dev"`, 1)
	text = strings.Replace(text, `"Path": "/Empty"`, `"Path": "/Dev"`, 1)
	_, err := accountindex.Merge(ours, load(t, text, accountindex.LoadOptions{}))
	for _, want := range []string{
		"organizations.o-bbbb.accounts.000000000101.Parents[0]: r-aaaa stands in another organization, too (account 000000000001)",
		"organizations.o-bbbb.OrgUnits[0]: ou-aaaa-dev00001 stands in another organization, too (account 000000000002)",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestLoadSeveralOrganizations(t *testing.T) {
	t.Parallel()
	one := file(account(firstID, nil))
	other := file(account(secondID, map[string]string{
		"Arn": `"arn:aws:organizations::200000000000:account/o-other/100000000002"`, "Parents": `[{"Id": "r-other", "Name": "ROOT", "Type": "ROOT"}]`}))
	several := func(parts string) string { return "{\"organizations\": {\n" + parts + "}}" }
	both := several(`"o-ab12cd34ef": ` + one + ",\n" + `"o-other": ` + other)
	configured := accountindex.LoadOptions{Organizations: []string{"o-ab12cd34ef", "o-other"}}
	for _, test := range []struct {
		name, text string
		o          accountindex.LoadOptions
		want       []string
	}{
		{"both", both, configured, nil},
		{"any", both, accountindex.LoadOptions{AnyOrganizations: true}, nil},
		{"any, whatever is configured", both, accountindex.LoadOptions{Organizations: []string{"o-third"}, AnyOrganizations: true}, nil},
		{"none is configured", both, accountindex.LoadOptions{}, []string{"5 organizations.o-other: the organization o-other is not the first one"}},
		{"one is configured", both, accountindex.LoadOptions{Organizations: []string{"o-other"}}, []string{"2 organizations.o-ab12cd34ef: the organization o-ab12cd34ef is not configured"}},
		{"in the form of one", file(account(firstID, nil), account(secondID, map[string]string{"Arn": `"arn:aws:organizations::200000000000:account/o-other/100000000002"`})), configured,
			[]string{"3 accounts.100000000002.Arn: the account is of the organization o-other, the first account is of o-ab12cd34ef"}},
		{"in the form of one, not configured", one, accountindex.LoadOptions{Organizations: []string{"o-other"}},
			[]string{"2 accounts.100000000001.Arn: the account is of the organization o-ab12cd34ef, which is not configured"}},
		{"under another", several(`"o-other": ` + one), configured, []string{"3 organizations.o-other.accounts.100000000001.Arn: the account is of the organization o-ab12cd34ef, and stands under o-other"}},
		{"twice", several(`"o-ab12cd34ef": ` + one + ",\n" + `"o-ab12cd34ef": ` + one), configured, []string{
			"5 organizations.o-ab12cd34ef: the key is there twice", "6 organizations.o-ab12cd34ef.accounts.100000000001: the account 100000000001 is there twice",
			"6 organizations.o-ab12cd34ef.accounts.100000000001.Parents[0]: ou-ab12-dev stands in another organization, too (account 100000000001)",
			"6 organizations.o-ab12cd34ef.accounts.100000000001.Parents[1]: r-ab12 stands in another organization, too (account 100000000001)"}},
		{"no organization", several(""), configured, []string{"1 organizations: there are no organizations"}},
		{"no object", `{"organizations": []}`, configured, []string{"1 organizations: this is a list, not an object of indexes by organization"}},
		{"no id", several(`"Other": ` + other), configured, []string{`2 organizations.Other: "Other" is not the id of an organization`,
			"3 organizations.Other.accounts.100000000002.Arn: the account is of the organization o-other, and stands under Other"}},
		{"no index", several(`"o-other": 7`), configured, []string{"2 organizations.o-other: this is a number, not an object"}},
		{"empty", several(`"o-other": {}`), configured, []string{`2 organizations.o-other: "accounts" is missing`}},
		{"no accounts", several(`"o-other": {"accounts": {}}`), configured, []string{"2 organizations.o-other.accounts: there are no accounts"}},
		{"within one", several(`"o-other": {"organizations": {}, ` + other[1:]), configured, []string{"2 organizations.o-other.organizations: an organization holds no organizations"}},
		{"beside", `{"OrgUnits": [], "generated": "2025-02-03T04:10:00Z", ` + both[1:], configured, []string{
			"1 OrgUnits: the key stands beside organizations", "1 generated: the key stands beside organizations"}},
		{"beside accounts", `{"organizations": {}, ` + one[1:], configured, []string{"1 organizations: there are no organizations", "1 accounts: the key stands beside organizations"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			x, err := accountindex.Load("index.json", []byte(test.text), test.o)
			if test.want == nil {
				if err != nil || x.Len() != 2 {
					t.Errorf("error %v", err)
				}
				return
			}
			if diff := cmp.Diff(test.want, faultsOf(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Fields that nobody knows stay where they are, and the file of one organization comes out as that of several when it went in so.
func TestSeveralOrganizationsAreWrittenAsTheyWere(t *testing.T) {
	t.Parallel()
	text := string(twoOrganizations(t).AppendFile(nil))
	text = strings.Replace(text, `    "organizations"`, "    \"mine\": [\n        1\n    ],\n    \"organizations\"", 1)
	text = strings.Replace(text, `            "OrgUnits"`, "            \"A\": {},\n            \"OrgUnits\"", 1)
	if got := string(load(t, text, accountindex.LoadOptions{AnyOrganizations: true}).AppendFile(nil)); got != text {
		t.Errorf("%s", cmp.Diff(text, got))
	}
	one := "{\n    \"organizations\": {\n        \"o-ab12cd34ef\": " + file(account(firstID, nil)) + "}}"
	x := load(t, one, accountindex.LoadOptions{})
	if got := string(x.AppendFile(nil)); !strings.HasPrefix(got, "{\n    \"organizations\": {\n        \"o-ab12cd34ef\": {\n            \"accounts\": {\n") {
		t.Errorf("written as\n%s", got)
	}
}

// An organization that is lost is a loss, however small it is beside the others.
func TestLossOfOneOrganization(t *testing.T) {
	t.Parallel()
	large, small := organizationIndex(t, "o-aaaa", 1, 999, morning), organizationIndex(t, "o-bbbb", 5001, 9, morning)
	merge := func(of ...*accountindex.Index) *accountindex.Index {
		x, err := accountindex.Merge(of...)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	before := merge(large, small)
	for _, test := range []struct {
		name string
		now  *accountindex.Index
		want string
	}{
		{"nothing", merge(small, large), ""},
		{"a tenth of the small one", merge(large, organizationIndex(t, "o-bbbb", 5001, 8, morning)), ""},
		{"two tenths of it", merge(large, organizationIndex(t, "o-bbbb", 5001, 7, morning)), "lacks 2 of 10 accounts and 0 of 3 OUs of the organization o-bbbb"},
		{"all of it", large, "lacks 10 of 10 accounts and 3 of 3 OUs of the organization o-bbbb"},
	} {
		err := accountindex.CheckLoss(before, test.now)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// Whatever organizations are merged, in whatever order, each account is in the result as it was in the last index of its organization.
func TestMergeProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		last := map[string]*accountindex.Index{}
		var all []*accountindex.Index
		for range rapid.IntRange(1, 5).Draw(t, "indexes") {
			n := rapid.IntRange(0, 3).Draw(t, "organization")
			id := fmt.Sprintf("o-org%d", n)
			x := organizationIndex(t, id, 1+100*n, rapid.IntRange(0, 4).Draw(t, "accounts"), morning.Add(time.Duration(len(all))*time.Hour))
			last[id], all = x, append(all, x)
		}
		merged, err := accountindex.Merge(all...)
		if err != nil {
			t.Fatal(err)
		}
		accounts := 0
		for id, x := range last {
			accounts += x.Len()
			for want := range x.Accounts() {
				if got, _ := merged.Account(want.ID); cmp.Diff(want, got) != "" {
					t.Fatal(cmp.Diff(want, got))
				}
			}
			if !merged.GeneratedOf(id).Equal(x.Generated()) {
				t.Fatalf("%s was generated %s", id, merged.GeneratedOf(id))
			}
		}
		if merged.Len() != accounts {
			t.Fatalf("%d accounts, want %d", merged.Len(), accounts)
		}
		file := merged.AppendFile(nil)
		again, err := accountindex.Load("again.json", file, accountindex.LoadOptions{AnyOrganizations: true})
		if err != nil || string(again.AppendFile(nil)) != string(file) {
			t.Fatalf("%v\n%s", err, file)
		}
	})
}
