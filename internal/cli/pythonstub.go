package cli

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/schema"
)

// pythonBases are the payload classes of the Python Starfleet by strategy.
var pythonBases = map[starfleet.FanOutStrategy]string{
	starfleet.SingleInvocation: "WorkerShipPayloadBaseTemplate",
	starfleet.PerAccount:       "BaseAccountPayloadTemplate",
	starfleet.PerAccountRegion: "BaseAccountRegionPayloadTemplate",
}

var pythonNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// pythonWords can be the name of no class of the stub: Python's own words, and what the stub imports.
var pythonWords = strings.Fields("False None True and as assert async await break class continue def del elif else except finally for from global if " +
	"import in is lambda nonlocal not or pass raise return try while with yield " +
	"INCLUDE RAISE Schema ValidationError fields validate validates_schema FanOutStrategy StarfleetWorkerShip WorkerShipBaseConfigurationTemplate " +
	"WorkerShipPayloadBaseTemplate BaseAccountPayloadTemplate BaseAccountRegionPayloadTemplate WORKER_SHIP_PLUGINS")

// pythonStub is a Python package by which a Python Starbase tasks ships of this SDK: for each a class of its name with its strategy and the schema
// of its payload, whose execute raises. It refuses ships that need none or can have none.
type pythonStub struct {
	ships []starfleet.Manifest
}

// add takes a ship into the stub.
func (p *pythonStub) add(m starfleet.Manifest) error {
	switch {
	case m.Runtime == starfleet.RuntimePython:
		return fmt.Errorf("ship %s runs on Python already: a Python Starbase tasks it by its own package", m.Name)
	case !pythonNames.MatchString(m.Name) || slices.Contains(pythonWords, m.Name):
		return fmt.Errorf("ship %s: a Python class cannot be named so: give the ship a name of letters, digits and _ that is no word of Python", m.Name)
	}
	for _, other := range p.ships {
		if m.Name == other.Name+"Payload" || other.Name == m.Name+"Payload" {
			return fmt.Errorf("ships %s and %s: one's payload has the other's name: write them into packages of their own", other.Name, m.Name)
		}
	}
	p.ships = append(p.ships, m)
	return nil
}

// write writes the package's one file, __init__.py.
func (p *pythonStub) write(out io.Writer) error {
	names := make([]string, len(p.ships))
	bases := map[string]bool{}
	body := &strings.Builder{}
	for i, m := range p.ships {
		names[i] = m.Name
		bases[pythonBases[m.FanOut]] = true
		p.writeShip(body, m)
	}
	if strings.Contains(body.String(), "refuse_paths(") {
		body.WriteString(pythonRefusePaths)
	}
	_, err := fmt.Fprintf(out, `"""Ships of the Starfleet SDK for Go, for a Python Starbase to task: %s.

Written from their manifests by starfleet %s: write it anew when one changes. It is the __init__.py of a package of its own under
starfleet/worker_ships/plugins. The Starbase checks templates by it and tasks the ships' queues; the work is done by Go programs.
"""
from marshmallow import %s

from starfleet.worker_ships.base_payload_schemas import %s
from starfleet.worker_ships.ship_schematics import FanOutStrategy, StarfleetWorkerShip, WorkerShipBaseConfigurationTemplate
%s

WORKER_SHIP_PLUGINS = [%s]
`, strings.Join(names, ", "), starfleet.Version, pythonImports(body.String()), strings.Join(slices.Sorted(maps.Keys(bases)), ", "), body, strings.Join(names, ", "))
	return err
}

// pythonImports are the names of marshmallow that the text uses.
func pythonImports(text string) string {
	var used []string
	for _, name := range []string{"INCLUDE", "RAISE", "Schema", "ValidationError", "fields", "validate", "validates_schema"} {
		if regexp.MustCompile(`(^|[^A-Za-z_"])` + name + `([^A-Za-z_"]|$)`).MatchString(text) {
			used = append(used, name)
		}
	}
	return strings.Join(used, ", ")
}

