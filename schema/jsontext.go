package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader builds the tree of a JSON text.
type jsonReader struct {
	file    string
	text    []byte
	decoder *jsontext.Decoder
	place   *cursor
	limits  limits
	faults  Faults
}

// errStop ends the reading of a text at a fault that is already recorded.
var errStop = errors.New("schema: stopped at a fault")

// readJSON reads strict JSON. What makes the text no JSON comes back as malformed, what this package does not take
// though it is JSON as faults; without either root is the tree.
func readJSON(file string, text []byte) (root *Node, malformed, faults Faults) {
	r := &jsonReader{
		file:    file,
		text:    text,
		decoder: jsontext.NewDecoder(bytes.NewBuffer(text)),
		place:   newCursor(text),
	}
	if len(bytes.TrimLeft(text, " \t\r\n")) == 0 {
		return nil, Faults{{File: file, Line: 1, Column: 1, Problem: "the document is empty"}}, nil
	}
	root = &Node{}
	err := r.value(root, 0, 0)
	if err == nil {
		_, err = r.decoder.ReadToken()
		if err == nil {
			err = &jsontext.SyntacticError{ByteOffset: r.decoder.InputOffset(), Err: errors.New("more text after the value")}
		}
	}
	switch {
	case errors.Is(err, errStop), errors.Is(err, io.EOF) && len(r.faults) > 0:
		return nil, nil, r.faults
	case errors.Is(err, io.EOF):
		return root, nil, nil
	}
	return nil, Faults{r.syntaxFault(err)}, nil
}

// next reads one token and returns the place where it begins.
func (r *jsonReader) next() (token jsontext.Token, line, column int, err error) {
	before := int(r.decoder.InputOffset())
	token, err = r.decoder.ReadToken()
	if err != nil {
		return token, 0, 0, err
	}
	for before < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[before]) >= 0 {
		before++
	}
	line, column = r.place.seek(before)
	return token, line, column, nil
}

// value reads one value into n, whose JSON pointer has pathBytes bytes.
func (r *jsonReader) value(n *Node, depth, pathBytes int) error {
	token, line, column, err := r.next()
	if err != nil {
		return err
	}
	n.Line, n.Column = line, column
	if problem := r.limits.node(depth, pathBytes); problem != "" {
		r.fault(n, problem)
		return errStop
	}
	switch token.Kind() {
	case 'n':
		n.Kind, n.text, n.source = Null, "null", "null"
	case 't', 'f':
		n.Kind, n.text = Bool, token.String()
		n.source = n.text
	case '"':
		n.Kind, n.text = String, token.String()
		n.source = n.text
	case '0':
		r.number(n, token.String())
	case '[':
		n.Kind = List
		return r.items(n, depth, pathBytes)
	default:
		n.Kind = Map
		return r.entries(n, depth, pathBytes)
	}
	return nil
}

func (r *jsonReader) items(n *Node, depth, pathBytes int) error {
	for r.decoder.PeekKind() != ']' {
		child := &Node{parent: n, position: len(n.children)}
		n.children = append(n.children, child)
		if err := r.value(child, depth+1, pathBytes+stepBytes); err != nil {
			return err
		}
	}
	_, err := r.decoder.ReadToken()
	return err
}

func (r *jsonReader) entries(n *Node, depth, pathBytes int) error {
	for r.decoder.PeekKind() != '}' {
		token, line, column, err := r.next()
		if err != nil {
			return err
		}
		child := &Node{parent: n, position: len(n.children), key: token.String(), keyLine: line, keyCol: column}
		n.children = append(n.children, child)
		if err := r.value(child, depth+1, pathBytes+len(child.key)+1); err != nil {
			return err
		}
	}
	n.indexKeys()
	_, err := r.decoder.ReadToken()
	return err
}

func (r *jsonReader) fault(n *Node, problem string) {
	r.faults = append(r.faults, Fault{File: r.file, Line: n.Line, Column: n.Column, Path: n.Path(), Problem: problem})
}

// number fills n from the text of a JSON number.
func (r *jsonReader) number(n *Node, text string) {
	n.source, n.text = text, text
	problem := ""
	if strings.ContainsAny(text, ".eE") {
		n.Kind = Float
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			problem = fmt.Sprintf("the number %s is too large", shorten(text, maxKeyShown))
		}
	} else {
		n.Kind = Int
		if text == "-0" {
			n.text = "0"
		}
		if len(strings.TrimPrefix(text, "-")) > maxDigits {
			problem = fmt.Sprintf("an integer of more than %d digits is not supported", maxDigits)
		}
	}
	if problem != "" {
		r.fault(n, problem)
	}
}

// syntaxFault turns an error of the JSON decoder into a fault with its place.
func (r *jsonReader) syntaxFault(err error) Fault {
	fault := Fault{File: r.file, Line: 1, Column: 1, Problem: "the text is not JSON: " + strings.TrimPrefix(err.Error(), "jsontext: ")}
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		fault.Problem = fmt.Sprintf("the key %q is there twice", shorten(syntactic.JSONPointer.LastToken(), maxKeyShown))
		fault.Hint = "remove or rename one of them"
	case errors.As(err, &syntactic) && errors.Is(err, io.ErrUnexpectedEOF):
		fault.Problem = "the text is not JSON: it ends too early"
	case errors.As(err, &syntactic) && syntactic.Err != nil:
		fault.Problem = "the text is not JSON: " + strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")
	}
	if syntactic != nil {
		fault.Line, fault.Column = newCursor(r.text).seek(int(syntactic.ByteOffset))
	}
	return fault
}
