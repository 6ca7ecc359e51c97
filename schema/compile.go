package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Schema is a compiled JSON Schema. It is safe for concurrent use. Its zero value accepts every document.
type Schema struct {
	compiled *jsonschema.Schema
	// at finds a part of the schema by its location, as errors of the validator name it.
	at map[string]*jsonschema.Schema
}

// baseURL stands for the schema itself. Nothing can be loaded from it.
const baseURL = "schema:///schema.json"

// Compile compiles a JSON Schema of at most 1 MiB, by default of draft 2020-12. Formats are checked where the
// validator knows them.
//
// References to files and URLs are errors; only those within the schema (#/...) resolve. So are duplicate keys,
// patterns that Go's regular expressions do not have, and whatever else is no valid JSON Schema.
func Compile(raw json.RawMessage) (*Schema, error) {
	schema, err := compile(raw)
	if err != nil {
		return nil, fmt.Errorf("schema: not a JSON Schema: %w", err)
	}
	return schema, nil
}

// compile answers for the panics of the compiler: a schema that finds one is refused like any other that is not valid.
func compile(raw json.RawMessage) (schema *Schema, err error) {
	if _, err := ParseJSON("", raw); err != nil {
		return nil, err
	}
	defer func() {
		if reason := recover(); reason != nil {
			schema, err = nil, fmt.Errorf("can not be compiled: %v", reason)
		}
	}()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat = true
	compiler.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("a reference to %s: only references within the schema (#/...) are allowed", url)
	}
	if err := compiler.AddResource(baseURL, bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(baseURL)
	if err != nil {
		return nil, compileError(err)
	}
	schema = &Schema{compiled: compiled, at: map[string]*jsonschema.Schema{}}
	schema.collect(compiled)
	return schema, nil
}

// compileError says in which place of the schema what is wrong.
func compileError(err error) error {
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[len(invalid.Causes)-1]
		}
		return fmt.Errorf("at #%s: %s", invalid.InstanceLocation, invalid.Message)
	}
	var failed *jsonschema.SchemaError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// Open says whether the schema accepts unknown keys at its top level.
func (s *Schema) Open() bool {
	if s == nil || s.compiled == nil {
		return true
	}
	for top, depth := s.compiled, 0; top != nil && depth < maxDepth; top, depth = top.Ref, depth+1 {
		if top.AdditionalProperties == false || never(top.UnevaluatedProperties) || never(top) {
			return false
		}
		if sub, ok := top.AdditionalProperties.(*jsonschema.Schema); ok && never(sub) {
			return false
		}
	}
	return true
}

// never says whether a schema is the schema false.
func never(s *jsonschema.Schema) bool { return s != nil && s.Always != nil && !*s.Always }

// collect enters s and all schemas below it by location.
func (s *Schema) collect(part *jsonschema.Schema) {
	if part == nil || s.at[part.Location] != nil {
		return
	}
	s.at[part.Location] = part
	for _, below := range []*jsonschema.Schema{
		part.Ref, part.RecursiveRef, part.DynamicRef, part.Not, part.If, part.Then, part.Else,
		part.PropertyNames, part.UnevaluatedProperties, part.Items2020, part.Contains, part.UnevaluatedItems,
	} {
		s.collect(below)
	}
	for _, list := range [][]*jsonschema.Schema{part.AllOf, part.AnyOf, part.OneOf, part.PrefixItems} {
		for _, below := range list {
			s.collect(below)
		}
	}
	for _, below := range part.Properties {
		s.collect(below)
	}
	for _, below := range part.PatternProperties {
		s.collect(below)
	}
	for _, below := range part.DependentSchemas {
		s.collect(below)
	}
	for _, below := range part.Dependencies {
		s.collectAny(below)
	}
	s.collectAny(part.AdditionalProperties)
	s.collectAny(part.AdditionalItems)
	s.collectAny(part.Items)
}

// collectAny is collect for the keywords that hold a schema, several, or something else.
func (s *Schema) collectAny(value any) {
	switch value := value.(type) {
	case *jsonschema.Schema:
		s.collect(value)
	case []*jsonschema.Schema:
		for _, below := range value {
			s.collect(below)
		}
	}
}

// locate splits the location of a keyword, as an error names it, into the schema that has the keyword and the keyword.
// The keyword is "" when the location is that of a schema.
func (s *Schema) locate(location string) (part *jsonschema.Schema, keyword string) {
	if part := s.at[location]; part != nil {
		return part, ""
	}
	for end := strings.LastIndexByte(location, '/'); end > 0; end = strings.LastIndexByte(location[:end], '/') {
		if part := s.at[location[:end]]; part != nil {
			keyword, _, _ = strings.Cut(location[end+1:], "/")
			return part, keyword
		}
	}
	return nil, ""
}

// Modeline is the comment by which editors with the YAML language server find the schema of a template:
// "# yaml-language-server: $schema=REF", with ref the path or URL of the schema.
func Modeline(ref string) string { return "# yaml-language-server: $schema=" + ref }
