package starbase_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

func parse(t testing.TB, ship, text string) *starfleet.Template {
	t.Helper()
	template, err := fleetOf(t).ParseTemplate(ship, "t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestPrepareRefusals(t *testing.T) {
	t.Parallel()
	account, single := parse(t, "Account", accountTemplate("t", everyone)), parse(t, "Single", singleTemplate("s"))
	x := index20(t)
	exclusion := accountTemplate("t", everyone+"ExcludeAccounts: {ByIds: [\"999999999999\"]}\n")
	tests := map[string]struct {
		order   starbase.Order
		problem string
	}{
		"no template":           {starbase.Order{Index: x}, "Order.Template is nil"},
		"no index":              {starbase.Order{Template: account}, "an account index is needed"},
		"negative limit":        {starbase.Order{Template: account, Index: x, Limit: -1}, "Order.Limit is -1"},
		"negative MaxTargets":   {starbase.Order{Template: account, Index: x, MaxTargets: -1}, "Order.MaxTargets is -1"},
		"a single, narrowed":    {starbase.Order{Template: single, Only: []string{"000000000001"}}, "cannot be narrowed"},
		"above the ship's":      {starbase.Order{Template: account, Index: x, Ship: &config.Ship{Name: "Account", MaxTargets: 18}}, "set MaxTargets: 19 in section Account"},
		"above the caller's":    {starbase.Order{Template: account, Index: x, MaxTargets: 5}, "at most 5 are allowed"},
		"too old":               {starbase.Order{Template: account, Index: x, Fleet: config.Fleet{IndexMaxAge: time.Hour}, Now: func() time.Time { return noon.Add(time.Second) }}, "1h0m1s ago"},
		"unmatched exclusion":   {starbase.Order{Template: parse(t, "Account", exclusion), Index: x}, "ExcludeAccounts.ByIds[0]"},
		"fleet's policy":        {starbase.Order{Template: parse(t, "Account", accountTemplate("t", "IncludeAccounts: {ByNames: [Nobody]}\n")), Index: x, Fleet: config.Fleet{UnmatchedInclude: accountindex.PolicyError}}, "IncludeAccounts.ByNames[0]"},
		"never-touch, mistyped": {starbase.Order{Template: account, Index: x, Fleet: config.Fleet{NeverTouch: byIDs("999999999999")}}, "Fleet.NeverTouch.ByIds[0]"},
	}
	for name, test := range tests {
		plan, err := starbase.Prepare(t.Context(), test.order)
		if err == nil || plan != nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: plan %v, error %v", name, plan, err)
		}
	}
	_, err := starbase.Prepare(t.Context(), starbase.Order{Template: parse(t, "Region", regionTemplate("t", everyone, "mars-north-1")), Index: x})
	var faults schema.Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "IncludeRegions[0]" {
		t.Errorf("an unknown region: %v", err)
	}
}

func byIDs(ids ...string) accountindex.Selection {
	return accountindex.Selection{Exclusion: accountindex.Exclusion{ByIds: ids}}
}

func TestPrepareBounds(t *testing.T) {
	t.Parallel()
	x := index20(t)
	account := parse(t, "Account", accountTemplate("t", everyone))
	region := parse(t, "Region", regionTemplate("t", everyone, "ALL"))
	unmatched := parse(t, "Account", accountTemplate("t", everyone+"ExcludeAccounts: {ByIds: [\"999999999999\"]}\n"))
	tests := map[string]struct {
		order           starbase.Order
		accounts, tasks int
	}{
		"no bound":              {starbase.Order{Template: account, Index: x}, 19, 19},
		"by region":             {starbase.Order{Template: region, Index: x}, 19, 19 * len(allRegions)},
		"scope":                 {starbase.Order{Template: region, Index: x, ScopeToRegions: []string{"eu-west-1"}}, 19, 19},
		"only":                  {starbase.Order{Template: region, Index: x, Only: []string{"000000000003"}}, 1, len(allRegions)},
		"only never widens":     {starbase.Order{Template: account, Index: x, Only: []string{"000000000020"}}, 0, 0},
		"limit":                 {starbase.Order{Template: account, Index: x, Limit: 7}, 7, 7},
		"limit before targets":  {starbase.Order{Template: account, Index: x, Limit: 7, MaxTargets: 7}, 7, 7},
		"the caller's maximum":  {starbase.Order{Template: account, Index: x, MaxTargets: 19, Ship: &config.Ship{Name: "Account", MaxTargets: 1}}, 19, 19},
		"a ship without one":    {starbase.Order{Template: account, Index: x, Ship: &config.Ship{Name: "Account"}}, 19, 19},
		"fleet never touches":   {starbase.Order{Template: account, Index: x, Fleet: config.Fleet{NeverTouch: byIDs("000000000001")}}, 18, 18},
		"ship never touches":    {starbase.Order{Template: account, Index: x, Ship: &config.Ship{Name: "Account", NeverTouch: byIDs("000000000001", "000000000002")}}, 17, 17},
		"never touch all":       {starbase.Order{Template: account, Index: x, Fleet: config.Fleet{NeverTouch: accountindex.Selection{AllAccounts: true}}}, 0, 0},
		"the caller's policy":   {starbase.Order{Template: unmatched, Index: x, UnmatchedExclude: accountindex.PolicyIgnore, Fleet: config.Fleet{UnmatchedExclude: accountindex.PolicyError}}, 19, 19},
		"single, without index": {starbase.Order{Template: parse(t, "Single", singleTemplate("s"))}, 0, 1},
	}
	for name, test := range tests {
		plan, err := starbase.Prepare(t.Context(), test.order)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := 0
		for _, err := range plan.Tasks(starfleet.RunInfo{RunID: "r"}) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			n++
		}
		if plan.Accounts() != test.accounts || plan.Count() != test.tasks || n != test.tasks || plan.Template() != test.order.Template {
			t.Errorf("%s: %d accounts, %d tasks counted, %d rendered; want %d and %d", name, plan.Accounts(), plan.Count(), n, test.accounts, test.tasks)
		}
	}
}

