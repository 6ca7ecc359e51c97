package cli

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/starfleet-go/starfleet/internal/command"
)

// schemaCommand prints the schema of a ship's payload.
type schemaCommand struct {
	shipFlags
	Template bool `help:"Print a template to start from instead, with the line by which editors find the schema."`
}

// Help is the detailed help.
func (schemaCommand) Help() string {
	return `An editor with a YAML language server checks and completes templates by the schema: write it beside the templates, as SHIP.schema.json, which the skeleton's first line points to.

Examples:

  starfleet schema --config config --ship LogRetention > LogRetention.schema.json
  starfleet schema --config config --ship LogRetention --template > new.yaml
  starfleet schema --fan-out ACCOUNT_REGION

`
}

// Run does it.
func (s *schemaCommand) Run(ctx context.Context, c *command.Console) error {
	w, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	subject, err := w.payload("")
	if err != nil {
		return err
	}
	var text []byte
	if s.Template {
		text, err = subject.manifest.Skeleton(subject.manifest.Name + ".schema.json")
	} else {
		text, err = indented(subject.manifest.PayloadSchema)
	}
	if err != nil {
		return err
	}
	_, err = c.Out.Write(text)
	return err
}

// indented lays JSON out for people; keys keep their order.
func indented(raw []byte) ([]byte, error) {
	value := jsontext.Value(raw).Clone()
	if err := value.Indent(jsontext.WithIndent("  ")); err != nil {
		return nil, err
	}
	return append(value, '\n'), nil
}
