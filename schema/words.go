package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxValueShown is how many characters of a value a message shows.
const maxValueShown = 40

// describe says what a node is, for people: its kind and, for scalars, its value as written.
func describe(n *Node) string {
	switch n.Kind {
	case Null:
		return n.text
	case List, Map:
		return "a " + n.Kind.String()
	case String:
		return fmt.Sprintf("the string %q", shorten(n.text, maxValueShown))
	}
	return fmt.Sprintf("the %s %s", n.Kind, shorten(n.source, maxValueShown))
}

func article(noun string) string {
	if noun == "" || !strings.ContainsRune("aeiou", rune(noun[0])) {
		return "a " + noun
	}
	return "an " + noun
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// wrongType is the problem of a node that is of none of the wanted kinds, and the way out.
func wrongType(n *Node, want []Kind) (problem, hint string) {
	if len(want) == 0 {
		return describe(n) + " can not be used here", ""
	}
	names := make([]string, len(want))
	for i, kind := range want {
		names[i] = article(kind.String())
		if kind == Null {
			names[i] = "null"
		}
	}
	return "must be " + orList(names) + butIs(n), typeHint(n, want)
}

// butIs ends a sentence that says what a node must be with what it is.
func butIs(n *Node) string {
	if n.Kind == Null && n.source == "" {
		return ", but has no value"
	}
	return ", not " + describe(n)
}

// typeHint is how to write the value of a node so that it is of a wanted kind; "" when that can not be told.
func typeHint(n *Node, want []Kind) string {
	scalar := n.Kind != List && n.Kind != Map && n.source != ""
	quoted := fmt.Sprintf("%q", shorten(n.source, maxValueShown))
	switch {
	case !scalar:
		return ""
	case slices.Contains(want, String) && accountID.MatchString(n.source):
		return "quote the account id: " + quoted
	case slices.Contains(want, String):
		return "quote it: " + quoted
	case slices.Contains(want, List):
		return "write it as a list: [" + shorten(string(n.AppendJSON(nil)), maxValueShown) + "]"
	case n.Kind == String && fits(resolvePlain(n.text), want):
		return "remove the quotes"
	}
	return ""
}

// fits says whether a scalar is of one of the kinds.
func fits(s scalar, want []Kind) bool {
	return s.problem == "" && (slices.Contains(want, s.kind) || s.kind == Int && slices.Contains(want, Float))
}

// orList joins words as in "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// unknownKey is the fault of an entry whose key is none of the known ones.
func (d *Document) unknownKey(entry *Node, known []string) Fault {
	hint := ""
	if near := DidYouMean(entry.key, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return d.faultAtKey(entry, "unknown key", hint)
}
