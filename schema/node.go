package schema

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is the kind of a Node.
type Kind uint8

// The kinds of values that a document can hold: those of JSON, with whole numbers told apart from others.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	List
	Map
)

// String names the kind as messages do: null, boolean, integer, number, string, list, mapping.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "boolean"
	case Int:
		return "integer"
	case Float:
		return "number"
	case String:
		return "string"
	case List:
		return "list"
	case Map:
		return "mapping"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Node is one value of a parsed document, with its place. Keys of a Map keep their order.
// A Node does not change after parsing and is safe for concurrent use; all methods may be called on nil.
//
// Scalars of a YAML document mean what PyYAML's safe loader makes of them (YAML 1.1): yes is true, 017 is 15,
// 12:30:45 is 45045, and 1e3 is a string.
type Node struct {
	// Kind is the kind of the value.
	Kind Kind
	// Line is the line on which the value begins, 1-based.
	Line int
	// Column is where on the line the value begins, 1-based, in characters.
	Column int

	parent   *Node
	position int    // among the children of parent
	key      string // of the entry, when parent is a Map
	keyLine  int
	keyCol   int

	text     string // the string, or the JSON text of any other scalar
	source   string // the scalar as the document has it, without quotes; "" for lists and maps
	children []*Node
	keys     map[string]int // position by key; only in Maps of more than fewKeys
}

// Path is where the node stands in its document, such as IncludeAccounts.ByIds[0]; "" is the root.
// A key that could be mistaken for more than one is quoted, as in Tags["a.b"].
func (n *Node) Path() string {
	if n == nil || n.parent == nil {
		return ""
	}
	var chain []*Node
	for at := n; at.parent != nil; at = at.parent {
		chain = append(chain, at)
	}
	var b strings.Builder
	for _, step := range slices.Backward(chain) {
		if step.parent.Kind == List {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(step.position))
			b.WriteByte(']')
			continue
		}
		appendKey(&b, step.key)
	}
	return b.String()
}

// pathOf is the path that the entry of a key has, or would have.
func (n *Node) pathOf(key string) string {
	var b strings.Builder
	b.WriteString(n.Path())
	appendKey(&b, key)
	return b.String()
}

// maxKeyShown is how many characters of a key a path shows.
const maxKeyShown = 128

// appendKey adds one key to a path.
func appendKey(b *strings.Builder, key string) {
	key = shorten(key, maxKeyShown)
	plain := key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return !unicode.IsPrint(r) || strings.ContainsRune(" .[]\"", r)
	})
	if !plain {
		b.WriteByte('[')
		b.WriteString(strconv.Quote(key))
		b.WriteByte(']')
		return
	}
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(key)
}

// shorten cuts s to limit characters and marks the cut.
func shorten(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	count := 0
	for i := range s {
		if count == limit {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// Text is the string of a String node. For other nodes it is their JSON text, and for nil "".
func (n *Node) Text() string {
	switch {
	case n == nil:
		return ""
	case n.Kind == List || n.Kind == Map:
		return string(n.AppendJSON(nil))
	}
	return n.text
}

// Source is a scalar as the document has it, without quotes: where Text is 10, Source may be 000000000012.
// It is "" for lists, maps and nil.
func (n *Node) Source() string {
	if n == nil {
		return ""
	}
	return n.source
}

// True says whether the node is the boolean true.
func (n *Node) True() bool { return n != nil && n.Kind == Bool && n.text == "true" }

// Get is the value of a Map's key. It is nil when the node is no Map (or nil) or has no such key.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	if n.keys != nil {
		i, found := n.keys[key]
		if !found {
			return nil
		}
		return n.children[i]
	}
	for _, child := range n.children {
		if child.key == key {
			return child
		}
	}
	return nil
}

// fewKeys is up to how many keys looking at each is as fast as a map, which costs more to make than all else of a small mapping.
const fewKeys = 12

// indexKeys makes the entries of a Map that has them all quick to find.
func (n *Node) indexKeys() {
	if len(n.children) <= fewKeys {
		return
	}
	n.keys = make(map[string]int, len(n.children))
	for i, child := range n.children {
		n.keys[child.key] = i
	}
}

// Entries yields the keys and values of a Map in the order of the document, and nothing for other nodes.
func (n *Node) Entries() iter.Seq2[string, *Node] {
	return func(yield func(string, *Node) bool) {
		if n == nil || n.Kind != Map {
			return
		}
		for _, child := range n.children {
			if !yield(child.key, child) {
				return
			}
		}
	}
}

// Items yields the positions and values of a List in order, and nothing for other nodes.
func (n *Node) Items() iter.Seq2[int, *Node] {
	return func(yield func(int, *Node) bool) {
		if n == nil || n.Kind != List {
			return
		}
		for i, child := range n.children {
			if !yield(i, child) {
				return
			}
		}
	}
}

// Len is the number of entries of a Map or items of a List, and 0 for other nodes.
func (n *Node) Len() int {
	if n == nil {
		return 0
	}
	return len(n.children)
}

// at follows a JSON pointer's tokens as far as they lead and returns the node there.
func (n *Node) at(tokens []string) *Node {
	for _, token := range tokens {
		var next *Node
		switch n.Kind {
		case Map:
			next = n.Get(token)
		case List:
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.children) {
				next = n.children[i]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}
