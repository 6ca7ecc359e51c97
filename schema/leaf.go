package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// maxValuesShown is how many allowed values a message lists.
const maxValuesShown = 20

// leaf are the faults that one keyword finds in one node.
func (v *verdict) leaf(at *Node, part *jsonschema.Schema, keyword string, e *jsonschema.ValidationError) Faults {
	fault := func(problem string) Faults { return Faults{v.document.Fault(at, problem, "")} }
	if part == nil {
		return fault(e.Message)
	}
	switch keyword {
	case "":
		return v.refusedWhole(at, e)
	case "type", "pattern":
		if isDuration(part) {
			return fault(errDuration.Error() + butIs(at))
		}
	}
	switch keyword {
	case "type":
		problem, hint := wrongType(at, kindsOf(part.Types))
		return Faults{v.document.Fault(at, problem, hint)}
	case "required":
		return v.missing(at, part)
	case "additionalProperties":
		return v.unknown(at, part)
	case "enum", "const":
		return Faults{v.notAllowed(at, allowedValues(part))}
	case "pattern":
		return fault(fmt.Sprintf("%q does not match the pattern %s", shorten(at.Text(), maxValueShown), part.Pattern))
	case "format":
		return fault(fmt.Sprintf("%q is not a valid %s", shorten(at.Text(), maxValueShown), part.Format))
	case "oneOf":
		return fault("fits more than one of the forms of which it must have one")
	case "uniqueItems":
		return fault("an item is there twice: " + e.Message)
	}
	if problem := sizeProblem(at, part, keyword); problem != "" {
		return fault(problem)
	}
	return fault(e.Message)
}

// sizeProblem is what is wrong when a value is too large or too small for a keyword; "" for other keywords.
func sizeProblem(at *Node, part *jsonschema.Schema, keyword string) string {
	length := utf8.RuneCountInString(at.Text())
	switch keyword {
	case "minLength":
		if length == 0 {
			return "must not be empty"
		}
		return fmt.Sprintf("is too short: %s, at least %d", count(length, "character"), part.MinLength)
	case "maxLength":
		return fmt.Sprintf("is too long: %s, at most %d", count(length, "character"), part.MaxLength)
	case "minItems":
		if at.Len() == 0 {
			return "must not be empty"
		}
		return fmt.Sprintf("has too few items: %d, at least %d", at.Len(), part.MinItems)
	case "maxItems":
		return fmt.Sprintf("has too many items: %d, at most %d", at.Len(), part.MaxItems)
	case "minProperties":
		if at.Len() == 0 {
			return "must not be empty"
		}
		return fmt.Sprintf("has too few keys: %d, at least %d", at.Len(), part.MinProperties)
	case "maxProperties":
		return fmt.Sprintf("has too many keys: %d, at most %d", at.Len(), part.MaxProperties)
	case "minimum":
		return "must be at least " + number(part.Minimum) + butIs(at)
	case "maximum":
		return "must be at most " + number(part.Maximum) + butIs(at)
	case "exclusiveMinimum":
		return "must be more than " + number(part.ExclusiveMinimum) + butIs(at)
	case "exclusiveMaximum":
		return "must be less than " + number(part.ExclusiveMaximum) + butIs(at)
	case "multipleOf":
		return "must be a multiple of " + number(part.MultipleOf) + butIs(at)
	}
	return ""
}

// isDuration says whether a schema is that of a time.Duration.
func isDuration(part *jsonschema.Schema) bool {
	return part.Pattern != nil && part.Pattern.String() == durationPattern
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// number writes a limit as a schema would.
func number(r *big.Rat) string {
	f, _ := r.Float64()
	if r.IsInt() && math.Abs(f) < 1e18 {
		return r.RatString()
	}
	return formatFloat(f)
}

// refusedWhole is the fault of a value for which a schema leaves no room: an entry is then an unknown key.
func (v *verdict) refusedWhole(at *Node, e *jsonschema.ValidationError) Faults {
	location := e.AbsoluteKeywordLocation
	if strings.HasSuffix(location, "/not") {
		return Faults{v.document.Fault(at, "has a form that is not allowed here", "")}
	}
	if at.keyLine == 0 {
		return Faults{v.document.Fault(at, "is not allowed here", "")}
	}
	var known []string
	if holder, _ := v.schema.locate(location[:max(0, strings.LastIndexByte(location, '/'))]); holder != nil {
		known = slices.Sorted(maps.Keys(holder.Properties))
	}
	return Faults{v.document.unknownKey(at, known)}
}

// missing are the faults of the keys that a mapping lacks: with the path that the key would have, at the place of the mapping.
func (v *verdict) missing(mapping *Node, part *jsonschema.Schema) Faults {
	at := mapping
	if at.parent == nil {
		at = nil // the document as a whole, whatever comments it begins with
	}
	var faults Faults
	for _, name := range part.Required {
		if mapping.Get(name) == nil {
			fault := v.document.Fault(at, "is required", "")
			fault.Path = mapping.pathOf(name)
			faults = append(faults, fault)
		}
	}
	return faults
}

// unknown are the faults of the keys that a closed mapping does not know.
func (v *verdict) unknown(at *Node, part *jsonschema.Schema) Faults {
	known := slices.Sorted(maps.Keys(part.Properties))
	patterns := slices.Collect(maps.Keys(part.PatternProperties))
	var faults Faults
	for key, entry := range at.Entries() {
		if part.Properties[key] != nil || slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(key) }) {
			continue
		}
		// The nearest known key costs time; beyond the faults that are shown it is not looked for.
		if len(faults) > maxFaults {
			faults = append(faults, v.document.unknownKey(entry, nil))
			continue
		}
		faults = append(faults, v.document.unknownKey(entry, known))
	}
	return faults
}

// kindsOf are the kinds of nodes that the types of a schema stand for.
func kindsOf(types []string) []Kind {
	kinds := make([]Kind, 0, len(types))
	for _, name := range types {
		switch name {
		case "null":
			kinds = append(kinds, Null)
		case "boolean":
			kinds = append(kinds, Bool)
		case "integer":
			kinds = append(kinds, Int)
		case "number":
			kinds = append(kinds, Float)
		case "string":
			kinds = append(kinds, String)
		case "array":
			kinds = append(kinds, List)
		case "object":
			kinds = append(kinds, Map)
		}
	}
	return kinds
}

// allowedValues are the values of enum or const as messages show them: strings bare, the rest as JSON.
func allowedValues(part *jsonschema.Schema) []string {
	if part == nil {
		return nil
	}
	values := part.Enum
	if len(part.Constant) > 0 {
		values = part.Constant
	}
	words := make([]string, len(values))
	for i, value := range values {
		if word, ok := value.(string); ok && word != "" { // an empty one needs its quotes to be seen
			words[i] = word
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			text = fmt.Append(nil, value)
		}
		words[i] = string(text)
	}
	return words
}
