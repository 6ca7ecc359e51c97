package iamrole

import (
	"github.com/go-json-experiment/json"
	"github.com/invopop/jsonschema"

	"github.com/starfleet-go/starfleet/accountindex"
)

// Limits say where an entry applies, and how long. Without any it applies in each account of the template.
type Limits struct {
	// Include are the only accounts (key StarfleetIncludeAccounts) that the entry applies in. When they come to nobody it applies nowhere.
	Include Include `json:"StarfleetIncludeAccounts,omitzero" jsonschema_description:"The only accounts that this applies in. When they come to nobody it applies nowhere."`
	// Exclude are accounts (key StarfleetExcludeAccounts) that the entry does not apply in. Wins over Include.
	Exclude Exclude `json:"StarfleetExcludeAccounts,omitzero" jsonschema_description:"Accounts that this does not apply in. Wins over StarfleetIncludeAccounts."`
	// ExpiresAt is when the entry stops to apply.
	ExpiresAt string `json:"expires_at,omitempty" jsonschema_description:"This applies until then, in quotes: 2026-01-31, or 2026-01-31T18:00:00Z. UTC where it names no zone."`
}

func (l Limits) limits() Limits { return l }

// limited is what has limits: every entry of the template's lists.
type limited interface{ limits() Limits }

// Include is a selection that knows whether it was written at all: one that is there and selects nobody is not one that is missing.
type Include struct {
	accountindex.Selection
	given bool
}

// Exclude is an exclusion that knows whether it was written at all.
type Exclude struct {
	accountindex.Exclusion
	given bool
}

// IsZero says that nothing was written.
func (i Include) IsZero() bool { return !i.given && !i.AllAccounts && i.Empty() }

// IsZero says that nothing was written.
func (e Exclude) IsZero() bool { return !e.given && e.Empty() }

// UnmarshalJSON reads the selection, and that there is one.
func (i *Include) UnmarshalJSON(data []byte) error {
	i.given = true
	return json.Unmarshal(data, &i.Selection)
}

// UnmarshalJSON reads the exclusion, and that there is one.
func (e *Exclude) UnmarshalJSON(data []byte) error {
	e.given = true
	return json.Unmarshal(data, &e.Exclusion)
}

// JSONSchema is that of the payload's own selection.
func (Include) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/properties/IncludeAccounts"}
}

// JSONSchema is that of the payload's own exclusion.
func (Exclude) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/properties/ExcludeAccounts"}
}
