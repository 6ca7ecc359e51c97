package accountindex

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// LoadOptions are the checks of an index. The zero value takes any known partition and one
// organization, that of the first account.
type LoadOptions struct {
	// Organizations are the ids of the organizations whose accounts may appear (Fleet.Organizations).
	// Empty: that of the first account.
	Organizations []string
	// AnyOrganizations takes all organizations of a file of several, whatever Organizations says: to look into an index, not to task by it.
	AnyOrganizations bool
	// AssumeActive makes accounts with neither State nor Status count as ACTIVE (Fleet.AssumeActive).
	AssumeActive bool
	// Version is an ETag or version id, kept for reports.
	Version string
}

const (
	noAccounts     = "there are no accounts"
	noAccountsHint = "an index has at least the management account: regenerate the index"
)

// builder makes an index of accounts that come one by one, from a file or from memory.
type builder struct {
	x       *Index
	options LoadOptions
	faults  faultList

	regions       map[string]uint32 // numbers in the order of appearance
	regionNames   []string
	regionLists   map[string]int32 // numbers of regionMembers, by the members
	regionMembers [][]uint32
	listKey       []byte

	byPrefix map[string]int32 // organizations by the ARN up to the account id
	firstOf  []string         // the account that told of each organization first
	byID     map[string]int32 // the first of each organization id
	allowed  map[string]bool  // organizations

	listed   []listedUnit
	listedAt map[string]locatedFault // by id: where the unit is listed
	added    []locatedFault          // where each record stands
}

func newBuilder(file string, data []byte, o LoadOptions) *builder {
	b := &builder{
		x:           &Index{version: o.Version, symbols: newSymbols(), sections: make([]section, 1)},
		options:     o,
		faults:      faultList{file: file, data: data},
		regions:     map[string]uint32{},
		regionLists: map[string]int32{},
		byPrefix:    map[string]int32{},
		byID:        map[string]int32{},
		allowed:     map[string]bool{},
		listedAt:    map[string]locatedFault{},
	}
	b.x.units.byID = map[string]unitNumber{}
	for _, id := range o.Organizations {
		b.allowed[id] = true
	}
	return b
}

func notARegion(text string) string {
	return fmt.Sprintf("%q is not the name of a region", text)
}

// add enters a record whose fields have been checked.
func (b *builder) add(r record, at int, path string) {
	if r.state == 0 && b.options.AssumeActive {
		r.state = b.x.symbols.intern([]byte(Active))
	}
	b.x.records = append(b.x.records, r)
	b.added = append(b.added, locatedFault{offset: at, path: path})
}

// organization returns the number of the organization that the ARN names, or what is wrong with it.
func (b *builder) organization(arn []byte, account string) (number int32, problem, hint string) {
	if cut := len(arn) - len(account); cut > 0 && string(arn[cut:]) == account {
		if n, ok := b.byPrefix[string(arn[:cut])]; ok {
			problem, hint = b.refused(n)
			return n, problem, hint
		}
	}
	o, named, err := parseARN(string(arn))
	if err != nil {
		return 0, fmt.Sprintf("%q %v", arn, err), ""
	}
	if named != account {
		return 0, fmt.Sprintf("%q names the account %s, not %s", arn, named, account), ""
	}
	if len(b.options.Organizations) == 0 || b.options.AnyOrganizations {
		b.allowed[o.id] = true
	}
	n := int32(len(b.x.organizations))
	b.x.organizations = append(b.x.organizations, o)
	b.firstOf = append(b.firstOf, account)
	if _, ok := b.byID[o.id]; !ok {
		b.byID[o.id] = n
	}
	b.byPrefix[string(bytes.TrimSuffix(arn, []byte(account)))] = n
	problem, hint = b.refused(n)
	return n, problem, hint
}

// refused says why no account of the organization may stand where it does, "" when it may.
func (b *builder) refused(n int32) (problem, hint string) {
	o, first := b.x.organizations[n], b.byID[b.x.organizations[n].id]
	known, section := b.x.organizations[first], b.section().organization
	switch {
	case section != "" && section != o.id:
		return fmt.Sprintf("the account is of the organization %s, and stands under %s", o.id, section), regenerateHint
	case section == "" && len(b.options.Organizations) > 0 && !b.allowed[o.id]:
		return fmt.Sprintf("the account is of the organization %s, which is not configured", o.id), "add it to Fleet.Organizations, or give it an index of its own"
	case section == "" && o.id != b.x.organizations[0].id:
		return fmt.Sprintf("the account is of the organization %s, the first account is of %s", o.id, b.x.organizations[0].id),
			"several organizations have a file of their own: starfleet index generate --merge"
	case o.partition != known.partition:
		return fmt.Sprintf("the organization %s is of the partition %s here and of %s in account %s",
			o.id, o.partition, known.partition, b.firstOf[first]), regenerateHint
	case o.management != known.management:
		return fmt.Sprintf("the organization %s has the management account %s here and %s in account %s",
			o.id, o.management, known.management, b.firstOf[first]), regenerateHint
	}
	return "", ""
}

func (b *builder) region(name []byte) uint32 {
	n, ok := b.regions[string(name)]
	if !ok {
		n = uint32(len(b.regionNames))
		b.regionNames = append(b.regionNames, string(name))
		b.regions[string(name)] = n
	}
	return n
}

