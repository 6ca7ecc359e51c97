package accountindex

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// OrgUnit is one organizational unit, or the root, that an index knows. A file lists them for
// themselves under OrgUnits, so that one without accounts is known too.
type OrgUnit struct {
	ID, Name string
	// Path is such as "/Workloads/Prod"; "/" is the root, "" is unknown: no chain of parents leads from
	// the unit to the root.
	Path string
	// Organization is the id of the organization that the unit stands in. [New] ignores it.
	Organization string
}

// unitNumber is the position of a unit in the table of an index.
type unitNumber int32

// none stands for a unit, or another entry of a table, that is not known.
const none = -1

// unit is one OU or root of the table.
type unit struct {
	id, name     string
	path         string     // by the chains of parents, "" when they do not reach a root
	parent       unitNumber // none: a root, or unknown
	root         bool
	section      int32  // of the file, that the unit stands in
	listedPath   string // under OrgUnits, "" when it is not listed there
	source       string // the account whose chain told of it, "" for one that is only listed
	parentSource string // the account whose chain told its parent
}

// shownPath is the path by the chains of parents, or else the one that is listed.
func (u unit) shownPath() string { return cmp.Or(u.path, u.listedPath) }

// unitTable knows all units and how they stand under each other.
type unitTable struct {
	units   []unit
	byID    map[string]unitNumber
	section int32 // that is being read

	ids, names, paths unitLookup
}

// parentEntry is one entry of an account's Parents as it was read.
type parentEntry struct {
	id, name []byte
	root     bool
	at       int
}

// unitConflict is what a chain of parents says against another one, or against itself.
type unitConflict struct {
	position      int // in the chain
	problem, hint string
}

const regenerateHint = "regenerate the index"

// addChain enters the parents of an account, nearest first, and returns the unit that the account
// stands in. The first account to tell of a unit is believed; who contradicts it is in conflict.
func (t *unitTable) addChain(account string, chain []parentEntry, report func(unitConflict)) unitNumber {
	below, nearest := unitNumber(none), unitNumber(none)
	for i, entry := range chain {
		n, ok := t.byID[string(entry.id)]
		if !ok {
			n = t.insert(unit{id: string(entry.id), name: string(entry.name), root: entry.root, parent: none, source: account})
		} else if problem := t.contradiction(n, entry); problem != "" {
			report(unitConflict{i, problem, regenerateHint})
		}
		if entry.root && i != len(chain)-1 {
			report(unitConflict{i, "the root is not the last of the parents", "list the nearest OU first and the root last"})
			return nearest
		}
		if below == none {
			nearest = n
		} else if problem := t.link(below, n, account); problem != "" {
			report(unitConflict{i, problem, regenerateHint})
		}
		below = n
	}
	return nearest
}

func (t *unitTable) insert(u unit) unitNumber {
	n := unitNumber(len(t.units))
	u.section = t.section
	t.units = append(t.units, u)
	t.byID[u.id] = n
	return n
}

// contradiction says how an entry differs from what is known of the unit, "" when it does not.
func (t *unitTable) contradiction(n unitNumber, entry parentEntry) string {
	known := &t.units[n]
	switch {
	case known.section != t.section:
		return fmt.Sprintf("%s stands in another organization, too (account %s)", known.id, known.source)
	case known.name != string(entry.name):
		return fmt.Sprintf("%s is named %q here and %q in account %s", known.id, entry.name, known.name, known.source)
	case known.root != entry.root:
		return fmt.Sprintf("%s is a root in one account and an OU in another (%s)", known.id, known.source)
	}
	return ""
}

// link notes that child stands directly under parent. It never closes a circle.
func (t *unitTable) link(child, parent unitNumber, account string) string {
	c := &t.units[child]
	if c.parent == parent {
		return ""
	}
	name := t.units[parent].id
	source, circle, tooDeep := t.under(parent, child)
	switch {
	case tooDeep:
		return deepProblem(name)
	case circle:
		return fmt.Sprintf("the OUs stand in a circle: %s under %s here, and %s under %s in account %s",
			c.id, name, name, c.id, cmp.Or(source, account))
	case c.parent != none:
		return fmt.Sprintf("%s stands under %s here and under %s in account %s",
			c.id, name, t.units[c.parent].id, c.parentSource)
	}
	c.parent, c.parentSource = parent, account
	return ""
}

// under says whether unit n is top or stands below it, and which account tells the link that is
// nearest to top. It looks maxDepth levels up.
func (t *unitTable) under(n, top unitNumber) (source string, found, tooDeep bool) {
	for range maxDepth {
		if n == top {
			return source, true, false
		}
		if t.units[n].parent == none {
			return "", false, false
		}
		source, n = t.units[n].parentSource, t.units[n].parent
	}
	return "", false, true
}

func deepProblem(id string) string {
	return fmt.Sprintf("%s stands more than %d levels deep", id, maxDepth)
}

// maxDepth bounds how deep units nest. AWS allows five levels under the root.
const maxDepth = 64

// unitFault is what is wrong with one unit once all are known.
type unitFault struct{ id, problem string }

