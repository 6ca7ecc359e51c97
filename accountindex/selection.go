package accountindex

// TagSelector is one tag. Name and Value match whole, without regard to case; an empty Value matches
// the tag with an empty value only.
type TagSelector struct {
	Name  string `json:"Name" jsonschema:"required,minLength=1,maxLength=128,description=The tag's key. Case does not matter."`
	Value string `json:"Value" jsonschema:"required,maxLength=256,description=The tag's value. Case does not matter."`
}

// Exclusion is a union of selectors: it matches the accounts that one of them matches. Names, OUs and
// tags match whole and without regard to case; no space is trimmed.
type Exclusion struct {
	ByNames      []string      `json:"ByNames,omitempty" jsonschema:"minLength=1,maxLength=128,description=Accounts by name. Case does not matter; a name that several accounts bear stands for all of them."`
	ByIds        []string      `json:"ByIds,omitempty" jsonschema:"minLength=1,maxLength=12,description=Accounts by id. Quote the ids: they are texts of 12 digits."`
	ByOrgUnits   []string      `json:"ByOrgUnits,omitempty" jsonschema:"minLength=1,description=Accounts under an OU at any depth. The OU is given by id (ou-...) or name or path (/Workloads/Prod); ROOT is the whole organization.,maxLength=901"`
	ByTags       []TagSelector `json:"ByTags,omitempty" jsonschema:"description=Accounts with at least one of these tags."`
	ByExpression string        `json:"ByExpression,omitempty" jsonschema:"maxLength=4096,description=Accounts for which an expression is true. Variables: id name ous path regions. Functions: tag(key) and inOU(path)."`
}

// Empty says whether there is no selector at all.
func (e Exclusion) Empty() bool {
	return len(e.ByNames) == 0 && len(e.ByIds) == 0 && len(e.ByOrgUnits) == 0 && len(e.ByTags) == 0 && e.ByExpression == ""
}

// Selection is all accounts, or those that the selectors of an [Exclusion] match. The zero value
// selects none.
type Selection struct {
	AllAccounts bool `json:"AllAccounts,omitempty" jsonschema:"description=All accounts of the organization. Not together with another selector."`
	Exclusion
}

// Policy is what happens to a selector that matches nothing.
type Policy string

// The policies.
const (
	PolicyError  Policy = "error"
	PolicyWarn   Policy = "warn"
	PolicyIgnore Policy = "ignore"

	// PolicyDefault warns of what IncludeAccounts names. What ExcludeAccounts names in ByIds, ByNames
	// and ByOrgUnits is an error, since a mistyped exclusion excludes nothing; its ByTags and
	// ByExpression are warnings.
	PolicyDefault Policy = ""
)

// Guard is a selection that is never touched, with the name under which it is reported, such as
// "Fleet.NeverTouch".
type Guard struct {
	Name string
	Selection
}

// AllRegions is the one entry of [Query].IncludeRegions that stands for all regions that the index
// lists for an account.
const AllRegions = "ALL"

// Query is one resolution: which accounts, and which of their regions.
type Query struct {
	// Include is who is asked for. A zero Include is nobody.
	Include Selection
	// Exclude is taken out of Include.
	Exclude Exclusion
	// OperateInOrgRoot lets management accounts stay in. It adds none.
	OperateInOrgRoot bool

	// PerRegion asks for a target for each region of each account; without it IncludeRegions,
	// ExcludeRegions and ScopeToRegions have no meaning.
	PerRegion bool
	// IncludeRegions are names of regions, or AllRegions alone. An account gets those that the index
	// lists for it.
	IncludeRegions []string
	// ExcludeRegions are taken out of IncludeRegions.
	ExcludeRegions []string
	// ScopeToRegions are the only regions in which anything is ever done. Empty: no such bound.
	ScopeToRegions []string

	// NeverTouch is taken out whatever the rest says. Its selectors that match nothing are treated as
	// UnmatchedExclude says, but PolicyIgnore is PolicyWarn for them.
	NeverTouch []Guard
	// Only narrows the result to these accounts. Empty: no narrowing. An id that is not in the result
	// is a warning.
	Only []string
	// Limit keeps the first targets only, in their order. 0: no limit.
	Limit int

	UnmatchedInclude Policy
	UnmatchedExclude Policy
}

// Target is one account, or one region of one account.
type Target struct {
	AccountID string
	Region    string // "" unless the query is per region
}

// Warning is something to tell a person: a selector that matches nothing where that is no error, an
// ambiguous name, an id of Only that is not in the result.
type Warning struct {
	// Path is where it stands, such as IncludeAccounts.ByNames[0], or "accounts" for the index.
	Path    string
	Message string
}
