package accountindex

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is the kind of a selector, by the name under which templates have it.
type kind string

const (
	kindAll        kind = "AllAccounts"
	kindName       kind = "ByNames"
	kindID         kind = "ByIds"
	kindOrgUnit    kind = "ByOrgUnits"
	kindTag        kind = "ByTags"
	kindExpression kind = "ByExpression"
)

// selector is one entry of a selection, resolved against an index.
type selector struct {
	path string // such as IncludeAccounts.ByOrgUnits[0]
	text string // as the template has it; NAME=VALUE for a tag
	kind kind
	uses facts

	// The accounts that it matches, whatever their state: a few positions, or a set.
	positions []int32
	set       bitset
	units     []unitNumber // that an OU selector names
	known     bool         // it names something that the index knows, be it empty
}

func (s *selector) matches(i int) bool {
	if s.set != nil {
		return s.set.has(i)
	}
	return slices.Contains(s.positions, int32(i))
}

func (s *selector) addTo(set bitset) {
	if s.set != nil {
		set.union(s.set)
	}
	for _, i := range s.positions {
		set.add(int(i))
	}
}

// rule is the selector in words, for an account that it matches.
func (s *selector) rule(x *Index, i int) string {
	switch s.kind {
	case kindAll:
		return s.path
	case kindOrgUnit:
		for n := x.records[i].unit; n != none; n = x.units.units[n].parent {
			if slices.Contains(s.units, n) {
				u := x.units.units[n]
				return s.path + " " + strconv.Quote(s.text) + " (" + printable(cmp.Or(u.shownPath(), u.id)) + ")"
			}
		}
	}
	return s.path + " " + strconv.Quote(s.text)
}

// printable is a text as it stands when it has only printable characters, quoted otherwise.
func printable(text string) string {
	if quoted := strconv.Quote(text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}

// side is a selection that has been resolved: IncludeAccounts, ExcludeAccounts or a guard.
type side struct {
	name      string
	selectors []selector
	matched   bitset
	uses      facts
}

// rule is the first selector that matches the account, in words.
func (s *side) rule(x *Index, i int) string {
	for k := range s.selectors {
		if s.selectors[k].matches(i) {
			return s.selectors[k].rule(x, i)
		}
	}
	return s.name
}

// side resolves a selection. Expressions are left for later, so that their cost comes last.
func (r *resolver) side(name string, all bool, e Exclusion) *side {
	s := &side{name: name, matched: newBitset(len(r.x.records))}
	add := func(k kind, i int, text string, fill func(*selector)) {
		sel := selector{path: name + "." + string(k), text: text, kind: k}
		if i >= 0 {
			sel.path += "[" + strconv.Itoa(i) + "]"
		}
		fill(&sel)
		sel.addTo(s.matched)
		s.uses |= sel.uses
		s.selectors = append(s.selectors, sel)
	}
	if all {
		add(kindAll, -1, "", func(sel *selector) {
			sel.set, sel.known = fullBitset(len(r.x.records)), true
		})
	}
	for i, id := range e.ByIds {
		add(kindID, i, id, func(sel *selector) { r.byID(sel, id) })
	}
	for i, name := range e.ByNames {
		add(kindName, i, name, func(sel *selector) { r.byName(sel, name) })
	}
	for i, unit := range e.ByOrgUnits {
		add(kindOrgUnit, i, unit, func(sel *selector) { r.byOrgUnit(sel, unit) })
	}
	for i, t := range e.ByTags {
		add(kindTag, i, t.Name+"="+t.Value, func(sel *selector) { r.byTag(sel, t) })
	}
	if e.ByExpression != "" {
		add(kindExpression, -1, e.ByExpression, func(sel *selector) { r.byExpression(sel, e.ByExpression) })
	}
	return s
}

func (r *resolver) byID(s *selector, id string) {
	if i, ok := r.x.position(id); ok {
		s.positions, s.known = []int32{int32(i)}, true
	}
}

func (r *resolver) byName(s *selector, name string) {
	s.positions = r.x.byName.find(name)
	s.known = len(s.positions) > 0
	if len(s.positions) > 1 {
		var ids []string
		for _, i := range s.positions {
			ids = append(ids, r.x.records[i].id)
		}
		r.ambiguous(s, "accounts", ids)
	}
}

func (r *resolver) byOrgUnit(s *selector, name string) {
	s.uses = factUnits
	s.units = r.x.units.find(name)
	s.known = len(s.units) > 0
	s.set = newBitset(len(r.x.records))
	if !s.known {
		return
	}
	within := r.x.units.within(s.units)
	for i := range r.x.records {
		if n := r.x.records[i].unit; n != none && within[n] {
			s.set.add(i)
		}
	}
	if len(s.units) > 1 {
		var units []string
		for _, n := range s.units {
			u := r.x.units.units[n]
			units = append(units, printable(cmp.Or(u.shownPath(), u.id))+" ("+u.id+")")
		}
		r.ambiguous(s, "OUs", units)
	}
}

// maxListed bounds how many of a long list a message names.
const maxListed = 5

func (r *resolver) ambiguous(s *selector, what string, members []string) {
	message := fmt.Sprintf("%q stands for %d %s: %s", s.text, len(members), what,
		strings.Join(members[:min(len(members), maxListed)], ", "))
	if len(members) > maxListed {
		message += ", ..."
	}
	r.warn(s.path, message)
}

func (r *resolver) byTag(s *selector, t TagSelector) {
	s.uses = factTags
	s.set = newBitset(len(r.x.records))
	symbols := r.x.symbols
	key, keyKnown := symbols.find(t.Name)
	value, valueKnown := symbols.find(t.Value)
	if !keyKnown || !valueKnown {
		return
	}
	for i := range r.x.records {
		for _, tag := range r.x.tagsOf(i) {
			if symbols.folded[tag.key] == key && symbols.folded[tag.value] == value {
				s.set.add(i)
				s.known = true
				break
			}
		}
	}
}

func (r *resolver) byExpression(s *selector, text string) {
	s.set = newBitset(len(r.x.records))
	compiled, err := compileExpression(text)
	if err != nil {
		r.errs = append(r.errs, &ExpressionError{Path: s.path, Err: err})
		return
	}
	s.uses = compiled.uses
	r.evaluator.misses = r.evaluator.misses[:0]
	set, err := r.evaluator.run(compiled, r.unknown(compiled.uses))
	if err != nil {
		r.errs = append(r.errs, &ExpressionError{Path: s.path, Err: err})
		return
	}
	for _, unit := range r.evaluator.misses {
		r.warn(s.path, withHint(fmt.Sprintf("inOU(%q): the index knows no such OU", unit), r.hint(kindOrgUnit, unit)))
	}
	s.set, s.known = set, !set.empty()
}
