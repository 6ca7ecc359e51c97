package iamrole

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/starfleet-go/starfleet/accountindex"
)

// IAM's limits on roles, policies and tags, in the IAM API reference.
var (
	roleNameForm   = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	policyNameForm = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	pathForm       = regexp.MustCompile(`^/([!-.0-~]+/)*$`)
	// descriptionForm and tagForm are those of the API's Description and Tag.
	descriptionForm = regexp.MustCompile(`^[\x{9}\x{A}\x{D}\x{20}-\x{7E}\x{A1}-\x{FF}]*$`)
	tagForm         = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
	sidForm         = regexp.MustCompile(`^[A-Za-z0-9]*$`)
)

const (
	maxPath        = 512
	maxDescription = 1000
	maxTagKey      = 128
	maxTagValue    = 256
	maxTags        = 50    // of a role
	maxManaged     = 10    // of a role, by default
	maxInline      = 10240 // characters of all inline policies of a role
)

// Validate refuses what no account could have: variables that are unknown and the rest of Jinja, selections that select nobody,
// times that nobody can read, statements that IAM would refuse, and the names of roles that the ship never touches.
func (p Payload) Validate() error {
	t := p.IambicRoleTemplate
	errs := p.checkVariables()
	add := func(path string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
	}
	known := p.variablesOf("000000000000", "name", "aws")
	visitor{
		text: func(path, text string) {
			_, err := expand(text, func(name string) (string, error) {
				if _, ok := known[name]; ok {
					return "", nil // its value is looked at where it is given
				}
				return known.lookup(name)
			})
			add(path, err)
		},
		limits: func(path string, l Limits) { add(path, l.check()) },
		statement: func(path string, s Statement) {
			add(path, s.check(strings.Contains(path, ".assume_role_policy_document[")))
		},
	}.visit(t)
	add("IambicRoleTemplate", t.check())
	return errors.Join(errs...)
}

// check holds what the template says without variables against IAM's limits and the roles that are never touched.
func (t RoleTemplate) check() error {
	var errs []error
	add := func(path string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
	}
	_, err := parseTime(t.ExpiresAt)
	add("expires_at", err)
	p := t.Properties
	if literal(p.RoleName) {
		add("properties.role_name", checkRoleName(p.RoleName))
		if why := builtIn.protects(p.RoleName, "", ""); why != "" {
			add("properties.role_name", errors.New(why))
		}
	}
	for i, path := range p.Path {
		if literal(path.Path) {
			add(fmt.Sprintf("properties.path[%d]", i), checkPath(path.Path))
		}
	}
	for i, tag := range p.Tags {
		add(fmt.Sprintf("properties.tags[%d].key", i), checkTagKey(tag.Key))
	}
	for i, policy := range p.InlinePolicies {
		if literal(policy.PolicyName) {
			add(fmt.Sprintf("properties.inline_policies[%d].policy_name", i), checkPolicyName(policy.PolicyName))
		}
	}
	if len(p.AssumeRolePolicyDocument) == 0 && len(t.Deleted) == 0 {
		add("properties", errors.New("assume_role_policy_document is missing: it says who may assume the role"))
	}
	return errors.Join(errs...)
}

// literal says whether a text is the same in all accounts.
func literal(text string) bool { return !strings.Contains(text, "{{") }

func checkRoleName(name string) error {
	if !roleNameForm.MatchString(name) {
		return fmt.Errorf("%q is no name of a role: it has 1 to 64 letters, digits and _+=,.@-", name)
	}
	return nil
}

func checkPath(path string) error {
	if len(path) > maxPath || !pathForm.MatchString(path) {
		return fmt.Errorf("%q is no path: it begins and ends at a slash, as in /teams/, and has at most %d characters", path, maxPath)
	}
	if why := protectedPath(path); why != "" {
		return errors.New(why)
	}
	return nil
}

// checkPolicyName is for inline policies.
func checkPolicyName(name string) error {
	switch {
	case !policyNameForm.MatchString(name):
		return fmt.Errorf("%q is no name of a policy: it has 1 to 128 letters, digits and _+=,.@-", name)
	case strings.EqualFold(name, revocation):
		return fmt.Errorf("%q is AWS's own, by which the sessions of a role are revoked: the ship leaves it alone", name)
	}
	return nil
}

func checkDescription(text string) error {
	switch {
	case utf8.RuneCountInString(text) > maxDescription:
		return fmt.Errorf("it has more than %d characters", maxDescription)
	case !descriptionForm.MatchString(text):
		return fmt.Errorf("%q has characters that IAM does not take: it takes those of Latin-1, and line breaks", text)
	}
	return nil
}

