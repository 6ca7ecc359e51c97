package accountindex

import (
	"iter"
	"slices"
)

// Resolution is the answer to a query: the targets in their order, by account and then by region,
// and, on demand, why. It is immutable and safe for concurrent use.
type Resolution struct {
	x         *Index
	perRegion bool
	include   *side
	exclude   *side
	guards    []*side

	taken    bitset            // accounts with at least one target
	leftOut  map[Reason]bitset // of those that may be included
	warnings []Warning
	accounts int
	targets  int

	// The account at which the limit cut in the middle of its regions, and how many it has; or none.
	cut, cutRegions int

	includeRegions, excludeRegions, scopeToRegions []string
	regionTargets                                  []bitset // for each region set of the index
}

// Accounts is the number of accounts with at least one target.
func (r *Resolution) Accounts() int { return r.accounts }

// Targets is the number of all targets.
func (r *Resolution) Targets() int { return r.targets }

// Index is the index that was asked.
func (r *Resolution) Index() *Index { return r.x }

// Warnings returns what a person should know, that of [Index.Warnings] first.
func (r *Resolution) Warnings() []Warning { return slices.Clone(r.warnings) }

// All yields the targets, by account id and then by region. It makes them one by one, and allocates
// nothing for them.
func (r *Resolution) All() iter.Seq[Target] {
	return func(yield func(Target) bool) {
		for i := range r.taken.all() {
			id := r.x.records[i].id
			if !r.perRegion {
				if !yield(Target{AccountID: id}) {
					return
				}
				continue
			}
			left := r.regionCount(i)
			for n := range r.regionTargets[r.x.records[i].regions].all() {
				if left == 0 {
					break
				}
				left--
				if !yield(Target{AccountID: id, Region: r.x.regionNames[n]}) {
					return
				}
			}
		}
	}
}

// Contains says whether the target is one of the resolution.
func (r *Resolution) Contains(t Target) bool {
	i, ok := r.x.position(t.AccountID)
	if !ok || !r.taken.has(i) {
		return false
	}
	if !r.perRegion {
		return t.Region == ""
	}
	n, ok := slices.BinarySearch(r.x.regionNames, t.Region)
	set := r.regionTargets[r.x.records[i].regions]
	if !ok || !set.has(n) {
		return false
	}
	if i != r.cut {
		return true
	}
	rank := 0
	for m := range set.all() {
		if m == n {
			break
		}
		rank++
	}
	return rank < r.cutRegions
}

// LeftOut returns the number of accounts that were left out, by reason. Those that no selector of
// Include asks for are not among them.
func (r *Resolution) LeftOut() map[Reason]int {
	counts := map[Reason]int{}
	for reason, set := range r.leftOut {
		if n := set.count(); n > 0 {
			counts[reason] = n
		}
	}
	return counts
}

// regionCount is the number of targets of a taken account.
func (r *Resolution) regionCount(i int) int {
	if i == r.cut {
		return r.cutRegions
	}
	return r.regionTargets[r.x.records[i].regions].count()
}

// fillRegions computes the targets of each region set: (include - exclude), in scope, enabled.
func (r *Resolution) fillRegions() {
	allowed := r.allowedRegions()
	words := len(allowed)
	all := make(bitset, words*len(r.x.regionSets))
	r.regionTargets = make([]bitset, len(r.x.regionSets))
	for i, s := range r.x.regionSets {
		targets := all[i*words : (i+1)*words : (i+1)*words]
		copy(targets, s.set)
		targets.intersect(allowed)
		r.regionTargets[i] = targets
	}
}

// allowedRegions are the regions, of those that the index lists for some account, that the query
// asks for.
func (r *Resolution) allowedRegions() bitset {
	x := r.x
	named := func(names []string) bitset {
		if slices.Contains(names, AllRegions) {
			return fullBitset(len(x.regionNames))
		}
		set := newBitset(len(x.regionNames))
		for _, name := range names {
			if n, ok := slices.BinarySearch(x.regionNames, name); ok {
				set.add(n)
			}
		}
		return set
	}
	allowed := named(r.includeRegions)
	allowed.subtract(named(r.excludeRegions))
	if len(r.scopeToRegions) > 0 {
		allowed.intersect(named(r.scopeToRegions))
	}
	return allowed
}

// withoutRegions is the set of accounts that have none of the regions asked for.
func (r *Resolution) withoutRegions() bitset {
	none := make([]bool, len(r.regionTargets))
	for i, set := range r.regionTargets {
		none[i] = set.empty()
	}
	set := newBitset(len(r.x.records))
	for i := range r.x.records {
		if list := r.x.records[i].regions; list >= 0 && none[list] {
			set.add(i)
		}
	}
	return set
}

// limit counts the targets up to the limit, and returns the accounts above it.
func (r *Resolution) limit(limit int) (over bitset) {
	over = newBitset(len(r.x.records))
	for i := range r.taken.all() {
		n := 1
		if r.perRegion {
			n = r.regionTargets[r.x.records[i].regions].count()
		}
		if limit > 0 && r.targets+n > limit {
			if n = limit - r.targets; n == 0 {
				over.add(i)
				continue
			}
			r.cut, r.cutRegions = i, n
		}
		r.accounts++
		r.targets += n
	}
	return over
}
