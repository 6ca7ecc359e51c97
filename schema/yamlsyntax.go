package schema

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	yamlLine      = regexp.MustCompile(`^line ([0-9]+): `)
	unknownAnchor = regexp.MustCompile(`(?s)^unknown anchor '(.*)' referenced$`)
)

// syntaxMessage is how this package says what the YAML parser says.
type syntaxMessage struct {
	contains string // in the parser's message
	problem  string
	hint     string
	// after says that the parser reports the line before the one at which the faulty block or list begins.
	after bool
	// search says that the faulty line itself can be found by reading ever fewer lines: the block is fine up to it.
	search bool
}

// syntaxMessages are looked through in order. The parser has no error types, only these texts; a text that is not
// here is shown as it is.
var syntaxMessages = []syntaxMessage{
	{contains: "mapping values are not allowed", problem: "a key is not expected here",
		hint: "check the indentation, and quote text that holds a colon followed by a space"},
	{contains: "did not find expected key", problem: "the indentation fits no key above",
		hint: "align it with the other keys of its mapping", after: true, search: true},
	{contains: "did not find expected '-' indicator", problem: "the indentation fits no item above",
		hint: "align the - of all items of a list", after: true, search: true},
	{contains: "did not find expected <document start>", problem: "something follows the end of the document's value",
		hint: "quote text that begins with [, {, \" or '", after: true, search: true},
	{contains: "did not find expected ',' or ']'", problem: "a list that is open here has no , between two items or no ] at its end",
		hint: "quote text that holds brackets, braces or commas", after: true},
	{contains: "did not find expected ',' or '}'", problem: "a mapping that is open here has no , between two keys or no } at its end",
		hint: "quote text that begins with {", after: true},
	{contains: "did not find expected node content", problem: "a value is expected here", after: true},
	{contains: "could not find expected ':'", problem: "a key without its colon", hint: "write it as KEY: VALUE, and check the indentation"},
	{contains: "found unexpected end of stream", problem: "quotes are opened and never closed"},
	{contains: "found character that cannot start any token", problem: "a value can not begin with this character",
		hint: "indent with spaces, not tabs, and quote text that begins with @, ` or %"},
	{contains: "did not find expected alphabetic or numeric character", problem: "text that begins with * or & refers to another value",
		hint: "quote it, as in \"*\""},
	{contains: "did not find expected comment or line break", problem: "text that begins with | or > stands on the lines that follow",
		hint: "begin the text on a line of its own, or quote it"},
	{contains: "found a tab character", problem: "a tab where spaces indent", hint: "indent with spaces"},
	{contains: "directive", problem: "a line that begins with % is not for this reader", hint: "quote text that begins with %"},
	{contains: "block sequence entries are not allowed", problem: "a list item is not expected here",
		hint: "begin the list on a line of its own"},
	{contains: "block mapping entries are not allowed", problem: "a key is not expected here", hint: "check the indentation"},
	{contains: "mapping keys are not allowed", problem: "a key is not expected here", hint: "check the indentation"},
	{contains: "found unknown escape character", problem: "an escape that YAML does not have",
		hint: `write \\ for a backslash, or use single quotes`},
	{contains: "invalid Unicode character escape", problem: "an escape that is no Unicode character"},
	{contains: "found undefined tag handle", problem: "a YAML tag that is not defined", hint: "quote text that begins with !"},
	{contains: "found incompatible YAML document", problem: "a version of YAML that is not supported", hint: "remove the %YAML line"},
	{contains: "exceeded max depth", problem: "the document nests too deep"},
	{contains: "control characters are not allowed", problem: "the text holds a control character"},
}

// syntaxFault turns an error of the YAML parser, which is text, into a fault with its place and in people's words.
func syntaxFault(file string, text []byte, err error) Fault {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if match := unknownAnchor.FindStringSubmatch(message); match != nil {
		return anchorFault(file, text, match[1])
	}
	fault := Fault{File: file, Line: 1, Column: 1, Problem: message}
	named := 0
	if match := yamlLine.FindStringSubmatch(message); match != nil {
		named, _ = strconv.Atoi(match[1])
		fault.Problem = message[len(match[0]):]
	}
	fault.Line = max(named, 1)
	for _, known := range syntaxMessages {
		if !strings.Contains(message, known.contains) {
			continue
		}
		fault.Problem, fault.Hint = known.problem, known.hint
		switch {
		case known.search:
			fault.Line = faultyLine(text, err.Error(), named+1)
		case known.after:
			fault.Line = named + 1
		}
		break
	}
	fault.Line = min(fault.Line, 1+bytes.Count(text, []byte("\n")))
	return fault
}

// maxSearch is the largest text in which the faulty line is searched for, which parses its beginnings again.
const maxSearch = 64 << 10

// faultyLine is the first line with which the text fails with the message: its beginning up to the line before does
// not. A text that is too large for the search gets the line that the parser named.
func faultyLine(text []byte, message string, named int) int {
	if len(text) > maxSearch {
		return named
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	low, high := 1, len(lines)
	for low < high {
		middle := (low + high) / 2
		if parseMessage(bytes.Join(lines[:middle], nil)) == message {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// parseMessage is the message with which the YAML parser refuses the first document of a text that also ends there,
// and "" when it takes it.
func parseMessage(text []byte) (message string) {
	defer func() {
		if recover() != nil {
			message = ""
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var node yaml.Node
	for range 2 {
		if err := decoder.Decode(&node); err != nil {
			return err.Error()
		}
	}
	return ""
}

// anchorFault is the fault of an alias to an anchor that is not defined above it.
func anchorFault(file string, text []byte, name string) Fault {
	fault := Fault{
		File: file, Line: 1, Column: 1,
		Problem: fmt.Sprintf("the alias *%s has no anchor &%[1]s above it", shorten(name, maxKeyShown)),
		Hint:    "quote text that begins with *",
	}
	alias := regexp.MustCompile(`(?:^|[\s\[{,:-])(\*` + regexp.QuoteMeta(name) + `)(?:[\s,\]}:]|$)`)
	if match := alias.FindSubmatchIndex(text); match != nil {
		fault.Line, fault.Column = newCursor(text).seek(match[2])
	}
	return fault
}
