package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/schema"
)

// Session is what a ship's sessions in target accounts have, beside role and name. {partition} and {account} in ARNs and roles stand
// for those of the target.
type Session struct {
	// AllowedRoles are the roles that a template may choose in place of WorkerRoleToAssume, as the payload type of the ship says;
	// written in the same way. Default none: templates choose none.
	AllowedRoles []string
	// Chain (key WorkerRoleChain) are the ARNs of roles that are assumed in turn before the role in the target account. Default none.
	Chain []string
	// ExternalID (key WorkerRoleExternalId) is given for the role in the target account. Default none.
	ExternalID string
	// Policies (key WorkerRoleSessionPolicies) are the ARNs of managed policies, at most 10, and Policy (key
	// WorkerRoleSessionPolicy) is an inline one, as JSON: a session may do what the role may and any of them allows. Default none: all
	// that the role may.
	Policies []string
	Policy   string
	// DryRunPolicies stand in place of Policies and Policy without commit. Default DefaultDryRunPolicy; empty for a ship that is
	// not limited in this way.
	DryRunPolicies []string
	// SourceIdentity (key WorkerRoleSourceIdentity) is set for the sessions. The trust policies have to allow sts:SetSourceIdentity.
	// Default none.
	SourceIdentity string
	// Tags (key WorkerRoleSessionTags) are the session tags, at most 50. The trust policy has to allow sts:TagSession. Default none.
	Tags map[string]string
	// Duration (key WorkerRoleSessionDuration) is how long a session lasts before it is renewed, from 15 minutes to one hour: AWS
	// allows no more where a role assumes a role, as on Lambda and ECS. Default one hour.
	Duration time.Duration
}

// DefaultDryRunPolicy is what limits the sessions of a dry run where DryRunPolicies is not set: AWS's own policy of what reads, in the partition
// of the account.
const DefaultDryRunPolicy = "arn:{partition}:iam::aws:policy/ReadOnlyAccess"

// The bounds of AssumeRole in the STS API reference.
const (
	minSession     = 15 * time.Minute
	maxSession     = time.Hour
	maxPolicies    = 10
	maxPolicyChars = 2048
	maxTags        = 50
)

// decodeSession reads the keys of Session.
func decodeSession(r *reader) Session {
	externalID := r.matching(externalIDPattern, "an external id", "2 to 1224 letters, digits and characters of _+=,.@:/-")
	identity := r.matching(sessionPattern, "a source identity", "2 to 64 letters, digits and characters of _+=,.@-")
	return Session{
		AllowedRoles:   once(list(r, r.role)(r.optional("AllowedRoles"))),
		Chain:          list(r, r.chainRole)(r.optional("WorkerRoleChain")),
		ExternalID:     or(r.optional("WorkerRoleExternalId"), externalID, ""),
		Policies:       r.policies(r.optional("WorkerRoleSessionPolicies")),
		Policy:         or(r.optional("WorkerRoleSessionPolicy"), r.policy, ""),
		DryRunPolicies: or(r.optional("DryRunPolicies"), r.policies, []string{DefaultDryRunPolicy}),
		SourceIdentity: or(r.optional("WorkerRoleSourceIdentity"), identity, ""),
		Tags:           or(r.optional("WorkerRoleSessionTags"), r.tags, nil),
		Duration:       or(r.optional("WorkerRoleSessionDuration"), r.sessionDuration, maxSession),
	}
}

var (
	// A role in AssumeRole's ARN: names of 1 to 64 characters, folders of the role's path before it.
	rolePattern = regexp.MustCompile(`^([\w+=,.@-]+/)*[\w+=,.@-]{1,64}$`)
	// The beginning of a role's ARN, with the account in it.
	roleARNPattern = regexp.MustCompile(`^arn:aws(?:-[a-z]+)*:iam::([0-9]{12}):role/(.*)$`)
	// A managed policy: its path and name have at most 512 bytes together, by the Reference of the IAM API.
	policyPattern = tailed{512, regexp.MustCompile(`^arn:aws(?:-[a-z]+)*:iam::(?:aws|[0-9]{12}):policy/([\w+=,.@/-]+)$`)}

	externalIDPattern = lengthened{2, 1224, regexp.MustCompile(`^[\w+=,.@:/-]*$`)}
	tagKeyPattern     = lengthened{1, 128, tagCharacters}
	tagValuePattern   = lengthened{0, 256, tagCharacters}
	tagCharacters     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)
)

