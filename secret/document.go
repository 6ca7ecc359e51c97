package secret

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Document is a secret that was read: a JSON object of sections. It is a [Source] that never changes, for tests and for stores that have
// the secret at hand. Safe for concurrent use.
type Document struct {
	name     string
	sections map[string]jsontext.Value
}

// Parse reads a secret. name is what errors call it. The error is a *MalformedError: the data is not one JSON object, or has a name twice.
func Parse(name string, data []byte) (*Document, error) {
	d := &Document{name: name}
	if err := json.Unmarshal(data, &d.sections); err != nil {
		return nil, &MalformedError{Secret: name, Problem: problem(err, "a JSON object of sections")}
	}
	if d.sections == nil {
		return nil, &MalformedError{Secret: name, Problem: "is null, must be a JSON object of sections"}
	}
	return d, nil
}

// Section decodes a section: see [Source].
func (d *Document) Section(_ context.Context, name string, target any) error {
	if v := reflect.ValueOf(target); v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("section %s of secret %s: the target is a %T, it must be a pointer to a struct or a map", name, d.name, target)
	}
	raw, ok := d.sections[name]
	if !ok {
		return &MissingError{Secret: d.name, Section: name}
	}
	if raw.Kind() == 'n' {
		return &MalformedError{Secret: d.name, Section: name, Problem: "is null"}
	}
	if err := json.Unmarshal(raw, target); err != nil {
		return &MalformedError{Secret: d.name, Section: name, Problem: problem(err, "what the program decodes it into")}
	}
	return nil
}

// Invalidate does nothing: the document does not change.
func (d *Document) Invalidate() {}

// String is the document's name: what it holds never prints.
func (d Document) String() string { return "secret " + d.name }

// Format writes the document's name for every verb.
func (d Document) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(d.String())) }

// problem says where a decoder failed, without its words: they quote what is decoded.
func problem(err error, want string) string {
	var (
		semantic *json.SemanticError
		syntax   *jsontext.SyntacticError
	)
	switch {
	case errors.As(err, &semantic):
		place := "the value"
		if semantic.JSONPointer != "" {
			place = string(semantic.JSONPointer)
		}
		return fmt.Sprintf("%s is not %s", place, wanted(semantic.GoType, want))
	case errors.As(err, &syntax) && errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Sprintf("has the same name twice in an object (at byte %d)", syntax.ByteOffset)
	case errors.As(err, &syntax):
		return fmt.Sprintf("is not JSON (at byte %d)", syntax.ByteOffset)
	}
	return "is not JSON"
}

// wanted names a Go type in the words of JSON.
func wanted(t reflect.Type, otherwise string) string {
	if t == nil {
		return otherwise
	}
	if t == reflect.TypeFor[Value]() {
		return "a string"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Bool:
		return "a boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return otherwise
	}
}