// regionList returns the number of the list with these members, which it may reorder.
func (b *builder) regionList(members []uint32) int32 {
	slices.Sort(members)
	members = slices.Compact(members)
	b.listKey = b.listKey[:0]
	for _, m := range members {
		b.listKey = binary.LittleEndian.AppendUint32(b.listKey, m)
	}
	n, ok := b.regionLists[string(b.listKey)]
	if !ok {
		n = int32(len(b.regionMembers))
		b.regionMembers = append(b.regionMembers, slices.Clone(members))
		b.regionLists[string(b.listKey)] = n
	}
	return n
}

// sortTags orders the tags of a record by key and returns a key that is there twice.
func (b *builder) sortTags(r *record) (twice string, found bool) {
	tags, names := b.x.tags[r.tagStart:r.tagEnd], b.x.symbols.names
	slices.SortFunc(tags, func(a, c tag) int { return strings.Compare(names[a.key], names[c.key]) })
	for i := 1; i < len(tags); i++ {
		if tags[i].key == tags[i-1].key {
			return names[tags[i].key], true
		}
	}
	return "", false
}

// list enters a unit of OrgUnits.
func (b *builder) list(at int, path string, u OrgUnit) {
	isRoot := Parent{ID: u.ID}.isRoot()
	switch {
	case u.ID == "" || u.Name == "":
		b.faults.add(at, path, "the unit lacks its id or its name", "")
	case !utf8.ValidString(u.ID) || !utf8.ValidString(u.Name):
		b.faults.add(at, path, fmt.Sprintf("%q is not valid UTF-8", u.ID+" "+u.Name), "")
	case isRoot && u.Path != "/":
		b.faults.add(at, path, fmt.Sprintf("the root has the path %q", u.Path), `the path of the root is "/"`)
	case u.Path != "/" && (!strings.HasPrefix(u.Path, "/") || !strings.HasSuffix(u.Path, "/"+u.Name)):
		b.faults.add(at, path, fmt.Sprintf("the path %q does not end in the name %q", u.Path, u.Name), `a path is such as "/Workloads/Prod"`)
	case b.listedAt[u.ID].path != "":
		b.faults.add(at, path, fmt.Sprintf("%s is listed twice", u.ID), "")
	default:
		b.listedAt[u.ID] = locatedFault{offset: at, path: path}
		b.listed = append(b.listed, listedUnit{u, b.x.units.section})
	}
}

// section is the part of the index that is being read.
func (b *builder) section() *section { return &b.x.sections[b.x.units.section] }

// begin starts the part of an organization, and says what is wrong with it.
func (b *builder) begin(organization string) (problem, hint string) {
	b.x.sections = append(b.x.sections, section{organization: organization})
	b.x.units.section = int32(len(b.x.sections) - 1)
	switch {
	case !isOrganizationID(organization):
		return fmt.Sprintf("%q is not the id of an organization", organization), `such an id is "o-" and lower-case letters or digits`
	case b.options.AnyOrganizations || b.allowed[organization]:
	case len(b.allowed) == 0:
		b.allowed[organization] = true // the first one
	case len(b.options.Organizations) == 0:
		return fmt.Sprintf("the organization %s is not the first one", organization), "which ones a fleet works in is said by Fleet.Organizations"
	default:
		return fmt.Sprintf("the organization %s is not configured", organization), "add it to Fleet.Organizations, or give it an index of its own"
	}
	return "", ""
}

// finish makes the last checks, which need all accounts, and the index.
func (b *builder) finish() (*Index, error) {
	for _, f := range b.x.units.finish(b.listed) {
		where, ok := b.listedAt[f.id]
		if !ok {
			where = locatedFault{offset: nowhere, path: "accounts"}
		}
		b.faults.add(where.offset, where.path, f.problem, regenerateHint)
	}
	b.checkUnique()
	if err := b.faults.err(); err != nil {
		return nil, err
	}
	b.fillRegions()
	b.x.complete()
	return b.x, nil
}

// checkUnique finds accounts that are there twice.
func (b *builder) checkUnique() {
	records, rising := b.x.records, true
	for i := 1; i < len(records) && rising; i++ {
		rising = records[i-1].id < records[i].id
	}
	if rising { // as the Python Starfleet writes them
		return
	}
	seen := make(map[string]bool, len(records))
	for i, r := range records {
		if seen[r.id] {
			b.faults.add(b.added[i].offset, b.added[i].path, fmt.Sprintf("the account %s is there twice", r.id), regenerateHint)
		}
		seen[r.id] = true
	}
}

// fillRegions numbers the regions by name and builds the sets.
func (b *builder) fillRegions() {
	x := b.x
	x.regionNames = slices.Sorted(slices.Values(b.regionNames))
	number := make([]int, len(b.regionNames))
	for i, name := range b.regionNames {
		number[i], _ = slices.BinarySearch(x.regionNames, name)
	}
	x.regionSets = make([]regionSet, len(b.regionMembers))
	for i, members := range b.regionMembers {
		set := newBitset(len(x.regionNames))
		for _, m := range members {
			set.add(number[m])
		}
		names := make([]string, 0, len(members))
		for n := range set.all() {
			names = append(names, x.regionNames[n])
		}
		x.regionSets[i] = regionSet{set: set, names: names}
	}
}
