package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/starfleet-go/starfleet"
)

// ChangeKind is the kind of a Change.
type ChangeKind string

// The kinds of changes, in the order in which Diff gives them.
const (
	// CommitChanged: a ship begins to write, or ends. It is told apart from the rest, since nothing else changes so much.
	CommitChanged ChangeKind = "commit"
	Added         ChangeKind = "add"
	Removed       ChangeKind = "remove"
	Changed       ChangeKind = "change"
)

// Change is one difference between what is deployed and what is rendered.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Resource is the logical id, Type what it is.
	Resource string `json:"resource"`
	Type     string `json:"type"`
	// Path is the property, "" for a resource that comes or goes. Old and New are its values, "" where there is none.
	Path string `json:"path"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// String is a change as a line for people.
func (c Change) String() string {
	switch c.Kind {
	case CommitChanged:
		if strings.EqualFold(c.New, "true") {
			return fmt.Sprintf("commit  %s: %s -> %s: ITS TASKS WRITE", c.Resource, cmp.Or(c.Old, "not deployed"), c.New)
		}
		return fmt.Sprintf("commit  %s: %s -> %s: nothing writes any more", c.Resource, c.Old, cmp.Or(c.New, "not deployed"))
	case Added:
		return fmt.Sprintf("+ %s (%s)", c.Resource, c.Type)
	case Removed:
		return fmt.Sprintf("- %s (%s)", c.Resource, c.Type)
	}
	switch {
	case c.Old == "":
		return fmt.Sprintf("~ %s %s: + %s", c.Resource, c.Path, c.New)
	case c.New == "":
		return fmt.Sprintf("~ %s %s: - %s", c.Resource, c.Path, c.Old)
	}
	return fmt.Sprintf("~ %s %s: %s -> %s", c.Resource, c.Path, c.Old, c.New)
}

// Diff compares the template of a stack with a rendered one: resources by id, properties by path, lists of texts as sets. Where a function's code
// lies is left out, since uploading it changes that. Both may be YAML or JSON, with the short or the long forms of CloudFormation's functions.
func Diff(deployed, rendered []byte) ([]Change, error) {
	before, err := resourcesOf(deployed)
	if err != nil {
		return nil, fmt.Errorf("the deployed template: %w", err)
	}
	after, err := resourcesOf(rendered)
	if err != nil {
		return nil, fmt.Errorf("the rendered template: %w", err)
	}
	var changes []Change
	for _, id := range sortedKeys(before) {
		if _, ok := after[id]; !ok {
			changes = append(changes, commitChange(id, before[id], flatResource{})...)
			changes = append(changes, Change{Kind: Removed, Resource: id, Type: before[id].kind})
		}
	}
	for _, id := range sortedKeys(after) {
		if was, ok := before[id]; ok {
			changes = append(changes, commitChange(id, was, after[id])...)
			changes = append(changes, compare(id, was, after[id])...)
			continue
		}
		changes = append(changes, commitChange(id, flatResource{}, after[id])...)
		changes = append(changes, Change{Kind: Added, Resource: id, Type: after[id].kind})
	}
	order := []ChangeKind{CommitChanged, Added, Removed, Changed}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.Resource, b.Resource))
	})
	return changes, nil
}

// flatResource is a resource with its properties by path.
type flatResource struct {
	kind       string
	properties map[string]string
}

// commitOf is the value of STARFLEET_COMMIT, "" when the resource has none.
func (r flatResource) commitOf() string {
	for path, value := range r.properties {
		if isCommit(path) {
			return value
		}
	}
	return ""
}

func isCommit(path string) bool {
	return strings.HasSuffix(path, ".Variables."+starfleet.EnvironmentCommit) || strings.HasSuffix(path, ".Environment["+starfleet.EnvironmentCommit+"].Value")
}

// commitChange is the change of the commit of a function or service. One that comes without commit, or goes, changes nothing of it.
func commitChange(id string, was, is flatResource) []Change {
	old, now := was.commitOf(), is.commitOf()
	if old == now || !strings.EqualFold(old, "true") && !strings.EqualFold(now, "true") {
		return nil
	}
	return []Change{{Kind: CommitChanged, Resource: id, Type: cmp.Or(is.kind, was.kind), Path: starfleet.EnvironmentCommit, Old: old, New: now}}
}

func compare(id string, was, is flatResource) []Change {
	if was.kind != is.kind {
		return []Change{{Kind: Changed, Resource: id, Type: is.kind, Path: "Type", Old: was.kind, New: is.kind}}
	}
	var changes []Change
	paths := map[string]bool{}
	for path := range was.properties {
		paths[path] = true
	}
	for path := range is.properties {
		paths[path] = true
	}
	for _, path := range sortedKeys(paths) {
		old, now := was.properties[path], is.properties[path]
		if old != now && !isCommit(path) {
			name, _, _ := strings.Cut(path, "\x00")
			changes = append(changes, Change{Kind: Changed, Resource: id, Type: is.kind, Path: name, Old: old, New: now})
		}
	}
	return changes
}

// resourcesOf reads the resources of a template.
func resourcesOf(data []byte) (map[string]flatResource, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return nil, errors.New("it is empty")
	}
	resources := child(root.Content[0], "Resources")
	if resources == nil || resources.Kind != yaml.MappingNode {
		return nil, errors.New("it has no Resources")
	}
	all := map[string]flatResource{}
	for i := 0; i+1 < len(resources.Content); i += 2 {
		r := flatResource{properties: map[string]string{}}
		if kind := child(resources.Content[i+1], "Type"); kind != nil {
			r.kind = kind.Value
		}
		for _, key := range []string{"Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"} {
			if node := child(resources.Content[i+1], key); node != nil {
				flatten(r.properties, strings.TrimPrefix(key, "Properties"), node)
			}
		}
		all[resources.Content[i].Value] = r
	}
	return all, nil
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// flatten puts the texts of a node under their paths. An item of a list is named by what it is called, and a text in a list by itself.
func flatten(to map[string]string, path string, n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		return // no writer of templates makes any
	}
	if text, ok := function(n); ok {
		to[path] = text
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i].Value; path != "" || key != "CodeUri" && key != "Code" {
				flatten(to, strings.TrimPrefix(path+"."+key, "."), n.Content[i+1])
			}
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if text, ok := function(item); ok {
				to[path+"\x00"+text] = text
				continue
			}
			flatten(to, fmt.Sprintf("%s[%s]", path, itemName(item, i)), item)
		}
	default:
		to[path] = n.Value
	}
}

// itemName is what an item of a list is called.
func itemName(n *yaml.Node, index int) string {
	for _, key := range []string{"Sid", "Name", "Key", "PolicyName", "Id", "Event"} {
		if name := child(n, key); name != nil && name.Kind == yaml.ScalarNode {
			return name.Value
		}
	}
	return fmt.Sprint(index)
}

// function is a text, or a function of CloudFormation in its short or long form, as one text.
func function(n *yaml.Node) (string, bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		if name, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(name, "!") {
			return "!" + name + " " + n.Value, true
		}
		return n.Value, true
	case yaml.MappingNode:
		if len(n.Content) != 2 {
			return "", false
		}
		name, value := n.Content[0].Value, n.Content[1]
		switch {
		case name == "Ref" && value.Kind == yaml.ScalarNode, name == "Fn::Sub" && value.Kind == yaml.ScalarNode:
			return "!" + strings.TrimPrefix(name, "Fn::") + " " + value.Value, true
		case name == "Fn::GetAtt" && value.Kind == yaml.SequenceNode && len(value.Content) == 2:
			return "!GetAtt " + value.Content[0].Value + "." + value.Content[1].Value, true
		}
	}
	return "", false
}
