package config

import (
	"fmt"
	"regexp"

	"github.com/starfleet-go/starfleet/schema"
)

// Fault is a fault at a place of the configuration, for what other packages find wrong with it: path is the name of a section and the keys
// below it. What is not there has the place of the last that is.
func (c *Configuration) Fault(problem, hint string, path ...string) schema.Fault {
	fault := schema.Fault{Problem: problem, Hint: hint}
	if len(path) == 0 {
		return fault
	}
	s, ok := c.sections[path[0]]
	if ok {
		at := s.node
		for _, key := range path[1:] {
			next := at.Get(key)
			if next == nil {
				break
			}
			at = next
		}
		fault = s.doc.Fault(at, problem, hint)
	}
	fault.Path = path[0]
	for _, key := range path[1:] {
		fault.Path += "." + key
	}
	return fault
}

// placeholderPattern is what stands for a value that somebody is yet to give: /replace-me of the Python Starfleet's samples, and the words of
// others.
var placeholderPattern = regexp.MustCompile(`(?i)replace[-_ ]?(me|this|with)|change[-_ ]?me|deployment-(account-id|region)|<[a-z][a-z0-9 _-]*>|your[-_](account|bucket|region|org)`)

// Placeholders are the values of the fleet's sections and of those of enabled ships that somebody is yet to give, one fault each.
func (c *Configuration) Placeholders() schema.Faults {
	var faults schema.Faults
	for name, s := range c.sections {
		if !isKnownSection(name) {
			if ship, err := c.Ship(name); err == nil && !ship.Enabled {
				continue
			}
		}
		walk(s.node, func(n *schema.Node) {
			if found := placeholderPattern.FindString(n.Text()); found != "" {
				faults = append(faults, s.doc.Fault(n, fmt.Sprintf("%q is a placeholder", found), "write the value that is meant"))
			}
		})
	}
	return faults.Sort()
}

// walk visits the strings of a node.
func walk(n *schema.Node, visit func(*schema.Node)) {
	switch n.Kind {
	case schema.String:
		visit(n)
	case schema.List:
		for _, item := range n.Items() {
			walk(item, visit)
		}
	case schema.Map:
		for _, item := range n.Entries() {
			walk(item, visit)
		}
	}
}
