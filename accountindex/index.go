package accountindex

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Index is an account index. It is immutable and safe for concurrent use. [Load] and [New] make one.
type Index struct {
	version  string
	warnings []Warning
	sections []section // that of the file, then that of each organization where it has several

	records       []record // by id
	organizations []organization
	units         unitTable
	symbols       *symbols
	tags          []tag       // of all records, one after the other
	regionNames   []string    // sorted; a region's number is its position
	regionSets    []regionSet // one of each kind
	byName        nameTable
	extras        [][]extraField // fields of accounts that this package does not know

	// Sets of records, by position.
	active, orgRoots                          bitset
	unknownTags, unknownUnits, unknownRegions bitset
}

// section is what an index says of itself: as a whole, or of one organization of several.
type section struct {
	organization string // "" for the whole of an index of several
	generated    time.Time
	topLevel     []extraField // fields that this package does not know
}

// record is one account in the compact form that an index holds.
type record struct {
	id, name, email, joinedAt string
	joinedBy, state, status   symbol // status is the old field, kept for rewriting
	organization              int32
	unit                      unitNumber
	regions                   int32 // position in regionSets, none when unknown
	tagStart, tagEnd          int32 // positions in tags; tagStart is none when unknown
	extra                     int32 // position in extras, or none
	regionsAsOf               int64 // Unix seconds, 0 when the index does not say
	stateGiven                bool  // the file has State, rather than Status or nothing
}

type tag struct{ key, value symbol }

// regionSet is a list of regions that some accounts have in common.
type regionSet struct {
	set   bitset
	names []string
}

// extraField is a field that is carried through, with its JSON text.
type extraField struct {
	name string
	text []byte
}

// nameTable finds accounts by folded name. Names are unique in all but a few cases.
type nameTable struct {
	first map[string]int32
	rest  map[string][]int32 // the second and later accounts of a name
}

func (t nameTable) find(name string) []int32 {
	name = fold(name)
	first, ok := t.first[name]
	if !ok {
		return nil
	}
	return append([]int32{first}, t.rest[name]...)
}

// Len is the number of accounts.
func (x *Index) Len() int { return len(x.records) }

// position finds an account by id.
func (x *Index) position(id string) (int, bool) {
	return slices.BinarySearchFunc(x.records, id, func(r record, id string) int { return strings.Compare(r.id, id) })
}

// Account returns the account with the id.
func (x *Index) Account(id string) (Account, bool) {
	i, ok := x.position(id)
	if !ok {
		return Account{}, false
	}
	return x.account(i), true
}

// Accounts yields all accounts by id, whatever their state.
func (x *Index) Accounts() iter.Seq[Account] {
	return func(yield func(Account) bool) {
		for i := range x.records {
			if !yield(x.account(i)) {
				return
			}
		}
	}
}

// account builds the full form of a record. The caller owns its slices and map.
func (x *Index) account(i int) Account {
	r := &x.records[i]
	a := Account{
		ID: r.id, Name: r.name, Email: r.email,
		ARN:             x.organizations[r.organization].arn(r.id),
		State:           State(x.symbols.names[r.state]),
		Parents:         x.units.parents(r.unit),
		JoinedTimestamp: r.joinedAt,
		JoinedMethod:    x.symbols.names[r.joinedBy],
	}
	if r.unit != none {
		a.Path = x.units.units[r.unit].path
	}
	if r.regions != none {
		a.Regions = append([]string{}, x.regionSets[r.regions].names...)
	}
	if r.regionsAsOf != 0 {
		a.RegionsAsOf = time.Unix(r.regionsAsOf, 0).UTC()
	}
	if r.tagStart != none {
		a.Tags = make(map[string]string, r.tagEnd-r.tagStart)
		for _, t := range x.tagsOf(i) {
			a.Tags[x.symbols.names[t.key]] = x.symbols.names[t.value]
		}
	}
	return a
}

// tagsOf is the tags of a record, empty when they are unknown.
func (x *Index) tagsOf(i int) []tag {
	r := &x.records[i]
	if r.tagStart == none {
		return nil
	}
	return x.tags[r.tagStart:r.tagEnd]
}

// OrgUnits returns all OUs that the index knows, the roots included, by organization and path. A path is "" when no
// chain of parents leads from the unit to the root.
func (x *Index) OrgUnits() []OrgUnit {
	return x.units.sorted(x.sections, func(unit) bool { return true })
}

