package accountindex

import (
	"fmt"
	"strings"
)

// field is one of the fields of an account that this package reads, as a bit.
type field uint16

const (
	fieldArn field = 1 << iota
	fieldEmail
	fieldID
	fieldJoinedMethod
	fieldJoinedTimestamp
	fieldName
	fieldParents
	fieldRegions
	fieldRegionsAsOf
	fieldState
	fieldStatus
	fieldTags
)

// fieldOf returns the field with the key, 0 for one that is carried through unread.
func fieldOf(key []byte) field {
	switch string(key) {
	case "Arn":
		return fieldArn
	case "Email":
		return fieldEmail
	case "Id":
		return fieldID
	case "JoinedMethod":
		return fieldJoinedMethod
	case "JoinedTimestamp":
		return fieldJoinedTimestamp
	case "Name":
		return fieldName
	case "Parents":
		return fieldParents
	case "Regions":
		return fieldRegions
	case "RegionsAsOf":
		return fieldRegionsAsOf
	case "State":
		return fieldState
	case "Status":
		return fieldStatus
	case "Tags":
		return fieldTags
	}
	return 0
}

// account reads one account. An id of "" is one at fault: the account is read for its other faults.
func (r *reader) account(id string, at int) {
	acc := record{id: id, unit: none, regions: none, tagStart: none, extra: none}
	var seen field
	var unknown map[string]bool
	ok := r.object("an object", func(key []byte, keyAt int) {
		f := fieldOf(key)
		if f == 0 {
			if unknown == nil {
				unknown = map[string]bool{}
			}
			if unknown[string(key)] {
				r.fault(keyAt, duplicateKey, "")
			}
			unknown[string(key)] = true
			r.accountExtra(&acc, key)
			return
		}
		if seen&f != 0 {
			r.fault(keyAt, duplicateKey, "")
		}
		seen |= f
		r.accountField(&acc, f)
	})
	if !ok || r.broken {
		return
	}
	for _, required := range []struct {
		field field
		key   string
	}{{fieldArn, "Arn"}, {fieldName, "Name"}} {
		if seen&required.field == 0 {
			r.fault(at, fmt.Sprintf("%q is missing", required.key), regenerateHint)
		}
	}
	if id == "" {
		return
	}
	if acc.state != 0 {
		acc.stateGiven = true
	} else {
		acc.state = acc.status
	}
	r.b.add(acc, at, r.prefix()+"accounts."+id)
}

// prefix is the path of the part of an organization, "" in a file of one.
func (r *reader) prefix() string {
	if r.b.x.units.section == 0 {
		return ""
	}
	return "organizations." + r.b.section().organization + "."
}

func (r *reader) accountExtra(acc *record, key []byte) {
	extra, ok := r.extra(key)
	if !ok {
		return
	}
	x := r.b.x
	if acc.extra == none {
		acc.extra = int32(len(x.extras))
		x.extras = append(x.extras, nil)
	}
	x.extras[acc.extra] = append(x.extras[acc.extra], extra)
}

func (r *reader) accountField(acc *record, f field) {
	switch f {
	case fieldArn:
		text, at, ok := r.textAt()
		if !ok || acc.id == "" {
			return
		}
		n, problem, hint := r.b.organization(text, acc.id)
		if problem != "" {
			r.fault(at, problem, hint)
		}
		acc.organization = n
	case fieldID:
		text, at, ok := r.textAt()
		if ok && acc.id != "" && string(text) != acc.id {
			r.fault(at, fmt.Sprintf("%q is not the account's key, %s", text, acc.id), regenerateHint)
		}
	case fieldName:
		acc.name = string(r.text())
	case fieldEmail:
		text, _, _ := r.optionalText()
		acc.email = string(text)
	case fieldJoinedTimestamp:
		text, _, _ := r.optionalText()
		acc.joinedAt = string(text)
	case fieldJoinedMethod:
		text, _, _ := r.optionalText()
		acc.joinedBy = r.b.x.symbols.intern(text)
	case fieldState:
		acc.state = r.state()
	case fieldStatus:
		acc.status = r.state()
	case fieldParents:
		acc.unit = r.parents(acc.id)
	case fieldRegions:
		acc.regions = r.regions()
	case fieldRegionsAsOf:
		if t, ok := r.time(); ok {
			acc.regionsAsOf = t.Unix()
		}
	case fieldTags:
		r.tags(acc)
	}
}

