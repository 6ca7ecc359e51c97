package starbase

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
)

// Fleet is the set of ships that a Starbase can task: linked ones and manifests. It is not safe for concurrent change; once
// [New] has it, it is not to be changed any more.
type Fleet struct {
	ships map[string]registered
}

// registered is one ship of a fleet.
type registered struct {
	manifest starfleet.Manifest
	handler  *starfleet.Handler // nil for a ship that is known by its manifest
}

// NewFleet is a fleet without ships.
func NewFleet() *Fleet { return &Fleet{ships: map[string]registered{}} }

// Register adds a ship whose code is linked: its templates are checked by the payload type's own Validate, too. It fails for a ship
// that is wired wrongly, as starfleet.NewHandler does, and with a *DuplicateShipError when the fleet has a ship of that name.
func Register[P starfleet.Payload](f *Fleet, ship starfleet.Ship[P]) error {
	if f == nil {
		return errors.New("register a ship: the fleet is nil: make one with NewFleet")
	}
	noEnvironment := func(string) (string, bool) { return "", false } // what the ship needs to run is not asked for
	handler, err := starfleet.NewHandler(ship,
		starfleet.WithEnvironment(noEnvironment), starfleet.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("register a ship: %w", err)
	}
	return f.add(registered{manifest: handler.Manifest(), handler: handler})
}

// AddManifest adds a ship by its manifest, which is checked whole: its faults are schema.Faults. A manifest is data. It says what
// the templates of a ship may hold and how they fan out; the ship's queue and role come from the configuration alone.
// It never replaces a ship: a name that the fleet has already is a *DuplicateShipError.
func (f *Fleet) AddManifest(m starfleet.Manifest) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("manifest of ship %q: payloadSchema is no JSON: %w", m.Name, err)
	}
	checked, err := starfleet.ParseManifest("manifest of "+m.Name, data)
	if err != nil {
		return err
	}
	return f.add(registered{manifest: checked})
}

func (f *Fleet) add(r registered) error {
	name := r.manifest.Name
	if before, ok := f.ships[name]; ok {
		return &DuplicateShipError{Ship: name, Linked: before.handler != nil}
	}
	if f.ships == nil {
		f.ships = map[string]registered{}
	}
	f.ships[name] = r
	return nil
}

// ParseTemplate is starfleet.ParseTemplate plus, for linked ships, the payload type's own Validate. file is the name that faults
// carry. The error is schema.Faults, or an *UnknownShipError.
func (f *Fleet) ParseTemplate(ship, file string, data []byte) (*starfleet.Template, error) {
	r, ok := f.ships[ship]
	if !ok {
		return nil, &UnknownShipError{Ship: ship, Reason: notInFleet}
	}
	template, err := starfleet.ParseTemplate(r.manifest, file, data)
	if err != nil {
		return nil, err
	}
	if r.handler != nil {
		if err := r.handler.CheckPayload(template.Document()); err != nil {
			return nil, err
		}
	}
	return template, nil
}

// checkRole refuses a template of a linked ship that chooses a role which the ship's section does not allow. Of a ship that is known by its
// manifest only the ship itself knows the role.
func (f *Fleet) checkRole(section *config.Ship, template *starfleet.Template) error {
	if handler := f.ships[section.Name].handler; handler != nil {
		return handler.CheckRole(template.Document(), section)
	}
	return nil
}

// Names are the names of all ships, sorted.
func (f *Fleet) Names() []string { return slices.Sorted(maps.Keys(f.ships)) }

// Manifest is the manifest of a ship, linked or not.
func (f *Fleet) Manifest(name string) (starfleet.Manifest, bool) {
	r, ok := f.ships[name]
	return r.manifest, ok
}

// DuplicateShipError says that a fleet has a ship of that name already. The one that it had stays.
type DuplicateShipError struct {
	// Ship is the name.
	Ship string
	// Linked says that the ship that the fleet has is a linked one.
	Linked bool
}

// Error names the ship.
func (e *DuplicateShipError) Error() string {
	if e.Linked {
		return fmt.Sprintf("ship %s is in the fleet already, with its code: remove the other", e.Ship)
	}
	return fmt.Sprintf("ship %s is in the fleet already, by a manifest: remove one of the two", e.Ship)
}
