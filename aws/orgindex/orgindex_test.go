package orgindex_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/orgindex"
)

// generate makes an index, and fails the test when it can not.
func generate(t *testing.T, cfg orgindex.Config, previous *accountindex.Index) *orgindex.Result {
	t.Helper()
	g, err := orgindex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	result, err := g.Generate(t.Context(), previous)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func accountOf(t *testing.T, x *accountindex.Index, n int) accountindex.Account {
	t.Helper()
	a, ok := x.Account(accountID(n))
	if !ok {
		t.Fatalf("account %d is not in the index", n)
	}
	return a
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	f := sample()
	result := generate(t, f.config(), nil)
	want := accountindex.Account{
		ID: accountID(3), Name: "Account 3", ARN: "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/000000000003", Email: "a000000000003@example.org",
		State: accountindex.Active, Path: "/Workloads/Prod", Regions: []string{"eu-west-1", "us-east-1"}, Tags: map[string]string{"n": "3"},
		Parents: []accountindex.Parent{
			{ID: *f.units[*f.units[rootID][0].Id][0].Id, Name: "Prod", Type: accountindex.TypeOrgUnit},
			{ID: *f.units[rootID][0].Id, Name: "Workloads", Type: accountindex.TypeOrgUnit}, {ID: rootID, Name: "ROOT", Type: accountindex.TypeRoot},
		},
		JoinedMethod: "CREATED", JoinedTimestamp: "2025-02-03 04:05:06.789000+00:00",
	}
	if diff := cmp.Diff(want, accountOf(t, result.Index, 3)); diff != "" {
		t.Error(diff)
	}
	for n, want := range map[int]accountindex.State{1: accountindex.Active, 4: accountindex.Suspended, 5: accountindex.Suspended} {
		if a := accountOf(t, result.Index, n); a.State != want || a.Regions == nil {
			t.Errorf("account %d is %s with regions %v, want %s", n, a.State, a.Regions, want)
		}
	}
	var paths []string
	for _, unit := range result.Index.OrgUnits() {
		paths = append(paths, unit.Path)
	}
	if diff := cmp.Diff([]string{"/", "/Workloads", "/Workloads/Empty", "/Workloads/Prod"}, paths); diff != "" {
		t.Error(diff)
	}
	r := result.Report
	if r.Accounts != 5 || r.OrgUnits != 4 || r.TagsRead != 5 || r.RegionsRead != 5 || len(r.Failures) > 0 || r.States[accountindex.Suspended] != 2 {
		t.Errorf("report %+v", r)
	}
	if diff := cmp.Diff(f.actions, r.Calls); diff != "" {
		t.Errorf("calls: %s", diff)
	}
	if n := f.of("organizations:ListAccountsForParent"); n != 4 {
		t.Errorf("accounts were listed by %d calls, want one an OU", n)
	}
	// The management account omits its own id.
	if slices.Contains(f.calls, "ListRegions "+management) || !slices.Contains(f.calls, "ListRegions ") {
		t.Errorf("calls %q", f.calls)
	}
}

// TestTheFile is that of the Python Starfleet: what it reads is there, nearest parents first, regions sorted, the time in Z.
func TestTheFile(t *testing.T) {
	t.Parallel()
	file := string(generate(t, sample().config(), nil).Index.AppendFile(nil))
	for _, want := range []string{`"Name": "ROOT"`, `"State": "SUSPENDED"`, "Z\"\n}", `"Tags": {`, `"JoinedTimestamp": "2025-02-03 04:05:06.789000+00:00"`} {
		if !strings.Contains(file, want) {
			t.Errorf("no %s in the file", want)
		}
	}
	if strings.Contains(file, "RegionsAsOf") || strings.Contains(file, "null") {
		t.Error("the file of a run that read everything says that something is old or unknown")
	}
}

func TestIAMActions(t *testing.T) {
	t.Parallel()
	f := sample()
	generate(t, f.config(), nil)
	if diff := cmp.Diff(orgindex.IAMActions, slices.Sorted(maps.Keys(f.actions))); diff != "" {
		t.Error(diff)
	}
	var rated []string
	for _, r := range orgindex.DefaultRates() {
		rated = append(rated, r.Action)
		if r.Source == "" {
			t.Errorf("the rate of %s has no source", r.Action)
		}
	}
	if diff := cmp.Diff(orgindex.IAMActions, rated); diff != "" {
		t.Error(diff)
	}
}

func TestAFactThatCanNotBeReadIsUnknown(t *testing.T) {
	t.Parallel()
	f := sample()
	f.fails["ListTagsForResource "+accountID(2)] = errors.New("no tags today")
	f.fails["ListRegions "+accountID(3)] = errors.New("no regions today")
	f.regions[accountID(4)] = nil
	result := generate(t, f.config(), nil)
	if a := accountOf(t, result.Index, 2); a.Tags != nil || a.Regions == nil {
		t.Errorf("account 2 has tags %v, regions %v", a.Tags, a.Regions)
	}
	for _, n := range []int{3, 4} {
		if a := accountOf(t, result.Index, n); a.Tags == nil || a.Regions != nil {
			t.Errorf("account %d has tags %v, regions %v", n, a.Tags, a.Regions)
		}
	}
	var got []string
	for _, failure := range result.Report.Failures {
		got = append(got, failure.String())
	}
	want := []string{
		"tags of account 000000000002: no tags today", "regions of account 000000000003: no regions today",
		"regions of account 000000000004: the answer names no region",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if r := result.Report; r.TagsUnknown() != 1 || r.RegionsUnknown() != 2 || !strings.Contains(r.String(), "3 facts could not be read") {
		t.Errorf("report %s, %+v", r, r)
	}
}

func TestAnAccountThatNoIndexHoldsIsLeftOut(t *testing.T) {
	t.Parallel()
	f := sample()
	f.account(rootID, 6, func(a *types.Account) { a.Arn = nil })
	result := generate(t, f.config(), nil)
	if r := result.Report; r.Accounts != 5 || r.TagsRead != 5 || r.RegionsRead != 5 || len(r.Failures) != 1 || r.Failures[0].Fact != orgindex.FactAccount {
		t.Errorf("report %+v", r)
	}
}

func TestAnAccountThatMovesHasNoPlace(t *testing.T) {
	t.Parallel()
	f := sample()
	f.account(rootID, 3)
	result := generate(t, f.config(), nil)
	if a := accountOf(t, result.Index, 3); a.Parents != nil || a.Tags == nil {
		t.Errorf("account 3 stands in %v", a.Parents)
	}
	if r := result.Report; len(r.Failures) != 1 || r.Failures[0].Fact != orgindex.FactPlace {
		t.Errorf("failures %v", r.Failures)
	}
}

func TestAnOrganizationThatIsNotReadWholeIsNone(t *testing.T) {
	t.Parallel()
	f := sample()
	for _, call := range []string{
		"DescribeOrganization ", "ListRoots ", "ListAccountsForParent " + *f.units[rootID][0].Id, "ListOrganizationalUnitsForParent " + rootID,
	} {
		f := sample()
		f.fails[call] = errors.New("not today")
		g, err := orgindex.New(f.config())
		if err != nil {
			t.Fatal(err)
		}
		if result, err := g.Generate(t.Context(), nil); result != nil || err == nil || !strings.Contains(err.Error(), "not today") {
			t.Errorf("%s: %v, error %v", call, result, err)
		}
	}
	cfg := f.config()
	cfg.RootID = "r-cd34"
	g, err := orgindex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Generate(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "r-ab12, not r-cd34") {
		t.Errorf("error %v", err)
	}
}

func TestADelegatedAdministratorAsks(t *testing.T) {
	t.Parallel()
	f := sample()
	f.caller = accountID(2)
	cfg := f.config()
	cfg.Caller = f.caller
	cfg.RegionsElsewhere = func(_ context.Context, a accountindex.Account) ([]string, error) {
		return []string{"us-west-2", "eu-north-1", "us-west-2"}, nil
	}
	result := generate(t, cfg, nil)
	if a := accountOf(t, result.Index, 1); !slices.Equal(a.Regions, []string{"eu-north-1", "us-west-2"}) {
		t.Errorf("the management account, which a delegated administrator may not ask about, has regions %v", a.Regions)
	}
	if slices.Contains(f.calls, "ListRegions "+accountID(2)) || result.Report.RegionsRead != 5 {
		t.Errorf("calls %q, report %+v", f.calls, result.Report)
	}
}

// TestWithoutTrustedAccess: every member is refused, so that it is soon no longer asked about.
func TestWithoutTrustedAccess(t *testing.T) {
	t.Parallel()
	f := newOrg()
	for n := range 200 {
		f.account(rootID, n+1)
	}
	f.refuse = denied()
	var log bytes.Buffer
	cfg := f.config()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	result := generate(t, cfg, nil)
	if n := f.of("account:ListRegions"); n > 60 {
		t.Errorf("%d calls of ListRegions", n)
	}
	if r := result.Report; r.RegionsRead != 1 || r.RegionsUnknown() != 199 || r.RegionsNotAsked+len(r.Failures) != 199 || len(r.Failures) < 10 {
		t.Errorf("report %+v", r)
	}
	if strings.Count(log.String(), "enable trusted access") != 1 {
		t.Errorf("log %s", log.String())
	}
	cfg.RegionsElsewhere = func(context.Context, accountindex.Account) ([]string, error) { return []string{"eu-west-1"}, nil }
	if r := generate(t, cfg, nil).Report; r.RegionsRead != 200 || len(r.Failures) > 0 {
		t.Errorf("with a role: report %+v", r)
	}
}

// TestOldestRegionsFirst: within the budget the oldest are read anew, the others kept with their date, and nobody starves.
func TestOldestRegionsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newOrg()
		for n := range 40 {
			f.account(rootID, n+1)
		}
		cfg := orgindex.Config{Organizations: f, Accounts: f}
		first := generate(t, cfg, nil)
		for id := range f.regions {
			f.regions[id] = []string{"us-west-2"}
		}
		cfg.RegionsBudget = 2 * time.Second // 5 at once and 5 a second
		previous, runs, read := first.Index, 0, 0
		for {
			time.Sleep(time.Hour)
			result := generate(t, cfg, previous)
			runs++
			fresh := 0
			for a := range result.Index.Accounts() {
				switch {
				case slices.Equal(a.Regions, []string{"us-west-2"}):
					fresh++
				case !a.RegionsAsOf.Equal(first.Report.Began.Truncate(time.Second)):
					t.Fatalf("regions of %s are as of %v, want %v", a.ID, a.RegionsAsOf, first.Report.Began)
				}
			}
			if read += result.Report.RegionsRead; fresh != min(40, read) || result.Report.RegionsRead+result.Report.RegionsKept != 40 {
				t.Fatalf("after %d runs %d accounts have the new regions: %+v", runs, fresh, result.Report)
			}
			if previous = result.Index; fresh == 40 {
				break
			}
		}
		if runs < 2 || runs > 5 {
			t.Errorf("it took %d runs", runs)
		}
		f.refuse = errors.New("not today")
		time.Sleep(orgindex.DefaultMaxRegionsAge + time.Hour)
		if r := generate(t, cfg, previous).Report; r.RegionsKept != 0 || r.RegionsUnknown() != 39 {
			t.Errorf("regions that are too old are kept: %+v", r)
		}
	})
}

