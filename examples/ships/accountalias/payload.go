package accountalias

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
)

// IAM's limits on an alias, in characters.
const (
	minAlias = 3
	maxAlias = 63
)

// aliasForm is lower-case letters and digits, with single hyphens between them.
var aliasForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Payload is what a template for the ship says, beside the accounts. One of AliasPrefix and Aliases is needed.
type Payload struct {
	starfleet.AccountPayload

	// AliasPrefix makes the alias of an account that Aliases does not name: the prefix, then the 12 digits of the account id.
	// At most 51 lower-case letters, digits and single hyphens. Default: such accounts are skipped.
	AliasPrefix string `json:"AliasPrefix,omitempty" jsonschema:"maxLength=51" jsonschema_description:"The alias of accounts that Aliases does not name is this and the account id. Default: such accounts are skipped."`

	// Aliases are the aliases of single accounts, by account id. They stand above AliasPrefix. Naming an account here
	// does not select it: IncludeAccounts does.
	Aliases map[string]string `json:"Aliases,omitempty" jsonschema_description:"The aliases of single accounts, by account id in quotes. They stand above AliasPrefix, and do not select accounts."`

	// ReplaceExisting lets the ship replace another alias that an account has already. Default false: the account keeps it.
	ReplaceExisting bool `json:"ReplaceExisting,omitempty" jsonschema_description:"Replace another alias that an account has already. Default false: it keeps it."`
}

// Validate refuses aliases that IAM would refuse, an alias for two accounts, and a payload that has no alias for any account.
func (p Payload) Validate() error {
	if p.AliasPrefix == "" && len(p.Aliases) == 0 {
		return errors.New("no alias for any account: set AliasPrefix or Aliases")
	}
	var errs []error
	if p.AliasPrefix != "" {
		if err := checkAlias(p.AliasPrefix + "000000000000"); err != nil {
			errs = append(errs, fmt.Errorf("AliasPrefix %q: with an account id %w", p.AliasPrefix, err))
		}
	}
	owner := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(p.Aliases)) {
		alias := p.Aliases[id]
		if !accountindex.IsAccountID(id) {
			errs = append(errs, fmt.Errorf("Aliases[%q]: the key is no account id of 12 digits", id))
		}
		if err := checkAlias(alias); err != nil {
			errs = append(errs, fmt.Errorf("Aliases[%q]: %w", id, err))
		}
		if first, taken := owner[alias]; taken {
			errs = append(errs, fmt.Errorf("Aliases[%q]: account %s has the alias %q too: an alias belongs to one account", id, first, alias))
		}
		owner[alias] = cmp.Or(owner[alias], id)
	}
	return errors.Join(errs...)
}

// checkAlias holds IAM's rules for an alias.
func checkAlias(alias string) error {
	switch {
	case len(alias) < minAlias || len(alias) > maxAlias:
		return fmt.Errorf("%q has %d characters: an alias has %d to %d", alias, len(alias), minAlias, maxAlias)
	case !aliasForm.MatchString(alias):
		return fmt.Errorf("%q is no alias: it has lower-case letters, digits and single hyphens between them", alias)
	case accountindex.IsAccountID(alias):
		return fmt.Errorf("%q is no alias: it looks like an account id", alias)
	}
	return nil
}

// aliasOf is the alias that the template gives to an account, "" when it gives none.
func (p Payload) aliasOf(accountID string) string {
	if alias := p.Aliases[accountID]; alias != "" {
		return alias
	}
	if p.AliasPrefix == "" {
		return ""
	}
	return p.AliasPrefix + accountID
}
