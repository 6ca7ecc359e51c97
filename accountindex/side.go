package accountindex

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
)

// side is a selection that has been resolved: IncludeAccounts, ExcludeAccounts or a guard. It may have hundreds of
// thousands of selectors, so that what they match is held by account, OU and tag rather than by selector, and each
// account is looked at once for all of them.
type side struct {
	name      string
	selectors []selector // each once
	matched   bitset     // accounts, whatever their state
	uses      facts

	// The first selector that names something.
	byAccount map[int32]int
	byUnit    map[unitNumber]int
	byTag     map[tag]int // by folded key and value
	sets      []selectorSet
	using     map[facts]int // by one fact
}

// selectorSet is what a selector matches that has to be asked account by account.
type selectorSet struct {
	selector int
	set      bitset
}

// selectorKey is what makes two selectors of a side the same: texts in the form in which they are compared.
type selectorKey struct {
	kind        kind
	text, value string
}

// first notes a selector for a key, unless an earlier one is there.
func first[K comparable](m map[K]int, key K, selector int) {
	if _, ok := m[key]; !ok {
		m[key] = selector
	}
}

// side resolves a selection. It is cut short when the context ends.
func (r *resolver) side(name string, all bool, e Exclusion) *side {
	s := &side{
		name: name, matched: newBitset(len(r.x.records)),
		byAccount: map[int32]int{}, byUnit: map[unitNumber]int{}, byTag: map[tag]int{}, using: map[facts]int{},
	}
	seen := map[selectorKey]bool{}
	// add enters a selector, once, and has it resolved by fill, which is told its position.
	add := func(key selectorKey, i int, text string, uses facts, fill func(sel *selector, position int)) {
		if seen[key] || r.ctx.Err() != nil {
			return
		}
		seen[key] = true
		sel := selector{path: name + "." + string(key.kind), text: text, kind: key.kind, uses: uses}
		if i >= 0 {
			sel.path += "[" + strconv.Itoa(i) + "]"
		}
		position := len(s.selectors)
		fill(&sel, position)
		s.selectors = append(s.selectors, sel)
		s.uses |= sel.uses
		for _, fact := range []facts{factTags, factUnits, factRegions} {
			if sel.uses&fact != 0 {
				first(s.using, fact, position)
			}
		}
	}
	if all {
		add(selectorKey{kind: kindAll}, -1, "", 0, func(sel *selector, at int) {
			sel.known = true
			s.sets = append(s.sets, selectorSet{at, fullBitset(len(r.x.records))})
		})
	}
	for i, id := range e.ByIds {
		add(selectorKey{kind: kindID, text: id}, i, id, 0, func(sel *selector, at int) { r.byID(s, sel, at) })
	}
	for i, name := range e.ByNames {
		add(selectorKey{kind: kindName, text: fold(name)}, i, name, 0, func(sel *selector, at int) { r.byName(s, sel, at) })
	}
	for i, unit := range e.ByOrgUnits {
		add(selectorKey{kind: kindOrgUnit, text: fold(unit)}, i, unit, factUnits, func(sel *selector, at int) { r.byOrgUnit(s, sel, at) })
	}
	for i, t := range e.ByTags {
		add(selectorKey{kindTag, fold(t.Name), fold(t.Value)}, i, t.Name+"="+t.Value, factTags, func(_ *selector, at int) { r.byTag(s, t, at) })
	}
	if e.ByExpression != "" {
		add(selectorKey{kind: kindExpression}, -1, e.ByExpression, 0, func(sel *selector, at int) { r.byExpression(s, sel, at) })
	}
	s.match(r.ctx, r.x)
	return s
}

// match fills the set of accounts that the selectors match.
func (s *side) match(ctx context.Context, x *Index) {
	for _, set := range s.sets {
		s.matched.union(set.set)
	}
	for i := range s.byAccount {
		s.matched.add(int(i))
	}
	if len(s.byUnit) > 0 {
		s.matchUnits(x)
	}
	for i := range x.records {
		if len(s.byTag) == 0 || ctx.Err() != nil {
			return
		}
		for _, t := range x.tagsOf(i) {
			if k, ok := s.byTag[x.foldedTag(t)]; ok {
				s.matched.add(i)
				s.selectors[k].known = true
			}
		}
	}
}

