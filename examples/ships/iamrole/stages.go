package iamrole

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
)

// part is one statement of a policy, with the text by which it is known. Its Sid, which means nothing, is left out of it.
type part struct {
	statement map[string]any
	key       string
	deny      bool
}

// policy is a document in parts.
type policy struct {
	document, version string
	parts             []part
	// whole says that the document cannot be taken apart: it has more than statements in it.
	whole bool
}

// parse takes a document apart. No document, "", has no parts.
func parse(document, partition string) policy {
	p := policy{document: document, version: read(document, partition).version}
	if document == "" {
		return p
	}
	var top map[string]any
	if err := json.Unmarshal([]byte(document), &top); err != nil {
		return policy{document: document, whole: true}
	}
	list, ok := top["Statement"].([]any)
	if !ok {
		list = []any{top["Statement"]}
	}
	for key := range top {
		p.whole = p.whole || key != "Version" && key != "Statement"
	}
	for _, item := range list {
		statement, ok := item.(map[string]any)
		if !ok {
			p.whole = true
			continue
		}
		statement = maps.Clone(statement)
		delete(statement, "Sid")
		p.parts = append(p.parts, part{statement: statement, key: text(meaning(statement, partition)), deny: statement["Effect"] != "Allow"})
	}
	return p
}

// has says whether the policy has the very statement.
func (p policy) has(s part) bool {
	return slices.ContainsFunc(p.parts, func(own part) bool { return own.key == s.key })
}

// without are the statements that another policy lacks: those that allow, or those that deny.
func (p policy) without(other policy, deny bool) []part {
	var out []part
	for _, s := range p.parts {
		if s.deny == deny && !other.has(s) {
			out = append(out, s)
		}
	}
	return out
}

// mixes says whether statements of both can stand in one document. A version changes what a statement means.
func (p policy) mixes(other policy) bool {
	return !p.whole && !other.whole && (p.version == other.version || p.document == "" || other.document == "")
}

// direction is what going from one policy to another does to those that it allows something.
func direction(before, after policy) (narrows, widens bool) {
	if before.document != "" && after.document != "" && !before.mixes(after) {
		return true, true
	}
	return len(before.without(after, false))+len(after.without(before, true)) > 0, len(after.without(before, false))+len(before.without(after, true)) > 0
}

// stage is a point on the way of an update, at which every inline policy has a certain document.
type stage int

const (
	deniesCome stage = iota // old Allows; old and new Denies
	allowsGo                // Allows that are both old and new; old and new Denies
	allowsCome              // new Allows; old and new Denies
	deniesGo                // what is wanted
)

// at is the document of an inline policy at a stage, "" for none. Where old and new statements cannot stand in one document, and any of them
// denies, it is replaced as a whole: first of all when the new one denies something, else last of all.
func at(s stage, before, after policy) string {
	if !before.mixes(after) {
		denies := func(p policy) bool { return p.whole || len(p.without(policy{}, true)) > 0 }
		switch {
		case s == deniesGo, denies(after), s == allowsCome && !denies(before):
			return after.document
		case s == allowsGo && !denies(before):
			return ""
		}
		return before.document
	}
	denies := slices.Concat(after.without(policy{}, true), before.without(after, true))
	var allows []part
	switch s {
	case deniesCome:
		allows = before.without(policy{}, false)
	case allowsGo:
		allows = slices.DeleteFunc(before.without(policy{}, false), func(p part) bool { return !after.has(p) })
	case allowsCome:
		allows = after.without(policy{}, false)
	default:
		return after.document
	}
	return compose(before, after, slices.Concat(denies, allows))
}

// compose is a document of statements: one of the two where it is that one. Else no statement has a Sid, since those of one document differ.
func compose(before, after policy, parts []part) string {
	one := policy{parts: parts}
	for _, same := range []policy{after, before} {
		if !slices.ContainsFunc(parts, func(s part) bool { return !same.has(s) }) && !slices.ContainsFunc(same.parts, func(s part) bool { return !one.has(s) }) {
			return same.document
		}
	}
	if len(parts) == 0 {
		return ""
	}
	version := after.version
	if after.document == "" {
		version = before.version
	}
	statements := make([]any, len(parts))
	for i, s := range parts {
		statements[i] = s.statement
	}
	return text(map[string]any{"Version": version, "Statement": statements})
}
