package iamrole

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// permissions brings the trust policy, the boundary and the policies to what is wanted. At no point may anybody do with the role what they may
// neither before nor after:
//
//   - What only narrows the role (a new boundary, a trust policy that only loses) comes first, what only widens it last.
//   - In between, all Deny statements of before and after are in force, so that whatever is allowed then is allowed before or after. Hence new Allows
//     may come before old ones go, and the role does not lack what it has before and after either, but for what a policy loses in the same
//     write by which it gets something else.
//   - Unless the boundary or the trust policy is exchanged for one that is neither narrower nor wider, since new principals would meet old Allows, or old
//     ones new Allows. Then the Allows that stay are all that the role has while that is done. It is better that a role can do too little for a moment, or
//     until the next attempt, than too much. The order is the same when policies of before and after together are more than IAM takes;
//     where all that is denied is, the update ends with IAM's error, and a narrower role.
//
// It cannot be had where IAM has no call for it: when both boundary and trust policy are exchanged, those who are trusted before may do, of
// what stays, what the new boundary allows, until the trust policy follows. Inline policies of two versions are replaced whole. Nor does the ship read
// what is in managed policies, which allow and deny: new ones are attached before new Allows and, where both fit, before old ones are detached.
func (p *planner) permissions(have, want *role) {
	p.inline = map[string]string{}
	maps.Copy(p.inline, have.inline)
	narrows, widens := direction(parse(have.trust, p.partition), parse(want.trust, p.partition))
	exchanged := have.boundary != "" && want.boundary != "" && have.boundary != want.boundary
	when(have.boundary == "", p.boundary, have, want)
	when(narrows && !widens, p.trust, have, want)
	switch {
	case p.onlyInline(have, want): // one write, or one policy that IAM replaces at once
	case narrows && widens, exchanged, !p.fit(have, want):
		p.documents(allowsGo, have, want)
		p.detach(have, want)
		when(exchanged, p.boundary, have, want)
		when(narrows && widens, p.trust, have, want)
		p.attach(have, want)
		p.documents(allowsCome, have, want)
	default:
		p.documents(deniesCome, have, want)
		p.attach(have, want)
		p.documents(allowsCome, have, want)
		p.detach(have, want)
	}
	p.documents(deniesGo, have, want)
	when(!narrows, p.trust, have, want)
	when(want.boundary == "", p.boundary, have, want)
}

// when is if, so that the order of steps reads as a list.
func when(is bool, do func(have, want *role), have, want *role) {
	if is {
		do(have, want)
	}
}

// onlyInline says whether one inline policy is all that differs of what the role may do.
func (p *planner) onlyInline(have, want *role) bool {
	if have.boundary != want.boundary || !p.same(have.trust, want.trust) || !slices.Equal(have.managed, want.managed) {
		return false
	}
	return len(p.differing(have, want)) <= 1
}

// differing are the names of the inline policies that are not as they are wanted.
func (p *planner) differing(have, want *role) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(have.inline)), maps.Keys(want.inline))
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return p.same(have.inline[name], want.inline[name]) })
}

func (p *planner) same(a, b string) bool {
	return a == b || a != "" && b != "" && read(a, p.partition).equal(read(b, p.partition))
}

// fit says whether a role can have the policies of both at once. IAM counts no whitespace: what does not fit here may do there.
func (p *planner) fit(have, want *role) bool {
	managed := slices.Concat(have.managed, want.managed)
	slices.Sort(managed)
	size := 0
	for name, document := range have.inline {
		if !p.same(document, want.inline[name]) {
			size += len(document)
		}
	}
	for _, document := range want.inline {
		size += len(document)
	}
	return len(slices.Compact(managed)) <= maxManaged && size <= maxInline
}

// documents brings the inline policies to a stage: those first that get an Allow.
func (p *planner) documents(s stage, have, want *role) {
	var rest []string
	document := func(name string) string {
		return at(s, parse(have.inline[name], p.partition), parse(want.inline[name], p.partition))
	}
	for _, name := range p.differing(have, want) {
		if len(parse(document(name), p.partition).without(parse(p.inline[name], p.partition), false)) > 0 {
			p.setInline(name, document(name))
		} else {
			rest = append(rest, name)
		}
	}
	for _, name := range rest {
		p.setInline(name, document(name))
	}
}

// setInline writes a policy that has another document, and deletes one that is to have none.
func (p *planner) setInline(name, document string) {
	before := p.inline[name]
	switch {
	case p.same(before, document):
		return
	case document == "":
		p.deleteInline(name)
	default:
		p.step("put inline policy", write(p.client.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: &p.name, PolicyName: &name, PolicyDocument: &document}), detailName, name, "document", document, "before", before)
	}
	p.inline[name] = document
}

func (p *planner) deleteInline(name string) {
	p.step("delete inline policy", write(p.client.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &p.name, PolicyName: &name}), detailName, name)
}

func (p *planner) trust(have, want *role) {
	if !p.same(have.trust, want.trust) {
		p.step("update trust policy", write(p.client.UpdateAssumeRolePolicy,
			&iam.UpdateAssumeRolePolicyInput{RoleName: &p.name, PolicyDocument: &want.trust}), "document", want.trust, "before", have.trust)
	}
}

func (p *planner) boundary(have, want *role) {
	switch {
	case have.boundary == want.boundary:
	case want.boundary == "":
		p.step("delete permissions boundary", write(p.client.DeleteRolePermissionsBoundary,
			&iam.DeleteRolePermissionsBoundaryInput{RoleName: &p.name}), detailName, have.boundary)
	default:
		p.step("put permissions boundary", write(p.client.PutRolePermissionsBoundary,
			&iam.PutRolePermissionsBoundaryInput{RoleName: &p.name, PermissionsBoundary: &want.boundary}), detailName, want.boundary, "before", have.boundary)
	}
}

func (p *planner) attach(have, want *role) {
	for _, arn := range want.managed {
		if !slices.Contains(have.managed, arn) {
			p.step("attach managed policy", write(p.client.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: &p.name, PolicyArn: &arn}), detailName, arn)
		}
	}
}

func (p *planner) detach(have, want *role) {
	for _, arn := range have.managed {
		if !slices.Contains(want.managed, arn) {
			p.step("detach managed policy", write(p.client.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: &p.name, PolicyArn: &arn}), detailName, arn)
		}
	}
}

// spelledAs are wanted inline policies under the names that the role has them by. IAM does not distinguish them by case: one that is put in
// another case and then deleted would be gone.
func spelledAs(have, want map[string]string) map[string]string {
	out := map[string]string{}
	for name, document := range want {
		if _, exact := have[name]; !exact {
			for other := range have {
				if strings.EqualFold(name, other) {
					name = other
					break
				}
			}
		}
		out[name] = document
	}
	return out
}
