package schema

import (
	"cmp"
	"encoding/json"
	"slices"
)

// keyOrder is the order in which a schema shows its keywords: what it is, what it takes, what is below it.
// Keywords that are not listed stand before "properties", in the order in which they come.
var keyOrder = []string{
	"$schema", "$id", "$anchor", "$comment", "title", "description",
	"type", "const", "enum", "format", "pattern", "minLength", "maxLength",
	"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf",
	"minItems", "maxItems", "uniqueItems", "default", "examples", "deprecated", "readOnly", "writeOnly",
}

// lastKeys follow all others.
var lastKeys = []string{"items", "properties", "patternProperties", "additionalProperties", "required", "allOf", "anyOf", "oneOf", "not", "$defs"}

// inOrder writes a schema anew, compactly, with the keywords of each part in the same order.
// Properties keep theirs.
func inOrder(raw json.RawMessage) (json.RawMessage, error) {
	document, err := ParseJSON("", raw)
	if err != nil {
		return nil, err
	}
	orderSchema(document.Root)
	return document.Root.AppendJSON(nil), nil
}

// orderSchema sorts the keywords of a schema and of all schemas in it. The tree is then good for writing only.
func orderSchema(n *Node) {
	if n.Kind != Map {
		return
	}
	slices.SortStableFunc(n.children, func(a, b *Node) int { return cmp.Compare(rank(a.key), rank(b.key)) })
	for _, child := range n.children {
		switch child.key {
		case "properties", "patternProperties", "$defs", "dependentSchemas", "allOf", "anyOf", "oneOf", "prefixItems":
			for _, part := range child.children {
				orderSchema(part)
			}
		case "items", "additionalProperties", "not", "if", "then", "else", "propertyNames", "contains":
			orderSchema(child)
		}
	}
}

func rank(key string) int {
	if i := slices.Index(keyOrder, key); i >= 0 {
		return i
	}
	if i := slices.Index(lastKeys, key); i >= 0 {
		return len(keyOrder) + 1 + i
	}
	return len(keyOrder)
}
