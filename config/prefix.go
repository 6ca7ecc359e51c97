package config

import (
	"fmt"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// IsTemplate says whether a key of the template bucket is that of a payload template: it ends in a lower-case .yaml.
// Keys that end in .yml or .json are none.
func IsTemplate(key string) bool {
	return strings.HasSuffix(key, extension)
}

// Covers says whether a key is that of a template under the ship's TemplatePrefix: the very key when the prefix ends in
// .yaml, otherwise any template in that folder and the folders below it. A folder ends at its slash: "Foo" covers
// "Foo/a.yaml" and not "FooTwo/a.yaml".
func (s *Ship) Covers(key string) bool {
	prefix, exact := s.ListPrefix()
	if exact {
		return key == prefix
	}
	return IsTemplate(key) && strings.HasPrefix(key, prefix)
}

// ListPrefix is where a timer finds the ship's templates: the one key when exact is true, otherwise the prefix to list,
// which ends with a slash unless it is "", the whole bucket. Of the listed keys those are the ship's for which
// Owners says so: a longer prefix takes its keys from a shorter one.
func (s *Ship) ListPrefix() (prefix string, exact bool) {
	if IsTemplate(s.TemplatePrefix) {
		return s.TemplatePrefix, true
	}
	return asFolder(s.TemplatePrefix), false
}

// Owners are the ships that a template belongs to: of those whose TemplatePrefix covers the key, those with the longest,
// in the order given; several when their prefixes are the same folder or key. None when no prefix covers it or when
// it is no template. Give all ships of the configuration, the disabled ones too, and leave those out afterwards:
// else the template of a disabled ship would fall to a ship with a shorter prefix.
func Owners(ships []*Ship, key string) []*Ship {
	var owners []*Ship
	longest := -1
	for _, ship := range ships {
		if !ship.Covers(key) {
			continue
		}
		prefix, _ := ship.ListPrefix()
		switch {
		case len(prefix) > longest:
			owners, longest = []*Ship{ship}, len(prefix)
		case len(prefix) == longest:
			owners = append(owners, ship)
		}
	}
	return owners
}

// CheckManifestPrefix says whether Fleet.ManifestPrefix lies outside the TemplatePrefix of every given ship, the disabled
// ones included. Whoever may write a ship's templates could else write manifests, which say what templates may hold.
// The error is schema.Faults, one for each ship; nil when there is no ManifestPrefix.
func (c *Configuration) CheckManifestPrefix(ships []*Ship) error {
	manifests := asFolder(c.Fleet.ManifestPrefix)
	if manifests == "" {
		return nil
	}
	place := schema.Fault{Path: sectionFleet + ".ManifestPrefix"}
	if fleet, ok := c.sections[sectionFleet]; ok {
		place = fleet.doc.Fault(fleet.node.Get("ManifestPrefix"), "", "")
	}
	var faults schema.Faults
	for _, ship := range ships {
		prefix, exact := ship.ListPrefix()
		if strings.HasPrefix(prefix, manifests) || !exact && strings.HasPrefix(manifests, prefix) {
			fault := place
			fault.Problem = fmt.Sprintf("%s overlaps with %s.TemplatePrefix %q", manifests, ship.Name, ship.TemplatePrefix)
			fault.Hint = "keep manifests in a folder without templates"
			faults = append(faults, fault)
		}
	}
	return faults.Err()
}

// asFolder ends the prefix of a folder with a slash; "" stays the whole bucket.
func asFolder(prefix string) string {
	if prefix == "" || strings.HasSuffix(prefix, "/") {
		return prefix
	}
	return prefix + "/"
}
