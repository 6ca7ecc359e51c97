package shipcli

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/starfleet-go/starfleet/internal/command"
)

const validateDetails = `
FILE is a template in YAML or JSON; - is standard input. All faults of all files are told on standard
error, as file:line:column: path: problem: hint. The exit status is 1 when there is one.

Example:

    ${ship} validate templates/*.yaml`

// validateCommand checks templates.
func (r *run) validateCommand() *cobra.Command {
	c := r.command("validate FILE...", "Check payload templates for this ship.", validateDetails, cobra.MinimumNArgs(1), func(_ context.Context, files []string) error {
		return r.validate(files)
	})
	addOutput(c, "text, or json: one object a fault on standard error")
	return c
}

func (r *run) validate(files []string) error {
	var faults []error
	for _, name := range files {
		file, data, err := r.ReadDocument(name)
		var notes []string
		if err == nil {
			notes, err = r.ship.Validate(file, data)
		}
		for _, note := range notes {
			r.Note("%s: %s", file, note)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if !r.JSON {
			_, _ = fmt.Fprintf(r.Out, "%s: %s\n", command.Safe(file), r.OutPaint.Green("ok"))
		}
	}
	return errors.Join(faults...)
}

const schemaDetails = `
An editor with a YAML language server checks and completes templates by the schema.

Example:

    ${ship} schema > ${ship}.schema.json
    ${ship} schema --template > template.yaml`

// schemaCommand prints the payload's schema.
func (r *run) schemaCommand() *cobra.Command {
	var template bool
	c := r.command("schema [--template]", "Print the JSON Schema of the ship's payload, or a template to start from.", schemaDetails, cobra.NoArgs,
		func(context.Context, []string) error {
			if template {
				return r.printMade(r.ship.Skeleton)
			}
			return r.printMade(r.ship.Schema)
		})
	c.Flags().BoolVar(&template, "template", false, "print a template to start from instead, with the line by which editors find the schema")
	return c
}

const manifestDetails = `
A Starbase that does not link the ship's code tasks it by its manifest: put it into the folder
manifests beside the configuration.

Example:

    ${ship} manifest > config/manifests/${ship}.json`

// manifestCommand prints the manifest.
func (r *run) manifestCommand() *cobra.Command {
	return r.command("manifest", "Print the ship's manifest, by which a Starbase tasks it.", manifestDetails, cobra.NoArgs,
		func(context.Context, []string) error { return r.printMade(r.ship.Manifest) })
}

// versionCommand prints versions.
func (r *run) versionCommand() *cobra.Command {
	return r.command("version", "Print the versions of the SDK and of Go.", "", cobra.NoArgs, func(context.Context, []string) error {
		_, err := fmt.Fprintf(r.Out, "%s (Starfleet SDK %s, %s %s/%s)\n", r.ship.Name, r.ship.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	})
}

// printMade writes what the ship made for a file, as it is.
func (r *run) printMade(text func() ([]byte, error)) error {
	raw, err := text()
	if err != nil {
		return err
	}
	_, err = r.Out.Write(raw)
	return err
}
