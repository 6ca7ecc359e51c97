package iamrole

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// narrowed is the client of the AWS SDK as functions. A client that is held in an interface is linked with all of its 180 operations, since some
// libraries look methods up by name; this one is linked with those below, and the program is smaller by 5 MB.
type narrowed struct {
	getRole                       call[iam.GetRoleInput, iam.GetRoleOutput]
	listAttachedRolePolicies      call[iam.ListAttachedRolePoliciesInput, iam.ListAttachedRolePoliciesOutput]
	listRolePolicies              call[iam.ListRolePoliciesInput, iam.ListRolePoliciesOutput]
	getRolePolicy                 call[iam.GetRolePolicyInput, iam.GetRolePolicyOutput]
	listInstanceProfilesForRole   call[iam.ListInstanceProfilesForRoleInput, iam.ListInstanceProfilesForRoleOutput]
	createRole                    call[iam.CreateRoleInput, iam.CreateRoleOutput]
	tagRole                       call[iam.TagRoleInput, iam.TagRoleOutput]
	untagRole                     call[iam.UntagRoleInput, iam.UntagRoleOutput]
	updateRole                    call[iam.UpdateRoleInput, iam.UpdateRoleOutput]
	updateAssumeRolePolicy        call[iam.UpdateAssumeRolePolicyInput, iam.UpdateAssumeRolePolicyOutput]
	putRolePermissionsBoundary    call[iam.PutRolePermissionsBoundaryInput, iam.PutRolePermissionsBoundaryOutput]
	deleteRolePermissionsBoundary call[iam.DeleteRolePermissionsBoundaryInput, iam.DeleteRolePermissionsBoundaryOutput]
	attachRolePolicy              call[iam.AttachRolePolicyInput, iam.AttachRolePolicyOutput]
	detachRolePolicy              call[iam.DetachRolePolicyInput, iam.DetachRolePolicyOutput]
	putRolePolicy                 call[iam.PutRolePolicyInput, iam.PutRolePolicyOutput]
	deleteRolePolicy              call[iam.DeleteRolePolicyInput, iam.DeleteRolePolicyOutput]
	removeRoleFromInstanceProfile call[iam.RemoveRoleFromInstanceProfileInput, iam.RemoveRoleFromInstanceProfileOutput]
	deleteRole                    call[iam.DeleteRoleInput, iam.DeleteRoleOutput]
}

// call is an operation of IAM.
type call[In, Out any] = func(context.Context, *In, ...func(*iam.Options)) (*Out, error)

func narrow(c *iam.Client) narrowed {
	return narrowed{
		getRole:                       c.GetRole,
		listAttachedRolePolicies:      c.ListAttachedRolePolicies,
		listRolePolicies:              c.ListRolePolicies,
		getRolePolicy:                 c.GetRolePolicy,
		listInstanceProfilesForRole:   c.ListInstanceProfilesForRole,
		createRole:                    c.CreateRole,
		tagRole:                       c.TagRole,
		untagRole:                     c.UntagRole,
		updateRole:                    c.UpdateRole,
		updateAssumeRolePolicy:        c.UpdateAssumeRolePolicy,
		putRolePermissionsBoundary:    c.PutRolePermissionsBoundary,
		deleteRolePermissionsBoundary: c.DeleteRolePermissionsBoundary,
		attachRolePolicy:              c.AttachRolePolicy,
		detachRolePolicy:              c.DetachRolePolicy,
		putRolePolicy:                 c.PutRolePolicy,
		deleteRolePolicy:              c.DeleteRolePolicy,
		removeRoleFromInstanceProfile: c.RemoveRoleFromInstanceProfile,
		deleteRole:                    c.DeleteRole,
	}
}

func (c narrowed) GetRole(ctx context.Context, in *iam.GetRoleInput, options ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	return c.getRole(ctx, in, options...)
}

func (c narrowed) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput, options ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	return c.listAttachedRolePolicies(ctx, in, options...)
}

func (c narrowed) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput, options ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
	return c.listRolePolicies(ctx, in, options...)
}

func (c narrowed) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput, options ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	return c.getRolePolicy(ctx, in, options...)
}

func (c narrowed) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput, options ...func(*iam.Options)) (*iam.ListInstanceProfilesForRoleOutput, error) {
	return c.listInstanceProfilesForRole(ctx, in, options...)
}

func (c narrowed) CreateRole(ctx context.Context, in *iam.CreateRoleInput, options ...func(*iam.Options)) (*iam.CreateRoleOutput, error) {
	return c.createRole(ctx, in, options...)
}

func (c narrowed) TagRole(ctx context.Context, in *iam.TagRoleInput, options ...func(*iam.Options)) (*iam.TagRoleOutput, error) {
	return c.tagRole(ctx, in, options...)
}

func (c narrowed) UntagRole(ctx context.Context, in *iam.UntagRoleInput, options ...func(*iam.Options)) (*iam.UntagRoleOutput, error) {
	return c.untagRole(ctx, in, options...)
}

func (c narrowed) UpdateRole(ctx context.Context, in *iam.UpdateRoleInput, options ...func(*iam.Options)) (*iam.UpdateRoleOutput, error) {
	return c.updateRole(ctx, in, options...)
}

func (c narrowed) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput, options ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return c.updateAssumeRolePolicy(ctx, in, options...)
}

func (c narrowed) PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput, options ...func(*iam.Options)) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return c.putRolePermissionsBoundary(ctx, in, options...)
}

func (c narrowed) DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput, options ...func(*iam.Options)) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return c.deleteRolePermissionsBoundary(ctx, in, options...)
}

func (c narrowed) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput, options ...func(*iam.Options)) (*iam.AttachRolePolicyOutput, error) {
	return c.attachRolePolicy(ctx, in, options...)
}

func (c narrowed) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput, options ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error) {
	return c.detachRolePolicy(ctx, in, options...)
}

func (c narrowed) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput, options ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error) {
	return c.putRolePolicy(ctx, in, options...)
}

func (c narrowed) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput, options ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error) {
	return c.deleteRolePolicy(ctx, in, options...)
}

func (c narrowed) RemoveRoleFromInstanceProfile(ctx context.Context, in *iam.RemoveRoleFromInstanceProfileInput, options ...func(*iam.Options)) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	return c.removeRoleFromInstanceProfile(ctx, in, options...)
}

func (c narrowed) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput, options ...func(*iam.Options)) (*iam.DeleteRoleOutput, error) {
	return c.deleteRole(ctx, in, options...)
}
