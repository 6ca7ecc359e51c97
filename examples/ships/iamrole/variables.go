package iamrole

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/starfleet-go/starfleet/schema"
)

// The variables that every template has. A template may have a partition of its own in place of the third.
const (
	variableAccountID   = "account_id"
	variableAccountName = "account_name"
	variablePartition   = "partition"
)

// maxValue is how many characters of a variable's value are used, as in iambic.
const maxValue = 64

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// reference is what may stand between {{ and }}.
	reference = regexp.MustCompile(`^[ \t]*var\.([A-Za-z_][A-Za-z0-9_]*)[ \t]*$`)
)

// expand replaces the references to variables in a text by what value gives for their names. Jinja, which iambic gives the text to, has more
// between {{ }}, {% %} and {# #}; all of that is an error here, as are the errors of value. All of them are joined.
func expand(text string, value func(name string) (string, error)) (string, error) {
	var out strings.Builder
	var errs []error
	for {
		at, opening := firstOf(text, "{{", "{%", "{#")
		if at < 0 {
			out.WriteString(text)
			return out.String(), errors.Join(errs...)
		}
		out.WriteString(text[:at])
		if opening != "{{" {
			return "", errors.Join(append(errs, fmt.Errorf("%s is a tag of Jinja: only variables are understood, as in {{var.account_id}}", opening))...)
		}
		inner, rest, closed := strings.Cut(text[at+len(opening):], "}}")
		if !closed {
			return "", errors.Join(append(errs, errors.New("{{ has no }} after it"))...)
		}
		text = rest
		found := reference.FindStringSubmatch(inner)
		if found == nil {
			errs = append(errs, fmt.Errorf("{{%s}} is more than a variable: only {{var.NAME}} is understood", inner))
			continue
		}
		replacement, err := value(found[1])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out.WriteString(replacement)
	}
}

// firstOf is the first place at which one of the words stands, and which; -1 when none does.
func firstOf(text string, words ...string) (int, string) {
	at, which := -1, ""
	for _, word := range words {
		if i := strings.Index(text, word); i >= 0 && (at < 0 || i < at) {
			at, which = i, word
		}
	}
	return at, which
}

// reduced is what is used of a variable's value: word characters and +=,.@-, 64 at most.
func reduced(value string) string {
	var out strings.Builder
	n := 0
	for _, c := range value {
		if n < maxValue && c != unicode.ReplacementChar && (unicode.IsLetter(c) || unicode.IsNumber(c) || strings.ContainsRune("_+=,.@-", c)) {
			out.WriteRune(c)
			n++
		}
	}
	return out.String()
}

// variables are the values of one template in one account, by name.
type variables map[string]string

// lookup is the value of a variable, reduced. One that is unknown, or of which nothing is left, is an error: iambic takes nothing for it, so
// that another role would be written.
func (v variables) lookup(name string) (string, error) {
	value, known := v[name]
	if !known && name == variableAccountName {
		return "", errors.New("the name of the account is not known: give the ship an account index")
	}
	if !known {
		hint := "known are " + strings.Join(slices.Sorted(maps.Keys(v)), ", ")
		if near := schema.DidYouMean(name, slices.Collect(maps.Keys(v))); near != "" {
			hint = "did you mean " + near + "?"
		}
		return "", fmt.Errorf("there is no variable %s: %s", name, hint)
	}
	used := reduced(value)
	if used == "" {
		return "", fmt.Errorf("nothing is left of variable %s: of its value %q letters, digits and _+=,.@- are used", name, value)
	}
	return used, nil
}

// variablesOf are those of the payload, and those that every account has: accountName is "" where it is not known.
func (p Payload) variablesOf(accountID, accountName, partition string) variables {
	v := variables{variablePartition: partition}
	for _, own := range p.IambicVariables {
		v[own.Key] = own.Value
	}
	v[variableAccountID] = accountID
	if accountName != "" {
		v[variableAccountName] = accountName
	}
	return v
}

// checkVariables refuses variables that nothing can refer to, or that would hide another.
func (p Payload) checkVariables() []error {
	var errs []error
	seen := map[string]bool{}
	for i, v := range p.IambicVariables {
		path := fmt.Sprintf("IambicVariables[%d]", i)
		switch {
		case !variableName.MatchString(v.Key):
			errs = append(errs, fmt.Errorf("%s.Key: %q is no name: it has letters, digits and underscores, and begins with none of the digits", path, v.Key))
		case v.Key == variableAccountID || v.Key == variableAccountName:
			errs = append(errs, fmt.Errorf("%s.Key: %s is that of the account, a template cannot set it", path, v.Key))
		case seen[v.Key]:
			errs = append(errs, fmt.Errorf("%s.Key: there are two variables %s", path, v.Key))
		}
		seen[v.Key] = true
		if reduced(v.Value) == "" {
			errs = append(errs, fmt.Errorf("%s.Value: of %q nothing is used: letters, digits and _+=,.@- are", path, v.Value))
		}
	}
	return errs
}
