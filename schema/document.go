package schema

import (
	"bytes"
	"path"
	"strings"
)

// MaxBytes is the largest document that Parse takes: 1 MiB, the largest message that SQS takes.
const MaxBytes = 1 << 20

// Document is one parsed file.
type Document struct {
	// File is the name of the file, as faults show it.
	File string
	// Root is the value of the whole document.
	Root *Node
}

// Parse reads one YAML or JSON document of at most MaxBytes bytes; file is its name in faults.
// A text that begins with { and is JSON is read as JSON, every other text as YAML.
//
// Refused, each with its place, are: malformed text, text that is not UTF-8, control characters, an empty document,
// several documents, duplicate keys, keys that are lists, mappings or fractions, dates, .inf and .nan, tags other
// than those of JSON's types, fractions that a float64 can not hold, integers of more than 4,300 digits, aliases that contain themselves, aliases that
// expand to more than 100,000 values or 4 MiB of text, and nesting deeper than 100.
// Integers, booleans and null are taken as keys and become strings, as in JSON that Python writes.
//
// The error is always [Faults].
func Parse(file string, data []byte) (*Document, error) {
	if faults := checkSize(file, data); faults != nil {
		return nil, faults
	}
	if faults := checkUTF8(file, data); faults != nil {
		return nil, faults
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	if faults := checkPrintable(file, data); faults != nil {
		return nil, faults.Sort()
	}

	var notJSON Faults
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		root, malformed, faults := readJSON(file, data)
		switch {
		case len(faults) > 0:
			return nil, faults.Sort()
		case malformed == nil:
			return &Document{File: file, Root: root}, nil
		}
		notJSON = malformed
	}
	root, faults := readYAML(file, data)
	if len(faults) > 0 {
		if notJSON != nil && strings.EqualFold(path.Ext(file), ".json") {
			return nil, notJSON
		}
		return nil, faults.Sort()
	}
	return &Document{File: file, Root: root}, nil
}

// ParseJSON is [Parse] for strict JSON only, as in the bodies of tasks and events: UTF-8, no duplicate keys,
// nothing after the value. Numbers keep their text. The error is always [Faults].
func ParseJSON(file string, data []byte) (*Document, error) {
	if faults := checkSize(file, data); faults != nil {
		return nil, faults
	}
	if faults := checkUTF8(file, data); faults != nil {
		return nil, faults
	}
	root, malformed, faults := readJSON(file, data)
	if faults = append(faults, malformed...); len(faults) > 0 {
		return nil, faults.Sort()
	}
	return &Document{File: file, Root: root}, nil
}

// Fault makes a fault at a node of the document. A nil node stands for a place that the document does not have:
// the fault then points to the beginning of the document.
func (d *Document) Fault(at *Node, problem, hint string) Fault {
	fault := Fault{File: d.File, Line: 1, Column: 1, Problem: problem, Hint: hint}
	if at != nil {
		fault.Line, fault.Column, fault.Path = at.Line, at.Column, at.Path()
	}
	return fault
}

// faultAtKey is Fault, placed at the key of the node's entry where it has one.
func (d *Document) faultAtKey(at *Node, problem, hint string) Fault {
	fault := d.Fault(at, problem, hint)
	if at.keyLine > 0 {
		fault.Line, fault.Column = at.keyLine, at.keyCol
	}
	return fault
}
