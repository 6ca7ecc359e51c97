package iamrole

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lines are what there is to say of a role, one fact a line, in the order of a template. A nil role has none.
func (r *role) lines(partition string) []string {
	if r == nil {
		return nil
	}
	lines := []string{"path: " + r.path, "description: " + r.description, fmt.Sprintf("max session duration: %d", r.maxSession)}
	if r.boundary != "" {
		lines = append(lines, "permissions boundary: "+r.boundary)
	}
	lines = append(lines, documentLines("trust policy", r.trust, partition)...)
	for _, key := range slices.Sorted(maps.Keys(r.tags)) {
		lines = append(lines, "tag "+key+": "+r.tags[key])
	}
	for _, arn := range r.managed {
		lines = append(lines, "managed policy: "+arn)
	}
	for _, name := range slices.Sorted(maps.Keys(r.inline)) {
		lines = append(lines, documentLines("inline policy "+name, r.inline[name], partition)...)
	}
	return lines
}

func documentLines(what, document, partition string) []string {
	c := read(document, partition)
	lines := []string{what + ", version: " + c.version}
	for _, statement := range c.statements {
		lines = append(lines, what+": "+statement)
	}
	return lines
}

// difference is what goes, each line after a minus, and what comes, each after a plus.
func difference(have, want *role, partition string) string {
	if want != nil && want.path == "" { // the template says nothing of it
		with := *want
		with.path = defaultPath
		if have != nil {
			with.path = have.path
		}
		want = &with
	}
	before, after := have.lines(partition), want.lines(partition)
	var out []string
	for _, line := range before {
		if !slices.Contains(after, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}
