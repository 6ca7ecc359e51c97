package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/invopop/jsonschema"
)

// durationPattern is what time.ParseDuration takes.
const durationPattern = `^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`

var (
	durationType        = reflect.TypeFor[time.Duration]()
	timeType            = reflect.TypeFor[time.Time]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	customSchemaType    = reflect.TypeFor[interface{ JSONSchema() *jsonschema.Schema }]()
)

// Reflect writes the JSON Schema (draft 2020-12) of a payload or settings type, a struct. The names of keys come from
// `json` tags; descriptions, limits, defaults and enums from `jsonschema` tags, in the form of
// github.com/invopop/jsonschema. A description with commas goes into a tag of its own, `jsonschema_description`.
// A key is required only when its tag says `jsonschema:"required"`.
//
// Embedded structs are inlined, and so is every other type: the schema has no $ref. Objects are closed
// (additionalProperties is false), at the top level too unless open is set. Fields that are pointers also take null,
// unsigned integers are at least 0, a [time.Duration] is text such as "30s", and a type that reads itself from text
// is a string. The output is the same for the same type, byte for byte.
//
// It fails when the type is not a struct, contains itself, has a field that JSON can not carry, or has a `jsonschema`
// tag that would have no effect.
func Reflect(t reflect.Type, title string, open bool) (json.RawMessage, error) {
	raw, _, err := ReflectCompiled(t, title, open)
	return raw, err
}

// ReflectCompiled is [Reflect] with the schema compiled, as [Compile] would have it.
func ReflectCompiled(t reflect.Type, title string, open bool) (json.RawMessage, *Schema, error) {
	raw, err := reflectRaw(t, title, open)
	if err != nil {
		return nil, nil, err
	}
	compiled, err := compile(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("schema: %s: %w", element(t), err)
	}
	return raw, compiled, nil
}

// reflectRaw writes the schema, which may yet be none: tags hold patterns and more.
func reflectRaw(t reflect.Type, title string, open bool) (json.RawMessage, error) {
	if t == nil {
		return nil, fmt.Errorf("schema: no type is given")
	}
	t = element(t)
	if t.Kind() != reflect.Struct || opaque(t) {
		return nil, fmt.Errorf("schema: %s: only a struct has a schema of keys", t)
	}
	if err := checkType(t, t.String(), nil); err != nil {
		return nil, err
	}
	reflector := &jsonschema.Reflector{
		Anonymous:                  true,
		RequiredFromJSONSchemaTags: true,
		DoNotReference:             true,
		ExpandedStruct:             true,
		Mapper:                     mapType,
		// Types of the same name in different packages would otherwise share a definition.
		Namer: func(t reflect.Type) string { return t.PkgPath() + "." + t.Name() },
	}
	top := reflector.ReflectFromType(t)
	refine(top, t)
	top.Title = title
	if open {
		top.AdditionalProperties = nil
	}
	raw, err := json.Marshal(top)
	if err != nil {
		return nil, fmt.Errorf("schema: %s: %w", t, err)
	}
	raw, err = inOrder(raw)
	if err != nil {
		return nil, fmt.Errorf("schema: %s: %w", t, err)
	}
	return raw, nil
}

// opaque says whether the schema of a type does not follow from its fields or elements.
func opaque(t reflect.Type) bool {
	if t.Implements(customSchemaType) || t == durationType || t == timeType {
		return true
	}
	pointer := reflect.PointerTo(t)
	return pointer.Implements(jsonUnmarshalerType) || pointer.Implements(textUnmarshalerType)
}

// mapType is the schema of the types that read themselves; nil leaves a type to the reflector.
func mapType(t reflect.Type) *jsonschema.Schema {
	pointer := reflect.PointerTo(t)
	switch {
	case t == durationType:
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern}
	case t == timeType, t.Implements(customSchemaType):
		return nil
	case pointer.Implements(jsonUnmarshalerType):
		return &jsonschema.Schema{}
	case pointer.Implements(textUnmarshalerType):
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}

// checkType refuses what a schema can not say: types that contain themselves, and those that JSON can not carry.
func checkType(t reflect.Type, path string, above []reflect.Type) error {
	t = element(t)
	if opaque(t) {
		return nil
	}
	if slices.Contains(above, t) {
		return fmt.Errorf("schema: %s: %s contains itself", path, t)
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("schema: %s: JSON can not carry a %s", path, t)
	case reflect.Slice, reflect.Array:
		return checkType(t.Elem(), path+"[]", append(above, t))
	case reflect.Map:
		if kind := t.Key().Kind(); kind != reflect.String {
			return fmt.Errorf("schema: %s: the keys of %s must be strings", path, t)
		}
		return checkType(t.Elem(), path+"[]", append(above, t))
	case reflect.Struct:
		var first error
		eachField(t, func(name string, field reflect.StructField) {
			if first != nil {
				return
			}
			below := path + "." + name
			if first = checkTag(field, below); first == nil {
				first = checkType(field.Type, below, append(above, t))
			}
		})
		return first
	}
	return nil
}

// refine adds to the schema of a type what the reflector leaves out: null for pointers, 0 as the least of
// unsigned integers.
func refine(s *jsonschema.Schema, t reflect.Type) {
	t = element(t)
	if s == nil || opaque(t) {
		return
	}
	switch t.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if s.Type == "integer" && s.Minimum == "" && s.ExclusiveMinimum == "" {
			s.Minimum = "0"
		}
	case reflect.Slice, reflect.Array:
		refine(s.Items, t.Elem())
	case reflect.Map:
		refine(s.AdditionalProperties, t.Elem())
	case reflect.Struct:
		if s.Properties == nil {
			return
		}
		eachField(t, func(name string, field reflect.StructField) {
			property, found := s.Properties.Get(name)
			if !found {
				return
			}
			refine(property, field.Type)
			if field.Type.Kind() == reflect.Pointer {
				allowNull(property)
			}
		})
	}
}

// allowNull makes a schema take null too.
func allowNull(s *jsonschema.Schema) {
	if s.Type == "" || s.Type == "null" {
		return
	}
	if s.Extras == nil {
		s.Extras = map[string]any{}
	}
	s.Extras["type"] = []string{s.Type, "null"}
	s.Type = ""
	if len(s.Enum) > 0 {
		s.Enum = append(s.Enum, nil)
	}
}
