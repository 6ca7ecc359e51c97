package schema_test

import (
	"fmt"
	"reflect"

	"github.com/starfleet-go/starfleet/schema"
)

// A type makes the schema, the schema finds all that is wrong with a template at once.
func Example() {
	type Payload struct {
		TemplateName  string   `json:"TemplateName" jsonschema:"required"`
		Accounts      []string `json:"Accounts" jsonschema:"minItems=1,pattern=^[0-9]{12}$"`
		RetentionDays int      `json:"RetentionDays" jsonschema:"minimum=1,maximum=3653"`
	}
	raw, err := schema.Reflect(reflect.TypeFor[Payload](), "LogRetention", false)
	if err != nil {
		fmt.Println(err)
		return
	}
	compiled, err := schema.Compile(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	document, err := schema.Parse("template.yaml", []byte("Accounts:\n  - 012345670000\nRetentionDay: 30\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(compiled.Validate(document))
	// Output:
	// template.yaml:1:1: TemplateName: is required
	// template.yaml:2:5: Accounts[0]: must be a string, not the integer 012345670000: quote the account id: "012345670000"
	// template.yaml:3:1: RetentionDay: unknown key: did you mean RetentionDays?
}
