package starfleet

import (
	"fmt"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// Skeleton is a template to start from: the required keys of the manifest's payload with their meaning and an example, the optional
// ones commented out, under the line by which editors with the YAML language server find the schema at schemaRef.
// The examples of the base payload are valid; a ship's own required keys may need a value first.
func (m Manifest) Skeleton(schemaRef string) ([]byte, error) {
	doc, err := schema.ParseJSON("payloadSchema", m.PayloadSchema)
	if err != nil {
		return nil, fmt.Errorf("manifest of ship %s: %w", m.Name, err)
	}
	required := map[string]bool{}
	for _, key := range doc.Root.Get("required").Items() {
		required[key.Text()] = true
	}
	text := &strings.Builder{}
	fmt.Fprintln(text, schema.Modeline(schemaRef))
	for _, wanted := range []bool{true, false} {
		for key, property := range doc.Root.Get("properties").Entries() {
			if required[key] == wanted && key != keyAssignedAccount && key != keyAssignedRegion {
				skeletonKey(text, key, property, wanted)
			}
		}
	}
	return []byte(text.String()), nil
}

// skeletonKey writes one key, as a comment unless it is required.
func skeletonKey(text *strings.Builder, key string, property *schema.Node, required bool) {
	comment := ""
	if !required {
		comment = "# "
	}
	fmt.Fprintln(text)
	if about := property.Get("description"); about != nil {
		fmt.Fprintf(text, "# %s\n", strings.ReplaceAll(about.Text(), "\n", "\n# "))
	}
	for line := range strings.Lines(key + ":" + skeletonValue(key, property)) {
		fmt.Fprintf(text, "%s%s\n", comment, strings.TrimRight(line, "\n"))
	}
}

// skeletonValue is an example of a key's value, with the space or line break before it.
func skeletonValue(key string, property *schema.Node) string {
	switch key {
	case "TemplateName":
		return " my-template"
	case "TemplateDescription":
		return " What this template is for"
	case "IncludeAccounts", "ExcludeAccounts":
		return "\n  ByIds:\n    - \"123456789012\""
	case "IncludeRegions", "ExcludeRegions":
		return "\n  - us-east-1"
	}
	for _, from := range []string{"default", "minimum"} {
		if value := property.Get(from); value != nil {
			return " " + string(value.AppendJSON(nil))
		}
	}
	if choices := property.Get("enum"); choices.Len() > 0 {
		for _, choice := range choices.Items() {
			return " " + string(choice.AppendJSON(nil))
		}
	}
	switch property.Get("type").Text() {
	case "integer", "number":
		return " 0"
	case "boolean":
		return " false"
	case "array":
		return " []"
	case "object":
		return " {}"
	default:
		return ` ""`
	}
}
