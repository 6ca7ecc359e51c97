package iamrole

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
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
	inline    map[string]string // the documents of the role after the steps so far, by name
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

// create makes the role. It can do nothing until its policies follow.
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
	p.permissions(&role{trust: want.trust, boundary: want.boundary}, want)
}

// update brings the role to what is wanted: known as the ship's before anything else is written, and with its other tags at the end.
func (p *planner) update(have, want *role) {
	have = p.own(have, want)
	if want.maxSession < have.maxSession {
		p.settings(have, want)
	}
	p.permissions(have, want)
	if want.maxSession >= have.maxSession {
		p.settings(have, want)
	}
	p.tag(have, want)
}

// settings are the description and the longest session.
func (p *planner) settings(have, want *role) {
	if have.description != want.description || have.maxSession != want.maxSession {
		p.step("update role", write(p.client.UpdateRole,
			&iam.UpdateRoleInput{RoleName: &p.name, Description: &want.description, MaxSessionDuration: &want.maxSession}),
			"description", want.description, "maxSessionDuration", want.maxSession)
	}
}

// remove deletes the role: out of its instance profiles, which stay, and without its policies first, as IAM asks.
func (p *planner) remove(have *role, profiles []string) {
	for _, profile := range profiles {
		p.step("remove role from instance profile", write(p.client.RemoveRoleFromInstanceProfile,
			&iam.RemoveRoleFromInstanceProfileInput{RoleName: &p.name, InstanceProfileName: &profile}), detailName, profile)
	}
	p.permissions(have, &role{trust: have.trust, boundary: have.boundary})
	if have.revoked {
		p.deleteInline(revocation)
	}
	p.step("delete role", write(p.client.DeleteRole, &iam.DeleteRoleInput{RoleName: &p.name}))
}
