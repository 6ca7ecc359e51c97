package accountindex_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/accountindex"
)

// world is the small stock from which organizations and queries are drawn, so that they meet often.
var world = struct {
	chains  [][]accountindex.Parent
	units   []string
	names   []string
	tags    []accountindex.TagSelector
	regions []string
	states  []accountindex.State
}{
	names:   []string{"alpha", "Beta", "gamma", "GAMMA"},
	units:   []string{"ROOT", "/A", "b", "ou-b2", "/C/B", "nowhere"},
	tags:    []accountindex.TagSelector{{Name: "team", Value: "red"}, {Name: "TEAM", Value: "Blue"}, {Name: "env", Value: ""}},
	regions: []string{"eu-west-1", "us-east-1", "us-west-2"},
	states:  []accountindex.State{accountindex.Active, accountindex.Active, accountindex.Active, accountindex.Suspended, accountindex.UnknownState},
	chains: func() [][]accountindex.Parent {
		root := accountindex.Parent{ID: "r-1", Name: "Root"}
		a, c := accountindex.Parent{ID: "ou-a", Name: "A"}, accountindex.Parent{ID: "ou-c", Name: "C"}
		b, b2 := accountindex.Parent{ID: "ou-b", Name: "B"}, accountindex.Parent{ID: "ou-b2", Name: "B"}
		return [][]accountindex.Parent{nil, {root}, {a, root}, {b, a, root}, {b2, c, root}, {c, root}}
	}(),
}

var expressions = []string{
	`tag("team") == "red"`, `inOU("/A")`, `"B" in ous`, `"us-east-1" in regions`, `name == "alpha"`, `path != "/"`,
}

func drawAccounts(t *rapid.T) []accountindex.Account {
	n := rapid.IntRange(1, 8).Draw(t, "accounts")
	accounts := make([]accountindex.Account, n)
	for i := range accounts {
		id := fmt.Sprintf("%012d", i)
		a := accountindex.Account{
			ID: id, ARN: "arn:aws:organizations::000000000000:account/o-a/" + id,
			Name:    rapid.SampledFrom(world.names).Draw(t, "name"),
			State:   rapid.SampledFrom(world.states).Draw(t, "state"),
			Parents: rapid.SampledFrom(world.chains).Draw(t, "parents"),
		}
		if rapid.Bool().Draw(t, "regions known") {
			a.Regions = rapid.SliceOfDistinct(rapid.SampledFrom(world.regions), rapid.ID).Draw(t, "regions")
		}
		if rapid.Bool().Draw(t, "tags known") {
			a.Tags = map[string]string{}
			for _, tag := range rapid.SliceOfN(rapid.SampledFrom(world.tags), 0, 2).Draw(t, "tags") {
				a.Tags[tag.Name] = tag.Value
			}
		}
		accounts[i] = a
	}
	return accounts
}

func build(t *rapid.T, accounts []accountindex.Account) *accountindex.Index {
	x, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func drawExclusion(t *rapid.T, label string) accountindex.Exclusion {
	draw := func(from []string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(from), 0, 1).Draw(t, label)
	}
	e := accountindex.Exclusion{
		ByNames: draw(world.names), ByIds: draw([]string{"000000000000", "000000000001", "000000000002"}), ByOrgUnits: draw(world.units),
		ByTags: rapid.SliceOfN(rapid.SampledFrom(world.tags), 0, 1).Draw(t, label),
	}
	if rapid.IntRange(0, 3).Draw(t, label) == 0 {
		e.ByExpression = rapid.SampledFrom(expressions).Draw(t, label)
	}
	return e
}