const pythonRefusePaths = `

def refuse_paths(original):
    """Refuse OUs by path, which the Python index takes for names that no OU has: an exclusion by path would exclude nothing."""
    errors = {}
    for side in ("IncludeAccounts", "ExcludeAccounts"):
        units = (original.get(side) or {}).get("ByOrgUnits") or []
        paths = {i: ["Write the OU's id or name: a Python Starbase does not know paths."] for i, unit in enumerate(units) if unit.startswith("/")}
        if paths:
            errors[side] = {"ByOrgUnits": paths}
    if errors:
        raise ValidationError(errors)
`

func isOpen(m starfleet.Manifest) bool {
	_, _, open := payloadKeys(m.PayloadSchema)
	return open
}

// writeShip writes the two classes of a ship.
func (p *pythonStub) writeShip(out io.Writer, m starfleet.Manifest) {
	unknown := "RAISE"
	if isOpen(m) {
		unknown = "INCLUDE"
	}
	base := pythonBases[m.FanOut]
	_, _ = fmt.Fprintf(out, "\n\nclass %sPayload(%s):\n    \"\"\"What a template of %s holds.\"\"\"\n", m.Name, base, m.Name)
	for i, line := range pythonFields(m) {
		if i == 0 {
			_, _ = fmt.Fprintln(out)
		}
		_, _ = fmt.Fprintf(out, "    %s\n", line)
	}
	_, _ = fmt.Fprintf(out, "\n    class Meta(%s.Meta):\n        \"\"\"What becomes of keys that are not named here.\"\"\"\n\n        unknown = %s\n", base, unknown)
	if m.FanOut != starfleet.SingleInvocation {
		_, _ = io.WriteString(out, `
    @validates_schema(pass_original=True)
    def check_org_units(self, data, original_data, **kwargs):
        """See refuse_paths."""
        refuse_paths(original_data)
`)
	}
	_, _ = fmt.Fprintf(out, `

class %[1]s(StarfleetWorkerShip):
    """The ship %[1]s, which is a Go program."""

    payload_template_class = %[1]sPayload
    configuration_template_class = WorkerShipBaseConfigurationTemplate
    fan_out_strategy = FanOutStrategy.%[2]s

    def execute(self, commit=False):
        """Never do the work: it is not here."""
        raise NotImplementedError("%[1]s is a Go program: deploy that to work its queue, or run its command line.")
`, m.Name, m.FanOut)
}

// pythonFields are the statements that declare a payload's own keys.
func pythonFields(m starfleet.Manifest) []string {
	base, err := starfleet.BaseManifest(m.Name, m.FanOut)
	if err != nil {
		return nil // ParseManifest checked the strategy
	}
	baseRequired, baseOptional, _ := payloadKeys(base.PayloadSchema)
	ofBase := append(baseRequired, baseOptional...)
	required, _, _ := payloadKeys(m.PayloadSchema)
	doc, err := schema.ParseJSON("payloadSchema", m.PayloadSchema)
	if err != nil {
		return nil // ParseManifest compiled it
	}
	var lines []string
	taken := map[string]int{}
	for key, property := range doc.Root.Get("properties").Entries() {
		if slices.Contains(ofBase, key) {
			continue
		}
		name := "own_" + snakeCase(key) // never the name of something else
		if taken[name]++; taken[name] > 1 {
			name += "__" + strconv.Itoa(taken[name])
		}
		lines = append(lines, name+" = "+pythonField(property, "data_key="+strconv.QuoteToASCII(key), slices.Contains(required, key)))
	}
	return lines
}

