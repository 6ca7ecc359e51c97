package accountindex

import "fmt"

// maxLossPercent is how much of the accounts, or of the OUs, an index may lose to its successor. An organization that loses more from one run
// of the index generator to the next is more likely one that was not read whole.
const maxLossPercent = 10

// LossError says that an index lacks so much of what its predecessor had that a person has to look before it is used.
type LossError struct {
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
	return fmt.Sprintf("the new account index lacks %d of %d accounts and %d of %d OUs of the one in place, more than %d %%: it was not written%s; "+
		"look whether the organization was read whole, and accept the loss (--accept-shrink, AcceptShrink) if it was",
		e.Accounts, e.OfAccounts, e.OrgUnits, e.OfOrgUnits, maxLossPercent, kept)
}

// CheckLoss returns a *[LossError] when newer lacks more than 10 % of the accounts, or of the OUs, of older, by id. An account that
// is not ACTIVE any more is not lost.
func CheckLoss(older, newer *Index) error {
	d := Compare(older, newer)
	e := &LossError{
		Accounts: len(d.RemovedAccounts), OfAccounts: older.Len(),
		OrgUnits: len(d.RemovedOrgUnits), OfOrgUnits: len(older.OrgUnits()),
	}
	if 100*e.Accounts > maxLossPercent*e.OfAccounts || 100*e.OrgUnits > maxLossPercent*e.OfOrgUnits {
		return e
	}
	return nil
}
