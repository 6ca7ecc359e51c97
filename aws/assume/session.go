package assume

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// sessionKey is everything that a session depends on. Sessions of the same key are the same session.
type sessionKey struct {
	role, session, externalID, policyARNs, policy, sourceIdentity, tags string

	via    string // the roles before it, in order
	commit bool
}

// hop is one role on the way into a target account, with what STS is asked for it.
type hop struct {
	key  sessionKey
	role string // ARN

	session, externalID, policy, sourceIdentity string
	policyARNs                                  []string
	tags                                        map[string]string
}

// hops are the roles to assume for a target, in order. What the session is to be limited to and what the target's trust policy asks for
// belongs to the last one: the others need no more than to assume the next.
func (t Target) hops() []hop {
	session := sessionName(t.SessionName)
	var all []hop
	var via []string
	for _, template := range t.Via {
		role := t.expand(template)
		all = append(all, hop{role: role, session: session, key: sessionKey{role: role, session: session, via: joined(via), commit: t.Commit}})
		via = append(via, role)
	}
	last := hop{role: t.RoleARN(), session: session, externalID: t.ExternalID, policy: t.Policy, tags: t.Tags}
	for _, template := range t.PolicyARNs {
		last.policyARNs = append(last.policyARNs, t.expand(template))
	}
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		tags = append(tags, key, t.Tags[key])
	}
	last.key = sessionKey{
		role: last.role, session: session, externalID: t.ExternalID, policyARNs: joined(last.policyARNs), policy: t.Policy,
		tags: joined(tags), via: joined(via), commit: t.Commit,
	}
	all = append(all, last)
	for i := range all {
		all[i].key.sourceIdentity = t.SourceIdentity // of all, as it stays
	}
	all[0].sourceIdentity = t.SourceIdentity
	return all
}

// joined makes one text of several, such that different lists are different texts.
func joined(values []string) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%q,", v)
	}
	return b.String()
}

// account is the one that the role is in.
func (h hop) account() string {
	parsed, _ := arn.Parse(h.role)
	return parsed.AccountID
}

// input is what STS is asked. Nothing is said that was not wanted: a trust policy denies what it does not allow.
func (h hop) input(seconds int32) *sts.AssumeRoleInput {
	in := &sts.AssumeRoleInput{
		RoleArn:         aws.String(h.role),
		RoleSessionName: aws.String(h.session),
		DurationSeconds: aws.Int32(seconds),
		ExternalId:      optional(h.externalID),
		Policy:          optional(h.policy),
		SourceIdentity:  optional(h.sourceIdentity),
	}
	for _, policy := range h.policyARNs {
		in.PolicyArns = append(in.PolicyArns, ststypes.PolicyDescriptorType{Arn: aws.String(policy)})
	}
	for _, key := range slices.Sorted(maps.Keys(h.tags)) {
		in.Tags = append(in.Tags, ststypes.Tag{Key: aws.String(key), Value: aws.String(h.tags[key])})
	}
	return in
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
