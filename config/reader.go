package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// reader takes the keys of one map, one by one, and gathers what is wrong with them. Each key is asked for once,
// by optional or required; close then finds the keys that nobody asked for.
type reader struct {
	doc    *schema.Document
	node   *schema.Node // a Map
	keys   []string     // those asked for
	faults *schema.Faults
}

// decodeSection decodes a section by a function that asks for all of its keys; others are faults.
func decodeSection[T any](s section, faults *schema.Faults, decode func(*reader) T) T {
	r := newReader(s.doc, s.node, faults)
	if r == nil {
		var none T
		return none
	}
	value := decode(r)
	r.close()
	return value
}

// newReader reads a map. It is nil, with a fault added, when the node is none.
func newReader(doc *schema.Document, node *schema.Node, faults *schema.Faults) *reader {
	r := &reader{doc: doc, node: node, faults: faults}
	switch node.Kind {
	case schema.Map:
		return r
	case schema.Null:
		r.fault(node, "is empty", "give it its keys, or delete it")
	default:
		r.fault(node, fmt.Sprintf("must be a mapping of keys, is %s", kindName(node.Kind)), "")
	}
	return nil
}

// fault adds a fault at a node.
func (r *reader) fault(at *schema.Node, problem, hint string) {
	*r.faults = append(*r.faults, r.doc.Fault(at, problem, hint))
}

// missing adds a fault for a key that is not there, at the place of the map.
func (r *reader) missing(key, problem string) {
	hint := "add it"
	for other := range r.node.Entries() {
		if !slices.Contains(shipKeys, other) && schema.DidYouMean(other, []string{key}) != "" {
			hint = fmt.Sprintf("is %s meant to be %s?", other, key)
			break
		}
	}
	f := r.doc.Fault(r.node, problem, hint)
	f.Path += "." + key
	*r.faults = append(*r.faults, f)
}

// optional is the value of a key, nil when it has none. A null is a fault: it reads like a value, and the original
// refuses it.
func (r *reader) optional(key string) *schema.Node {
	r.keys = append(r.keys, key)
	n := r.node.Get(key)
	if n != nil && n.Kind == schema.Null {
		r.fault(n, "has no value (null)", "give it one, or delete the key to get its default")
		return nil
	}
	return n
}

// required is the value of a key; nil, with a fault added, when it has none.
func (r *reader) required(key string) *schema.Node {
	r.keys = append(r.keys, key)
	n := r.node.Get(key)
	switch {
	case n == nil:
		r.missing(key, "required key is missing")
	case n.Kind == schema.Null:
		r.fault(n, "has no value (null)", "give it one: the key is required")
		return nil
	}
	return n
}

// close adds a fault for each key of the map that was not asked for.
func (r *reader) close() {
	for key, n := range r.node.Entries() {
		if !slices.Contains(r.keys, key) {
			r.fault(n, "unknown key", r.didYouMean(key))
		}
	}
}

// didYouMean is the hint for a key that is not among those asked for.
func (r *reader) didYouMean(key string) string {
	if near := schema.DidYouMean(key, r.keys); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "known here: " + strings.Join(r.keys, ", ")
}

// asFaults are the faults that an error of the schema package is; any other error is one fault at the given place.
func asFaults(err error, place schema.Fault) schema.Faults {
	if faults, ok := errors.AsType[schema.Faults](err); ok {
		return faults
	}
	place.Problem = err.Error()
	return schema.Faults{place}
}

// or reads a value, or answers with the default when there is none.
func or[T any](n *schema.Node, read func(*schema.Node) T, fallback T) T {
	if n == nil {
		return fallback
	}
	return read(n)
}

// kindName is a kind in people's words, with its article.
func kindName(k schema.Kind) string {
	switch k {
	case schema.Null:
		return "empty (null)"
	case schema.Int:
		return "an " + k.String()
	default:
		return "a " + k.String()
	}
}
