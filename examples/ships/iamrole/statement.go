package iamrole

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"
)

// everyone is the principal that stands for all.
const everyone = "*"

// Principals are whom a statement is about, by kind.
type Principals struct {
	AWS           Texts `json:"aws,omitempty" jsonschema_description:"Accounts, roles and users, by ARN; accounts also by id, in quotes."`
	Service       Texts `json:"service,omitempty" jsonschema_description:"Services of AWS, such as ec2.amazonaws.com."`
	Federated     Texts `json:"federated,omitempty" jsonschema_description:"Identity providers."`
	CanonicalUser Texts `json:"canonical_user,omitempty"`
}

// Principal is whom a statement is about: everyone, or principals by kind.
type Principal struct {
	Principals
	// Everyone is the text "*" in place of the kinds.
	Everyone bool
}

// IsZero says that there is none.
func (p Principal) IsZero() bool {
	return !p.Everyone && len(p.AWS)+len(p.Service)+len(p.Federated)+len(p.CanonicalUser) == 0
}

// UnmarshalJSON reads either form.
func (p *Principal) UnmarshalJSON(data []byte) error {
	if jsontext.Value(data).Kind() != '"' {
		return json.Unmarshal(data, &p.Principals)
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if p.Everyone = text == everyone; !p.Everyone {
		return fmt.Errorf(`a principal is "*", or a mapping of aws, service, federated and canonical_user, not %q`, text)
	}
	return nil
}

// MarshalJSON writes the form that was read.
func (p Principal) MarshalJSON() ([]byte, error) {
	if p.Everyone {
		return json.Marshal(everyone)
	}
	return json.Marshal(p.Principals)
}

// JSONSchema is both forms.
func (Principal) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{If: &jsonschema.Schema{Type: "string"}, Then: &jsonschema.Schema{Enum: []any{everyone}}, Else: schemaOf[Principals]()}
}

// Values are those of one key of a condition, as texts: a number or boolean is the text that IAM takes for it.
type Values []string

// UnmarshalJSON reads one value, or a list.
func (v *Values) UnmarshalJSON(data []byte) error {
	values, err := oneOrMany(data, func(one jsontext.Value) jsontext.Value { return one })
	if err != nil {
		return err
	}
	*v = make(Values, len(values))
	for i, value := range values {
		if value.Kind() != '"' {
			(*v)[i] = string(value) // a number or boolean, as it is written
		} else if err := json.Unmarshal(value, &(*v)[i]); err != nil {
			return err
		}
	}
	return nil
}

// JSONSchema is one text, number or boolean, or a list of them.
func (Values) JSONSchema() *jsonschema.Schema {
	bare := []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}}
	return &jsonschema.Schema{AnyOf: append(bare[:3:3], listOf(&jsonschema.Schema{AnyOf: bare}))}
}
