package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// yamlReader builds the tree of a YAML document from the nodes of the YAML parser.
type yamlReader struct {
	file   string
	limits limits
	faults Faults
	// open holds the anchored values that are being read: an alias to one of them contains itself.
	open map[*yaml.Node]bool
	// stopped is set by a fault after which reading on would cost too much.
	stopped bool
}

// context is where a value stands.
type context struct {
	node      *Node // the value's own node, with parent, key and position filled in
	depth     int
	pathBytes int
	aliased   bool // reached through an alias or a merge key
}

// below is where a child of the value stands whose step of the JSON pointer has stepBytes bytes.
func (in context) below(child *Node, stepBytes int) context {
	child.parent = in.node
	child.position = len(in.node.children)
	in.node.children = append(in.node.children, child)
	return context{node: child, depth: in.depth + 1, pathBytes: in.pathBytes + stepBytes, aliased: in.aliased}
}

// readYAML reads exactly one YAML document.
func readYAML(file string, text []byte) (*Node, Faults) {
	document, faults := parseYAML(file, text)
	if faults != nil {
		return nil, faults
	}
	r := &yamlReader{file: file, open: map[*yaml.Node]bool{}}
	root := &Node{}
	r.value(document.Content[0], context{node: root})
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	if root.Kind == Null && root.source == "" {
		return nil, emptyDocument(file)
	}
	return root, nil
}

func emptyDocument(file string) Faults {
	return Faults{{File: file, Line: 1, Column: 1, Problem: "the document is empty"}}
}

// parseYAML runs the YAML parser. It answers for its panics: a text that finds one is refused like any other that
// can not be read.
func parseYAML(file string, text []byte) (document *yaml.Node, faults Faults) {
	defer func() {
		if reason := recover(); reason != nil {
			document = nil
			faults = Faults{{File: file, Line: 1, Column: 1, Problem: fmt.Sprintf("the YAML can not be read: %v", reason)}}
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, emptyDocument(file)
	case err != nil:
		return nil, Faults{syntaxFault(file, text, err)}
	case len(first.Content) == 0:
		return nil, emptyDocument(file)
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
		return &first, nil
	case err != nil:
		return nil, Faults{syntaxFault(file, text, err)}
	}
	return nil, Faults{{
		File: file, Line: second.Line, Column: second.Column,
		Problem: "a second document begins here",
		Hint:    "keep one document a file; remove the --- line or move what follows to a file of its own",
	}}
}

func (r *yamlReader) fault(at *yaml.Node, in context, problem, hint string) {
	r.faults = append(r.faults, Fault{
		File: r.file, Line: at.Line, Column: at.Column, Path: in.node.Path(), Problem: problem, Hint: hint,
	})
	if len(r.faults) > maxFaults {
		r.stopped = true
	}
}

// value reads one value into the node of its context. What is wrong is recorded, and the node is then null.
func (r *yamlReader) value(y *yaml.Node, in context) {
	n := in.node
	n.Kind, n.text, n.Line, n.Column = Null, "null", y.Line, y.Column
	target := y
	if y.Kind == yaml.AliasNode {
		target = y.Alias
		in.aliased = true
	}
	problem := r.limits.node(in.depth, in.pathBytes)
	if problem == "" && in.aliased {
		problem = r.limits.alias(len(target.Value))
	}
	if problem != "" {
		r.fault(y, in, problem, "write a simpler document")
		r.stopped = true
		return
	}
	if r.open[target] {
		r.fault(y, in, fmt.Sprintf("the alias *%s contains itself", shorten(y.Value, maxKeyShown)), "write the value out")
		return
	}
	switch target.Kind {
	case yaml.ScalarNode:
		r.scalar(target, in)
	case yaml.SequenceNode:
		r.open[target] = true
		r.list(target, in)
		delete(r.open, target)
	case yaml.MappingNode:
		r.open[target] = true
		r.mapping(target, in)
		delete(r.open, target)
	}
}

// stepBytes is about how long one step of a JSON pointer into a list is.
const stepBytes = 8

const quotedStyles = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// resolve is the meaning of a scalar node.
func resolve(y *yaml.Node) scalar {
	switch {
	case y.Style&yaml.TaggedStyle != 0:
		return resolveTagged(y.ShortTag(), y.Value)
	case y.Style&quotedStyles != 0:
		return scalar{kind: String, text: y.Value}
	}
	return resolvePlain(y.Value)
}

func (r *yamlReader) scalar(y *yaml.Node, in context) {
	s := resolve(y)
	if s.problem != "" {
		r.fault(y, in, s.problem, s.hint)
		return
	}
	in.node.Kind, in.node.text, in.node.source = s.kind, s.text, y.Value
}

func (r *yamlReader) list(y *yaml.Node, in context) {
	in.node.Kind, in.node.text = List, ""
	if y.Style&yaml.TaggedStyle != 0 && y.ShortTag() != "!!seq" {
		r.fault(y, in, tagProblem(y.ShortTag()), "remove the tag")
		return
	}
	for _, item := range y.Content {
		if r.stopped {
			return
		}
		r.value(item, in.below(&Node{}, stepBytes))
	}
}