func drawQuery(t *rapid.T) accountindex.Query {
	regions := func(label string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(world.regions), 0, 2).Draw(t, label)
	}
	q := accountindex.Query{
		Include:          accountindex.Selection{AllAccounts: rapid.Bool().Draw(t, "all"), Exclusion: drawExclusion(t, "include")},
		Exclude:          drawExclusion(t, "exclude"),
		OperateInOrgRoot: rapid.Bool().Draw(t, "org root"),
		PerRegion:        rapid.Bool().Draw(t, "per region"),
		IncludeRegions:   regions("include regions"),
		ExcludeRegions:   regions("exclude regions"),
		ScopeToRegions:   regions("scope"),
		UnmatchedExclude: accountindex.PolicyIgnore,
	}
	if rapid.Bool().Draw(t, "all regions") {
		q.IncludeRegions = []string{accountindex.AllRegions}
	}
	if rapid.Bool().Draw(t, "guarded") {
		q.NeverTouch = []accountindex.Guard{{Name: "Fleet.NeverTouch", Selection: include(drawExclusion(t, "guard"))}}
	}
	return q
}

func answer(t *rapid.T, x *accountindex.Index, q accountindex.Query) []string {
	r, err := x.Resolve(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return targets(r)
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// TestResultNeverMeetsExclusion: no target is matched by the exclusion or by a guard taken alone.
func TestResultNeverMeetsExclusion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, q := build(t, drawAccounts(t)), drawQuery(t)
		got := answer(t, x, q)
		forbidden := []accountindex.Selection{include(q.Exclude)}
		for _, g := range q.NeverTouch {
			forbidden = append(forbidden, g.Selection)
		}
		for _, f := range forbidden {
			alone := q
			alone.Include, alone.Exclude, alone.NeverTouch = f, accountindex.Exclusion{}, nil
			for _, target := range answer(t, x, alone) {
				if slices.Contains(got, target) {
					t.Fatalf("%s is forbidden by %+v", target, f)
				}
			}
		}
	})
}

// TestOrderIsStable: the order of accounts and of selectors does not matter, and targets rise.
func TestOrderIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		accounts, q := drawAccounts(t), drawQuery(t)
		got := answer(t, build(t, accounts), q)
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("targets do not rise: %v", got)
		}
		slices.Reverse(accounts)
		slices.Reverse(q.IncludeRegions)
		if diff := cmp.Diff(got, answer(t, build(t, accounts), q)); diff != "" {
			t.Fatalf("the order of the accounts matters: %s", diff)
		}
	})
}

// TestUnknownFactsNeverLetIn: forgetting something about an account adds no target, and forgetting it
// when a selector uses it takes the account out.
func TestUnknownFactsNeverLetIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		accounts, q := drawAccounts(t), drawQuery(t)
		before := answer(t, build(t, accounts), q)
		i := rapid.IntRange(0, len(accounts)-1).Draw(t, "account")
		usesTags, usesUnits := len(q.Include.ByTags)+len(q.Exclude.ByTags) > 0, len(q.Include.ByOrgUnits)+len(q.Exclude.ByOrgUnits) > 0
		out := false
		switch rapid.IntRange(0, 3).Draw(t, "fact") {
		case 0:
			accounts[i].Tags, out = nil, usesTags
		case 1:
			accounts[i].Parents, out = nil, usesUnits
		case 2:
			accounts[i].Regions, out = nil, q.PerRegion
		case 3:
			accounts[i].State, out = accountindex.UnknownState, true
		}
		after := answer(t, build(t, accounts), q)
		if !subset(after, before) {
			t.Fatalf("forgetting let in: %v, before %v", after, before)
		}
		in := slices.ContainsFunc(after, func(s string) bool { return s[:12] == accounts[i].ID })
		if out && in {
			t.Fatalf("%s is in, though a fact that is used is unknown for it", accounts[i].ID)
		}
	})
}

