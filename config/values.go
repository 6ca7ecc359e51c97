package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/starfleet-go/starfleet/schema"
)

// anyText reads a string, which may be empty. A nil node is an empty string and no fault, here and below: whoever
// asked for the key has said what is wrong.
func (r *reader) anyText(n *schema.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != schema.String {
		r.wrongKind(n, "a string")
		return ""
	}
	return n.Text()
}

// text reads a string of at least one character.
func (r *reader) text(n *schema.Node) string {
	text := r.anyText(n)
	if n != nil && n.Kind == schema.String && text == "" {
		r.fault(n, "must not be empty", "")
	}
	return text
}

// wrongKind adds a fault for a value of another kind than wanted.
func (r *reader) wrongKind(n *schema.Node, want string) {
	hint := ""
	if want == "a string" && (n.Kind == schema.Bool || n.Kind == schema.Int || n.Kind == schema.Float) {
		hint = "put it in quotes"
	}
	r.fault(n, fmt.Sprintf("must be %s, is %s", want, kindName(n.Kind)), hint)
}

// flag reads a boolean. Strings and the integers 0 and 1 that spell one are understood as the original's schema
// understands them; a string is never true merely because it is not empty.
func (r *reader) flag(n *schema.Node) bool {
	if n == nil {
		return false
	}
	switch n.Kind {
	case schema.Bool:
		return n.True()
	case schema.String, schema.Int:
		if value, ok := spelledBoolean(n.Text()); ok {
			return value
		}
		r.fault(n, fmt.Sprintf("must be true or false, is %q", n.Text()), "")
	default:
		r.wrongKind(n, "true or false")
	}
	return false
}

// spelledBoolean reads the spellings of marshmallow's Boolean field: t true y yes on 1, f false n no off 0, each in
// lower case, Capital and UPPER.
func spelledBoolean(text string) (value, ok bool) {
	lower := strings.ToLower(text)
	if text != lower && text != strings.ToUpper(text) && text != strings.ToUpper(lower[:1])+lower[1:] {
		return false, false
	}
	switch lower {
	case "t", "true", "y", "yes", "on", "1":
		return true, true
	case "f", "false", "n", "no", "off", "0":
		return false, true
	}
	return false, false
}

// count reads an integer of at least 1.
func (r *reader) count(n *schema.Node) int {
	value, ok := r.integer(n)
	if ok && value < 1 {
		r.fault(n, fmt.Sprintf("must be at least 1, is %d", value), "")
	}
	return value
}

// integer reads an integer. It is false, with a fault added, when there is none.
func (r *reader) integer(n *schema.Node) (int, bool) {
	if n.Kind != schema.Int {
		r.wrongKind(n, "an integer")
		return 0, false
	}
	value, err := strconv.Atoi(n.Text())
	if err != nil {
		r.fault(n, fmt.Sprintf("%s is too large", n.Text()), "")
	}
	return value, err == nil
}

// duration reads a duration in Go's notation, such as 24h or 1h30m, of 0 or more.
func (r *reader) duration(n *schema.Node) time.Duration {
	const hint = "write it with its unit, h, m or s, such as 24h or 90m"
	if n.Kind != schema.String && (n.Kind != schema.Int || n.Text() != "0") {
		r.fault(n, fmt.Sprintf("must be a duration, is %s", kindName(n.Kind)), hint)
		return 0
	}
	value, err := time.ParseDuration(n.Text())
	switch {
	case err != nil:
		r.fault(n, fmt.Sprintf("%q is no duration", n.Text()), hint)
	case value < 0:
		r.fault(n, fmt.Sprintf("must not be negative, is %s", n.Text()), "")
	}
	return value
}

// oneOf reads one of a few names. Case counts.
func oneOf[T ~string](r *reader, values []T) func(*schema.Node) T {
	return func(n *schema.Node) T {
		text := r.anyText(n)
		if n == nil || n.Kind != schema.String {
			return ""
		}
		names := make([]string, len(values))
		for i, value := range values {
			names[i] = string(value)
			if text == names[i] {
				return value
			}
		}
		hint := ""
		if near := schema.DidYouMean(text, names); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		r.fault(n, fmt.Sprintf("%q is none of %s", text, strings.Join(names, ", ")), hint)
		return ""
	}
}

// list reads a list, each item by read.
func list[T any](r *reader, read func(*schema.Node) T) func(*schema.Node) []T {
	return func(n *schema.Node) []T {
		if n == nil {
			return nil
		}
		if n.Kind != schema.List {
			r.wrongKind(n, "a list")
			return nil
		}
		values := make([]T, 0, n.Len())
		for _, item := range n.Items() {
			values = append(values, read(item))
		}
		return values
	}
}

var (
	// RoleSessionName of AssumeRole.
	sessionPattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	// The id of an organization. AWS documents 10 to 32 characters after "o-"; index files for tests have fewer.
	organizationPattern = regexp.MustCompile(`^o-[a-z0-9]{1,32}$`)
)

// lengthened is a pattern with bounds on the length, in characters. A pattern that counts to hundreds takes milliseconds to compile, at
// each start of a worker.
type lengthened struct {
	least, most int
	characters  *regexp.Regexp
}

// MatchString says whether the text is of the form.
func (l lengthened) MatchString(text string) bool {
	n := utf8.RuneCountInString(text)
	return n >= l.least && n <= l.most && l.characters.MatchString(text)
}

// tailed is a pattern whose last group has at most so many characters, which the pattern does not count for the same reason.
type tailed struct {
	most    int
	pattern *regexp.Regexp
}

// MatchString says whether the text is of the form.
func (l tailed) MatchString(text string) bool {
	groups := l.pattern.FindStringSubmatch(text)
	return groups != nil && utf8.RuneCountInString(groups[len(groups)-1]) <= l.most
}

// matching reads a string of a form that is told in words.
func (r *reader) matching(pattern interface{ MatchString(text string) bool }, form, hint string) func(*schema.Node) string {
	return func(n *schema.Node) string {
		text := r.anyText(n)
		if n != nil && n.Kind == schema.String && !pattern.MatchString(text) {
			r.fault(n, fmt.Sprintf("%q is not %s", text, form), hint)
		}
		return text
	}
}
