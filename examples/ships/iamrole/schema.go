package iamrole

import (
	"reflect"

	"github.com/invopop/jsonschema"
)

// defined are the types that stand in more than one place of the payload's schema. Written out in each, they made it ten times as long, and as slow
// to compile at a cold start.
var defined = []reflect.Type{
	reflect.TypeFor[Statement](), reflect.TypeFor[Principals](), reflect.TypeFor[TrustPolicy](), reflect.TypeFor[PermissionsBoundary](),
	reflect.TypeFor[Description](), reflect.TypeFor[SessionDuration](), reflect.TypeFor[Path](), reflect.TypeFor[Deletion](),
}

// JSONSchemaExtend adds the types that the schema refers to. Their objects are closed, as all are.
func (Payload) JSONSchemaExtend(s *jsonschema.Schema) {
	reflector := &jsonschema.Reflector{Anonymous: true, RequiredFromJSONSchemaTags: true, DoNotReference: true, ExpandedStruct: true}
	s.Definitions = jsonschema.Definitions{}
	for _, t := range defined {
		part := reflector.ReflectFromType(t)
		part.Version = ""
		s.Definitions[t.Name()] = part
	}
}

// schemaOf refers to a type of the above.
func schemaOf[T any]() *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/$defs/" + reflect.TypeFor[T]().Name()}
}
