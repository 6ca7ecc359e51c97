package accountindex

import (
	"fmt"
	"maps"
	"slices"
)

// maxLossPercent is how much of the accounts, or of the OUs, an index may lose to its successor. An organization that loses more from one run
// of the index generator to the next is more likely one that was not read whole.
const maxLossPercent = 10

// LossError says that an index lacks so much of what its predecessor had that a person has to look before it is used.
type LossError struct {
	// Organization is the one that lost so much, where the predecessor had several; otherwise "".
	Organization string
	// Accounts and OrgUnits are how many are gone, OfAccounts and OfOrgUnits how many there were.
	Accounts, OfAccounts, OrgUnits, OfOrgUnits int
	// KeptAs names where the index was put aside, "" when it was not.
	KeptAs string
}

// Error says how much is gone and what to do.
func (e *LossError) Error() string {
	kept := ""
	if e.KeptAs != "" {
		kept = ", and is kept as " + e.KeptAs
	}
	of := "the one in place"
	if e.Organization != "" {
		of = "the organization " + e.Organization + " in the one in place"
	}
	return fmt.Sprintf("the new account index lacks %d of %d accounts and %d of %d OUs of %s, more than %d %%: it was not written%s; "+
		"look whether the organization was read whole, and accept the loss (--accept-shrink, AcceptShrink) if it was",
		e.Accounts, e.OfAccounts, e.OrgUnits, e.OfOrgUnits, of, maxLossPercent, kept)
}

// CheckLoss returns a *[LossError] when newer lacks more than 10 % of the accounts, or of the OUs, that older has of an organization, by id.
// An account that is not ACTIVE any more is not lost.
func CheckLoss(older, newer *Index) error {
	losses := map[string]*LossError{}
	of := func(organization string) *LossError {
		if losses[organization] == nil {
			losses[organization] = &LossError{Organization: organization}
		}
		return losses[organization]
	}
	for a := range older.Accounts() {
		of(a.OrganizationID()).OfAccounts++
	}
	for _, u := range older.OrgUnits() {
		of(u.Organization).OfOrgUnits++
	}
	d := Compare(older, newer)
	for _, a := range d.RemovedAccounts {
		of(a.OrganizationID()).Accounts++
	}
	for _, u := range d.RemovedOrgUnits {
		of(u.Organization).OrgUnits++
	}
	for _, organization := range slices.Sorted(maps.Keys(losses)) {
		e := losses[organization]
		if 100*e.Accounts > maxLossPercent*e.OfAccounts || 100*e.OrgUnits > maxLossPercent*e.OfOrgUnits {
			if len(losses) == 1 {
				e.Organization = ""
			}
			return e
		}
	}
	return nil
}
