package iamrole

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// step is one write, with what is recorded of it.
type step struct {
	what    string
	details []any // keys and values
	do      func(context.Context) error
}

// String is the step for a person.
func (s step) String() string {
	words := []string{s.what}
	for i := 1; i < len(s.details); i += 2 {
		if detail, ok := s.details[i].(string); ok && s.details[i-1] == detailName {
			words = append(words, detail)
		}
	}
	return strings.Join(words, " ")
}

// detailName is the key of what a step is about: the ARN or name of a policy, the keys of tags.
const detailName = "name"

// planner makes the steps that bring a role to what is wanted.
type planner struct {
	client    Client
	partition string
	name      string
	steps     []step
}

// step adds one: details are keys and values beside the role.
func (p *planner) step(what string, do func(context.Context) error, details ...any) {
	p.steps = append(p.steps, step{what: what, details: append([]any{"role", p.name}, details...), do: do})
}

// write is a call of the client whose answer says nothing.
func write[In, Out, Option any](call func(context.Context, *In, ...Option) (*Out, error), in *In) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx, in)
		return err
	}
}

// create makes the role. It can do nothing until its policies follow: those of its own first, since they may deny what the managed ones
// allow.
func (p *planner) create(want *role) {
	in := &iam.CreateRoleInput{
		RoleName: &want.name, Path: aws.String(defaultPath), AssumeRolePolicyDocument: &want.trust, MaxSessionDuration: &want.maxSession, Tags: tagList(want.tags),
	}
	if want.path != "" {
		in.Path = &want.path
	}
	if want.description != "" {
		in.Description = &want.description
	}
	if want.boundary != "" {
		in.PermissionsBoundary = &want.boundary
	}
	p.step("create role", write(p.client.CreateRole, in), "path", *in.Path)
	p.putInline(&role{}, want)
	p.attach(&role{}, want)
}

// update brings the role to what is wanted, in an order in which it never has more than before and after together: what narrows it comes first,
// and its boundary stays until the end.
func (p *planner) update(have, want *role) {
	p.tag(have, want)
	if want.boundary != "" && want.boundary != have.boundary {
		p.step("put permissions boundary", write(p.client.PutRolePermissionsBoundary,
			&iam.PutRolePermissionsBoundaryInput{RoleName: &p.name, PermissionsBoundary: &want.boundary}), detailName, want.boundary, "before", have.boundary)
	}
	p.detach(have, want)
	p.deleteInline(have, want)
	if !read(have.trust, p.partition).equal(read(want.trust, p.partition)) {
		p.step("update trust policy", write(p.client.UpdateAssumeRolePolicy,
			&iam.UpdateAssumeRolePolicyInput{RoleName: &p.name, PolicyDocument: &want.trust}), "document", want.trust, "before", have.trust)
	}
	if have.description != want.description || have.maxSession != want.maxSession {
		p.step("update role", write(p.client.UpdateRole,
			&iam.UpdateRoleInput{RoleName: &p.name, Description: &want.description, MaxSessionDuration: &want.maxSession}),
			"description", want.description, "maxSessionDuration", want.maxSession)
	}
	p.putInline(have, want)
	p.attach(have, want)
	if want.boundary == "" && have.boundary != "" {
		p.step("delete permissions boundary", write(p.client.DeleteRolePermissionsBoundary,
			&iam.DeleteRolePermissionsBoundaryInput{RoleName: &p.name}), detailName, have.boundary)
	}
}

// remove deletes the role: out of its instance profiles, which stay, and without its policies first, as IAM asks.
func (p *planner) remove(have *role, profiles []string) {
	for _, profile := range profiles {
		p.step("remove role from instance profile", write(p.client.RemoveRoleFromInstanceProfile,
			&iam.RemoveRoleFromInstanceProfileInput{RoleName: &p.name, InstanceProfileName: &profile}), detailName, profile)
	}
	p.detach(have, &role{})
	p.deleteInline(have, &role{})
	p.step("delete role", write(p.client.DeleteRole, &iam.DeleteRoleInput{RoleName: &p.name}))
}

// tag sets the tags: the ownership tag with them, so that the role is known as the ship's before anything else is written.
func (p *planner) tag(have, want *role) {
	wrong := map[string]string{}
	for key, value := range want.tags {
		if is, ok := have.tags[key]; !ok || is != value {
			wrong[key] = value
		}
	}
	var surplus []string
	for _, key := range slices.Sorted(maps.Keys(have.tags)) {
		if _, ok := want.tags[key]; !ok {
			surplus = append(surplus, key)
		}
	}
	if len(surplus) > 0 { // first: tags are limited in number, and unique without regard to case
		p.step("untag role", write(p.client.UntagRole, &iam.UntagRoleInput{RoleName: &p.name, TagKeys: surplus}), detailName, strings.Join(surplus, ", "))
	}
	if len(wrong) > 0 {
		p.step("tag role", write(p.client.TagRole, &iam.TagRoleInput{RoleName: &p.name, Tags: tagList(wrong)}),
			detailName, strings.Join(slices.Sorted(maps.Keys(wrong)), ", "))
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

func (p *planner) putInline(have, want *role) {
	for _, name := range slices.Sorted(maps.Keys(want.inline)) {
		document, before := want.inline[name], have.inline[name]
		if before == "" || !read(before, p.partition).equal(read(document, p.partition)) {
			p.step("put inline policy", write(p.client.PutRolePolicy,
				&iam.PutRolePolicyInput{RoleName: &p.name, PolicyName: &name, PolicyDocument: &document}), detailName, name, "document", document, "before", before)
		}
	}
}

func (p *planner) deleteInline(have, want *role) {
	for _, name := range slices.Sorted(maps.Keys(have.inline)) {
		if _, ok := want.inline[name]; !ok {
			p.step("delete inline policy", write(p.client.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &p.name, PolicyName: &name}), detailName, name)
		}
	}
}

func tagList(tags map[string]string) []types.Tag {
	list := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: &key, Value: aws.String(tags[key])})
	}
	return list
}
