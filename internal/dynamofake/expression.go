package dynamofake

import (
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// expression evaluates the expressions of one request.
type expression struct {
	names  map[string]string
	values record
	used   map[string]bool
	tokens []string
}

var token = regexp.MustCompile(`[A-Za-z_#:][A-Za-z0-9_]*|<=|>=|<>|[<>=(),]`)

func (e *expression) peek() string {
	if len(e.tokens) == 0 {
		return ""
	}
	return e.tokens[0]
}

func (e *expression) next() string {
	t := e.peek()
	if len(e.tokens) > 0 {
		e.tokens = e.tokens[1:]
	}
	return t
}

// take takes the word, and says whether it was there.
func (e *expression) take(word string) bool {
	if strings.EqualFold(e.peek(), word) {
		e.next()
		return true
	}
	return false
}

func (e *expression) need(word string) error {
	if !e.take(word) {
		return validation("%q where %q is wanted", e.peek(), word)
	}
	return nil
}

// condition evaluates a condition: OR of AND of NOT of functions, comparisons and parentheses.
func (e *expression) condition(text string, r record) (bool, error) {
	e.tokens = token.FindAllString(text, -1)
	holds, err := e.or(r)
	if err == nil && len(e.tokens) > 0 {
		err = validation("%q at the end of %q", e.peek(), text)
	}
	return holds, err
}

func (e *expression) or(r record) (bool, error) {
	holds, err := e.and(r)
	for err == nil && e.take("OR") {
		var right bool
		right, err = e.and(r)
		holds = holds || right
	}
	return holds, err
}

func (e *expression) and(r record) (bool, error) {
	holds, err := e.not(r)
	for err == nil && e.take("AND") {
		var right bool
		right, err = e.not(r)
		holds = holds && right
	}
	return holds, err
}

func (e *expression) not(r record) (bool, error) {
	if e.take("NOT") {
		holds, err := e.not(r)
		return !holds, err
	}
	if e.take("(") {
		holds, err := e.or(r)
		if err != nil {
			return false, err
		}
		return holds, e.need(")")
	}
	return e.term(r)
}

func (e *expression) term(r record) (bool, error) {
	word := e.next()
	if e.take("(") {
		return e.function(word, r)
	}
	left, known, err := e.operand(word, r)
	if err != nil {
		return false, err
	}
	operator := e.next()
	right, alsoKnown, err := e.operand(e.next(), r)
	if err != nil || !known || !alsoKnown {
		return false, err
	}
	return compare(operator, left, right)
}

func (e *expression) function(name string, r record) (bool, error) {
	subject, there, err := e.operand(e.next(), r)
	if err != nil {
		return false, err
	}
	switch name {
	case "attribute_exists":
		return there, e.need(")")
	case "attribute_not_exists":
		return !there, e.need(")")
	case "contains":
		if err := e.need(","); err != nil {
			return false, err
		}
		member, _, err := e.operand(e.next(), r)
		if err != nil {
			return false, err
		}
		return there && slices.Contains(set(subject), member["N"]), e.need(")")
	}
	return false, validation("unknown function %s", name)
}

func set(v value) []any {
	members, _ := v["NS"].([]any)
	return members
}

// operand is the value of a path or placeholder.
func (e *expression) operand(word string, r record) (v value, there bool, err error) {
	if strings.HasPrefix(word, ":") {
		e.used[word] = true
		if v, there = e.values[word]; !there {
			return nil, false, validation("%s has no value", word)
		}
		return v, true, nil
	}
	name, err := e.name(word)
	v, there = r[name]
	return v, there, err
}

// reserved are words that DynamoDB keeps for itself, of those that somebody here may take.
var reserved = []string{"attribute", "count", "date", "exists", "key", "name", "result", "state", "status", "time", "token", "total", "ttl", "until", "value", "values"}

func (e *expression) name(word string) (string, error) {
	if strings.HasPrefix(word, "#") {
		e.used[word] = true
		name, ok := e.names[word]
		if !ok {
			return "", validation("%s has no name", word)
		}
		return name, nil
	}
	if word == "" || slices.Contains(reserved, strings.ToLower(word)) {
		return "", validation("%q is reserved, or no name", word)
	}
	return word, nil
}

func compare(operator string, left, right value) (bool, error) {
	var order int
	switch {
	case left["N"] != nil && right["N"] != nil:
		order = decimal(left).Cmp(decimal(right))
	case left["S"] != nil && right["S"] != nil:
		order = strings.Compare(left["S"].(string), right["S"].(string))
	default:
		return false, nil
	}
	switch operator {
	case "=":
		return order == 0, nil
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	}
	return false, validation("unknown operator %s", operator)
}

func decimal(v value) *big.Rat {
	text, _ := v["N"].(string)
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return n
}

// update applies an update expression to a copy of the record, and returns it with the attributes that it wrote.
func (e *expression) update(text string, old record) (updated, changed record, err error) {
	e.tokens = token.FindAllString(text, -1)
	updated, changed = record{}, record{}
	maps.Copy(updated, old)
	write := func(name string, v value) { updated[name], changed[name] = v, v }
	for len(e.tokens) > 0 {
		clause := e.next()
		for more := true; more; more = e.take(",") {
			name, err := e.name(e.next())
			if err != nil {
				return nil, nil, err
			}
			var v value
			switch clause {
			case "SET":
				v, err = e.set(old)
			case "ADD":
				v, err = e.add(old[name], old)
			default:
				err = validation("unknown clause %s", clause)
			}
			if err != nil {
				return nil, nil, err
			}
			write(name, v)
		}
	}
	return updated, changed, nil
}

func (e *expression) set(old record) (value, error) {
	if err := e.need("="); err != nil {
		return nil, err
	}
	word := e.next()
	if word != "if_not_exists" {
		v, _, err := e.operand(word, old)
		return v, err
	}
	if err := e.need("("); err != nil {
		return nil, err
	}
	there, ok, err := e.operand(e.next(), old)
	if err != nil {
		return nil, err
	}
	if err := e.need(","); err != nil {
		return nil, err
	}
	otherwise, _, err := e.operand(e.next(), old)
	if err != nil {
		return nil, err
	}
	if ok {
		otherwise = there
	}
	return otherwise, e.need(")")
}

func (e *expression) add(before value, old record) (value, error) {
	more, _, err := e.operand(e.next(), old)
	switch {
	case err != nil:
		return nil, err
	case more["N"] != nil:
		return value{"N": new(big.Rat).Add(decimal(before), decimal(more)).RatString()}, nil
	case more["NS"] != nil:
		members := slices.Clone(set(before))
		for _, m := range set(more) {
			if !slices.Contains(members, m) {
				members = append(members, m)
			}
		}
		return value{"NS": members}, nil
	}
	return nil, validation("ADD of neither a number nor a set of numbers")
}

// unused is the error of a placeholder that no expression has, which DynamoDB refuses.
func (e *expression) unused() error {
	for name := range e.names {
		if !e.used[name] {
			return validation("%s is not used", name)
		}
	}
	for name := range e.values {
		if !e.used[name] {
			return validation("%s is not used", name)
		}
	}
	return nil
}
