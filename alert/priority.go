package alert

import (
	"fmt"
	"slices"
	"strings"
)

// Priority is how urgent a message is, or how urgent messages must be to be sent. The names and their order are those of the Python
// Starfleet.
type Priority uint8

// The priorities. None is that of no message: as a threshold it sends nothing.
const (
	None Priority = iota
	Problem
	Important
	Success
	Informational
)

var priorityNames = []string{"NONE", "PROBLEM", "IMPORTANT", "SUCCESS", "INFORMATIONAL"}

// String is the name as the configuration spells it.
func (p Priority) String() string {
	if int(p) < len(priorityNames) {
		return priorityNames[p]
	}
	return fmt.Sprintf("Priority(%d)", uint8(p))
}

// ParsePriority reads a name, upper case only. It fails for any other text.
func ParsePriority(name string) (Priority, error) {
	i := slices.Index(priorityNames, name)
	if i < 0 {
		return None, fmt.Errorf("alert priority %q is none of %s", name, strings.Join(priorityNames, ", "))
	}
	return Priority(i), nil //nolint:gosec // an index of five names
}

// Sends says whether this threshold lets a message through: one of the threshold's own priority or a more urgent one, and never None.
func (p Priority) Sends(message Priority) bool { return message > None && message <= p }
