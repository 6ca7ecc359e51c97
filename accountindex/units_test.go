package accountindex_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

// TestDeepOUsAreRefused: chains that are too long, at once or put together, cost neither time nor memory.
func TestDeepOUsAreRefused(t *testing.T) {
	t.Parallel()
	const n = 20_000
	id := func(i int) string { return fmt.Sprintf("%012d", i) }
	unit := func(i int) string { return fmt.Sprintf(`{"Id": "ou-%d", "Name": "OU %d"}`, i, i) }
	var pairs, chain []string
	for i := range n {
		pairs = append(pairs, account(id(i), map[string]string{"Parents": "[" + unit(i) + ", " + unit(i+1) + "]"}))
		chain = append(chain, unit(i))
	}
	for name, text := range map[string]string{
		"one chain":         file(account(firstID, map[string]string{"Parents": "[" + strings.Join(chain, ", ") + "]"})),
		"a chain in pieces": file(pairs...),
		"and the other way": file(append(pairs, account(firstID, map[string]string{"Parents": "[" + unit(n) + ", " + unit(0) + "]"}))...),
	} {
		_, err := accountindex.Load("index.json", []byte(text), accountindex.LoadOptions{})
		if err == nil || !strings.Contains(err.Error(), "more than 64 levels deep") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// TestParentsAreCompletedByOtherAccounts: what one account tells of an OU holds for all.
func TestParentsAreCompletedByOtherAccounts(t *testing.T) {
	t.Parallel()
	x := load(t, file(
		account(firstID, map[string]string{"Parents": `[{"Id": "ou-ab12-dev", "Name": "Dev"}]`}),
		account(secondID, map[string]string{"Parents": parents("Dev", "Workloads")}),
	), accountindex.LoadOptions{})
	a, _ := x.Account(firstID)
	if a.Path != "/Workloads/Dev" || len(a.Parents) != 3 {
		t.Errorf("account is %+v", a)
	}
	r := resolve(t, x, accountindex.Query{Include: include(accountindex.Exclusion{ByOrgUnits: []string{"workloads"}})})
	if diff := cmp.Diff([]string{firstID, secondID}, targets(r)); diff != "" {
		t.Error(diff)
	}
}

// TestNameOfRootStandsBeforeAlias: an OU that is named Root is not the root.
func TestNameOfRootStandsBeforeAlias(t *testing.T) {
	t.Parallel()
	organization := strings.ReplaceAll(file(
		account(firstID, map[string]string{"Parents": parents("Root")}),
		account(secondID, nil),
	), `"Name": "ROOT"`, `"Name": "Example Corp"`)
	for selector, want := range map[string][]string{
		"ROOT": {firstID}, "example corp": {firstID, secondID}, "r-ab12": {firstID, secondID}, "/": {firstID, secondID},
	} {
		r := resolve(t, load(t, organization, accountindex.LoadOptions{}), accountindex.Query{Include: include(accountindex.Exclusion{ByOrgUnits: []string{selector}})})
		if diff := cmp.Diff(want, targets(r)); diff != "" {
			t.Errorf("%s: %s", selector, diff)
		}
	}
}

// TestSelectorsOfOUsAreOfOneKind: an OU whose name is another one's id, or path, is not selected with it.
func TestSelectorsOfOUsAreOfOneKind(t *testing.T) {
	t.Parallel()
	const root = `{"Id": "r-ab12", "Name": "Root", "Type": "ROOT"}]`
	x := load(t, file(
		account(firstID, map[string]string{"Parents": `[{"Id": "ou-ab12-11111111", "Name": "Dev"}, ` + root}),
		account(secondID, map[string]string{"Parents": `[{"Id": "ou-ab12-22222222", "Name": "ou-ab12-11111111"}, ` + root}),
		account("300000000003", map[string]string{"Parents": `[{"Id": "ou-ab12-33333333", "Name": "/Dev"}, ` + root}),
		account("300000000004", map[string]string{"Parents": `[{"Id": "ou-ab12-44444444", "Name": "R-and-D"}, ` + root}),
	), accountindex.LoadOptions{})
	for selector, want := range map[string][]string{
		"OU-ab12-11111111": {firstID},
		"/dev":             {firstID},
		"//dev":            {"300000000003"},
		"dev":              {firstID},
		"r-AND-d":          {"300000000004"},
		"ou-ab12-22222222": {secondID},
		"ou-ab12-99999999": {},
	} {
		r := resolve(t, x, accountindex.Query{Include: include(accountindex.Exclusion{ByOrgUnits: []string{selector}})})
		if diff := cmp.Diff(want, targets(r)); diff != "" {
			t.Errorf("%s: %s", selector, diff)
		}
	}
}

// TestManyOUsOfOneName: the name of 100,000 OUs stands for all of them; it takes minutes when each is looked for among the others.
func TestManyOUsOfOneName(t *testing.T) {
	t.Parallel()
	accounts := []accountindex.Account{{ID: firstID, Name: "A", ARN: "arn:aws:organizations::" + managementID + ":account/o-ab12cd34ef/" + firstID}}
	ous := make([]accountindex.OrgUnit, 100_000)
	for i := range ous {
		ous[i] = accountindex.OrgUnit{ID: fmt.Sprintf("ou-ab12-%08d", i), Name: "Team", Path: fmt.Sprintf("/%d/Team", i)}
	}
	x, err := accountindex.New(accounts, ous, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(x.OrgUnits()); got != len(ous) {
		t.Errorf("%d OUs, want %d", got, len(ous))
	}
}
