package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// Ship is the section of one ship: the keys that every ship may have. The section is named as the ship is.
type Ship struct {
	// Name is the name of the section.
	Name string
	// Enabled says whether the Starbase tasks the ship. Required.
	Enabled bool
	// TemplatePrefix is the key of the ship's one template when it ends in .yaml, otherwise the folder that its
	// templates are in: "Foo" is "Foo/", "" is the whole bucket. Required.
	TemplatePrefix string
	// InvocationQueueURL (key InvocationQueueUrl) is the queue of the ship's tasks. Required.
	InvocationQueueURL string
	// Sources (key InvocationSources) are what makes the Starbase task the ship, each once. Required; may be empty.
	Sources []Source
	// Frequency (key EventBridgeTimedFrequency) is the timer that tasks the ship, "" when there is none. Required
	// when Sources has EVENTBRIDGE_TIMED_EVENT, and without effect otherwise.
	Frequency Frequency
	// Alert (key AlertConfiguration) is where the ship's alerts go, nil for none.
	Alert *AlertConfiguration
	// StarbaseInvocationTopicARN (key StarbaseInvocationTopicArn) is kept as the Python Starfleet keeps it: neither reads it.
	StarbaseInvocationTopicARN string

	// NeverTouch selects accounts that this ship never works in, beside those of Fleet.NeverTouch. Default none.
	NeverTouch accountindex.Selection
	// MaxTargets is the largest number of accounts that one template of the ship may resolve to; above it nothing is
	// sent. At least 1; default 100 accounts.
	MaxTargets int
	// WorkerRoleToAssume is the role that the ship assumes in each target account: its name, with its path if it has one, or an ARN
	// whose account is {account}. {partition} and {account} stand for those of the target. "" when the ship assumes none.
	// Default "".
	WorkerRoleToAssume string
	// WorkerRoleSessionName is the session name for it, 2 to 64 characters, the same in all runs. Default "": the name of the
	// ship and the id of the run, cut to 64.
	WorkerRoleSessionName string
	// Session is what else the ship's sessions in target accounts have.
	Session Session

	// Deployment is what the ship's deployment is like.
	Deployment Deployment

	// OwnKeys are the keys of the section that are none of the above, in its order: the ship's own, which Section decodes.
	OwnKeys []string
}

// AlertConfiguration is where a ship's alerts go, and which.
type AlertConfiguration struct {
	// ChannelID (key ChannelId) is the Slack channel. Required.
	ChannelID string
	// Priority (key AlertPriority) is the least urgent priority that is sent: NONE, PROBLEM, IMPORTANT, SUCCESS or
	// INFORMATIONAL, from the most urgent to the least. NONE sends nothing. Required.
	Priority string
}

// DefaultMaxTargets is the MaxTargets of a ship that sets none: accounts for one template.
const DefaultMaxTargets = 100

// alertPriorities are the values of AlertPriority.
var alertPriorities = []string{"NONE", "PROBLEM", "IMPORTANT", "SUCCESS", "INFORMATIONAL"}

// shipKeys are the keys that every ship may have, in the order of the documentation.
var shipKeys = []string{
	"Enabled", "TemplatePrefix", "InvocationQueueUrl", "InvocationSources", "EventBridgeTimedFrequency",
	"AlertConfiguration", "StarbaseInvocationTopicArn",
	"NeverTouch", "MaxTargets", "WorkerRoleToAssume", "WorkerRoleSessionName",
	"AllowedRoles", "WorkerRoleChain", "WorkerRoleExternalId", "WorkerRoleSessionPolicies", "WorkerRoleSessionPolicy",
	"WorkerRoleSourceIdentity", "WorkerRoleSessionTags", "WorkerRoleSessionDuration", "DryRunPolicies",
	"Deployment",
}

