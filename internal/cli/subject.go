package cli

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/schema"
)

// subject finds the ship of a template: by the flags, by the manifest that they name, or by the template's place.
// template is "" for a command without one.
func (w *workspace) subject(template string) (subject, error) {
	s, err := w.payload(template)
	if err != nil {
		return subject{}, err
	}
	if w.configuration == nil || s.unnamed {
		return s, nil
	}
	s.ship, err = w.configuration.Ship(s.manifest.Name)
	var missing *config.NoSectionError
	if errors.As(err, &missing) && (w.flags.Manifest != "" || w.flags.FanOut != nil) {
		if err := w.ownedByNone(template); err != nil {
			return subject{}, err
		}
		w.console.Warn("%v: what the section Fleet says holds, and there is no MaxTargets", err)
		return s, nil
	}
	return s, err
}

// payload is the manifest in use, and no section of the configuration yet.
func (w *workspace) payload(template string) (subject, error) {
	switch {
	case w.flags.Manifest != "":
		file, data, err := w.console.ReadDocument(w.flags.Manifest)
		if err != nil {
			return subject{}, err
		}
		m, err := starfleet.ParseManifest(file, data)
		if err == nil && w.flags.Ship != "" && w.flags.Ship != m.Name {
			err = command.Usagef("--ship is %s, and %s is the manifest of %s", w.flags.Ship, file, m.Name)
		}
		return subject{manifest: m}, err
	case w.flags.FanOut != nil:
		return w.barePayload(template)
	}
	if w.configuration == nil {
		return subject{}, &command.UsageError{
			Problem: "which ship is it for?",
			Hint:    "name the configuration with --config DIR, or the ship's payload with --manifest FILE or --fan-out STRATEGY",
		}
	}
	name, err := w.shipName(template)
	if err != nil {
		return subject{}, err
	}
	m, ok := w.manifests[name]
	if !ok {
		return subject{}, errors.Join(w.noManifest(name), w.sectionFaults(name))
	}
	return subject{manifest: m.Manifest}, nil
}

// barePayload is that of --fan-out. The ship may stay unnamed.
func (w *workspace) barePayload(template string) (subject, error) {
	name := w.flags.Ship
	if name == "" && template != "" && w.configuration != nil {
		owner, err := w.owner(template)
		if err == nil && owner == "" {
			err = w.ownedByNone(template)
		}
		if err != nil {
			return subject{}, err
		}
		if owner == "" {
			w.console.Warn("no ship of the configuration owns the template: what the section Fleet says holds, and there is no MaxTargets")
		}
		name = owner
	}
	s := subject{unnamed: name == ""}
	if s.unnamed {
		name = unnamedShip
	}
	var err error
	s.manifest, err = starfleet.BaseManifest(name, starfleet.FanOutStrategy(*w.flags.FanOut))
	return s, err
}

// noManifest says where a manifest was looked for, with the faults of those that could not be read.
func (w *workspace) noManifest(name string) error {
	missing := schema.Fault{
		Problem: fmt.Sprintf("ship %s has no manifest in the folder %s of %s", name, manifestFolder, w.place),
		Hint:    "print it there with the ship's own command: manifest; or name one with --manifest FILE, or --fan-out STRATEGY",
	}
	if near := schema.DidYouMean(name, slices.Collect(maps.Keys(w.manifests))); near != "" {
		missing.Hint = fmt.Sprintf("did you mean %s? Otherwise %s", near, missing.Hint)
	}
	return append(schema.Faults{missing}, w.unread...)
}

// sectionFaults are those of a ship's section, nil when there are none or no section.
func (w *workspace) sectionFaults(name string) error {
	var faults schema.Faults
	if _, err := w.configuration.Ship(name); errors.As(err, &faults) {
		return faults
	}
	return nil
}

// shipName is the name of the ship that owns the template.
func (w *workspace) shipName(template string) (string, error) {
	name, err := w.owner(template)
	if err != nil || name != "" {
		return name, err
	}
	hint := "name its ship with --ship NAME"
	if len(w.unplaced) > 0 {
		hint += " (no ship, or at fault: " + strings.Join(w.unplaced, ", ") + ")"
	}
	return "", &command.UsageError{Problem: template + " lies under no TemplatePrefix of the configuration", Hint: hint}
}

// owner is the ship that --ship names, else the one under whose TemplatePrefix the template lies, "" when there is none.
func (w *workspace) owner(template string) (string, error) {
	if w.flags.Ship != "" {
		return w.flags.Ship, nil
	}
	if template == "" || template == command.StandardInput {
		return "", &command.UsageError{Problem: "which ship is it for?", Hint: "name it with --ship NAME"}
	}
	switch owners := ownersOf(w.ships, template); len(owners) {
	case 0:
		return "", nil
	case 1:
		return owners[0], nil
	default:
		return "", &command.UsageError{
			Problem: fmt.Sprintf("%s may belong to %s", template, strings.Join(owners, " or ")),
			Hint:    "name its ship with --ship NAME",
		}
	}
}

// ownedByNone refuses a template that a ship of the configuration owns, or may own, for a ship without a section: the owner's
// NeverTouch and MaxTargets would not hold. Whoever names the ship with --ship is taken at their word.
func (w *workspace) ownedByNone(template string) error {
	if w.flags.Ship != "" {
		return nil
	}
	owner, err := w.owner(template)
	switch {
	case err != nil:
		return err
	case owner != "":
		return &command.UsageError{
			Problem: fmt.Sprintf("%s belongs to ship %s, whose guards would not hold", template, owner),
			Hint:    "name its ship with --ship NAME",
		}
	case len(w.unplaced) > 0:
		return &command.UsageError{
			Problem: fmt.Sprintf("%s may belong to a section that is no ship's, or at fault: %s", template, strings.Join(w.unplaced, ", ")),
			Hint:    "name its ship with --ship NAME",
		}
	}
	return nil
}

// ownersOf are the names of the ships under whose TemplatePrefix a local file lies. Where the folder begins that stands for
// the bucket is not known, so every trailing part of the file's path is held against the prefixes as a key. A ship whose
// prefix is the whole bucket owns what no other does.
func ownersOf(ships []*config.Ship, file string) []string {
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	var inFolder, inBucket []string
	for key := filepath.ToSlash(file); key != ""; {
		for _, ship := range config.Owners(ships, key) {
			if prefix, _ := ship.ListPrefix(); prefix == "" {
				inBucket = append(inBucket, ship.Name)
			} else {
				inFolder = append(inFolder, ship.Name)
			}
		}
		_, rest, found := strings.Cut(key, "/")
		if !found {
			break
		}
		key = rest
	}
	if len(inFolder) == 0 {
		inFolder = inBucket
	}
	slices.Sort(inFolder)
	return slices.Compact(inFolder)
}
