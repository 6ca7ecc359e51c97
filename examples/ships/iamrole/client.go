package iamrole

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// maxAttempts is how often the client tries a call that AWS throttles: IAM has low rates for an account, which everybody in it shares.
const maxAttempts = 8

// Reader is what the ship asks of IAM. Implementations are safe for concurrent use.
type Reader interface {
	GetRole(ctx context.Context, in *iam.GetRoleInput, options ...func(*iam.Options)) (*iam.GetRoleOutput, error)
	ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput, options ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error)
	ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput, options ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error)
	GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput, options ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error)
	ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput, options ...func(*iam.Options)) (*iam.ListInstanceProfilesForRoleOutput, error)
}

// Client is what the ship needs of IAM. Implementations are safe for concurrent use.
type Client interface {
	Reader
	CreateRole(ctx context.Context, in *iam.CreateRoleInput, options ...func(*iam.Options)) (*iam.CreateRoleOutput, error)
	TagRole(ctx context.Context, in *iam.TagRoleInput, options ...func(*iam.Options)) (*iam.TagRoleOutput, error)
	UntagRole(ctx context.Context, in *iam.UntagRoleInput, options ...func(*iam.Options)) (*iam.UntagRoleOutput, error)
	UpdateRole(ctx context.Context, in *iam.UpdateRoleInput, options ...func(*iam.Options)) (*iam.UpdateRoleOutput, error)
	UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput, options ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error)
	PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput, options ...func(*iam.Options)) (*iam.PutRolePermissionsBoundaryOutput, error)
	DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput, options ...func(*iam.Options)) (*iam.DeleteRolePermissionsBoundaryOutput, error)
	AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput, options ...func(*iam.Options)) (*iam.AttachRolePolicyOutput, error)
	DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput, options ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error)
	PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput, options ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error)
	DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput, options ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error)
	RemoveRoleFromInstanceProfile(ctx context.Context, in *iam.RemoveRoleFromInstanceProfileInput, options ...func(*iam.Options)) (*iam.RemoveRoleFromInstanceProfileOutput, error)
	DeleteRole(ctx context.Context, in *iam.DeleteRoleInput, options ...func(*iam.Options)) (*iam.DeleteRoleOutput, error)
}

// NewClient is the client of the AWS SDK for one account. It tries what AWS throttles 8 times.
func NewClient(cfg aws.Config) Client {
	return iam.NewFromConfig(cfg, func(o *iam.Options) { o.RetryMaxAttempts = maxAttempts })
}

// CallerARN is the ARN of those whose credentials cfg has, as STS says. It needs no permission.
func CallerARN(ctx context.Context, cfg aws.Config) (string, error) {
	identity, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return aws.ToString(identity.Arn), nil
}