// state reads State or Status; null is the same as missing.
func (r *reader) state() symbol {
	text, at, ok := r.optionalText()
	if ok && len(text) == 0 {
		r.fault(at, "the state is empty", "leave it out when it is not known")
	}
	return r.b.x.symbols.intern(text)
}

// parents reads the chain above an account and returns the unit that it stands in, none when the
// file does not say.
func (r *reader) parents(account string) unitNumber {
	chain := r.chain[:0]
	ok := r.list("a list of parents, or null", func(int) {
		entry := parentEntry{at: r.skipSpace()}
		kind := ""
		var seen field
		if !r.object("an object with Id, Name and Type", func(key []byte, keyAt int) {
			f := fieldOf(key)
			if string(key) == "Type" {
				f = fieldTags // stands for Type, which no account has
			}
			if f != 0 && seen&f != 0 {
				r.fault(keyAt, duplicateKey, "")
			}
			seen |= f
			switch string(key) {
			case "Id":
				entry.id = r.text()
			case "Name":
				entry.name = r.text()
			case "Type":
				kind = r.parentType()
			default:
				r.skip()
			}
		}) || r.broken {
			return
		}
		if len(entry.id) == 0 || seen&fieldName == 0 {
			r.fault(entry.at, "the parent lacks its Id or its Name", regenerateHint)
			return
		}
		entry.root = kind == TypeRoot || kind == "" && strings.HasPrefix(string(entry.id), "r-")
		chain = append(chain, entry)
	})
	r.chain = chain
	if !ok || r.broken {
		return none
	}
	return r.b.x.units.addChain(account, chain, func(c unitConflict) {
		r.push(place{index: c.position})
		r.fault(chain[c.position].at, c.problem, c.hint)
		r.pop()
	})
}

func (r *reader) parentType() string {
	text, at, _ := r.optionalText()
	switch string(text) {
	case TypeRoot:
		return TypeRoot
	case TypeOrgUnit:
		return TypeOrgUnit
	case "":
		return ""
	}
	r.fault(at, fmt.Sprintf("%q is not the type of a parent", text), "want ORGANIZATIONAL_UNIT or ROOT")
	return ""
}

// regions reads a list of regions and returns its number, none for null.
func (r *reader) regions() int32 {
	members := r.members[:0]
	ok := r.list("a list of regions, or null", func(int) {
		text, at, ok := r.textAt()
		if !ok {
			return
		}
		n, known := r.b.regions[string(text)]
		if !known {
			if !IsRegionName(string(text)) {
				r.fault(at, notARegion(string(text)), "")
			}
			n = r.b.region(text)
		}
		members = append(members, n)
	})
	r.members = members
	if !ok {
		return none
	}
	return r.b.regionList(members)
}

// tags reads the tags of an account into the table of all tags.
func (r *reader) tags(acc *record) {
	at, x := r.skipSpace(), r.b.x
	start := int32(len(x.tags))
	if r.null() || !r.object("an object of texts by key, or null", func(key []byte, _ int) {
		k := x.symbols.intern(key)
		x.tags = append(x.tags, tag{k, x.symbols.intern(r.text())})
	}) {
		return
	}
	acc.tagStart, acc.tagEnd = start, int32(len(x.tags))
	if key, twice := r.b.sortTags(acc); twice {
		r.push(place{key: []byte(key)})
		r.fault(at, duplicateKey, "")
		r.pop()
	}
}
