package starfleet

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/starfleet-go/starfleet/schema"
)

// Version is the version of this SDK. It goes into manifests and command lines.
const Version = "0.1.0"

// The runtimes of ships.
const (
	RuntimeGo     = "go"
	RuntimePython = "python" // a ship of the Python Starfleet: its templates keep to what Python understands
)

// FeatureOpenPayload says that a ship's templates may have top-level keys that its payload does not name.
const FeatureOpenPayload = "open-payload"

// Manifest describes a ship so that a Starbase can task it without linking its code.
// Its JSON form is what a ship's command `manifest` prints, and a stable interface.
type Manifest struct {
	Name          string          `json:"name"`
	FanOut        FanOutStrategy  `json:"fanOutStrategy"`
	Runtime       string          `json:"runtime"` // RuntimeGo or RuntimePython; empty means RuntimeGo
	PayloadSchema json.RawMessage `json:"payloadSchema"`
	Features      []string        `json:"features,omitempty"` // for people, such as FeatureOpenPayload: nothing is decided by them
	Permissions   Permissions     `json:"permissions"`
	SDKVersion    string          `json:"sdkVersion"`
}

// ManifestOf is the manifest of a ship. It fails when the ship is wired wrongly; see [NewHandler].
func ManifestOf[P Payload](ship Ship[P]) (Manifest, error) {
	definition, err := define(ship)
	if err != nil {
		return Manifest{}, err
	}
	return definition.manifest, nil
}

// BaseManifest is the manifest of a ship of which nothing is known but its strategy: its payload is open.
// Python ships without a manifest and `--fan-out` use it. It fails on a strategy that does not exist.
func BaseManifest(name string, strategy FanOutStrategy) (Manifest, error) {
	var base reflect.Type
	for t, s := range basePayloadTypes {
		if s == strategy {
			base = t
		}
	}
	if base == nil {
		return Manifest{}, fmt.Errorf("fan-out strategy %q: it is one of SINGLE_INVOCATION, ACCOUNT and ACCOUNT_REGION", strategy)
	}
	raw, err := schema.Reflect(base, name, true)
	if err != nil {
		return Manifest{}, err
	}
	return Manifest{Name: name, FanOut: strategy, Runtime: RuntimeGo, PayloadSchema: raw, SDKVersion: Version}, nil
}

// ParseManifest reads a manifest and checks it whole: its faults come as schema.Faults. A manifest of a Python ship may leave payloadSchema out: it
// is then that of its strategy, and open, as payloads of Python ships are.
func ParseManifest(file string, data []byte) (Manifest, error) {
	doc, err := schema.Parse(file, data)
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := doc.DecodeNode(doc.Root, &m, true); err != nil {
		return Manifest{}, err
	}
	m.Runtime = cmp.Or(m.Runtime, RuntimeGo)
	if m.Runtime == RuntimePython && doc.Root.Get("payloadSchema") == nil {
		if base, err := BaseManifest(m.Name, m.FanOut); err == nil {
			m.PayloadSchema = base.PayloadSchema
		}
	}
	return m, manifestFaults(doc, m).Err()
}

// Encode is the manifest's file form: indented JSON that ends in a line break. The same manifest gives the same bytes.
func (m Manifest) Encode() ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("manifest of ship %s: %w", m.Name, err)
	}
	return indented(data)
}

// Schema is the JSON Schema of the payload as a file: indented JSON that ends in a line break.
func (m Manifest) Schema() ([]byte, error) { return indented(jsontext.Value(m.PayloadSchema)) }

func indented(value jsontext.Value) ([]byte, error) {
	value = value.Clone()
	if err := value.Indent(jsontext.WithIndent("  ")); err != nil {
		return nil, err
	}
	return append(value, '\n'), nil
}

func manifestFaults(doc *schema.Document, m Manifest) schema.Faults {
	var faults schema.Faults
	fault := func(key, problem, hint string) {
		found := doc.Fault(cmp.Or(doc.Root.Get(key), doc.Root), problem, hint)
		found.Path = key
		faults = append(faults, found)
	}
	if err := checkShipName(m.Name); err != nil {
		fault("name", err.Error(), "")
	}
	if err := checkPermissions(m.Permissions); err != nil {
		fault("permissions", err.Error(), "")
	}
	if m.Runtime != RuntimeGo && m.Runtime != RuntimePython {
		fault("runtime", fmt.Sprintf("%q is not a runtime", m.Runtime), "go or python")
	}
	base, err := BaseManifest(m.Name, m.FanOut)
	if err != nil {
		fault("fanOutStrategy", err.Error(), "")
		return faults
	}
	if len(m.PayloadSchema) == 0 {
		fault("payloadSchema", "is required", "print the manifest with the ship's own command `manifest`")
		return faults
	}
	if _, err := schema.Compile(m.PayloadSchema); err != nil {
		fault("payloadSchema", err.Error(), "")
		return faults
	}
	for _, missing := range missingBaseKeys(base.PayloadSchema, m.PayloadSchema) {
		fault("payloadSchema", fmt.Sprintf("a payload for %s needs the property %s", m.FanOut, missing),
			"the payload type embeds the base payload of its strategy")
	}
	return faults
}

// missingBaseKeys are the required properties of the base schema that a payload's schema does not have. That it does not relax them
// is not looked at: templates are held against the base schema too.
func missingBaseKeys(base, payload json.RawMessage) []string {
	type object struct {
		Required   []string                   `json:"required"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	var b, p object
	if json.Unmarshal(base, &b) != nil || json.Unmarshal(payload, &p) != nil {
		return nil
	}
	var missing []string
	for _, key := range b.Required {
		if _, ok := p.Properties[key]; !ok {
			missing = append(missing, key)
		}
	}
	return missing
}

// definition is a ship's static side, found once.
type definition struct {
	manifest Manifest
	shape    payloadShape
	schemas  []*schema.Schema // the payload's, which holds the base's
	known    []string         // top-level keys of the payload
}

// define inspects a ship. Everything that compiles though it is wrong is found here.
func define[P Payload](ship Ship[P]) (*definition, error) {
	if ship == nil {
		return nil, fmt.Errorf("ship is nil")
	}
	if err := checkShipName(ship.Name()); err != nil {
		return nil, err
	}
	t := reflect.TypeFor[P]()
	shape, err := inspectPayload(t)
	if err != nil {
		return nil, fmt.Errorf("ship %s: %w", ship.Name(), err)
	}
	raw, compiled, err := schema.ReflectCompiled(t, ship.Name(), shape.open)
	if err != nil {
		return nil, fmt.Errorf("ship %s: %w", ship.Name(), err)
	}
	m := Manifest{Name: ship.Name(), FanOut: shape.strategy, Runtime: RuntimeGo, PayloadSchema: raw, SDKVersion: Version}
	if shape.open {
		m.Features = append(m.Features, FeatureOpenPayload)
	}
	if with, ok := any(ship).(ShipWithPermissions); ok {
		m.Permissions = with.Permissions()
		if err := checkPermissions(m.Permissions); err != nil {
			return nil, fmt.Errorf("ship %s: %w", ship.Name(), err)
		}
	}
	return &definition{manifest: m, shape: shape, schemas: []*schema.Schema{compiled}, known: propertyNames(raw)}, nil
}

func propertyNames(raw json.RawMessage) []string {
	var object struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	names := make([]string, 0, len(object.Properties))
	for name := range object.Properties {
		names = append(names, name)
	}
	return names
}
