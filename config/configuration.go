package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// The names of the sections that are no ship's.
const (
	sectionStarfleet    = "STARFLEET"
	sectionFleet        = "Fleet"
	sectionDefaultIndex = "StarfleetDefaultAccountIndex"
)

// knownSections are read by Load itself; every other section is a candidate for a ship.
var knownSections = []string{sectionStarfleet, sectionFleet, sectionDefaultIndex}

// Configuration is the configuration of a fleet: decoded once, defaults applied. Make one with Load, Open or Choose.
// It is not to be changed afterwards; reading it, Ship and Section included, is safe for concurrent use.
type Configuration struct {
	// Starfleet is the section STARFLEET, which every configuration has.
	Starfleet Starfleet
	// DefaultIndex is the section StarfleetDefaultAccountIndex, nil when there is none.
	DefaultIndex *DefaultAccountIndex
	// Fleet is the section Fleet, with its defaults when there is none.
	Fleet Fleet

	sections map[string]section
	order    []string // the candidates for ships, as the files have them
	queues   map[string][]queueUse
	ignored  []string
	base     string // of the URLs of queues that are auto, "" when it is not known
}

// section is one top-level section and the file that it stands in.
type section struct {
	name string
	doc  *schema.Document
	node *schema.Node
}

// Sections are the names of the top-level sections that are candidates for ships: all but STARFLEET, Fleet and
// StarfleetDefaultAccountIndex, in the order of the files and in them. The result is the caller's own.
func (c *Configuration) Sections() []string {
	return slices.Clone(c.order)
}

// Ignored are the names of files beside the configuration that look like parts of it and were not read, since only
// names that end in a lower-case .yaml count: such as fleet.yml. They are worth one warning.
func (c *Configuration) Ignored() []string {
	return slices.Clone(c.ignored)
}

// UnclaimedSection is a section that belongs to no ship that the program knows. It may be that of a ship of
// another program that shares the configuration, so it is worth one notice and is no fault.
type UnclaimedSection struct {
	Name string
	// File, Line and Column are its place; Line and Column count from 1.
	File         string
	Line, Column int
	// DidYouMean is the ship or the known section of nearly that name, "" when there is none.
	DidYouMean string
}

// String is the notice for a person: the place, the name and, where there is one, the likely meaning.
func (u UnclaimedSection) String() string {
	text := fmt.Sprintf("%s:%d:%d: section %s belongs to no ship of this program", u.File, u.Line, u.Column, u.Name)
	if u.DidYouMean != "" {
		text += fmt.Sprintf(": did you mean %s?", u.DidYouMean)
	}
	return text
}

// Unclaimed are the candidates for ships that are not among the given names of ships, in the order of Sections.
// The section named by STARFLEET.AccountIndex is claimed: it configures an account index.
func (c *Configuration) Unclaimed(ships []string) []UnclaimedSection {
	claimed := map[string]bool{c.Starfleet.AccountIndex: true}
	for _, name := range ships {
		claimed[name] = true
	}
	candidates := slices.Concat(ships, knownSections)
	var unclaimed []UnclaimedSection
	for _, name := range c.order {
		if claimed[name] {
			continue
		}
		s := c.sections[name]
		unclaimed = append(unclaimed, UnclaimedSection{
			Name:       name,
			File:       s.doc.File,
			Line:       s.node.Line,
			Column:     s.node.Column,
			DidYouMean: schema.DidYouMean(name, candidates),
		})
	}
	return unclaimed
}

// NoSectionError says that the configuration has no section for a ship.
type NoSectionError struct {
	Name string
	// DidYouMean is the section of nearly that name, "" when there is none.
	DidYouMean string
}

// Error names the missing section and what to do.
func (e *NoSectionError) Error() string {
	if e.DidYouMean != "" {
		return fmt.Sprintf("the configuration has no section %s: did you mean %s?", e.Name, e.DidYouMean)
	}
	return fmt.Sprintf("the configuration has no section %s: add one, named as the ship is", e.Name)
}

// shipSection finds the section of a ship. The error is a *NoSectionError.
func (c *Configuration) shipSection(name string) (section, error) {
	s, ok := c.sections[name]
	if !ok || isKnownSection(name) {
		return section{}, &NoSectionError{Name: name, DidYouMean: schema.DidYouMean(name, c.order)}
	}
	return s, nil
}

// isKnownSection says whether a section is read by Load itself.
func isKnownSection(name string) bool {
	return slices.Contains(knownSections, name)
}

// misspelled is the known section that a section must have been meant to be, "" when it may be a ship's.
// A Fleet section under a wrong name would leave the fleet without its never-touch list, so a near name that has
// no key Enabled, which every ship has, is not given the benefit of the doubt.
func misspelled(name string, node *schema.Node) string {
	for _, known := range knownSections {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	if node.Get("Enabled") == nil {
		return schema.DidYouMean(name, []string{sectionFleet})
	}
	return ""
}
