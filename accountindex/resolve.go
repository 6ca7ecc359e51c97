package accountindex

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// Reason is why an account was taken in or left out.
type Reason string

// The reasons. An account for which several hold has the first of NeverTouched, Excluded, NotActive,
// OrgRoot, Undecidable, NoRegions, NotOnly and OverLimit.
const (
	// Included: the account has at least one target.
	Included Reason = "included"
	// NotIncluded: no selector of Include matches.
	NotIncluded Reason = "not-included"
	// Excluded: a selector of Exclude matches.
	Excluded Reason = "excluded"
	// NeverTouched: a guard matches.
	NeverTouched Reason = "never-touch"
	// NotActive: the state is another than ACTIVE, or unknown.
	NotActive Reason = "not-active"
	// OrgRoot: a management account, and the query is without OperateInOrgRoot.
	OrgRoot Reason = "org-root"
	// Undecidable: a selector uses a fact that is unknown for the account.
	Undecidable Reason = "undecidable"
	// NoRegions: none of the account's regions is asked for.
	NoRegions Reason = "no-regions"
	// NotOnly: the query is narrowed to other accounts.
	NotOnly Reason = "not-in-only"
	// OverLimit: the limit was reached before.
	OverLimit Reason = "over-limit"
)

// resolver is the work of one resolution.
type resolver struct {
	ctx       context.Context
	x         *Index
	q         Query
	evaluator *evaluator
	warnings  []Warning
	errs      []error
	hints     int
}

func (r *resolver) warn(path, message string) {
	r.warnings = append(r.warnings, Warning{Path: path, Message: message})
}

// Resolve answers a query. An account has a target only if
//
//   - a selector of Include matches it, and none of Exclude nor of a guard does;
//   - its state is ACTIVE;
//   - it is no management account, or OperateInOrgRoot is set;
//   - no fact that a selector of Include, of Exclude or of a guard uses is unknown for it;
//   - it is in Only, where that is given, and below Limit.
//
// The error joins all that is wrong: an [*UnmatchedError] for each selector that matches nothing where
// the policy makes that an error, an [*ExpressionError] for each expression that does not compile or
// that fails for some account. The expressions of a query may take 2 seconds together.
func (x *Index) Resolve(ctx context.Context, q Query) (*Resolution, error) {
	r := &resolver{ctx: ctx, x: x, q: q, evaluator: newEvaluator(ctx, x), warnings: slices.Clone(x.warnings)}
	r.check()
	include := r.side("IncludeAccounts", q.Include.AllAccounts, q.Include.Exclusion)
	exclude := r.side("ExcludeAccounts", false, q.Exclude)
	guards := make([]*side, len(q.NeverTouch))
	for i, g := range q.NeverTouch {
		guards[i] = r.side(g.Name, g.AllAccounts, g.Exclusion)
	}
	if ctx.Err() != nil { // the sides were cut short
		return nil, fmt.Errorf("resolving accounts: %w", context.Cause(ctx))
	}
	if len(r.errs) == 0 { // an expression at fault matches nothing, which is not what is wrong with it
		r.reportUnmatched(include, q.UnmatchedInclude, includePolicy)
		r.reportUnmatched(exclude, q.UnmatchedExclude, excludePolicy)
		for _, g := range guards {
			r.reportUnmatched(g, q.UnmatchedExclude, guardPolicy)
		}
	}
	if len(r.errs) > 0 {
		return nil, join(r.errs)
	}
	return r.decide(include, exclude, guards), nil
}

// check looks for what no query may have.
func (r *resolver) check() {
	for _, err := range []error{
		checkPolicy("UnmatchedInclude", r.q.UnmatchedInclude),
		checkPolicy("UnmatchedExclude", r.q.UnmatchedExclude),
	} {
		if err != nil {
			r.errs = append(r.errs, err)
		}
	}
	if r.q.Limit < 0 {
		r.errs = append(r.errs, fmt.Errorf("the limit %d is below 0: want a number of targets, or 0 for no limit", r.q.Limit))
	}
}

// unknown is the set of accounts for which one of the facts is unknown.
func (r *resolver) unknown(used facts) bitset {
	set := newBitset(len(r.x.records))
	for _, f := range []struct {
		fact facts
		set  bitset
	}{
		{factTags, r.x.unknownTags}, {factUnits, r.x.unknownUnits}, {factRegions, r.x.unknownRegions},
	} {
		if used&f.fact != 0 {
			set.union(f.set)
		}
	}
	return set
}

// decide applies the rules, one after the other, to the accounts that may be included.
func (r *resolver) decide(include, exclude *side, guards []*side) *Resolution {
	x, n := r.x, len(r.x.records)
	res := &Resolution{
		x: x, perRegion: r.q.PerRegion, include: include, exclude: exclude, guards: guards,
		leftOut:        map[Reason]bitset{},
		includeRegions: slices.Clone(r.q.IncludeRegions),
		excludeRegions: slices.Clone(r.q.ExcludeRegions),
		scopeToRegions: slices.Clone(r.q.ScopeToRegions),
		cut:            none,
	}
	// An account that may be included, were its facts known, is a candidate that is left out.
	rest := include.matched.clone()
	rest.union(r.unknown(include.uses))
	leaveOut := func(reason Reason, set bitset) {
		set = set.clone()
		set.intersect(rest)
		rest.subtract(set)
		res.leftOut[reason] = set
	}

	used, guarded := include.uses|exclude.uses, newBitset(n)
	for _, g := range guards {
		guarded.union(g.matched)
		used |= g.uses
	}
	if r.q.PerRegion {
		used |= factRegions
	}

	leaveOut(NeverTouched, guarded)
	leaveOut(Excluded, exclude.matched)
	leaveOut(NotActive, x.active.complement(n))
	if !r.q.OperateInOrgRoot {
		leaveOut(OrgRoot, x.orgRoots)
	}
	leaveOut(Undecidable, r.unknown(used))
	if r.q.PerRegion {
		res.fillRegions()
		leaveOut(NoRegions, res.withoutRegions())
	}
	if len(r.q.Only) > 0 {
		leaveOut(NotOnly, r.only(res, rest).complement(n))
	}
	res.taken = rest
	leaveOut(OverLimit, res.limit(r.q.Limit))
	res.warnings = r.warnings
	return res
}

// only is the set of accounts that the query is narrowed to. An id that is not among the accounts
// left is a warning.
func (r *resolver) only(res *Resolution, left bitset) bitset {
	set := newBitset(len(r.x.records))
	seen := map[string]bool{}
	for i, id := range r.q.Only {
		if seen[id] {
			continue
		}
		seen[id] = true
		path := "Only[" + strconv.Itoa(i) + "]"
		p, ok := r.x.position(id)
		switch {
		case !ok:
			r.warn(path, strconv.Quote(id)+" is not in the account index")
		case !left.has(p):
			reason, rule := res.decision(p)
			r.warn(path, fmt.Sprintf("%s is not selected: %s: %s", id, reason, rule))
		default:
			set.add(p)
		}
	}
	return set
}
