package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/starfleet-go/starfleet/schema"
)

// Section decodes a ship's own keys into C, a struct with json tags; required keys and limits come from its jsonschema
// tags. Keys match case-sensitively. C may also have keys that every ship has, such as WorkerRoleToAssume.
//
// The error is schema.Faults, with all faults of the ship's own keys (a key that is neither one that every ship has
// nor one of C's is a fault), or a *NoSectionError. Any other error means that C cannot be used for this, which is
// a mistake in the program. The keys that every ship has are checked by Configuration.Ship.
func Section[C any](c *Configuration, name string) (C, error) {
	var none, own C
	s, err := c.shipSection(name)
	if err != nil {
		return none, err
	}
	check, keys, err := ownSchema(reflect.TypeFor[C](), name)
	if err != nil {
		return none, fmt.Errorf("settings %s of ship %s: %w", reflect.TypeFor[C](), name, err)
	}
	var faults schema.Faults
	r := newReader(s.doc, s.node, &faults)
	if r == nil {
		return none, faults
	}
	faults = append(faults, check.ValidateNode(s.doc, s.node)...)
	r.keys = slices.Concat(keys, shipKeys)
	r.close()
	if len(faults) > 0 {
		return none, faults.Sort()
	}
	if err := s.doc.DecodeNode(s.node, &own, false); err != nil {
		return none, asFaults(err, s.doc.Fault(s.node, "", ""))
	}
	return own, nil
}

// ownSchema is the schema of a ship's own keys, open since others stand beside them, and their names.
func ownSchema(t reflect.Type, name string) (*schema.Schema, []string, error) {
	raw, compiled, err := schema.ReflectCompiled(t, name, true)
	if err != nil {
		return nil, nil, err
	}
	var object struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, nil, err
	}
	keys := make([]string, 0, len(object.Properties))
	for key := range object.Properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return compiled, keys, nil
}
