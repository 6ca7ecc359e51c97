package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The keys of a `jsonschema` tag, by the kind of value that they are for. A key that is not for its field would
// have no effect, and a limit without effect is worse than none.
var (
	bareKeys    = []string{"required", "nullable", "-"}
	anyKeys     = []string{"title", "description", "type", "oneof_required", "anyof_required", "oneof_type", "anyof_type"}
	stringKeys  = []string{"minLength", "maxLength", "pattern", "format", "readOnly", "writeOnly", "default", "example", "enum"}
	numberKeys  = []string{"multipleOf", "minimum", "maximum", "exclusiveMaximum", "exclusiveMinimum", "default", "example", "enum"}
	listKeys    = []string{"minItems", "maxItems", "uniqueItems", "default", "format", "pattern"}
	booleanKeys = []string{"default"}

	// countKeys take a whole number, numericKeys any number, wherever they stand.
	countKeys   = []string{"minLength", "maxLength", "minItems", "maxItems"}
	numericKeys = []string{"multipleOf", "minimum", "maximum", "exclusiveMaximum", "exclusiveMinimum"}
)

// checkTag refuses what the `jsonschema` tag of a field says without effect.
func checkTag(field reflect.StructField, path string) error {
	tag, found := field.Tag.Lookup("jsonschema")
	if !found || tag == "" {
		return nil
	}
	known := slices.Concat(bareKeys, anyKeys, tagKeys(field))
	for _, part := range splitTag(tag) {
		key, value, hasValue := strings.Cut(part, "=")
		switch {
		case slices.Contains(bareKeys, part):
			continue
		case !slices.Contains(known, key):
			return fmt.Errorf("schema: %s: the jsonschema tag %q has no effect here%s", path, part, tagHint(key, known, hasValue))
		case !hasValue:
			return fmt.Errorf("schema: %s: the jsonschema tag %q needs a value", path, part)
		case slices.Contains(countKeys, key):
			if _, err := strconv.ParseUint(value, 10, 31); err != nil {
				return fmt.Errorf("schema: %s: the jsonschema tag %q needs a whole number", path, part)
			}
		case slices.Contains(numericKeys, key):
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return fmt.Errorf("schema: %s: the jsonschema tag %q needs a number", path, part)
			}
		}
	}
	return nil
}

func tagHint(key string, known []string, hasValue bool) string {
	if near := DidYouMean(key, known); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	if !hasValue {
		return "; a description with commas goes into a jsonschema_description tag"
	}
	return ""
}

// tagKeys are the keys with an effect on a field's kind.
func tagKeys(field reflect.StructField) []string {
	t := element(field.Type)
	asText := slices.Contains(strings.Split(field.Tag.Get("json"), ",")[1:], "string")
	switch {
	case t == durationType, t == timeType, asText:
		return stringKeys
	case opaque(t):
		return slices.Concat(stringKeys, numberKeys, listKeys)
	}
	switch t.Kind() {
	case reflect.String:
		return stringKeys
	case reflect.Bool:
		return booleanKeys
	case reflect.Slice, reflect.Array:
		item := reflect.StructField{Type: t.Elem()}
		if kind := element(t.Elem()).Kind(); kind == reflect.Slice || kind == reflect.Array {
			return listKeys
		}
		return slices.Concat(listKeys, tagKeys(item))
	case reflect.Map, reflect.Struct, reflect.Interface:
		return nil
	}
	return numberKeys
}

// splitTag splits a tag at its commas, except those after a backslash.
func splitTag(tag string) []string {
	const comma = "\x00"
	parts := strings.Split(strings.ReplaceAll(tag, `\,`, comma), ",")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(part, comma, ",")
	}
	return parts
}
