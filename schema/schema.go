package schema

import (
	"encoding/json"
	"reflect"
)

// Reflect writes the JSON Schema (draft 2020-12) of a payload or settings type. Descriptions, limits and enums come from `jsonschema` tags,
// "required" only from the tag `jsonschema:"required"`; embedded structs are inlined; no $ref is left (all definitions are inlined).
// Objects are closed (additionalProperties false), at the top level too unless open is set.
// It fails when the type is not a struct or has a field that JSON can not carry.
func Reflect(t reflect.Type, title string, open bool) (json.RawMessage, error) { panic("contract") }

// Schema is a compiled JSON Schema. It is safe for concurrent use.
type Schema struct{}

// Compile compiles a JSON Schema. References to files and URLs are refused; only local ones (#/...) resolve.
func Compile(raw json.RawMessage) (*Schema, error) { panic("contract") }

// Validate checks a document and returns all faults, with places, sorted, in people's words, each with a hint where there is one
// (unknown key: "did you mean IncludeAccounts?"; a number where a string is wanted and it looks like an account id: "quote the account id").
func (s *Schema) Validate(d *Document) Faults { panic("contract") }

// ValidateNode is Validate for a part of a document.
func (s *Schema) ValidateNode(d *Document, n *Node) Faults { panic("contract") }

// Open says whether the schema accepts unknown keys at its top level.
func (s *Schema) Open() bool { panic("contract") }

// Modeline is the comment by which editors with the YAML language server find the schema of a template:
// "# yaml-language-server: $schema=REF".
func Modeline(ref string) string { panic("contract") }
