// Package cfnstack reads the templates of CloudFormation stacks.
//
// The caller needs [IAMActions] on the stack.
package cfnstack

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// IAMActions are the IAM actions that this package uses.
var IAMActions = []string{"cloudformation:GetTemplate"}

// Client is what this package needs of CloudFormation. *cloudformation.Client implements it.
type Client interface {
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
}

var _ Client = (*cloudformation.Client)(nil)

// NewClient makes a client.
func NewClient(cfg aws.Config) *cloudformation.Client {
	return cloudformation.NewFromConfig(requestbody.Plain(cfg))
}

// Template is the template of a stack as it was given to CloudFormation: before the transform of SAM, when there is one. Changes that were made past
// CloudFormation are not in it.
func Template(ctx context.Context, client Client, stack string) ([]byte, error) {
	if client == nil {
		return nil, errors.New("cfnstack: the client is nil")
	}
	out, err := client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: aws.String(stack), TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return nil, fmt.Errorf("template of stack %s: %w", stack, err)
	}
	return []byte(aws.ToString(out.TemplateBody)), nil
}
