package config

import (
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// selectionSchema is the schema of accountindex.Selection, which templates are checked with as well.
var selectionSchema = sync.OnceValues(func() (*schema.Schema, error) {
	_, compiled, err := schema.ReflectCompiled(reflect.TypeFor[accountindex.Selection](), "NeverTouch", false)
	return compiled, err
})

// neverTouch reads a selection of accounts that are never to be touched. It is stricter than a template's: a guard
// that guards nothing is a fault.
func (r *reader) neverTouch(n *schema.Node) accountindex.Selection {
	var selection accountindex.Selection
	if n == nil {
		return selection
	}
	compiled, err := selectionSchema()
	if err != nil {
		r.fault(n, err.Error(), "")
		return selection
	}
	if faults := compiled.ValidateNode(r.doc, n); len(faults) > 0 {
		*r.faults = append(*r.faults, faults...)
		return selection
	}
	if err := r.doc.DecodeNode(n, &selection, true); err != nil {
		*r.faults = append(*r.faults, asFaults(err, r.doc.Fault(n, "", ""))...)
		return accountindex.Selection{}
	}
	r.checkNeverTouch(n, selection)
	return selection
}

// checkNeverTouch adds the faults that a schema cannot tell.
func (r *reader) checkNeverTouch(n *schema.Node, s accountindex.Selection) {
	selectors := s.Exclusion
	switch {
	case s.AllAccounts && !selectors.Empty():
		r.fault(n, "AllAccounts stands beside other selectors", "delete one or the other")
	case !s.AllAccounts && selectors.Empty():
		r.fault(n, "selects no account", "name the accounts to keep out, or delete the key")
	}
	if ids := n.Get("ByIds"); ids != nil {
		for _, id := range ids.Items() {
			if !accountindex.IsAccountID(id.Text()) {
				r.fault(id, fmt.Sprintf("%q is no account id", id.Text()), "an account id has 12 digits, in quotes")
			}
		}
	}
	if s.ByExpression != "" {
		// A program that cannot evaluate expressions is held to them where it would have to: see accountindex.ErrNoExpressions.
		if err := accountindex.CheckExpression(s.ByExpression); err != nil && !errors.Is(err, accountindex.ErrNoExpressions) {
			r.fault(n.Get("ByExpression"), err.Error(), "")
		}
	}
}
