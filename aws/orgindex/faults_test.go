package orgindex_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/starbase"
)

// TestFaultTagsOfOneAccountUnreadable: the run goes on, the account's tags are unknown in the file that is written, and a template that excludes by
// tag does not task it, whatever the tags are. One that asks for no tags does.
func TestFaultTagsOfOneAccountUnreadable(t *testing.T) {
	t.Parallel()
	f := newOrg()
	f.account(rootID, 1)
	unit := f.unit(rootID, "Workloads")
	for n := 2; n <= 6; n++ {
		f.tags[f.account(unit, n)] = map[string]string{"DataClass": "public"}
	}
	f.tags[accountID(3)] = map[string]string{"DataClass": "pci"}
	f.fails["ListTagsForResource "+accountID(4)] = &types.AccessDeniedException{}
	result := generate(t, f.config(), nil)
	if r := result.Report; r.Accounts != 6 || r.TagsRead != 5 || r.TagsUnknown() != 1 || r.RegionsRead != 6 || len(r.Failures) != 1 {
		t.Errorf("report %+v", r)
	}
	x, err := accountindex.Load("index.json", result.Index.AppendFile(nil), accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := starfleet.BaseManifest("Ship", starfleet.PerAccount)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		exclude string
		want    []string
		reason  accountindex.Reason
	}{
		{"ExcludeAccounts: {ByTags: [{Name: DataClass, Value: pci}]}", []string{accountID(2), accountID(5), accountID(6)}, accountindex.Undecidable},
		{"ExcludeAccounts: {ByNames: [Account 3]}", []string{accountID(2), accountID(4), accountID(5), accountID(6)}, accountindex.Included},
	} {
		template, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\n"+test.exclude+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := starbase.Prepare(t.Context(), starbase.Order{Template: template, Index: x})
		if err != nil {
			t.Fatal(err)
		}
		var tasked []string
		for task, err := range plan.Tasks(starfleet.RunInfo{RunID: "run"}) {
			if err != nil {
				t.Fatal(err)
			}
			tasked = append(tasked, task.AccountID())
		}
		decision, _ := plan.Resolution().ExplainAccount(accountID(4))
		if diff := cmp.Diff(test.want, tasked); diff != "" || decision.Reason != test.reason {
			t.Errorf("%s: account 4 is %s (%s)\n%s", test.exclude, decision.Reason, decision.Rule, diff)
		}
	}
}

// TestFaultAccountFailsInEveryWay: an account of which nothing can be read is in the index, with what Organizations said of it, and all others are whole.
func TestFaultAccountFailsInEveryWay(t *testing.T) {
	t.Parallel()
	f := sample()
	f.fails["ListTagsForResource "+accountID(3)] = &types.TooManyRequestsException{}
	f.fails["ListRegions "+accountID(3)] = denied()
	began := time.Now()
	result := generate(t, f.config(), nil)
	a := accountOf(t, result.Index, 3)
	if a.Tags != nil || a.Regions != nil || a.State != accountindex.Active || a.Path != "/Workloads/Prod" || result.Index.Generated().Before(began.Add(-time.Minute)) {
		t.Errorf("account %+v", a)
	}
	for other := range result.Index.Accounts() {
		if other.ID != a.ID && (other.Tags == nil || !slices.Equal(other.Regions, []string{"eu-west-1", "us-east-1"})) {
			t.Errorf("account %+v", other)
		}
	}
}