// matchUnits adds the accounts under the OUs that selectors name, at any depth.
func (s *side) matchUnits(x *Index) {
	units := make([]unitNumber, 0, len(s.byUnit))
	for n := range s.byUnit {
		units = append(units, n)
	}
	within := x.units.within(units)
	for i := range x.records {
		if n := x.records[i].unit; n != none && within[n] {
			s.matched.add(i)
		}
	}
}

// foldedTag is a tag in the form in which tags are compared.
func (x *Index) foldedTag(t tag) tag {
	return tag{x.symbols.folded[t.key], x.symbols.folded[t.value]}
}

// rule is the first selector that matches the account, in words.
func (s *side) rule(x *Index, i int) string {
	found, foundUnit := none, unitNumber(none)
	consider := func(k int, ok bool) {
		if ok && (found == none || k < found) {
			found = k
		}
	}
	for _, set := range s.sets {
		consider(set.selector, set.set.has(i))
	}
	k, ok := s.byAccount[int32(i)]
	consider(k, ok)
	for n := x.records[i].unit; n != none && len(s.byUnit) > 0; n = x.units.units[n].parent {
		if k, ok := s.byUnit[n]; ok && (found == none || k < found) {
			found, foundUnit = k, n
		}
	}
	if len(s.byTag) > 0 {
		for _, t := range x.tagsOf(i) {
			k, ok := s.byTag[x.foldedTag(t)]
			consider(k, ok)
		}
	}
	if found == none {
		return s.name
	}
	return s.selectors[found].rule(x, foundUnit)
}

func (r *resolver) byID(s *side, sel *selector, at int) {
	if i, ok := r.x.position(sel.text); ok {
		first(s.byAccount, int32(i), at)
		sel.known = true
	}
}

func (r *resolver) byName(s *side, sel *selector, at int) {
	accounts := r.x.byName.find(sel.text)
	for _, i := range accounts {
		first(s.byAccount, i, at)
	}
	sel.known = len(accounts) > 0
	ambiguous(r, sel, "accounts", accounts, func(i int32) string { return r.x.records[i].id })
}

func (r *resolver) byOrgUnit(s *side, sel *selector, at int) {
	units := r.x.units.find(sel.text)
	sel.known = len(units) > 0
	for _, n := range units {
		first(s.byUnit, n, at)
	}
	ambiguous(r, sel, "OUs", units, func(n unitNumber) string {
		u := r.x.units.units[n]
		return printable(cmp.Or(u.shownPath(), u.id)) + " (" + u.id + ")"
	})
}

// byTag notes what is looked for; match finds the accounts, and whether there is one.
func (r *resolver) byTag(s *side, t TagSelector, at int) {
	key, keyKnown := r.x.symbols.find(t.Name)
	value, valueKnown := r.x.symbols.find(t.Value)
	if keyKnown && valueKnown {
		first(s.byTag, tag{key, value}, at)
	}
}

func (r *resolver) byExpression(s *side, sel *selector, at int) {
	compiled, err := compileExpression(sel.text)
	if err != nil {
		r.errs = append(r.errs, &ExpressionError{Path: sel.path, Err: err})
		return
	}
	sel.uses = compiled.uses
	r.evaluator.misses = r.evaluator.misses[:0]
	set, err := r.evaluator.run(compiled, r.unknown(compiled.uses))
	if err != nil {
		r.errs = append(r.errs, &ExpressionError{Path: sel.path, Err: err})
		return
	}
	for _, unit := range r.evaluator.misses {
		r.warn(sel.path, withHint(fmt.Sprintf("inOU(%q): the index knows no such OU", unit), r.hint(kindOrgUnit, unit)))
	}
	s.sets, sel.known = append(s.sets, selectorSet{at, set}), !set.empty()
}