// OrgRoots returns the ids of the management accounts that the accounts' ARNs name, sorted. They need
// not be accounts of the index.
func (x *Index) OrgRoots() []string {
	return x.distinct(func(o organization) string { return o.management })
}

// Organizations returns the ids of the organizations of the accounts, sorted.
func (x *Index) Organizations() []string {
	return x.distinct(func(o organization) string { return o.id })
}

func (x *Index) distinct(of func(organization) string) []string {
	var values []string
	for _, o := range x.organizations {
		values = append(values, of(o))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// Generated is when the index was made, zero when the file does not say. Of an index of several organizations it is the time of
// the oldest, and zero when it is not known of one.
func (x *Index) Generated() time.Time {
	oldest := x.ownSections()[0].generated
	for _, s := range x.ownSections() {
		if s.generated.Before(oldest) {
			oldest = s.generated
		}
	}
	return oldest
}

// GeneratedOf is when the index of one organization was made, zero when the file does not say, or has no such organization.
func (x *Index) GeneratedOf(organization string) time.Time {
	for _, s := range x.ownSections() {
		if s.organization == organization {
			return s.generated
		}
	}
	return time.Time{}
}

// ownSections are those of the organizations.
func (x *Index) ownSections() []section {
	if len(x.sections) > 1 {
		return x.sections[1:]
	}
	return x.sections
}

// Version is that of [LoadOptions].
func (x *Index) Version() string { return x.version }

// KnownRegion says whether the index lists the region for some account, or the built-in table has it.
func (x *Index) KnownRegion(region string) bool {
	_, listed := slices.BinarySearch(x.regionNames, region)
	return listed || KnownRegion(region)
}

// Warnings returns what a person should know of the index as a whole: accounts that can not be tasked
// because their state, or their place, is not in it. Every [Resolution] repeats them.
func (x *Index) Warnings() []Warning { return slices.Clone(x.warnings) }

// complete fills what follows from the records: their order, the look-up tables and the sets.
func (x *Index) complete() {
	slices.SortStableFunc(x.records, func(a, b record) int { return cmp.Compare(a.id, b.id) })
	n := len(x.records)
	x.byName = nameTable{first: make(map[string]int32, n), rest: map[string][]int32{}}
	x.active, x.orgRoots = newBitset(n), newBitset(n)
	x.unknownTags, x.unknownUnits, x.unknownRegions = newBitset(n), newBitset(n), newBitset(n)
	roots := map[string]bool{}
	for _, o := range x.organizations {
		roots[o.management] = true
	}
	active := x.symbols.intern([]byte(Active))
	if len(x.sections) == 1 && len(x.organizations) > 0 {
		x.sections[0].organization = x.organizations[0].id
	}
	for i := range x.records {
		r := &x.records[i]
		name := fold(r.name)
		if _, taken := x.byName.first[name]; taken {
			x.byName.rest[name] = append(x.byName.rest[name], int32(i))
		} else {
			x.byName.first[name] = int32(i)
		}
		for _, fact := range []struct {
			set   bitset
			holds bool
		}{
			{x.active, r.state == active},
			{x.orgRoots, roots[r.id]},
			{x.unknownTags, r.tagStart == none},
			{x.unknownUnits, !x.units.complete(r.unit)},
			{x.unknownRegions, r.regions == none},
		} {
			if fact.holds {
				fact.set.add(i)
			}
		}
	}
	x.warn()
}

// warn fills the warnings about the index as a whole.
func (x *Index) warn() {
	stateless, misplaced := 0, 0
	for i := range x.records {
		if x.records[i].state == 0 {
			stateless++
		}
		if r := &x.records[i]; r.unit != none && !x.units.complete(r.unit) {
			misplaced++
		}
	}
	if stateless > 0 {
		x.warnings = append(x.warnings, Warning{Path: "accounts", Message: fmt.Sprintf(
			"%s neither State nor Status and can not be tasked: regenerate the index, or set Fleet.AssumeActive for the files of an old generator",
			accountsHave(stateless))})
	}
	if misplaced > 0 {
		x.warnings = append(x.warnings, Warning{Path: "accounts", Message: fmt.Sprintf(
			"%s Parents that do not end in the root, so that their OUs are not known: regenerate the index", accountsHave(misplaced))})
	}
}

func accountsHave(n int) string {
	if n == 1 {
		return "1 account has"
	}
	return fmt.Sprintf("%d accounts have", n)
}
