package iamrole_test

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// change finds the role of a write and changes it.
func (f *fakeIAM) change(action string, name *string, about string, change func(*storedRole) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.get(action, name, about)
	if err != nil {
		return err
	}
	if err := change(r); err != nil {
		return err
	}
	f.changed(r)
	return nil
}

func (f *fakeIAM) changed(r *storedRole) {
	if f.after != nil {
		f.after(r)
	}
}

func (f *fakeIAM) TagRole(_ context.Context, in *iam.TagRoleInput, _ ...func(*iam.Options)) (*iam.TagRoleOutput, error) {
	return &iam.TagRoleOutput{}, f.change("TagRole", in.RoleName, "", func(r *storedRole) error {
		for _, tag := range in.Tags {
			r.tags[*tag.Key] = *tag.Value
		}
		return nil
	})
}

func (f *fakeIAM) UntagRole(_ context.Context, in *iam.UntagRoleInput, _ ...func(*iam.Options)) (*iam.UntagRoleOutput, error) {
	return &iam.UntagRoleOutput{}, f.change("UntagRole", in.RoleName, "", func(r *storedRole) error {
		for _, key := range in.TagKeys {
			if strings.HasPrefix(key, "aws:") {
				return &types.InvalidInputException{Message: aws.String("system tags cannot be removed")}
			}
			delete(r.tags, key)
		}
		return nil
	})
}

func (f *fakeIAM) UpdateRole(_ context.Context, in *iam.UpdateRoleInput, _ ...func(*iam.Options)) (*iam.UpdateRoleOutput, error) {
	return &iam.UpdateRoleOutput{}, f.change("UpdateRole", in.RoleName, "", func(r *storedRole) error {
		r.description, r.session = *in.Description, *in.MaxSessionDuration
		return nil
	})
}

func (f *fakeIAM) UpdateAssumeRolePolicy(_ context.Context, in *iam.UpdateAssumeRolePolicyInput, _ ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return &iam.UpdateAssumeRolePolicyOutput{}, f.change("UpdateAssumeRolePolicy", in.RoleName, "", func(r *storedRole) error {
		r.trust = *in.PolicyDocument
		return checked(r.trust)
	})
}

func (f *fakeIAM) PutRolePermissionsBoundary(_ context.Context, in *iam.PutRolePermissionsBoundaryInput, _ ...func(*iam.Options)) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return &iam.PutRolePermissionsBoundaryOutput{}, f.change("PutRolePermissionsBoundary", in.RoleName, *in.PermissionsBoundary, func(r *storedRole) error {
		r.boundary = *in.PermissionsBoundary
		return nil
	})
}

func (f *fakeIAM) DeleteRolePermissionsBoundary(_ context.Context, in *iam.DeleteRolePermissionsBoundaryInput, _ ...func(*iam.Options)) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return &iam.DeleteRolePermissionsBoundaryOutput{}, f.change("DeleteRolePermissionsBoundary", in.RoleName, "", func(r *storedRole) error {
		r.boundary = ""
		return nil
	})
}

func (f *fakeIAM) AttachRolePolicy(_ context.Context, in *iam.AttachRolePolicyInput, _ ...func(*iam.Options)) (*iam.AttachRolePolicyOutput, error) {
	return &iam.AttachRolePolicyOutput{}, f.change("AttachRolePolicy", in.RoleName, *in.PolicyArn, func(r *storedRole) error {
		r.managed = append(r.managed, *in.PolicyArn)
		return nil
	})
}

func (f *fakeIAM) DetachRolePolicy(_ context.Context, in *iam.DetachRolePolicyInput, _ ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error) {
	return &iam.DetachRolePolicyOutput{}, f.change("DetachRolePolicy", in.RoleName, *in.PolicyArn, func(r *storedRole) error {
		r.managed = slices.DeleteFunc(r.managed, func(arn string) bool { return arn == *in.PolicyArn })
		return nil
	})
}

func (f *fakeIAM) PutRolePolicy(_ context.Context, in *iam.PutRolePolicyInput, _ ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error) {
	return &iam.PutRolePolicyOutput{}, f.change("PutRolePolicy", in.RoleName, *in.PolicyName, func(r *storedRole) error {
		if err := checked(*in.PolicyDocument); err != nil {
			return err
		}
		r.inline[*in.PolicyName] = *in.PolicyDocument
		return nil
	})
}

func (f *fakeIAM) DeleteRolePolicy(_ context.Context, in *iam.DeleteRolePolicyInput, _ ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error) {
	return &iam.DeleteRolePolicyOutput{}, f.change("DeleteRolePolicy", in.RoleName, *in.PolicyName, func(r *storedRole) error {
		delete(r.inline, *in.PolicyName)
		return nil
	})
}

func (f *fakeIAM) RemoveRoleFromInstanceProfile(_ context.Context, in *iam.RemoveRoleFromInstanceProfileInput, _ ...func(*iam.Options)) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	return &iam.RemoveRoleFromInstanceProfileOutput{}, f.change("RemoveRoleFromInstanceProfile", in.RoleName, *in.InstanceProfileName, func(r *storedRole) error {
		r.profiles = slices.DeleteFunc(r.profiles, func(name string) bool { return name == *in.InstanceProfileName })
		return nil
	})
}

// DeleteRole refuses a role that still has something, as IAM does.
func (f *fakeIAM) DeleteRole(_ context.Context, in *iam.DeleteRoleInput, _ ...func(*iam.Options)) (*iam.DeleteRoleOutput, error) {
	return &iam.DeleteRoleOutput{}, f.change("DeleteRole", in.RoleName, "", func(r *storedRole) error {
		if len(r.managed)+len(r.profiles)+len(r.inline) > 0 {
			return &types.DeleteConflictException{Message: aws.String("the role still has policies or profiles")}
		}
		delete(f.roles, strings.ToLower(r.name))
		return nil
	})
}
