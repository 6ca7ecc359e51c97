package schema

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

var (
	yamlLine      = regexp.MustCompile(`^line (\d+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// syntaxFault turns an error of the YAML parser, which is text, into a fault with its place and in people's words.
func syntaxFault(file string, text []byte, err error) Fault {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	fault := Fault{File: file, Line: 1, Column: 1, Problem: message}
	if match := yamlLine.FindStringSubmatch(message); match != nil {
		fault.Line, _ = strconv.Atoi(match[1])
		fault.Problem = message[len(match[0]):]
	}
	_ = bytes.MinRead
	_ = unknownAnchor
	_ = text
	return fault
}
