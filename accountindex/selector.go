package accountindex

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// kind is the kind of a selector, by the name under which templates have it.
type kind string

const (
	kindAll        kind = "AllAccounts"
	kindName       kind = "ByNames"
	kindID         kind = "ByIds"
	kindOrgUnit    kind = "ByOrgUnits"
	kindTag        kind = "ByTags"
	kindExpression kind = "ByExpression"
)

// selector is one entry of a selection, resolved against an index.
type selector struct {
	path  string // such as IncludeAccounts.ByOrgUnits[0]
	text  string // as the template has it; NAME=VALUE for a tag
	kind  kind
	uses  facts
	known bool // it names something that the index knows, be it empty
}

// rule is the selector in words, for an account that it matches. The unit is the one that an OU selector found.
func (s *selector) rule(x *Index, n unitNumber) string {
	switch s.kind {
	case kindAll:
		return s.path
	case kindOrgUnit:
		u := x.units.units[n]
		return s.path + " " + strconv.Quote(s.text) + " (" + printable(cmp.Or(u.shownPath(), u.id)) + ")"
	}
	return s.path + " " + strconv.Quote(s.text)
}

// printable is a text as it stands when it has only printable characters, quoted otherwise.
func printable(text string) string {
	if quoted := strconv.Quote(text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}

// maxListed bounds how many of a long list a message names.
const maxListed = 5

// ambiguous warns of a selector that stands for several things, of which it names the first.
func ambiguous[T any](r *resolver, s *selector, what string, members []T, name func(T) string) {
	if len(members) < 2 {
		return
	}
	var names []string
	for _, member := range members[:min(len(members), maxListed)] {
		names = append(names, name(member))
	}
	message := fmt.Sprintf("%q stands for %d %s: %s", s.text, len(members), what, strings.Join(names, ", "))
	if len(members) > maxListed {
		message += ", ..."
	}
	r.warn(s.path, message)
}
