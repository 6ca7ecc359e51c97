package schema

import "fmt"

const (
	// maxDepth is how deep lists and mappings may nest.
	maxDepth = 100
	// maxAliasNodes is how many values the aliases and merge keys of a document may add.
	maxAliasNodes = 100_000
	// maxAliasText is how many bytes of text they may add.
	maxAliasText = 4 << 20
	// maxPathBytes is how long the JSON pointers to all values may be together. A document gets there only by
	// long keys, deep down, above many values; the validator builds those pointers one by one.
	maxPathBytes = 128 << 20
)

// limits counts what a document costs to hold.
type limits struct {
	aliasNodes int
	aliasText  int
	pathBytes  int
}

// node counts one more value whose JSON pointer has pathBytes bytes. It returns what is wrong, or "".
func (l *limits) node(depth, pathBytes int) (problem string) {
	l.pathBytes += pathBytes
	switch {
	case depth > maxDepth:
		return fmt.Sprintf("the document nests deeper than %d levels", maxDepth)
	case l.pathBytes > maxPathBytes:
		return "the document has too many values under long keys"
	}
	return ""
}

// alias counts one more value, with its text, that an alias or merge key adds. It returns what is wrong, or "".
func (l *limits) alias(text int) (problem string) {
	l.aliasNodes++
	l.aliasText += text
	switch {
	case l.aliasNodes > maxAliasNodes:
		return fmt.Sprintf("the aliases of the document expand to more than %d values", maxAliasNodes)
	case l.aliasText > maxAliasText:
		return fmt.Sprintf("the aliases of the document expand to more than %d bytes", maxAliasText)
	}
	return ""
}
