package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Validate checks a document and returns all faults in the order of their places, each with a hint where there is
// one: for an unknown key the nearest known one, for an account id that YAML reads as a number that it needs quotes.
// A key that is missing is a fault of the mapping that lacks it.
func (s *Schema) Validate(d *Document) Faults { return s.ValidateNode(d, d.Root) }

// ValidateNode is [Schema.Validate] for a part of a document. A nil node is checked as null.
func (s *Schema) ValidateNode(d *Document, n *Node) Faults {
	if s == nil || s.compiled == nil {
		return nil
	}
	if n == nil {
		n = &Node{Kind: Null, text: "null", Line: 1, Column: 1}
	}
	err := s.compiled.Validate(instance(n))
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return Faults{d.Fault(n, "the schema can not check this: "+err.Error(), "")}
	}
	v := &verdict{schema: s, document: d, root: n}
	return v.faults(invalid).Sort()
}

// instance is the node as the validator takes it.
func instance(n *Node) any {
	switch n.Kind {
	case Bool:
		return n.True()
	case Int:
		return json.Number(n.text)
	case Float:
		// Not the text: an exponent such as e-999999999 would be computed exactly.
		number, _ := strconv.ParseFloat(n.text, 64)
		return number
	case String:
		return n.text
	case List:
		items := make([]any, len(n.children))
		for i, child := range n.children {
			items[i] = instance(child)
		}
		return items
	case Map:
		entries := make(map[string]any, len(n.children))
		for _, child := range n.children {
			entries[child.key] = instance(child)
		}
		return entries
	}
	return nil
}

// verdict turns what the validator says about one document into faults.
type verdict struct {
	schema   *Schema
	document *Document
	root     *Node
}

// faults are those of one error of the validator and of the errors below it.
func (v *verdict) faults(e *jsonschema.ValidationError) Faults {
	part, keyword := v.schema.locate(e.AbsoluteKeywordLocation)
	switch {
	case (keyword == "anyOf" || keyword == "oneOf") && len(e.Causes) > 0:
		return v.alternatives(e, keyword)
	case len(e.Causes) > 0 && keyword != "minContains":
		var all Faults
		for _, cause := range e.Causes {
			all = append(all, v.faults(cause)...)
		}
		return all
	}
	at := v.node(e.InstanceLocation)
	if aboutKey(e.KeywordLocation) && at.keyLine > 0 {
		return v.keyFaults(at, part, keyword, e)
	}
	return v.leaf(at, part, keyword, e)
}

// node is the node at a location of the validator: a JSON pointer with percent escapes.
func (v *verdict) node(location string) *Node {
	if location == "" {
		return v.root
	}
	tokens := strings.Split(strings.TrimPrefix(location, "/"), "/")
	for i, token := range tokens {
		if plain, err := url.PathUnescape(token); err == nil {
			token = plain
		}
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return v.root.at(tokens)
}

// aboutKey says whether the keyword at a location speaks of a key and not of its value.
func aboutKey(location string) bool {
	steps := strings.Split(location, "/")
	i := slices.Index(steps, "propertyNames")
	return i > 0 && steps[i-1] != "properties"
}

// keyFaults are the faults of a key that propertyNames refuses.
func (v *verdict) keyFaults(entry *Node, part *jsonschema.Schema, keyword string, e *jsonschema.ValidationError) Faults {
	key := &Node{Kind: String, text: entry.key, source: entry.key}
	faults := v.leaf(key, part, keyword, e)
	for i := range faults {
		faults[i] = v.document.faultAtKey(entry, "the key: "+faults[i].Problem, faults[i].Hint)
	}
	return faults
}

// alternatives are the faults of a value that fits none of several schemas, with as little noise as can be: those of
// the one schema that was probably meant, or one fault that names all that is allowed.
func (v *verdict) alternatives(e *jsonschema.ValidationError, keyword string) Faults {
	at := v.node(e.InstanceLocation)
	var wanted []Kind
	var allowed []string
	var best Faults
	for _, cause := range e.Causes {
		part, failed := v.schema.locate(cause.AbsoluteKeywordLocation)
		switch {
		case failed == "type" && cause.InstanceLocation == e.InstanceLocation:
			wanted = append(wanted, kindsOf(part.Types)...)
			continue
		case (failed == "enum" || failed == "const") && cause.InstanceLocation == e.InstanceLocation:
			allowed = append(allowed, allowedValues(part)...)
			continue
		}
		if faults := v.faults(cause); best == nil || len(faults) < len(best) {
			best = faults
		}
	}
	switch {
	case best != nil && missingOnly(e.Causes):
		return Faults{v.document.Fault(at, "one of these is required: "+v.missingNames(e.Causes), "")}
	case best != nil:
		return best
	case len(allowed) > 0:
		return Faults{v.notAllowed(at, allowed)}
	case len(wanted) > 0:
		slices.Sort(wanted)
		problem, hint := wrongType(at, slices.Compact(wanted))
		return Faults{v.document.Fault(at, problem, hint)}
	}
	return Faults{v.document.Fault(at, "fits "+keyword+" of the schema in no way", "")}
}

// missingOnly says whether every error is that of missing keys.
func missingOnly(causes []*jsonschema.ValidationError) bool {
	return !slices.ContainsFunc(causes, func(e *jsonschema.ValidationError) bool {
		return len(e.Causes) > 0 || !strings.HasSuffix(e.AbsoluteKeywordLocation, "/required")
	})
}

// missingNames are the keys of which each error misses some, as in "A, B and C, or D".
func (v *verdict) missingNames(causes []*jsonschema.ValidationError) string {
	var names []string
	for _, cause := range causes {
		if part, _ := v.schema.locate(cause.AbsoluteKeywordLocation); part != nil {
			names = append(names, strings.Join(part.Required, " and "))
		}
	}
	return orList(names)
}

// notAllowed is the fault of a value that is none of the allowed ones.
func (v *verdict) notAllowed(at *Node, allowed []string) Fault {
	shown := allowed
	if len(shown) > maxValuesShown {
		shown = append(slices.Clone(shown[:maxValuesShown]), fmt.Sprintf("%d others", len(allowed)-maxValuesShown))
	}
	must := "must be one of " + orList(shown)
	if len(shown) == 1 {
		must = "must be " + shown[0]
	}
	hint := ""
	if at.Kind == String {
		if near := DidYouMean(at.text, allowed); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
	}
	return v.document.Fault(at, must+butIs(at), hint)
}
