package accountindex

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Unknown stands for a fact that an index lacks, in a [FieldDifference].
const Unknown = "unknown"

// Difference is what a newer index says otherwise than an older one. The zero value says that they say the same.
type Difference struct {
	// AddedAccounts and RemovedAccounts are those that one of the two indexes lacks, by id.
	AddedAccounts, RemovedAccounts []Account
	// ChangedAccounts are those that both have and of which they say different things, by id.
	ChangedAccounts []AccountDifference
	// AddedOrgUnits and RemovedOrgUnits are the OUs, the root among them, that one of the two indexes lacks, by path.
	AddedOrgUnits, RemovedOrgUnits []OrgUnit
	// ChangedOrgUnits are OUs with another name or place, by the new path.
	ChangedOrgUnits []OrgUnitDifference
}

// AccountDifference is what differs in one account.
type AccountDifference struct {
	// ID and Name are those of the newer index.
	ID, Name string
	// Fields are in the order of the package's Account: never empty.
	Fields []FieldDifference
}

// FieldDifference is one field that differs. A fact that an index lacks is [Unknown].
type FieldDifference struct {
	// Field is Name, Arn, Email, State, OrgUnit, Regions, or Tags and the key of one tag: "Tags.team".
	Field string
	// Old and New are the values: of OrgUnit the path and the id of the account's own OU, of Regions those that only this index has,
	// with commas between, of a tag its value, "" where it is not there.
	Old, New string
}

// OrgUnitDifference is an OU with another name or place.
type OrgUnitDifference struct{ Old, New OrgUnit }

// Empty says whether the indexes say the same.
func (d Difference) Empty() bool {
	return len(d.AddedAccounts)+len(d.RemovedAccounts)+len(d.ChangedAccounts)+
		len(d.AddedOrgUnits)+len(d.RemovedOrgUnits)+len(d.ChangedOrgUnits) == 0
}

// Compare finds what differs from the older index to the newer one. When each was generated, and when regions were read, is no
// difference, nor are fields that this package does not know.
func Compare(older, newer *Index) Difference {
	var d Difference
	for was := range older.Accounts() {
		is, ok := newer.Account(was.ID)
		if !ok {
			d.RemovedAccounts = append(d.RemovedAccounts, was)
		} else if fields := compareAccounts(was, is); len(fields) > 0 {
			d.ChangedAccounts = append(d.ChangedAccounts, AccountDifference{ID: is.ID, Name: is.Name, Fields: fields})
		}
	}
	for is := range newer.Accounts() {
		if _, ok := older.position(is.ID); !ok {
			d.AddedAccounts = append(d.AddedAccounts, is)
		}
	}
	d.compareUnits(older.OrgUnits(), newer.OrgUnits())
	return d
}

func (d *Difference) compareUnits(older, newer []OrgUnit) {
	before := make(map[string]OrgUnit, len(older))
	for _, u := range older {
		before[u.ID] = u
	}
	for _, u := range newer {
		was, ok := before[u.ID]
		delete(before, u.ID)
		switch {
		case !ok:
			d.AddedOrgUnits = append(d.AddedOrgUnits, u)
		case was != u:
			d.ChangedOrgUnits = append(d.ChangedOrgUnits, OrgUnitDifference{Old: was, New: u})
		}
	}
	d.RemovedOrgUnits = slices.SortedFunc(maps.Values(before), func(a, b OrgUnit) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.ID, b.ID))
	})
}

func compareAccounts(was, is Account) []FieldDifference {
	var fields []FieldDifference
	compare := func(field, was, is string) {
		if was != is {
			fields = append(fields, FieldDifference{Field: field, Old: was, New: is})
		}
	}
	compare("Name", was.Name, is.Name)
	compare("Arn", was.ARN, is.ARN)
	compare("Email", was.Email, is.Email)
	compare("State", cmp.Or(string(was.State), Unknown), cmp.Or(string(is.State), Unknown))
	compare("OrgUnit", placeOf(was), placeOf(is))
	compare("Regions", regionsBut(was.Regions, is.Regions), regionsBut(is.Regions, was.Regions))
	if was.Tags == nil || is.Tags == nil {
		compare("Tags", tagsKnown(was), tagsKnown(is))
		return fields
	}
	keys := maps.Clone(was.Tags)
	maps.Copy(keys, is.Tags)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		before, had := was.Tags[key]
		after, has := is.Tags[key]
		if had != has || before != after {
			fields = append(fields, FieldDifference{Field: "Tags." + key, Old: before, New: after})
		}
	}
	return fields
}

func placeOf(a Account) string {
	if len(a.Parents) == 0 || a.Path == "" {
		return Unknown
	}
	return fmt.Sprintf("%s (%s)", a.Path, a.Parents[0].ID)
}

// regionsBut lists the regions of one account that the other lacks.
func regionsBut(of, other []string) string {
	if of == nil {
		return Unknown
	}
	var only []string
	for _, region := range of {
		if !slices.Contains(other, region) {
			only = append(only, region)
		}
	}
	return strings.Join(only, ",")
}

// tagsKnown stands for all tags, where one of two accounts has none that are known.
func tagsKnown(a Account) string {
	if a.Tags == nil {
		return Unknown
	}
	return fmt.Sprintf("%d known", len(a.Tags))
}
