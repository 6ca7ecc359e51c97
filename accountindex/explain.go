package accountindex

import (
	"iter"
	"slices"
)

// Decision explains one account.
type Decision struct {
	Account Account
	Reason  Reason
	// Rule is the rule that decided, in words: `IncludeAccounts.ByOrgUnits[0] "Prod" (/Workloads/Prod)`.
	Rule string
	// Regions are those that were taken. Per region only.
	Regions []string
	// LeftOutRegions are the others that the account has or the query names, each with the reason:
	// "us-west-1: excluded by ExcludeRegions". Per region, for accounts that are included or that were
	// left out for their regions only.
	LeftOutRegions []string
}

// Explain yields a decision for every account of the index, by id. Decisions are made one by one.
func (r *Resolution) Explain() iter.Seq[Decision] {
	return func(yield func(Decision) bool) {
		for i := range r.x.records {
			if !yield(r.explain(i)) {
				return
			}
		}
	}
}

// ExplainAccount is the decision for one account; false when the index does not list it.
func (r *Resolution) ExplainAccount(id string) (Decision, bool) {
	i, ok := r.x.position(id)
	if !ok {
		return Decision{}, false
	}
	return r.explain(i), true
}

func (r *Resolution) explain(i int) Decision {
	d := Decision{Account: r.x.account(i)}
	d.Reason, d.Rule = r.decision(i)
	if r.perRegion && (d.Reason == Included || d.Reason == NoRegions) {
		r.explainRegions(&d, i)
	}
	return d
}

// decision is the reason for an account, and the rule in words.
func (r *Resolution) decision(i int) (reason Reason, rule string) {
	for reason, set := range r.leftOut {
		if set.has(i) {
			return reason, r.leftOutRule(reason, i)
		}
	}
	if r.include.matched.has(i) {
		return Included, r.include.rule(r.x, i)
	}
	return NotIncluded, "no selector of IncludeAccounts matches"
}

func (r *Resolution) leftOutRule(reason Reason, i int) string {
	record := &r.x.records[i]
	switch reason {
	case NeverTouched:
		for _, g := range r.guards {
			if g.matched.has(i) {
				return g.rule(r.x, i)
			}
		}
	case Excluded:
		return r.exclude.rule(r.x, i)
	case NotActive:
		if record.state == 0 {
			return "the index has neither State nor Status for the account"
		}
		return "the state of the account is " + printable(r.x.symbols.names[record.state])
	case OrgRoot:
		return "a management account, and OperateInOrgRoot is not set"
	case Undecidable:
		return r.undecidableRule(i)
	case NoRegions:
		return "none of the account's regions is asked for"
	case NotOnly:
		return "the run is narrowed to other accounts"
	case OverLimit:
		return "the limit was reached before"
	}
	return ""
}

// undecidableRule names the first selector that uses a fact that is unknown for the account.
func (r *Resolution) undecidableRule(i int) string {
	unknown := []struct {
		fact facts
		text string
		set  bitset
	}{
		{factTags, "tags", r.x.unknownTags},
		{factUnits, "OUs", r.x.unknownUnits},
		{factRegions, "regions", r.x.unknownRegions},
	}
	for _, s := range slices.Concat([]*side{r.include, r.exclude}, r.guards) {
		at, text := none, ""
		for _, u := range unknown {
			if k, ok := s.using[u.fact]; ok && u.set.has(i) && (at == none || k < at) {
				at, text = k, u.text
			}
		}
		if at != none {
			return s.selectors[at].path + " uses the " + text + " of the account, which are unknown"
		}
	}
	return "the regions of the account are unknown"
}

// explainRegions fills the regions that were taken and those that were not.
func (r *Resolution) explainRegions(d *Decision, i int) {
	left := 0
	if d.Reason == Included {
		left = r.regionCount(i)
	}
	set := r.regionTargets[r.x.records[i].regions]
	for _, name := range d.Account.Regions {
		n, _ := slices.BinarySearch(r.x.regionNames, name)
		switch {
		case !set.has(n):
			d.LeftOutRegions = append(d.LeftOutRegions, name+": "+r.regionRule(name))
		case left > 0:
			left--
			d.Regions = append(d.Regions, name)
		default:
			d.LeftOutRegions = append(d.LeftOutRegions, name+": over the limit")
		}
	}
	for _, name := range r.includeRegions {
		if name != AllRegions && !slices.Contains(d.Account.Regions, name) {
			d.LeftOutRegions = append(d.LeftOutRegions, printable(name)+": not enabled in the account")
		}
	}
}

// regionRule is why a region that the account has is no target.
func (r *Resolution) regionRule(name string) string {
	named := func(names []string) bool {
		return slices.Contains(names, name) || slices.Contains(names, AllRegions)
	}
	switch {
	case named(r.excludeRegions):
		return "excluded by ExcludeRegions"
	case !named(r.includeRegions):
		return "not in IncludeRegions"
	default:
		return "outside ScopeToRegions"
	}
}
