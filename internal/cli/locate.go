package cli

import (
	"fmt"
	"slices"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// locate turns the errors of a resolution that name a selector of the template into faults at the selector's place. An
// error that is about something else stays as it is.
func locate(err error, t *starfleet.Template) error {
	if err == nil {
		return nil
	}
	var faults schema.Faults
	add := func(path, problem, hint string) {
		if at := nodeAt(t.Document().Root, path); at != nil {
			fault := t.Document().Fault(at, problem, hint)
			fault.Path = path
			faults = append(faults, fault)
			return
		}
		faults = append(faults, schema.Fault{Path: path, Problem: problem, Hint: hint}) // of a guard in the configuration
	}
	known := true
	walk(err, func(leaf error) {
		switch e := leaf.(type) { //nolint:errorlint // walk comes to each error of the tree itself
		case *accountindex.UnmatchedError:
			add(e.Path, fmt.Sprintf("%q matches nothing in the account index", e.Value), e.Hint)
		case *accountindex.ExpressionError:
			add(e.Path, e.Err.Error(), "")
		default:
			known = false
		}
	})
	if !known || len(faults) == 0 {
		return err
	}
	slices.SortStableFunc(faults, func(a, b schema.Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return faults
}

// walk visits the errors that wrap no further one, and those of package accountindex that say where they are.
func walk(err error, visit func(error)) {
	switch e := err.(type) { //nolint:errorlint // the tree is walked here, level by level
	case *accountindex.UnmatchedError, *accountindex.ExpressionError:
		visit(err)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			walk(inner, visit)
		}
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			walk(inner, visit)
			return
		}
		visit(err)
	default:
		visit(err)
	}
}

// nodeAt is the node with that path, or the nearest around it below the root; nil when the document has neither.
func nodeAt(n *schema.Node, path string) *schema.Node {
	for _, child := range n.Entries() {
		if found := nodeWithin(child, path); found != nil {
			return found
		}
	}
	return nil
}

func nodeWithin(n *schema.Node, path string) *schema.Node {
	if n.Path() == path {
		return n
	}
	rest, inside := strings.CutPrefix(path, n.Path())
	if !inside || rest[0] != '.' && rest[0] != '[' {
		return nil
	}
	for _, child := range n.Entries() {
		if found := nodeWithin(child, path); found != nil {
			return found
		}
	}
	for _, child := range n.Items() {
		if found := nodeWithin(child, path); found != nil {
			return found
		}
	}
	return n
}
