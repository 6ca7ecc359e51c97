package iamrole

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// readRole is the role that IAM has, nil when there is none. A role that must not be touched is read no further than to know that it is one;
// the error is then the refusal.
func readRole(ctx context.Context, client Reader, name, accountID string) (*role, error) {
	out, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	var missing *types.NoSuchEntityException
	switch {
	case errors.As(err, &missing):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read role %s: %w", name, err)
	}
	r := fromIAM(out.Role)
	if r.name != name {
		return nil, &ImmutableError{Role: name, AccountID: accountID, Property: "name", Is: r.name, Wanted: name}
	}
	if err := refuse(protectedPath(r.path), accountID); err != nil {
		return nil, err
	}
	if err := refuse(protectedTrust(r.trust), accountID); err != nil {
		return nil, err
	}
	if r.managed, err = attachedPolicies(ctx, client, name); err != nil {
		return nil, fmt.Errorf("read the managed policies of role %s: %w", name, err)
	}
	if r.inline, r.revoked, err = inlinePolicies(ctx, client, name); err != nil {
		return nil, fmt.Errorf("read the inline policies of role %s: %w", name, err)
	}
	return r, nil
}

// fromIAM is what GetRole says. Tags of AWS itself are left out: nobody can change them.
func fromIAM(in *types.Role) *role {
	r := &role{
		name: aws.ToString(in.RoleName), path: aws.ToString(in.Path), description: aws.ToString(in.Description),
		maxSession: aws.ToInt32(in.MaxSessionDuration), trust: decoded(aws.ToString(in.AssumeRolePolicyDocument)), tags: map[string]string{},
	}
	if r.maxSession == 0 {
		r.maxSession = defaultSession
	}
	if in.PermissionsBoundary != nil {
		r.boundary = aws.ToString(in.PermissionsBoundary.PermissionsBoundaryArn)
	}
	for _, tag := range in.Tags {
		if key := aws.ToString(tag.Key); len(key) < len(awsTags) || key[:len(awsTags)] != awsTags {
			r.tags[key] = aws.ToString(tag.Value)
		}
	}
	return r
}

// owned says whether the role carries the ship's ownership tag.
func (r *role) owned() bool { return r.tags[OwnershipTag] == Name }

func attachedPolicies(ctx context.Context, client Reader, name string) ([]string, error) {
	var arns []string
	pages := iam.NewListAttachedRolePoliciesPaginator(client, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, policy := range page.AttachedPolicies {
			arns = append(arns, aws.ToString(policy.PolicyArn))
		}
	}
	slices.Sort(arns)
	return arns, nil
}

// revocation is the inline policy by which the IAM console revokes the sessions that a role has: it denies them everything.
const revocation = "AWSRevokeOlderSessions"

// inlinePolicies are those of the role, but for AWS's revocation of its sessions: whether there is one is said apart.
func inlinePolicies(ctx context.Context, client Reader, name string) (policies map[string]string, revoked bool, err error) {
	policies = map[string]string{}
	pages := iam.NewListRolePoliciesPaginator(client, &iam.ListRolePoliciesInput{RoleName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, err
		}
		for _, policy := range page.PolicyNames {
			if policy == revocation {
				revoked = true
				continue
			}
			out, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policy})
			if err != nil {
				return nil, false, fmt.Errorf("%s: %w", policy, err)
			}
			policies[policy] = decoded(aws.ToString(out.PolicyDocument))
		}
	}
	return policies, revoked, nil
}

func instanceProfiles(ctx context.Context, client Reader, name string) ([]string, error) {
	var profiles []string
	pages := iam.NewListInstanceProfilesForRolePaginator(client, &iam.ListInstanceProfilesForRoleInput{RoleName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the instance profiles of role %s: %w", name, err)
		}
		for _, profile := range page.InstanceProfiles {
			profiles = append(profiles, aws.ToString(profile.InstanceProfileName))
		}
	}
	return profiles, nil
}
