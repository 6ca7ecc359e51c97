package config

import (
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// notRoles are the beginnings of keys that have the word Role in them and name none.
var notRoles = []string{"WorkerRoleExternalId", "WorkerRoleSession", "WorkerRoleSourceIdentity"}

// Roles are the roles that the sections of all ships name, disabled ones and those at fault among them, sorted and each once: what is
// text under WorkerRoleToAssume, AllowedRoles, WorkerRoleChain, Deployment.AssumeRoles and every key of a ship's own that has the word Role in its name. They are as
// the configuration has them: names, perhaps with a path, or ARNs, with the placeholders {account} and {partition}. A ship that
// changes roles is not to touch these.
func (c *Configuration) Roles() []string {
	var roles []string
	for _, name := range c.order {
		for key, n := range c.sections[name].node.Entries() {
			if strings.Contains(key, "Role") && !slices.ContainsFunc(notRoles, func(no string) bool { return strings.HasPrefix(key, no) }) {
				roles = appendTexts(roles, n)
			}
			if assumed := n.Get("AssumeRoles"); key == "Deployment" && assumed != nil {
				roles = appendTexts(roles, assumed)
			}
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// appendTexts adds the texts in a node, at any depth.
func appendTexts(texts []string, n *schema.Node) []string {
	switch n.Kind {
	case schema.String:
		if text := strings.TrimSpace(n.Text()); text != "" {
			texts = append(texts, text)
		}
	case schema.List:
		for _, item := range n.Items() {
			texts = appendTexts(texts, item)
		}
	case schema.Map:
		for _, value := range n.Entries() {
			texts = appendTexts(texts, value)
		}
	}
	return texts
}
