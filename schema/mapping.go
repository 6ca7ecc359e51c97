package schema

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// entry is one key of a mapping with its value, before the value is read.
type entry struct {
	key     string
	at      *yaml.Node // the key
	value   *yaml.Node
	aliased bool // from a merge key
}

// mapping reads the entries of y.
func (r *yamlReader) mapping(y *yaml.Node, in context) {
	n := in.node
	n.Kind, n.text = Map, ""
	if y.Style&yaml.TaggedStyle != 0 && y.ShortTag() != "!!map" {
		r.fault(y, in, tagProblem(y.ShortTag()), "remove the tag")
		return
	}
	for _, e := range r.entries(y, in) {
		if r.stopped {
			return
		}
		below := in.below(&Node{key: e.key, keyLine: e.at.Line, keyCol: e.at.Column}, len(e.key)+1)
		below.aliased = below.aliased || e.aliased
		r.value(e.value, below)
	}
	n.indexKeys()
}

// entries are the keys of a mapping, each once. Merge keys (<<) are applied as PyYAML does: merged entries come
// first, those of a later source above those of an earlier one, and the mapping's own entries win over all.
func (r *yamlReader) entries(y *yaml.Node, in context) []entry {
	var own, merged []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(y.Content) && !r.stopped; i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if isMerge(key) {
			merged = append(merged, r.mergeSources(value, in)...)
			continue
		}
		text, identity, ok := r.key(key, in)
		if !ok {
			continue
		}
		if seen[text] || seen[identity] {
			r.fault(key, in, fmt.Sprintf("the key %q is there twice", shorten(text, maxKeyShown)), "remove or rename one of them")
			continue
		}
		seen[text], seen[identity] = true, true
		own = append(own, entry{key: text, at: key, value: value})
	}
	if len(merged) == 0 {
		return own
	}
	return lastWins(append(merged, own...))
}

// lastWins keeps each key once, at the place of its first entry and with the value of its last.
func lastWins(all []entry) []entry {
	position := make(map[string]int, len(all))
	unique := make([]entry, 0, len(all))
	for _, e := range all {
		if i, found := position[e.key]; found {
			unique[i] = e
			continue
		}
		position[e.key] = len(unique)
		unique = append(unique, e)
	}
	return unique
}

func isMerge(key *yaml.Node) bool {
	plain := key.Style&(quotedStyles|yaml.TaggedStyle) == 0
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && (plain || key.ShortTag() == "!!merge")
}

// mergeSources are the entries that a merge key brings in: those of one mapping, or of a list of mappings,
// of which the first wins.
func (r *yamlReader) mergeSources(value *yaml.Node, in context) []entry {
	source := value
	if value.Kind == yaml.AliasNode {
		source = value.Alias
	}
	if source.Kind != yaml.SequenceNode {
		return r.mergeSource(value, in)
	}
	var merged []entry
	for i := len(source.Content) - 1; i >= 0 && !r.stopped; i-- {
		merged = append(merged, r.mergeSource(source.Content[i], in)...)
	}
	return merged
}

func (r *yamlReader) mergeSource(value *yaml.Node, in context) []entry {
	source := value
	if value.Kind == yaml.AliasNode {
		source = value.Alias
	}
	if source.Kind != yaml.MappingNode {
		r.fault(value, in, "a merge key (<<) takes a mapping or a list of mappings", "")
		return nil
	}
	if r.open[source] {
		r.fault(value, in, "a merge key (<<) merges a mapping into itself", "write the values out")
		return nil
	}
	r.open[source] = true
	defer delete(r.open, source)
	merged := r.entries(source, in)
	for i := range merged {
		merged[i].aliased = true
	}
	for range len(merged) + 1 {
		if problem := r.limits.alias(0); problem != "" {
			r.fault(value, in, problem, "write a simpler document")
			r.stopped = true
			return nil
		}
	}
	return merged
}

// key is the text of a mapping's key, and a second text that it shares with the keys which Python takes for the same:
// true and 1 are one key.
func (r *yamlReader) key(y *yaml.Node, in context) (text, identity string, ok bool) {
	target := y
	if y.Kind == yaml.AliasNode {
		target = y.Alias
	}
	if target.Kind != yaml.ScalarNode {
		r.fault(y, in, "a key can not be a list or a mapping", "write the key as text")
		return "", "", false
	}
	if y.Kind == yaml.AliasNode {
		if problem := r.limits.alias(len(target.Value)); problem != "" {
			r.fault(y, in, problem, "write a simpler document")
			r.stopped = true
			return "", "", false
		}
	}
	s := resolve(target)
	if s.problem != "" && target.Value == "=" {
		s = scalar{kind: String, text: "="}
	}
	if s.problem != "" {
		r.fault(y, in, s.problem, s.hint)
		return "", "", false
	}
	identity = s.text
	switch {
	case s.kind == Float:
		r.fault(y, in, fmt.Sprintf("the key %s is a number with a fraction", target.Value), fmt.Sprintf("quote it: %q", target.Value))
		return "", "", false
	case s.kind == Bool && s.text == "true":
		identity = "\x00number 1"
	case s.kind == Bool:
		identity = "\x00number 0"
	case s.kind == Int:
		identity = "\x00number " + s.text
	}
	return s.text, identity, true
}
