package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/schema"
)

// manifestCommands are the commands about manifests.
type manifestCommands struct {
	Show  manifestShowCommand  `cmd:"" default:"withargs" help:"Show what manifests say of their ships."`
	Check manifestCheckCommand `cmd:"" help:"Check manifests."`
}

// Help is the detailed help.
func (manifestCommands) Help() string {
	return `A ship's own command, manifest, prints its manifest. A Starbase that does not link the ship tasks it by that.

Examples:

  starfleet manifest check config/manifests/*.json
  starfleet manifest --python config/manifests/*.json

`
}

// manifestShowCommand shows manifests.
type manifestShowCommand struct {
	Files  []string `arg:"" name:"file" help:"Manifests; - is standard input."`
	Python bool     `help:"Write a Python package instead, all of it or nothing, by which a Python Starbase tasks the ships: the text of its __init__.py."`
	Output string   `short:"o" enum:"text,json" default:"text" help:"text, or json: one manifest a line, as JSON."`
}

// Help is the detailed help.
func (manifestShowCommand) Help() string {
	return `A manifest says what a Starbase needs to know of a ship: its name, its fan-out strategy, the keys of its payload, and the IAM actions that it needs in target accounts.

Examples:

  starfleet manifest show config/manifests/*.json
  starfleet manifest --python config/manifests/*.json > starfleet/worker_ships/plugins/go_ships/__init__.py

`
}

// Run does it.
func (m *manifestShowCommand) Run(c *command.Console) error {
	if m.Python {
		return m.writePython(c)
	}
	var faults []error
	shown := 0
	for _, name := range m.Files {
		_, manifest, err := readManifest(c, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if c.JSON {
			command.WriteJSON(c.Out, manifest)
			continue
		}
		if shown++; shown > 1 {
			_, _ = fmt.Fprintln(c.Out)
		}
		printManifest(c.Out, c.OutPaint, manifest)
	}
	return errors.Join(faults...)
}

// writePython writes the package for a Python Starbase, or all that is at fault.
func (m *manifestShowCommand) writePython(c *command.Console) error {
	if c.JSON {
		return command.Usagef("--python and -o json do not go together")
	}
	stub := &pythonStub{}
	ships := shipFiles{}
	var faults []error
	for _, name := range m.Files {
		file, manifest, err := readManifest(c, name)
		if err == nil {
			err = ships.once(file, manifest.Name)
		}
		if err == nil {
			if err = stub.add(manifest); err != nil {
				err = fmt.Errorf("%s: %w", command.Safe(file), err)
			}
		}
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return stub.write(c.Out)
}

// shipFiles are the files of the manifests that were read, by ship.
type shipFiles map[string]string

// once refuses a second manifest of a ship.
func (s shipFiles) once(file, ship string) error {
	if other, twice := s[ship]; twice {
		return schema.Faults{{File: file, Path: "name", Problem: fmt.Sprintf("%s is another manifest of ship %s", other, ship), Hint: "keep one of them"}}
	}
	s[ship] = file
	return nil
}

func readManifest(c *command.Console, name string) (file string, m starfleet.Manifest, err error) {
	file, data, err := c.ReadDocument(name)
	if err != nil {
		return name, m, err
	}
	m, err = starfleet.ParseManifest(file, data)
	return file, m, err
}

// printManifest writes one manifest for people.
func printManifest(out io.Writer, paint command.Paint, m starfleet.Manifest) {
	line := func(label, text string) {
		if text != "" {
			_, _ = fmt.Fprintf(out, "%s %s\n", paint.Bold(fmt.Sprintf("%-10s", label)), text)
		}
	}
	required, optional, open := payloadKeys(m.PayloadSchema)
	line("Ship", command.Safe(m.Name))
	line("Fan-out", string(m.FanOut))
	line("Runtime", m.Runtime)
	line("SDK", command.Safe(m.SDKVersion))
	line("Features", safeList(m.Features))
	line("Required", safeList(required))
	line("Optional", safeList(optional))
	if open {
		line("Payload", "open: unknown top-level keys are kept")
	}
	line("Reads", safeList(m.Permissions.Read))
	line("Writes", safeList(m.Permissions.Write))
}

func safeList(items []string) string {
	safe := make([]string, len(items))
	for i, item := range items {
		safe[i] = command.Safe(item)
	}
	return strings.Join(safe, " ")
}

// payloadKeys are the top-level keys of a payload's schema, in its order, and whether others are accepted.
func payloadKeys(raw json.RawMessage) (required, optional []string, open bool) {
	doc, err := schema.ParseJSON("payloadSchema", raw)
	if err != nil {
		return nil, nil, false // ParseManifest compiled it
	}
	isRequired := map[string]bool{}
	for _, key := range doc.Root.Get("required").Items() {
		isRequired[key.Text()] = true
	}
	for key := range doc.Root.Get("properties").Entries() {
		if isRequired[key] {
			required = append(required, key)
		} else {
			optional = append(optional, key)
		}
	}
	closed := doc.Root.Get("additionalProperties")
	return required, optional, closed == nil || closed.Kind != schema.Bool || closed.True()
}

// manifestCheckCommand checks manifests.
type manifestCheckCommand struct {
	Files  []string `arg:"" name:"file" help:"Manifests; - is standard input."`
	Output string   `short:"o" enum:"text,json" default:"text" help:"text, or json: one object a fault on standard error, {file,line,column,path,problem,hint}."`
}

// Help is the detailed help.
func (manifestCheckCommand) Help() string {
	return `All faults of all files are told on standard error. Two manifests of one ship are a fault. The exit status is 1 when there is one.

Example:

  starfleet manifest check config/manifests/*.json

`
}

// Run does it.
func (m *manifestCheckCommand) Run(c *command.Console) error {
	var faults []error
	ships := shipFiles{}
	for _, name := range m.Files {
		file, manifest, err := readManifest(c, name)
		if err == nil {
			err = ships.once(file, manifest.Name)
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