// checkTag holds a tag against IAM's limits, and keeps a template from the tags that are not its own.
func checkTag(key, value string) error {
	switch {
	case utf8.RuneCountInString(key) > maxTagKey || utf8.RuneCountInString(value) > maxTagValue:
		return fmt.Errorf("%q: a key has %d characters at most, a value %d", key, maxTagKey, maxTagValue)
	case key == "" || !tagForm.MatchString(key) || !tagForm.MatchString(value):
		return fmt.Errorf("%q: %q has characters that IAM does not take: it takes letters, digits, spaces and _.:/=+-@, and a key is not empty", key, value)
	}
	return checkTagKey(key)
}

// checkTagKey keeps a template from the tags that are not its own.
func checkTagKey(key string) error {
	switch {
	case strings.HasPrefix(strings.ToLower(key), awsTags):
		return fmt.Errorf("%q begins with aws:, which AWS keeps for itself", key)
	case strings.EqualFold(key, OwnershipTag):
		return fmt.Errorf("%q is the ship's own tag", key)
	}
	return nil
}

// check holds the rules that the base payload's selections have.
func (l Limits) check() error {
	var errs []error
	if _, err := parseTime(l.ExpiresAt); err != nil {
		errs = append(errs, fmt.Errorf("expires_at: %w", err))
	}
	switch some := !l.Include.Empty(); {
	case l.Include.AllAccounts && some:
		errs = append(errs, errors.New("StarfleetIncludeAccounts: AllAccounts: true stands beside another selector: remove one of them"))
	case l.Include.given && !l.Include.AllAccounts && !some:
		errs = append(errs, errors.New("StarfleetIncludeAccounts selects no account: name some, or remove it to apply everywhere"))
	}
	if l.Exclude.given && l.Exclude.Empty() {
		errs = append(errs, errors.New("StarfleetExcludeAccounts excludes no account: name some, or remove it"))
	}
	errs = append(errs, checkSelectors("StarfleetIncludeAccounts", l.Include.Exclusion)...)
	return errors.Join(append(errs, checkSelectors("StarfleetExcludeAccounts", l.Exclude.Exclusion)...)...)
}

func checkSelectors(side string, e accountindex.Exclusion) []error {
	var errs []error
	for i, id := range e.ByIds {
		if !accountindex.IsAccountID(id) {
			errs = append(errs, fmt.Errorf("%s.ByIds[%d]: %q is no account id of 12 digits", side, i, id))
		}
	}
	if e.ByExpression != "" {
		if err := accountindex.CheckExpression(e.ByExpression); err != nil && !errors.Is(err, accountindex.ErrNoExpressions) {
			errs = append(errs, fmt.Errorf("%s.ByExpression: %w", side, err))
		}
	}
	return errs
}

// check holds IAM's rules for a statement: of a trust policy, or of a policy of the role.
func (s Statement) check(trust bool) error {
	var errs []error
	one := func(what string, present ...bool) {
		n := 0
		for _, is := range present {
			if is {
				n++
			}
		}
		if n != 1 {
			errs = append(errs, fmt.Errorf("a statement has one of %s, this one has %d", what, n))
		}
	}
	one("action and not_action", len(s.Action) > 0, len(s.NotAction) > 0)
	principals, resources := !s.Principal.IsZero() || !s.NotPrincipal.IsZero(), len(s.Resource)+len(s.NotResource) > 0
	switch {
	case trust:
		one("principal and not_principal", !s.Principal.IsZero(), !s.NotPrincipal.IsZero())
		if resources {
			errs = append(errs, errors.New("a trust policy has no resource: it is about the role itself"))
		}
	default:
		one("resource and not_resource", len(s.Resource) > 0, len(s.NotResource) > 0)
		if principals {
			errs = append(errs, errors.New("a policy of a role has no principal: it is about the role itself"))
		}
	}
	if literal(s.Sid) && !sidForm.MatchString(s.Sid) {
		errs = append(errs, fmt.Errorf("sid %q has other characters than letters and digits", s.Sid))
	}
	return errors.Join(errs...)
}

// timeForms are what expires_at may be. Without a zone it is UTC.
var timeForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04", time.DateOnly,
}

// parseTime reads expires_at. The zero time is that of an empty text. What iambic would take for a time relative to now is an error.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range timeForms {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write it as 2026-01-31T18:00:00Z or 2026-01-31, which are UTC, or with another zone", text)
}
