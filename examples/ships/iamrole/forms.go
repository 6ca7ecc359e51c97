package iamrole

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"
)

// The types below are what a template may write in two ways: one value, or a list.

// OneOrMany is one T, or a list of them.
type OneOrMany[T any] []T

// UnmarshalJSON reads either form.
func (o *OneOrMany[T]) UnmarshalJSON(data []byte) error {
	list, err := oneOrMany(data, func(one T) T { return one })
	*o = list
	return err
}

// JSONSchema is both forms.
func (OneOrMany[T]) JSONSchema() *jsonschema.Schema {
	one := schemaOf[T]()
	return &jsonschema.Schema{If: &jsonschema.Schema{Type: "array"}, Then: listOf(one), Else: one}
}

// Texts is one text, or a list of texts.
type Texts []string

// UnmarshalJSON reads either form.
func (t *Texts) UnmarshalJSON(data []byte) error {
	list, err := oneOrMany(data, func(one string) string { return one })
	*t = list
	return err
}

// JSONSchema is both forms.
func (Texts) JSONSchema() *jsonschema.Schema { return textOrList() }

// Descriptions is one description for all accounts, or a list of entries.
type Descriptions []Description

// UnmarshalJSON reads either form.
func (d *Descriptions) UnmarshalJSON(data []byte) error {
	list, err := oneOrMany(data, func(one string) Description { return Description{Description: one} })
	*d = list
	return err
}

// JSONSchema is both forms.
func (Descriptions) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "string"}, schemaOf[Description]())
}

// SessionDurations is one number of seconds for all accounts, or a list of entries.
type SessionDurations []SessionDuration

// UnmarshalJSON reads either form.
func (s *SessionDurations) UnmarshalJSON(data []byte) error {
	list, err := oneOrMany(data, func(one int32) SessionDuration { return SessionDuration{MaxSessionDuration: one} })
	*s = list
	return err
}

// JSONSchema is both forms.
func (SessionDurations) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "integer", Minimum: "3600", Maximum: "43200"}, schemaOf[SessionDuration]())
}

// Paths is one path for all accounts, or a list of entries.
type Paths []Path

// UnmarshalJSON reads either form.
func (p *Paths) UnmarshalJSON(data []byte) error {
	list, err := oneOrMany(data, func(one string) Path { return Path{Path: one} })
	*p = list
	return err
}

// JSONSchema is both forms.
func (Paths) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "string"}, schemaOf[Path]())
}

// Deletions is true or false for all accounts, or a list of entries.
type Deletions []Deletion

// UnmarshalJSON reads either form.
func (d *Deletions) UnmarshalJSON(data []byte) error {
	list, err := oneOrMany(data, func(one bool) Deletion { return Deletion{Deleted: one} })
	*d = list
	return err
}

// JSONSchema is both forms.
func (Deletions) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "boolean"}, schemaOf[Deletion]())
}

// oneOrMany reads a list of T, or one S, which wrap makes a T of.
func oneOrMany[S, T any](data []byte, wrap func(S) T) ([]T, error) {
	if jsontext.Value(data).Kind() == '[' {
		var list []T
		err := json.Unmarshal(data, &list)
		return list, err
	}
	var one S
	if err := json.Unmarshal(data, &one); err != nil {
		return nil, err
	}
	return []T{wrap(one)}, nil
}

func textOrList() *jsonschema.Schema {
	text := &jsonschema.Schema{Type: "string"}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{text, listOf(text)}}
}

// either is a bare value, or a list of entries.
func either(bare, entry *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{bare, listOf(entry)}}
}

func listOf(item *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: item}
}
