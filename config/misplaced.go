package config

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/starfleet-go/starfleet/schema"
)

// placedKeys are the keys of one kind of section, with the words for where they belong.
type placedKeys struct {
	place string
	keys  []string
}

// sectionKeys are the keys of all sections that the configuration has, each kind by itself.
var sectionKeys = sync.OnceValue(func() []placedKeys {
	return []placedKeys{
		{sectionStarfleet, keysOf(decodeStarfleet)},
		{sectionFleet, keysOf(decodeFleet)},
		{sectionDefaultIndex, keysOf(decodeDefaultIndex)},
		{"the section of a ship", shipKeys},
	}
})

// keysOf are the keys that a function which decodes a section asks for.
func keysOf[T any](decode func(*reader) T) []string {
	r := &reader{doc: &schema.Document{}, node: &schema.Node{Kind: schema.Map}, faults: new(schema.Faults)}
	decode(r)
	return r.keys
}

// misplaced is the key that the name of a section is, or nearly is, and the places to which the key belongs: "" when
// the name may be that of a ship. A guard that is indented one step too little stands beside its section, where
// nobody would read it.
//
// What is exactly a key, but for case, is never a section. What is nearly one is a ship's section when it has the key
// Enabled, as every ship's has.
func misplaced(name string, node *schema.Node) (key, places string) {
	var near []string
	isShip := node.Get("Enabled") != nil
	for _, s := range sectionKeys() {
		for _, known := range s.keys {
			switch {
			case strings.EqualFold(name, known):
				return known, placesOf(known)
			case !isShip && likeLong(name, known):
				near = append(near, known)
			}
		}
	}
	if key = schema.DidYouMean(name, near); key != "" {
		return key, placesOf(key)
	}
	return "", ""
}

// likeLong says whether two names are of about the same length, without which neither is nearly the other.
func likeLong(a, b string) bool {
	difference := len(a) - len(b)
	return max(difference, -difference) <= max(len(a), len(b))/2
}

// placesOf are the sections that have a key, in words.
func placesOf(key string) string {
	var places []string
	for _, s := range sectionKeys() {
		if slices.Contains(s.keys, key) {
			places = append(places, s.place)
		}
	}
	return strings.Join(places, " or ")
}

// misplacedFault is the fault of a section that must have been meant to be a key of another, false when it may be a
// ship's.
func misplacedFault(s section) (schema.Fault, bool) {
	key, places := misplaced(s.name, s.node)
	switch {
	case key == "":
		return schema.Fault{}, false
	case key == s.name:
		return s.doc.Fault(s.node, "is no section: it belongs under "+places, "indent it one step more, below its section"), true
	default:
		return s.doc.Fault(s.node, "unknown section", fmt.Sprintf("did you mean %s, which belongs under %s?", key, places)), true
	}
}