// Ship decodes and checks the keys that every ship may have in the section of one ship, which may be a disabled one.
// Other keys are kept by name in OwnKeys, but a key that differs from one of these in case alone, or that can only be
// NeverTouch misspelled, is a fault. So is an InvocationQueueUrl that the fleet or another ship has too, in either ship.
// The error is schema.Faults, with all faults of these keys, or a *NoSectionError.
func (c *Configuration) Ship(name string) (*Ship, error) {
	s, err := c.shipSection(name)
	if err != nil {
		return nil, err
	}
	var faults schema.Faults
	r := newReader(s.doc, s.node, &faults)
	if r == nil {
		return nil, faults
	}
	ship := decodeShip(r, name)
	ship.Deployment = c.deployment(r)
	ship.InvocationQueueURL = c.resolveQueue(ship.InvocationQueueURL, name)
	ship.OwnKeys = r.ownKeys()
	faults = append(faults, c.checkOwnQueue(s)...)
	if len(faults) > 0 {
		return nil, faults.Sort()
	}
	return ship, nil
}

// TemplatePrefix is the TemplatePrefix of a section, whatever else is wrong with the section: the templates under it stay the
// ship's own while the ship is stopped. It is false when the section has none that can be read.
func (c *Configuration) TemplatePrefix(name string) (prefix string, ok bool) {
	s, err := c.shipSection(name)
	if err != nil || s.node.Kind != schema.Map {
		return "", false
	}
	node := s.node.Get("TemplatePrefix")
	if node == nil || node.Kind != schema.String {
		return "", false
	}
	return node.Text(), true
}

// decodeShip reads the keys that every ship may have.
func decodeShip(r *reader, name string) *Ship {
	session := r.matching(sessionPattern, "a session name", "2 to 64 letters, digits and characters of _+=,.@-")
	ship := &Ship{
		Name:                       name,
		Enabled:                    r.flag(r.required("Enabled")),
		TemplatePrefix:             r.anyText(r.required("TemplatePrefix")),
		InvocationQueueURL:         r.queueURL(r.required("InvocationQueueUrl")),
		Sources:                    once(list(r, r.source)(r.required("InvocationSources"))),
		Frequency:                  or(r.optional("EventBridgeTimedFrequency"), oneOf(r, frequencies), ""),
		Alert:                      or(r.optional("AlertConfiguration"), r.alertConfiguration, nil),
		StarbaseInvocationTopicARN: r.anyText(r.optional("StarbaseInvocationTopicArn")),
		NeverTouch:                 r.neverTouch(r.optional("NeverTouch")),
		MaxTargets:                 or(r.optional("MaxTargets"), r.count, DefaultMaxTargets),
		WorkerRoleToAssume:         or(r.optional("WorkerRoleToAssume"), r.role, ""),
		WorkerRoleSessionName:      or(r.optional("WorkerRoleSessionName"), session, ""),
		Session:                    decodeSession(r),
	}
	if slices.Contains(ship.Sources, SourceTimer) && r.node.Get("EventBridgeTimedFrequency") == nil {
		r.missing("EventBridgeTimedFrequency", "required key is missing: InvocationSources has EVENTBRIDGE_TIMED_EVENT")
	}
	return ship
}

// ownKeys are the keys that were not asked for. One that is nearly NeverTouch is a fault: a guard that is lost by a
// mistyped letter shows only when it is too late.
func (r *reader) ownKeys() []string {
	var own []string
	for key, n := range r.node.Entries() {
		if slices.Contains(r.keys, key) {
			continue
		}
		near := schema.DidYouMean(key, []string{"NeverTouch"})
		if i := slices.IndexFunc(shipKeys, func(known string) bool { return strings.EqualFold(known, key) }); i >= 0 {
			near = shipKeys[i]
		}
		if near != "" {
			r.fault(n, "unknown key", fmt.Sprintf("did you mean %s?", near))
			continue
		}
		own = append(own, key)
	}
	return own
}

// alertConfiguration reads the map AlertConfiguration.
func (r *reader) alertConfiguration(n *schema.Node) *AlertConfiguration {
	sub := newReader(r.doc, n, r.faults)
	if sub == nil {
		return nil
	}
	defer sub.close()
	return &AlertConfiguration{
		ChannelID: sub.text(sub.required("ChannelId")),
		Priority:  oneOf(sub, alertPriorities)(sub.required("AlertPriority")),
	}
}

// once keeps the first of equal values.
func once[T comparable](values []T) []T {
	var kept []T
	for _, value := range values {
		if !slices.Contains(kept, value) {
			kept = append(kept, value)
		}
	}
	return kept
}