// TestTheDeadlineLeavesTimeToWrite: reading ends before the context does, and what was not read is unknown.
func TestTheDeadlineLeavesTimeToWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newOrg()
		for n := range 1000 {
			f.account(rootID, n+1)
		}
		g, err := orgindex.New(orgindex.Config{Organizations: f, Accounts: f})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		result, err := g.Generate(ctx, nil)
		if err != nil || ctx.Err() != nil {
			t.Fatal(err, ctx.Err())
		}
		r := result.Report
		if r.RegionsRead < 100 || r.RegionsUnknown() == 0 || r.TagsRead < 100 || r.TagsUnknown() == 0 || r.Listing+r.Reading > 41*time.Second {
			t.Errorf("report %s, unknown %d and %d", r, r.TagsUnknown(), r.RegionsUnknown())
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.Generate(ctx, nil); err == nil || !strings.Contains(err.Error(), "the time did not suffice") && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestACancelledRunHasItsCause(t *testing.T) {
	t.Parallel()
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	f := sample()
	cfg := f.config()
	cfg.Accounts = nil
	cfg.RegionsElsewhere = func(context.Context, accountindex.Account) ([]string, error) {
		cancel(gaveUp)
		return nil, errors.New("cut off")
	}
	g, err := orgindex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := g.Generate(ctx, nil); result != nil || !errors.Is(err, gaveUp) {
		t.Errorf("%v, error %v", result, err)
	}
}

// TestFiveThousandAccounts holds a run at the default rates, over a wire with 50 ms latency that refuses what is above
// them, against what the rates alone take.
func TestFiveThousandAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newOrg()
		f.latency = 50 * time.Millisecond
		f.limits = map[string]*rate.Limiter{}
		for _, r := range orgindex.DefaultRates() {
			f.limits[r.Action] = rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst+1) // one more, for what rounding moves
		}
		n := 0
		for i := range 20 {
			above := f.unit(rootID, fmt.Sprintf("Division %d", i))
			for j := range 10 {
				unit := f.unit(above, fmt.Sprintf("Team %d", j))
				for range 25 {
					n++
					f.account(unit, n)
				}
			}
		}
		result := generate(t, orgindex.Config{Organizations: f, Accounts: f}, nil)
		r := result.Report
		if r.Accounts != 5000 || r.TagsRead != 5000 || r.RegionsRead != 5000 || f.excess > 0 {
			t.Errorf("report %s, %d calls above the rates", r, f.excess)
		}
		var alone time.Duration // what the slowest API takes
		for _, limit := range orgindex.DefaultRates() {
			seconds := float64(f.of(limit.Action)-limit.Burst) / limit.PerSecond
			alone = max(alone, time.Duration(seconds*float64(time.Second)))
		}
		took := r.Listing + r.Reading
		t.Logf("5,000 accounts in %d OUs: %v (listing %v), the rates alone %v: %.3f", r.OrgUnits, took, r.Listing, alone, took.Seconds()/alone.Seconds())
		if took > alone+alone/5 {
			t.Errorf("took %v, the rates alone take %v", took, alone)
		}
	})
}

func TestNewNamesTheFaults(t *testing.T) {
	t.Parallel()
	_, err := orgindex.New(orgindex.Config{
		Caller: "1", RegionsBudget: -1, Reserve: -1, MaxRegionsAge: -1, Rates: []orgindex.Rate{{Action: "s3:GetObject", PerSecond: 1, Burst: 1}, {Action: "account:ListRegions"}},
	})
	for _, want := range []string{"Organizations", "Caller", "RegionsBudget", "Reserve", "MaxRegionsAge", "s3:GetObject", "account:ListRegions 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}