// pythonField is the marshmallow field that accepts what a JSON Schema does, or more: the ship itself checks the rest. It never refuses a value that the
// schema takes, but for integers that are written as 30.0.
func pythonField(property *schema.Node, key string, required bool) string {
	kind, nullable := pythonType(property)
	var arguments []string
	field := "fields.Raw"
	switch kind {
	case "string":
		field = "fields.String"
	case "integer":
		field, arguments = "fields.Integer", append(arguments, "strict=True")
	case "number":
		field = "fields.Float"
	case "boolean":
		field, arguments = "fields.Boolean", append(arguments, "truthy={True}", "falsy={False}")
	case "array":
		field, arguments = "fields.List", append(arguments, pythonField(property.Get("items"), "", false))
	case "object":
		field, arguments = pythonObject(property)
	default:
		nullable = true
	}
	if key != "" {
		arguments = append(arguments, key)
	}
	if required {
		arguments = append(arguments, "required=True")
	}
	if nullable {
		arguments = append(arguments, "allow_none=True")
	}
	if checks := pythonChecks(kind, property); len(checks) > 0 {
		arguments = append(arguments, "validate=["+strings.Join(checks, ", ")+"]")
	}
	return field + "(" + strings.Join(arguments, ", ") + ")"
}

// pythonType is the type of a schema, "" when it has none or several, and whether null is one.
func pythonType(property *schema.Node) (kind string, nullable bool) {
	of := property.Get("type")
	if of != nil && of.Kind == schema.String {
		return of.Text(), false
	}
	for _, item := range of.Items() {
		switch {
		case item.Text() == "null":
			nullable = true
		case kind != "":
			return "", true
		default:
			kind = item.Text()
		}
	}
	return kind, nullable
}

// pythonObject is a nested schema where the object's keys are known, otherwise any object.
func pythonObject(property *schema.Node) (field string, arguments []string) {
	closed, properties := property.Get("additionalProperties"), property.Get("properties")
	if closed == nil || closed.Kind != schema.Bool || closed.True() || properties.Len() == 0 {
		return "fields.Dict", nil
	}
	required := map[string]bool{}
	for _, key := range property.Get("required").Items() {
		required[key.Text()] = true
	}
	var entries []string
	for key, inner := range properties.Entries() {
		if !pythonNames.MatchString(key) || key == "Meta" || strings.HasPrefix(key, "_") {
			return "fields.Dict", nil
		}
		entries = append(entries, strconv.QuoteToASCII(key)+": "+pythonField(inner, "", required[key]))
	}
	return "fields.Nested", []string{"Schema.from_dict({" + strings.Join(entries, ", ") + "})"}
}

// pythonChecks are the validators of a field.
func pythonChecks(kind string, property *schema.Node) []string {
	var checks []string
	bounds := func(validator, least, most string) {
		var arguments []string
		for _, bound := range [][2]string{{"min", least}, {"max", most}} {
			if value := property.Get(bound[1]); value != nil {
				arguments = append(arguments, bound[0]+"="+string(value.AppendJSON(nil)))
			}
		}
		if len(arguments) > 0 {
			checks = append(checks, "validate."+validator+"("+strings.Join(arguments, ", ")+")")
		}
	}
	switch kind {
	case "string":
		bounds("Length", "minLength", "maxLength")
	case "array":
		bounds("Length", "minItems", "maxItems")
	case "integer", "number":
		bounds("Range", "minimum", "maximum")
	default:
		return nil
	}
	if choices := property.Get("enum"); choices.Len() > 0 && kind != "array" {
		var values []string
		for _, choice := range choices.Items() {
			if choice.Kind == schema.String {
				values = append(values, strconv.QuoteToASCII(choice.Text()))
			} else if choice.Kind != schema.Null {
				values = append(values, string(choice.AppendJSON(nil)))
			}
		}
		checks = append(checks, "validate.OneOf(["+strings.Join(values, ", ")+"])")
	}
	return checks
}

// snakeCase is the key as Python names an attribute: KmsKeyId becomes kms_key_id.
func snakeCase(key string) string {
	text := &strings.Builder{}
	lower := false
	for _, c := range key {
		switch {
		case c >= 'A' && c <= 'Z':
			if lower {
				text.WriteByte('_')
			}
			text.WriteRune(c - 'A' + 'a')
			lower = false
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			text.WriteRune(c)
			lower = true
		default:
			text.WriteByte('_')
			lower = false
		}
	}
	return text.String()
}
