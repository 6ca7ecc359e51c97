package schema

import "slices"

// The words and numbers that the Python Starfleet's schemas (marshmallow) take for booleans, besides booleans themselves.
var (
	trueWords  = []string{"t", "T", "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "1"}
	falseWords = []string{"f", "F", "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "0"}
)

// WithBooleans is the document with booleans at the given places where it has a word or number that stands for one, such as
// "True" in quotes, or 1. A place is the keys that lead to it from the root. Anything else stays as it is; the
// document itself is never changed.
func (d *Document) WithBooleans(places ...[]string) *Document {
	changed := d
	for _, keys := range places {
		node := d.Root
		for _, key := range keys {
			node = node.Get(key)
		}
		if node == nil || node.Kind != String && node.Kind != Int {
			continue
		}
		var text string
		switch {
		case slices.Contains(trueWords, node.text):
			text = "true"
		case slices.Contains(falseWords, node.text):
			text = "false"
		default:
			continue
		}
		if changed == d {
			changed = &Document{File: d.File, Root: d.Root.copyUnder(nil)}
		}
		copied := changed.Root
		for _, key := range keys {
			copied = copied.Get(key)
		}
		copied.Kind, copied.text = Bool, text
	}
	return changed
}

// copyUnder copies a node with all below it. Keys are shared: they do not change.
func (n *Node) copyUnder(parent *Node) *Node {
	copied := *n
	copied.parent = parent
	copied.children = make([]*Node, len(n.children))
	for i, child := range n.children {
		copied.children[i] = child.copyUnder(&copied)
	}
	return &copied
}