// listedUnit is a unit of OrgUnits, and the section of the file that lists it.
type listedUnit struct {
	OrgUnit
	section int32
}

// finish computes the paths and the look-up table, and holds the listed units against the chains.
func (t *unitTable) finish(listed []listedUnit) []unitFault {
	var faults []unitFault
	for i := range t.units {
		path, ok := t.pathOf(unitNumber(i))
		if !ok {
			faults = append(faults, unitFault{t.units[i].id, deepProblem(t.units[i].id)})
		}
		t.units[i].path = path
	}
	for _, l := range listed {
		n, ok := t.byID[l.ID]
		if t.section = l.section; !ok {
			n = t.insert(unit{id: l.ID, name: l.Name, parent: none, root: l.Path == "/"})
		}
		u := &t.units[n]
		u.listedPath = l.Path
		if u.section != l.section {
			faults = append(faults, unitFault{l.ID, fmt.Sprintf("%s stands in another organization, too (account %s)", l.ID, u.source)})
		} else if u.name != l.Name {
			faults = append(faults, unitFault{l.ID, fmt.Sprintf("%s is named %q here and %q in account %s", l.ID, l.Name, u.name, u.source)})
		} else if u.path != "" && u.path != l.Path {
			faults = append(faults, unitFault{l.ID, fmt.Sprintf("%s has the path %q here and %q by the parents of account %s", l.ID, l.Path, u.path, u.source)})
		}
	}
	t.fillLookup()
	return faults
}

// pathOf is the path of a unit, "" when its chain does not reach a root. It fails when the chain is
// too long.
func (t *unitTable) pathOf(n unitNumber) (path string, ok bool) {
	var names []string
	for ; n != none; n = t.units[n].parent {
		if t.units[n].root {
			slices.Reverse(names)
			return "/" + strings.Join(names, "/"), true
		}
		names = append(names, t.units[n].name)
		if len(names) > maxDepth {
			return "", false
		}
	}
	return "", true
}

// fillLookup enters each unit under its folded id, name and path.
func (t *unitTable) fillLookup() {
	n := len(t.units)
	t.ids, t.names, t.paths = make(unitLookup, n), make(unitLookup, n), make(unitLookup, n)
	for i, u := range t.units {
		t.ids.enter(u.id, unitNumber(i))
		t.names.enter(u.name, unitNumber(i))
		t.paths.enter(u.shownPath(), unitNumber(i))
	}
	// ROOT stands for the root whatever its name is, unless a unit bears that name.
	if len(t.names["root"]) == 0 {
		for i, u := range t.units {
			if u.root {
				t.names.enter("root", unitNumber(i))
			}
		}
	}
}

// unitLookup finds units by a folded text.
type unitLookup map[string][]unitNumber

func (l unitLookup) enter(key string, n unitNumber) {
	if key != "" {
		key = fold(key)
		l[key] = append(l[key], n)
	}
}

// find returns the units that a selector stands for, without regard to case: the unit of the id when it begins as
// ids do and there is one, the one at the path when it begins with a slash, and those of the name otherwise. So
// nobody takes over what is selected by id or path by naming an OU like it.
func (t *unitTable) find(selector string) []unitNumber {
	key := fold(selector)
	switch {
	case strings.HasPrefix(key, "/"):
		return t.paths[key]
	case strings.HasPrefix(key, "ou-"), strings.HasPrefix(key, "r-"):
		if units := t.ids[key]; len(units) > 0 {
			return units
		}
	}
	return t.names[key]
}

// within returns, for each unit, whether it is one of the given units or stands below one.
func (t *unitTable) within(tops []unitNumber) []bool {
	chosen := make([]bool, len(t.units))
	for _, n := range tops {
		chosen[n] = true
	}
	within := make([]bool, len(t.units))
	for i := range t.units {
		for n := unitNumber(i); n != none && !within[i]; n = t.units[n].parent {
			within[i] = chosen[n]
		}
	}
	return within
}

// complete says whether the chain from the unit reaches a root, so that all that stands above an
// account is known.
func (t *unitTable) complete(n unitNumber) bool { return n != none && t.units[n].path != "" }

// parents is the chain from a unit upwards.
func (t *unitTable) parents(n unitNumber) []Parent {
	var chain []Parent
	for ; n != none; n = t.units[n].parent {
		u := &t.units[n]
		kind := TypeOrgUnit
		if u.root {
			kind = TypeRoot
		}
		chain = append(chain, Parent{ID: u.id, Name: u.name, Type: kind})
	}
	return chain
}

// sorted returns the units of the sections that keep agrees to, by organization, path and id.
func (t *unitTable) sorted(sections []section, keep func(unit) bool) []OrgUnit {
	var units []OrgUnit
	for _, u := range t.units {
		if keep(u) {
			units = append(units, OrgUnit{ID: u.id, Name: u.name, Path: u.shownPath(), Organization: sections[u.section].organization})
		}
	}
	slices.SortFunc(units, func(a, b OrgUnit) int {
		return cmp.Or(strings.Compare(a.Organization, b.Organization), strings.Compare(a.Path, b.Path), strings.Compare(a.ID, b.ID))
	})
	return units
}
