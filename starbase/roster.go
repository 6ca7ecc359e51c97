package starbase

import (
	"slices"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
)

// roster says which ships of the configuration are tasked, and to whom a template belongs.
type roster struct {
	all   []*config.Ship   // every section that reads as a ship's: ships that are disabled, at fault or of other programs own their templates, too
	ships map[string]berth // those of the fleet that have a section
	names []string         // of these, in the order of the configuration
	fleet *Fleet
}

// berth is a ship's section, or what is wrong with it.
type berth struct {
	section *config.Ship
	fault   *ShipFaultError
}

func newRoster(fleet *Fleet, configuration *config.Configuration) *roster {
	r := &roster{ships: map[string]berth{}, fleet: fleet}
	for _, name := range configuration.Sections() {
		section, err := configuration.Ship(name)
		if err == nil {
			r.all = append(r.all, section)
		} else if prefix, ok := configuration.TemplatePrefix(name); ok {
			r.all = append(r.all, &config.Ship{Name: name, TemplatePrefix: prefix})
		}
		if _, ok := fleet.Manifest(name); !ok {
			continue // it may be no ship's at all
		}
		b := berth{section: section}
		if err != nil {
			b.fault = &ShipFaultError{Ship: name, Err: err}
		}
		r.ships[name] = b
		r.names = append(r.names, name)
	}
	return r
}

// find is the section of a ship that is to be tasked. The error is an *UnknownShipError or a *ShipFaultError.
func (r *roster) find(name string) (*config.Ship, error) {
	b, ok := r.ships[name]
	switch {
	case !ok:
		if _, known := r.fleet.Manifest(name); known {
			return nil, &UnknownShipError{Ship: name, Reason: notAShip}
		}
		return nil, &UnknownShipError{Ship: name, Reason: notInFleet}
	case b.fault != nil:
		return nil, b.fault
	case !b.section.Enabled:
		return nil, &UnknownShipError{Ship: name, Reason: shipDisabled}
	}
	return b.section, nil
}

// unknown says whether a section is that of a ship which is to be tasked and is not in the fleet.
func (r *roster) unknown(name string) bool {
	if _, ok := r.fleet.Manifest(name); ok {
		return false
	}
	return slices.ContainsFunc(r.all, func(s *config.Ship) bool { return s.Name == name && s.Enabled })
}

// due are the ships that a timer tasks, in the order of the configuration.
func (r *roster) due(frequency config.Frequency) []*config.Ship {
	var due []*config.Ship
	for _, name := range r.names {
		section, err := r.find(name)
		if err == nil && section.Frequency == frequency && slices.Contains(section.Sources, config.SourceTimer) {
			due = append(due, section)
		}
	}
	return due
}

// faults are the ships that are stopped because their section is at fault.
func (r *roster) faults() []*ShipFaultError {
	var faults []*ShipFaultError
	for _, name := range r.names {
		if fault := r.ships[name].fault; fault != nil {
			faults = append(faults, fault)
		}
	}
	return faults
}

// owns says whether the template belongs to the ship: a longer prefix takes its keys from a shorter one.
func (r *roster) owns(ship *config.Ship, key string) bool {
	return slices.ContainsFunc(config.Owners(r.all, key), func(owner *config.Ship) bool { return owner.Name == ship.Name })
}

// needsIndex is the first ship to be tasked that works by account, "" when there is none.
func (r *roster) needsIndex(fleet *Fleet) string {
	for _, name := range r.names {
		manifest, _ := fleet.Manifest(name)
		if _, err := r.find(name); err == nil && manifest.FanOut != starfleet.SingleInvocation {
			return name
		}
	}
	return ""
}