// The default of 100 accounts holds for a ship that sets none.
func TestDefaultMaxTargets(t *testing.T) {
	t.Parallel()
	var accounts []accountindex.Account
	for i := range 102 {
		id := fmt.Sprintf("%012d", i+1)
		accounts = append(accounts, accountindex.Account{ID: id, Name: id, State: accountindex.Active, Regions: allRegions, Tags: map[string]string{},
			ARN: "arn:aws:organizations::000000000102:account/o-abcdefghi/" + id, Parents: []accountindex.Parent{{ID: "r-1234", Name: "ROOT", Type: accountindex.TypeRoot}}})
	}
	x, err := accountindex.New(accounts, nil, noon, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setup{index: accountindex.Static{X: x}})
	w.templates.put(key, accountTemplate("t", everyone))
	var tooMany *starbase.TooManyTargetsError
	if err := w.handle(fanOutBody("Account", key)); !errors.As(err, &tooMany) || tooMany.Accounts != 101 || tooMany.Limit != 100 || w.sent() != 0 {
		t.Errorf("error %v, %d messages", err, w.sent())
	}
}

// The command line's plan and the Starbase give the same tasks: the same bodies under the same ids.
func TestPlanAndStarbaseGiveTheSameTasks(t *testing.T) {
	t.Parallel()
	x := index20(t)
	names := rapid.SliceOfNDistinct(rapid.IntRange(1, 22), 0, 6, rapid.ID)
	rapid.Check(t, func(rt *rapid.T) {
		ship := rapid.SampledFrom([]string{"Single", "Account", "Region"}).Draw(rt, "ship")
		text := drawTemplate(rt, ship, names)
		never := rapid.SampledFrom([]string{"", "Fleet: {NeverTouch: {ByIds: [\"000000000004\"]}}\n", "Fleet: {NeverTouch: {ByTags: [{Name: number, Value: \"1\"}]}}\n"}).Draw(rt, "never")
		var scope []string
		if rapid.Bool().Draw(rt, "scoped") {
			scope = []string{"ScopeToRegions: [eu-west-1, us-east-2]"}
		}
		c := configuration(t, standard+never, scope...)
		w := newWorld(t, setup{configuration: c, index: accountindex.Static{X: x}})
		version := w.templates.put(ship+"/t.yaml", text)
		err := w.handle(s3Body("ObjectCreated:Put", ship+"/t.yaml", version))

		section, sectionErr := c.Ship(ship)
		if sectionErr != nil {
			rt.Fatal(sectionErr)
		}
		plan, planErr := starbase.Prepare(t.Context(), starbase.Order{
			Template: parse(t, ship, text), Index: x, Fleet: c.Fleet, Ship: section, ScopeToRegions: c.Starfleet.ScopeToRegions})
		if (err == nil) != (planErr == nil) {
			rt.Fatalf("the starbase says %v, the plan %v", err, planErr)
		}
		var got, want []string
		runID := ""
		for _, m := range w.queue(ship).All() {
			runID = m.Attributes[starfleet.AttributeRunID]
			got = append(got, m.Attributes[starfleet.AttributeTaskID]+" "+m.Body)
		}
		if planErr == nil && runID != "" {
			for task, err := range plan.Tasks(starfleet.RunInfo{RunID: runID}) {
				if err != nil {
					rt.Fatal(err)
				}
				want = append(want, task.ID()+" "+string(task.AppendBody(nil)))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := gocmp.Diff(want, got); diff != "" || planErr == nil && plan.Count() != len(got) {
			rt.Fatalf("plan and starbase differ:\n%s\n%s", text, diff)
		}
	})
}

func drawTemplate(rt *rapid.T, ship string, numbers *rapid.Generator[[]int]) string {
	text := singleTemplate("drawn")
	if ship == "Single" {
		return text
	}
	include := "AllAccounts: true"
	if chosen := numbers.Draw(rt, "include"); len(chosen) > 0 {
		include = "ByNames: [" + accountNames(chosen) + "]"
	}
	text += "IncludeAccounts: {" + include + "}\n"
	if chosen := numbers.Draw(rt, "exclude"); len(chosen) > 0 {
		text += "ExcludeAccounts: {ByNames: [" + accountNames(chosen) + "]}\n"
	}
	if rapid.Bool().Draw(rt, "root") {
		text += "OperateInOrgRoot: true\n"
	}
	if ship == "Region" {
		text += "IncludeRegions: [" + rapid.SampledFrom([]string{"ALL", "us-east-1", "eu-west-1, us-west-2"}).Draw(rt, "regions") + "]\n"
	}
	return text
}

func accountNames(numbers []int) string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = fmt.Sprintf("Account %d", n)
	}
	return strings.Join(names, ", ")
}
