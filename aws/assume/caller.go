package assume

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// CallerAccount is the account that the credentials of cfg belong to, as STS says. It needs no permission (GetCallerIdentity).
func CallerAccount(ctx context.Context, cfg aws.Config) (string, error) {
	identity, err := newSTS(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("whose credentials these are: %w", err)
	}
	return aws.ToString(identity.Account), nil
}
