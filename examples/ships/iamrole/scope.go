package iamrole

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

// scope answers for one account what applies in it.
type scope struct {
	accountID string
	now       time.Time
	// index is nil when there is none: nothing can be limited to accounts then.
	index            *accountindex.Index
	unmatchedInclude accountindex.Policy
	// warn is told what a person should know of a selection.
	warn func(message string)
}

// undecidedError says that the index in hand cannot say where an entry applies. A newer one may.
type undecidedError struct{ err error }

// Error is what the index lacks.
func (e *undecidedError) Error() string { return e.err.Error() }

// Unwrap is what the index lacks.
func (e *undecidedError) Unwrap() error { return e.err }

// applies says whether an entry applies in the account, now. It applies nowhere when its selection comes to nobody. It is an error when that
// cannot be said: an exclusion that names what the index does not know, by whatever selector, or a fact about the account that the index lacks.
func (s *scope) applies(ctx context.Context, l Limits) (bool, error) {
	ends, err := parseTime(l.ExpiresAt)
	if err != nil {
		return false, err
	}
	if !ends.IsZero() && !s.now.Before(ends) {
		return false, nil
	}
	if l.Include.IsZero() && l.Exclude.IsZero() {
		return true, nil
	}
	if s.index == nil {
		return false, errors.New("this is limited to accounts, and the ship has no account index: give it one")
	}
	query := accountindex.Query{
		Include: l.Include.Selection, Exclude: l.Exclude.Exclusion,
		OperateInOrgRoot: true, // whether the account is worked in at all was said before
		UnmatchedInclude: s.unmatchedInclude, UnmatchedExclude: accountindex.PolicyError,
	}
	if l.Include.IsZero() {
		query.Include.AllAccounts = true
	}
	resolution, err := s.index.Resolve(ctx, query)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if errors.Is(err, accountindex.ErrNoExpressions) {
		return false, err
	}
	if err != nil {
		return false, &undecidedError{err}
	}
	for _, w := range resolution.Warnings() {
		s.warn(w.Path + ": " + w.Message)
	}
	if resolution.Accounts() == 0 {
		s.warn("the selection comes to no account: this applies nowhere")
	}
	decision, known := resolution.ExplainAccount(s.accountID)
	switch {
	case !known:
		return false, &undecidedError{errors.New("the account index does not have the account")}
	case decision.Reason == accountindex.Included:
		return true, nil
	case decision.Reason == accountindex.NotIncluded, decision.Reason == accountindex.Excluded:
		return false, nil
	}
	return false, &undecidedError{fmt.Errorf("the account index cannot say whether this applies: %s %s", decision.Reason, decision.Rule)}
}

// applying are the entries of a list that apply, in their order.
func applying[T limited](ctx context.Context, s *scope, path string, list []T) ([]T, error) {
	var kept []T
	var errs []error
	for i, entry := range list {
		ok, err := s.applies(ctx, entry.limits())
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s[%d]: %w", path, i, err))
		case ok:
			kept = append(kept, entry)
		}
	}
	return kept, errors.Join(errs...)
}

// atMostOne is the entry of a list that applies, the zero value when none does.
func atMostOne[T limited](ctx context.Context, s *scope, path string, list []T) (one T, some bool, err error) {
	kept, err := applying(ctx, s, path, list)
	switch {
	case err != nil || len(kept) == 0:
		return one, false, err
	case len(kept) > 1:
		return one, false, fmt.Errorf("%s: %d entries apply in account %s: limit them, so that it is one", path, len(kept), s.accountID)
	}
	return kept[0], true, nil
}
