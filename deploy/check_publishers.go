package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/config"
)

// publishers checks who may write templates: for prefixes that ships have, and no ship unless its own section says so.
func (c *checker) publishers() {
	if !c.settings.ExistingTemplateBucket && len(c.Fleet.publishers()) == 0 {
		c.fault("nobody may write templates", "add TemplatePublishers with the roles of the pipelines that publish them", keyFleet, keyDeployment, "TemplatePublishers")
	}
	path := []string{keyFleet, keyDeployment, "TemplatePublishers"}
	if c.settings.ExistingTemplateBucket && len(c.settings.Publishers) > 0 {
		c.warning("the template bucket is there already: TemplatePublishers give nobody anything, and keep nobody out", "let the bucket's own policy deny writing to all but these roles", path...)
	}
	all := c.Fleet.publishers()
	for i, p := range all {
		if !c.knownPrefix(p.prefix) {
			c.fault(fmt.Sprintf("unknown prefix %q: no ship has its templates there", p.prefix), "write the TemplatePrefix of a ship: "+c.prefixList(), c.placeOf(p.prefix, path)...)
		}
		for _, other := range all[i+1:] {
			if !config.IsTemplate(p.prefix) && strings.HasPrefix(other.prefix, p.prefix) {
				c.fault(fmt.Sprintf("%q lies in %q: who may write the one would be denied by the other", other.prefix, p.prefix), "name folders that lie apart", c.placeOf(other.prefix, path)...)
			}
		}
	}
	for _, p := range c.settings.Publishers {
		for _, role := range p.Roles {
			s := c.shipOfRole(role)
			if s == nil || slices.ContainsFunc(s.Deployment.PublishesTemplates, func(own string) bool { return folder(own) == p.Prefix }) {
				continue
			}
			c.fault(fmt.Sprintf("the ship %s may write templates of %s, as %s: whoever decides what it writes decides what ships do in every account", s.Name, p.Prefix, role),
				"if that is meant, write PublishesTemplates: ["+p.Prefix+"] in Deployment of the ship's own section; else name a role that no ship has or assumes", path...)
		}
	}
	c.rolesApart("IndexPublishers", c.settings.IndexPublishers, "write the account index", "for a ship that runs once for a template, name the bucket in its Buckets; else name a role that no ship has or assumes")
	c.rolesApart("OperatorRoles", c.settings.OperatorRoles, "send tasks to every ship, and lift halts", "name a role that no ship has or assumes")
}

// rolesApart checks that what people and pipelines may is not a ship's by a role that it has or assumes.
func (c *checker) rolesApart(key string, roles []string, may, hint string) {
	for _, role := range roles {
		if s := c.shipOfRole(role); s != nil {
			c.fault(fmt.Sprintf("the ship %s may %s, as %s", s.Name, may, role), hint, keyFleet, keyDeployment, key)
		}
	}
}

// placeOf is where a prefix is written: in the section of the ship that publishes it, or where the fleet's publishers are.
func (c *checker) placeOf(prefix string, fallback []string) []string {
	for _, s := range c.ships {
		for _, own := range s.Deployment.PublishesTemplates {
			if folder(own) == prefix {
				return []string{s.Name, keyDeployment, "PublishesTemplates"}
			}
		}
	}
	return fallback
}

// knownPrefix says whether a ship, a disabled one too, has its templates under a prefix, or the prefix lies in a ship's folder.
func (c *checker) knownPrefix(prefix string) bool {
	if manifests := c.configuration.Fleet.ManifestPrefix; manifests != "" && prefix == manifests {
		return true
	}
	return slices.ContainsFunc(c.sections(), func(s *config.Ship) bool {
		own, exact := s.ListPrefix()
		if exact {
			return own == prefix
		}
		return strings.HasPrefix(prefix, own)
	})
}

func (c *checker) prefixList() string {
	var prefixes []string
	for _, s := range c.sections() {
		prefix, _ := s.ListPrefix()
		prefixes = append(prefixes, prefix)
	}
	slices.Sort(prefixes)
	return strings.Join(slices.Compact(prefixes), ", ")
}

// shipOfRole is the ship that has a role of an ARN or works with it, nil when none does.
func (c *checker) shipOfRole(role string) *ship {
	for _, s := range c.ships {
		if s.ours() && sameRole(s.role(), role) || slices.ContainsFunc(slices.Concat(s.roles, s.Session.Chain), func(own string) bool { return sameRole(own, role) }) {
			return s
		}
	}
	return nil
}

// members checks that the roles of target accounts can be made there: IAM has no two of one name, in whatever paths and cases.
func (c *checker) members() {
	seen := map[string]memberRole{}
	for _, role := range c.memberRoles() {
		name := strings.ToLower(role.name[strings.LastIndex(role.name, "/")+1:])
		if other, twice := seen[name]; twice {
			c.fault(fmt.Sprintf("the role %s would have the name of %s: IAM has no two of one name in an account, in whatever paths", role.name, other.name), "give one of them another name", c.placeOfRole(role)...)
		}
		seen[name] = role
		for _, s := range c.ships {
			if !s.ours() && slices.ContainsFunc(s.roles, func(own string) bool { return roleName(own) == role.name }) {
				c.warning(fmt.Sprintf("the role %s is there already where %s works, a ship of Python, and does not trust this ship", role.name, s.Name),
					"give this ship a role of its own", c.placeOfRole(role)...)
			}
		}
	}
}

// placeOfRole is where the first of its ships names a role.
func (c *checker) placeOfRole(role memberRole) []string {
	s := role.ships[0]
	names := func(written string) bool { return roleName(written) == role.name }
	switch {
	case names(s.WorkerRoleToAssume):
		return []string{s.Name, "WorkerRoleToAssume"}
	case slices.ContainsFunc(s.Session.AllowedRoles, names):
		return []string{s.Name, "AllowedRoles"}
	default:
		return []string{s.Name, keyDeployment, "AssumeRoles"}
	}
}

// sameRole says whether a role as the configuration writes one, by its name with the path or by an ARN with placeholders, can be that of an ARN.
// Roles of one name in two cases cannot be in one account.
func sameRole(written, arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	account, name := parts[4], strings.TrimPrefix(parts[5], "role/")
	if own := strings.SplitN(written, ":", 6); len(own) == 6 {
		if own[4] != "{account}" && own[4] != account {
			return false
		}
		written = strings.TrimPrefix(own[5], "role/")
	}
	return strings.EqualFold(strings.ReplaceAll(written, "{account}", account), name)
}
