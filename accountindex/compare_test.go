package accountindex_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

const compareRoot, compareOU = "r-ab12", "ou-ab12-dev00001"

// compared is an index of accounts that change as the test says.
func compared(t *testing.T, units []accountindex.OrgUnit, change ...func(map[string]*accountindex.Account)) *accountindex.Index {
	t.Helper()
	byID := map[string]*accountindex.Account{}
	for _, id := range []string{"000000000001", "000000000002", "000000000003"} {
		byID[id] = &accountindex.Account{
			ID: id, Name: "Account " + id[11:], ARN: "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/" + id,
			State: accountindex.Active, Regions: []string{"eu-west-1", "us-east-1"}, Tags: map[string]string{"team": "payments", "same": "x"},
			Parents: []accountindex.Parent{{ID: compareOU, Name: "Dev", Type: accountindex.TypeOrgUnit}, {ID: compareRoot, Name: "ROOT", Type: accountindex.TypeRoot}},
		}
	}
	for _, f := range change {
		f(byID)
	}
	var accounts []accountindex.Account
	for _, a := range byID {
		accounts = append(accounts, *a)
	}
	x, err := accountindex.New(accounts, units, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestCompare(t *testing.T) {
	t.Parallel()
	empty := accountindex.OrgUnit{ID: "ou-ab12-empty001", Name: "Empty", Path: "/Empty", Organization: "o-a1b2c3d4e5"}
	renamed := accountindex.OrgUnit{ID: empty.ID, Name: "Void", Path: "/Void", Organization: "o-a1b2c3d4e5"}
	older := compared(t, []accountindex.OrgUnit{empty})
	if d := accountindex.Compare(older, older); !d.Empty() {
		t.Errorf("an index differs from itself: %+v", d)
	}
	newer := compared(t, []accountindex.OrgUnit{renamed}, func(a map[string]*accountindex.Account) {
		delete(a, "000000000001")
		added := *a["000000000002"]
		added.ID, added.ARN = "000000000004", strings.Replace(added.ARN, "/000000000002", "/000000000004", 1)
		a["000000000004"] = &added
		two := a["000000000002"]
		two.State, two.Regions, two.RegionsAsOf = accountindex.Suspended, []string{"us-east-1", "us-west-2"}, time.Unix(1, 0)
		two.Tags = map[string]string{"same": "x", "cost": ""}
		two.Parents = two.Parents[1:]
		three := a["000000000003"]
		three.Tags, three.Regions, three.Parents, three.State = nil, nil, nil, accountindex.UnknownState
	})
	d := accountindex.Compare(older, newer)
	if len(d.AddedAccounts) != 1 || d.AddedAccounts[0].ID != "000000000004" || len(d.RemovedAccounts) != 1 || d.RemovedAccounts[0].ID != "000000000001" {
		t.Errorf("added %v, removed %v", d.AddedAccounts, d.RemovedAccounts)
	}
	const dev = "/Dev (" + compareOU + ")"
	want := []accountindex.AccountDifference{
		{ID: "000000000002", Name: "Account 2", Fields: []accountindex.FieldDifference{
			{Field: "State", Old: "ACTIVE", New: "SUSPENDED"}, {Field: "OrgUnit", Old: dev, New: "/ (" + compareRoot + ")"},
			{Field: "Regions", Old: "eu-west-1", New: "us-west-2"}, {Field: "Tags.cost"}, {Field: "Tags.team", Old: "payments"},
		}},
		{ID: "000000000003", Name: "Account 3", Fields: []accountindex.FieldDifference{
			{Field: "State", Old: "ACTIVE", New: "unknown"}, {Field: "OrgUnit", Old: dev, New: "unknown"},
			{Field: "Regions", Old: "eu-west-1,us-east-1", New: "unknown"}, {Field: "Tags", Old: "2 known", New: "unknown"},
		}},
	}
	if diff := cmp.Diff(want, d.ChangedAccounts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]accountindex.OrgUnitDifference{{Old: empty, New: renamed}}, d.ChangedOrgUnits); diff != "" {
		t.Error(diff)
	}
	back := accountindex.Compare(compared(t, nil), older)
	if diff := cmp.Diff([]accountindex.OrgUnit{empty}, back.AddedOrgUnits); diff != "" || len(back.RemovedOrgUnits) > 0 {
		t.Errorf("OUs: %s, removed %v", diff, back.RemovedOrgUnits)
	}
}

func TestRegionsAsOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	file := compared(t, nil, func(a map[string]*accountindex.Account) { a["000000000002"].RegionsAsOf = at }).AppendFile(nil)
	if n := strings.Count(string(file), `"RegionsAsOf"`); n != 1 || !strings.Contains(string(file), `"RegionsAsOf": "2026-01-01T00:00:00Z"`) {
		t.Errorf("%d times RegionsAsOf in %s", n, file)
	}
	x, err := accountindex.Load("x.json", file, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := x.Account("000000000002"); !a.RegionsAsOf.Equal(at) {
		t.Errorf("read back as %v", a.RegionsAsOf)
	}
	_, err = accountindex.Load("x.json", []byte(strings.Replace(string(file), "2026-01-01T00:00:00Z", "yesterday", 1)), accountindex.LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), `"yesterday" is not a time`) {
		t.Errorf("error %v", err)
	}
}

func TestCheckLoss(t *testing.T) {
	t.Parallel()
	organization := func(accounts, units int) *accountindex.Index {
		var all []accountindex.Account
		for n := range accounts {
			id := fmt.Sprintf("%012d", n+1)
			all = append(all, accountindex.Account{ID: id, Name: id, ARN: "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/" + id})
		}
		var listed []accountindex.OrgUnit
		for n := range units {
			listed = append(listed, accountindex.OrgUnit{ID: fmt.Sprintf("ou-ab12-%08d", n), Name: fmt.Sprint(n), Path: fmt.Sprintf("/%d", n)})
		}
		x, err := accountindex.New(all, listed, time.Time{}, accountindex.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	older := organization(20, 30)
	for _, test := range []struct {
		accounts, units int
		lost            bool
	}{{20, 30, false}, {25, 35, false}, {18, 27, false}, {17, 30, true}, {20, 26, true}, {1, 0, true}} {
		err := accountindex.CheckLoss(older, organization(test.accounts, test.units))
		if _, lost := errors.AsType[*accountindex.LossError](err); lost != test.lost || (err == nil) == test.lost {
			t.Errorf("%d accounts and %d OUs: %v", test.accounts, test.units, err)
		}
	}
}
