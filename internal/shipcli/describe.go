package shipcli

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/starfleet-go/starfleet/internal/command"
)

// validateCommand checks templates.
type validateCommand struct {
	Files  []string `arg:"" name:"file" help:"Templates in YAML or JSON; - is standard input."`
	Output string   `short:"o" enum:"text,json" default:"text" help:"text, or json: one object a fault on standard error."`
}

// Help is the detailed help.
func (validateCommand) Help() string {
	return `All faults of all files are told on standard error, as file:line:column: path: problem: hint. The exit status is 1 when there is one.

Example:

  ${ship} validate templates/*.yaml

`
}

// Run does it.
func (v *validateCommand) Run(c *command.Console, ship *Ship) error {
	var faults []error
	for _, name := range v.Files {
		file, data, err := c.ReadDocument(name)
		if err == nil {
			err = ship.Validate(file, data)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if !c.JSON {
			_, _ = fmt.Fprintf(c.Out, "%s: %s\n", command.Safe(file), c.OutPaint.Green("ok"))
		}
	}
	return errors.Join(faults...)
}

// schemaCommand prints the payload's schema.
type schemaCommand struct {
	Template bool `help:"Print a template to start from instead, with the line by which editors find the schema."`
}

// Help is the detailed help.
func (schemaCommand) Help() string {
	return `An editor with a YAML language server checks and completes templates by the schema.

Example:

  ${ship} schema > ${ship}.schema.json
  ${ship} schema --template > template.yaml

`
}

// Run does it.
func (s *schemaCommand) Run(c *command.Console, ship *Ship) error {
	if s.Template {
		text, err := ship.Skeleton()
		if err != nil {
			return err
		}
		return write(c.Out, text)
	}
	raw, err := ship.Schema()
	if err != nil {
		return err
	}
	return write(c.Out, raw)
}

// manifestCommand prints the manifest.
type manifestCommand struct{}

// Help is the detailed help.
func (manifestCommand) Help() string {
	return `A Starbase that does not link the ship's code tasks it by its manifest: put it into the folder manifests beside the configuration.

Example:

  ${ship} manifest > config/manifests/${ship}.json

`
}

// Run does it.
func (manifestCommand) Run(c *command.Console, ship *Ship) error {
	raw, err := ship.Manifest()
	if err != nil {
		return err
	}
	return write(c.Out, raw)
}

// versionCommand prints versions.
type versionCommand struct{}

// Run does it.
func (versionCommand) Run(c *command.Console, ship *Ship) error {
	_, err := fmt.Fprintf(c.Out, "%s (Starfleet SDK %s, %s %s/%s)\n", ship.Name, ship.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
