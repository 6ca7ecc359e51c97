package accountindex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// UnmatchedError is a selector that matches no account of the index, in whatever state, and no OU.
type UnmatchedError struct {
	// Path is such as ExcludeAccounts.ByNames[1].
	Path string
	// Value is the selector as the template has it; NAME=VALUE for a tag.
	Value string
	// Hint is what may help, "" when there is nothing near.
	Hint string
}

// Error is "PATH: VALUE matches nothing: HINT".
func (e *UnmatchedError) Error() string {
	return withHint(e.Path+": "+strconv.Quote(e.Value)+" matches nothing in the account index", e.Hint)
}

func withHint(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + ": " + hint
}

// ExpressionError is a ByExpression that does not compile, or that fails for an account.
type ExpressionError struct {
	// Path is such as IncludeAccounts.ByExpression.
	Path string
	Err  error
}

// Error is "PATH: " and what is wrong.
func (e *ExpressionError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *ExpressionError) Unwrap() error { return e.Err }

// checkPolicy refuses a policy that does not exist.
func checkPolicy(field string, p Policy) error {
	switch p {
	case PolicyDefault, PolicyError, PolicyWarn, PolicyIgnore:
		return nil
	}
	return fmt.Errorf("%s: %q is not a policy: want %s, %s or %s", field, p, PolicyError, PolicyWarn, PolicyIgnore)
}

// excludePolicy is the policy of one selector of an exclusion.
func excludePolicy(p Policy, k kind) Policy {
	if p != PolicyDefault {
		return p
	}
	if k == kindTag || k == kindExpression {
		return PolicyWarn
	}
	return PolicyError
}

func includePolicy(p Policy, _ kind) Policy {
	if p == PolicyDefault {
		return PolicyWarn
	}
	return p
}

// guardPolicy never ignores: a mistyped guard guards nothing.
func guardPolicy(p Policy, k kind) Policy {
	if p = excludePolicy(p, k); p == PolicyIgnore {
		return PolicyWarn
	}
	return p
}

// maxUnmatched is how many selectors of a side are reported one by one; the rest is counted.
const maxUnmatched = 1000

// reportUnmatched applies a policy to the selectors of a side that match nothing.
func (r *resolver) reportUnmatched(s *side, p Policy, policy func(Policy, kind) Policy) {
	failed, warned := 0, 0
	for i := range s.selectors {
		sel := &s.selectors[i]
		if sel.known {
			continue
		}
		switch policy(p, sel.kind) {
		case PolicyError:
			if failed++; failed <= maxUnmatched {
				r.errs = append(r.errs, &UnmatchedError{Path: sel.path, Value: sel.text, Hint: r.hint(sel.kind, sel.text)})
			}
		case PolicyWarn:
			if warned++; warned <= maxUnmatched {
				r.warn(sel.path, withHint(strconv.Quote(sel.text)+" matches nothing in the account index", r.hint(sel.kind, sel.text)))
			}
		}
	}
	const more = "%d more selectors match nothing in the account index"
	if failed > maxUnmatched {
		r.errs = append(r.errs, fmt.Errorf("%s: "+more, s.name, failed-maxUnmatched))
	}
	if warned > maxUnmatched {
		r.warn(s.name, fmt.Sprintf(more, warned-maxUnmatched))
	}
}

const (
	maxHints      = 10   // that one resolution looks for
	maxCandidates = 1000 // that are compared for one hint
)

// hint is what may help with a selector that matches nothing, such as "did you mean ...?", or "".
func (r *resolver) hint(k kind, word string) string {
	if r.hints++; r.hints > maxHints {
		return ""
	}
	var candidates []string
	add := func(candidate string) {
		if d := len(candidate) - len(word); d >= -2 && d <= 2 && len(candidates) < maxCandidates {
			candidates = append(candidates, candidate)
		}
	}
	switch k {
	case kindID:
		if !IsAccountID(word) {
			return "an account id has 12 digits"
		}
		return ""
	case kindName:
		for i := range r.x.records {
			add(r.x.records[i].name)
		}
	case kindOrgUnit:
		for _, u := range r.x.units.units {
			add(u.name)
			add(u.shownPath())
			add(u.id)
		}
	}
	if near := schema.DidYouMean(strings.TrimSpace(word), candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// join is errors.Join, but one error stays as it is.
func join(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
