package accountindex

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// New builds an index of one organization from accounts, with the checks of [Load]: for generators and for tests. [Merge] makes one of several.
// The error is a schema.Faults without lines. A zero generated is left out of the file.
func New(accounts []Account, ous []OrgUnit, generated time.Time, o LoadOptions) (*Index, error) {
	b := newBuilder("", nil, o)
	if !generated.IsZero() {
		b.section().generated = generated.UTC().Truncate(time.Second)
	}
	for i, a := range accounts {
		newAccount{b: b, i: i, Account: a}.add()
	}
	for i, u := range ous {
		b.list(nowhere, fmt.Sprintf("OrgUnits[%d]", i), u)
	}
	if len(accounts) == 0 {
		b.faults.add(nowhere, "accounts", noAccounts, noAccountsHint)
	}
	return b.finish()
}

// newAccount is an account made in memory on its way into a builder.
type newAccount struct {
	b *builder
	i int
	Account
}

func (a newAccount) path(field string) string { return fmt.Sprintf("accounts[%d].%s", a.i, field) }

func (a newAccount) fault(field, problem, hint string) {
	a.b.faults.add(nowhere, a.path(field), problem, hint)
}

// checkText refuses what a JSON file could not hold.
func (a newAccount) checkText(field string, texts ...string) {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			a.fault(field, fmt.Sprintf("%q is not valid UTF-8", text), "")
		}
	}
}

// add checks the account and enters it.
func (a newAccount) add() {
	if !IsAccountID(a.ID) {
		a.fault("ID", fmt.Sprintf("%q is not an account id", a.ID), "an account id has 12 digits")
		return
	}
	a.checkText("Name", a.Name)
	a.checkText("Email", a.Email)
	a.checkText("State", string(a.State))
	a.checkText("JoinedMethod", a.JoinedMethod)
	a.checkText("JoinedTimestamp", a.JoinedTimestamp)
	symbols := a.b.x.symbols
	r := record{
		id: a.ID, name: a.Name, email: a.Email, joinedAt: a.JoinedTimestamp,
		joinedBy: symbols.intern([]byte(a.JoinedMethod)),
		state:    symbols.intern([]byte(a.State)), stateGiven: a.State != UnknownState,
		unit: a.unit(), regions: a.regionList(), extra: none,
	}
	if !a.RegionsAsOf.IsZero() {
		r.regionsAsOf = a.RegionsAsOf.Unix()
	}
	var problem, hint string
	if r.organization, problem, hint = a.b.organization([]byte(a.ARN), a.ID); problem != "" {
		a.fault("ARN", problem, hint)
	}
	a.addTags(&r)
	a.b.add(r, nowhere, a.path("ID"))
}

func (a newAccount) unit() unitNumber {
	chain := make([]parentEntry, len(a.Parents))
	for j, p := range a.Parents {
		field := fmt.Sprintf("Parents[%d]", j)
		chain[j] = parentEntry{id: []byte(p.ID), name: []byte(p.Name), root: p.isRoot()}
		if p.ID == "" {
			a.fault(field, "the parent lacks its ID", "")
		}
		a.checkText(field, p.ID, p.Name)
	}
	return a.b.x.units.addChain(a.ID, chain, func(c unitConflict) {
		a.fault(fmt.Sprintf("Parents[%d]", c.position), c.problem, c.hint)
	})
}

func (a newAccount) regionList() int32 {
	if a.Regions == nil {
		return none
	}
	numbers := make([]uint32, 0, len(a.Regions))
	for j, region := range a.Regions {
		if !IsRegionName(region) {
			a.fault(fmt.Sprintf("Regions[%d]", j), notARegion(region), "")
		}
		numbers = append(numbers, a.b.region([]byte(region)))
	}
	return a.b.regionList(numbers)
}

func (a newAccount) addTags(r *record) {
	r.tagStart = none
	if a.Tags == nil {
		return
	}
	x := a.b.x
	r.tagStart = int32(len(x.tags))
	for key, value := range a.Tags {
		a.checkText("Tags", key, value)
		x.tags = append(x.tags, tag{x.symbols.intern([]byte(key)), x.symbols.intern([]byte(value))})
	}
	r.tagEnd = int32(len(x.tags))
	a.b.sortTags(r)
}