// sample fills the placeholders of a template, so that it can be checked as what it becomes.
var sample = strings.NewReplacer("{partition}", "aws", "{account}", "123456789012")

// role reads a role of target accounts: a name or the template of an ARN.
func (r *reader) role(n *schema.Node) string {
	const hint = "write the name alone, or an ARN such as arn:{partition}:iam::{account}:role/NAME: it is assumed in many accounts"
	text := r.anyText(n)
	if n == nil || n.Kind != schema.String {
		return text
	}
	name := sample.Replace(text)
	if arn := roleARNPattern.FindStringSubmatch(name); arn != nil && strings.Contains(text, ":{account}:") {
		name = arn[2]
	}
	if !rolePattern.MatchString(name) {
		r.fault(n, fmt.Sprintf("%q is not the name of a role", text), hint)
	}
	return text
}

// chainRole reads the ARN of a role on the way.
func (r *reader) chainRole(n *schema.Node) string {
	text := r.anyText(n)
	if n == nil || n.Kind != schema.String {
		return text
	}
	if arn := roleARNPattern.FindStringSubmatch(sample.Replace(text)); arn == nil || !rolePattern.MatchString(arn[2]) {
		r.fault(n, fmt.Sprintf("%q is not the ARN of a role", text), "such as arn:{partition}:iam::123456789012:role/hub")
	}
	return text
}

// policies reads ARNs of managed policies. It is not nil when the key is there.
func (r *reader) policies(n *schema.Node) []string {
	read := func(item *schema.Node) string {
		text := r.anyText(item)
		if item.Kind == schema.String && !policyPattern.MatchString(sample.Replace(text)) {
			r.fault(item, fmt.Sprintf("%q is not the ARN of a policy", text), "such as "+DefaultDryRunPolicy)
		}
		return text
	}
	all := list(r, read)(n)
	if len(all) > maxPolicies {
		r.fault(n, fmt.Sprintf("has %d policies, more than %d", len(all), maxPolicies), "")
	}
	return all
}

// policy reads an inline policy, a mapping, into JSON.
func (r *reader) policy(n *schema.Node) string {
	if n.Kind != schema.Map {
		r.wrongKind(n, "a mapping")
		return ""
	}
	text := string(n.AppendJSON(nil))
	switch {
	case n.Get("Statement") == nil:
		r.fault(n, "is no policy: it has no Statement", "")
	case len(text) > maxPolicyChars:
		r.fault(n, fmt.Sprintf("has %d characters, more than %d", len(text), maxPolicyChars), "use a managed policy")
	}
	return text
}

// tags reads session tags.
func (r *reader) tags(n *schema.Node) map[string]string {
	if n.Kind != schema.Map {
		r.wrongKind(n, "a mapping")
		return nil
	}
	tags := map[string]string{}
	for key, value := range n.Entries() {
		if !tagKeyPattern.MatchString(key) || strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.fault(value, fmt.Sprintf("%q is not the key of a session tag", key), "1 to 128 letters, digits, spaces and characters of _.:/=+@-, not aws: at the beginning")
		}
		tags[key] = r.matching(tagValuePattern, "the value of a session tag", "at most 256 letters, digits, spaces and characters of _.:/=+@-")(value)
	}
	if len(tags) > maxTags {
		r.fault(n, fmt.Sprintf("has %d tags, more than %d", len(tags), maxTags), "")
	}
	return tags
}

// sessionDuration reads how long a session lasts.
func (r *reader) sessionDuration(n *schema.Node) time.Duration {
	before := len(*r.faults)
	d := r.duration(n)
	if len(*r.faults) == before && (d < minSession || d > maxSession) {
		r.fault(n, fmt.Sprintf("must be from %s to %s, is %s", "15m", "1h", n.Text()), "a role that assumes a role, as on Lambda and ECS, gets one hour at most")
	}
	return d
}