// TestNarrowingNeverWidens: Only, Limit, scope, another exclusion and another guard add no target.
func TestNarrowingNeverWidens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, q := build(t, drawAccounts(t)), drawQuery(t)
		before := answer(t, x, q)
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		narrower := map[string]func(*accountindex.Query){
			"Only":           func(q *accountindex.Query) { q.Only = []string{"000000000001", "000000000003", "999999999999"} },
			"Limit":          func(q *accountindex.Query) { q.Limit = limit },
			"ScopeToRegions": func(q *accountindex.Query) { q.ScopeToRegions = append(q.ScopeToRegions[:0:0], "us-east-1") },
			"ExcludeRegions": func(q *accountindex.Query) { q.ExcludeRegions = append(slices.Clone(q.ExcludeRegions), "us-east-1") },
			"Exclude.ByIds":  func(q *accountindex.Query) { q.Exclude.ByIds = append(slices.Clone(q.Exclude.ByIds), "000000000002") },
			"Exclude.ByTags": func(q *accountindex.Query) {
				q.Exclude.ByTags = append(slices.Clone(q.Exclude.ByTags), world.tags[0])
			},
			"Exclude.ByOrgUnits": func(q *accountindex.Query) { q.Exclude.ByOrgUnits = append(slices.Clone(q.Exclude.ByOrgUnits), "/A") },
			"NeverTouch": func(q *accountindex.Query) {
				q.NeverTouch = append(slices.Clone(q.NeverTouch), accountindex.Guard{Name: "G", Selection: include(accountindex.Exclusion{ByNames: []string{"alpha"}})})
			},
		}
		if len(q.ScopeToRegions) > 0 && !slices.Contains(q.ScopeToRegions, "us-east-1") {
			delete(narrower, "ScopeToRegions") // that would be another scope, not a narrower one
		}
		for _, name := range slices.Sorted(maps.Keys(narrower)) {
			changed := q
			narrower[name](&changed)
			after := answer(t, x, changed)
			if !subset(after, before) {
				t.Fatalf("%s widened: %v, before %v", name, after, before)
			}
			if name == "Limit" && !slices.Equal(after, before[:min(limit, len(before))]) {
				t.Fatalf("Limit %d gives %v of %v", limit, after, before)
			}
		}
	})
}

// TestExplanationAgrees: decisions, counts and Contains say the same as the targets.
func TestExplanationAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, q := build(t, drawAccounts(t)), drawQuery(t)
		q.Limit = rapid.IntRange(0, 4).Draw(t, "limit")
		r, err := x.Resolve(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, explained := targets(r), []string{}
		counts := map[accountindex.Reason]int{}
		accounts := 0
		for d := range r.Explain() {
			counts[d.Reason]++
			if one, ok := r.ExplainAccount(d.Account.ID); !ok || !cmp.Equal(one, d) {
				t.Fatalf("ExplainAccount gives %+v, want %+v", one, d)
			}
			if d.Rule == "" {
				t.Fatalf("no rule for %+v", d)
			}
			if d.Reason != accountindex.Included {
				continue
			}
			accounts++
			for _, region := range d.Regions {
				explained = append(explained, d.Account.ID+"/"+region)
			}
			if !q.PerRegion {
				explained = append(explained, d.Account.ID)
			}
		}
		if diff := cmp.Diff(got, explained); diff != "" {
			t.Fatalf("targets and explanation differ: %s", diff)
		}
		delete(counts, accountindex.Included)
		delete(counts, accountindex.NotIncluded)
		if diff := cmp.Diff(counts, r.LeftOut()); diff != "" {
			t.Fatalf("LeftOut and explanation differ: %s", diff)
		}
		if accounts != r.Accounts() || len(got) != r.Targets() {
			t.Fatalf("Accounts %d of %d, Targets %d of %d", r.Accounts(), accounts, r.Targets(), len(got))
		}
		for target := range r.All() {
			if !r.Contains(target) {
				t.Fatalf("Contains(%v) is false", target)
			}
		}
	})
}

// TestWrittenIndexResolvesTheSame: a file that was written and read again gives the same targets.
func TestWrittenIndexResolvesTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, q := build(t, drawAccounts(t)), drawQuery(t)
		read, err := accountindex.Load("index.json", x.AppendFile(nil), accountindex.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(answer(t, x, q), answer(t, read, q)); diff != "" {
			t.Fatal(diff)
		}
	})
}
