package githubsync

import (
	"fmt"
	"strings"
)

// maxListed is how many files each list of an alert names.
const maxListed = 20

// alertTitle is the same for all repositories.
const alertTitle = "Files of a GitHub repository changed in S3"

// text is the report for people.
func (r *report) text(p Payload) string {
	lines := []string{p.source() + " to " + p.place()}
	for _, list := range []struct {
		what  string
		names []string
	}{{"new", r.added}, {"modified", r.modified}, {"deleted", r.deleted}} {
		if len(list.names) > 0 {
			lines = append(lines, fmt.Sprintf("%s (%d): %s", list.what, len(list.names), listed(list.names, maxListed)))
		}
	}
	return strings.Join(lines, "\n")
}

// listed names the first of a list, and says how many more there are.
func listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
