package assume

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// retryRenewal is how long a session that could not be renewed is used before STS is asked again.
const retryRenewal = 30 * time.Second

// roleCredentials fetches the credentials of one role in one account. The cache around it calls it
// from one goroutine at a time, so its fields need no lock.
type roleCredentials struct {
	client       Client
	hop          hop
	with         aws.CredentialsProvider // of the role before it; nil for the worker's own
	account, arn string
	duration     time.Duration
	logger       *slog.Logger

	expires  time.Time // of the session fetched last, as STS said
	retained bool      // the renewal failed and the cache was given the old session again
}

var (
	_ aws.CredentialsProvider                       = (*roleCredentials)(nil)
	_ aws.HandleFailRefreshCredentialsCacheStrategy = (*roleCredentials)(nil)
	_ aws.AdjustExpiresByCredentialsCacheStrategy   = (*roleCredentials)(nil)
)

// Retrieve assumes the role.
func (r *roleCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	var options []func(*sts.Options)
	if r.with != nil {
		// Asked for first, and not by the client on the way: its failure is that role's, and nothing to sign again.
		if _, err := r.with.Retrieve(ctx); err != nil {
			return aws.Credentials{}, err
		}
		options = append(options, func(o *sts.Options) { o.Credentials = r.with })
	}
	out, err := r.client.AssumeRole(ctx, r.hop.input(int32(r.duration/time.Second)), options...)
	if err != nil {
		return aws.Credentials{}, r.explain(err)
	}
	credentials, err := r.read(out)
	if err != nil {
		return aws.Credentials{}, &fetchError{r.arn, "", err}
	}
	r.expires = credentials.Expires
	r.logger.LogAttrs(ctx, slog.LevelDebug, "assumed role",
		slog.String("account", r.account), slog.String("role", r.arn), slog.Time("expires", r.expires))
	return credentials, nil
}

// read takes the credentials out of an answer, and makes sure that they are whole and those of the
// account asked for.
func (r *roleCredentials) read(out *sts.AssumeRoleOutput) (aws.Credentials, error) {
	c := out.Credentials
	if c == nil || aws.ToString(c.AccessKeyId) == "" || aws.ToString(c.SecretAccessKey) == "" || aws.ToString(c.SessionToken) == "" || c.Expiration == nil {
		return aws.Credentials{}, errors.New("the answer of STS holds no whole credentials")
	}
	if account, ok := sessionAccount(out.AssumedRoleUser); ok && account != r.account {
		return aws.Credentials{}, fmt.Errorf("the answer of STS is for account %s, not %s", account, r.account)
	}
	return aws.Credentials{
		AccessKeyID:     *c.AccessKeyId,
		SecretAccessKey: *c.SecretAccessKey,
		SessionToken:    *c.SessionToken,
		Source:          "starfleet/aws/assume",
		CanExpire:       true,
		Expires:         *c.Expiration,
		AccountID:       r.account,
	}, nil
}

func sessionAccount(u *ststypes.AssumedRoleUser) (id string, ok bool) {
	if u == nil {
		return "", false
	}
	parsed, err := arn.Parse(aws.ToString(u.Arn))
	return parsed.AccountID, err == nil
}

// HandleFailToRefresh keeps a session that could not be renewed for as long as it is good, unless the
// role was denied.
func (r *roleCredentials) HandleFailToRefresh(ctx context.Context, old aws.Credentials, err error) (aws.Credentials, error) {
	again := time.Now().Add(retryRenewal)
	if _, denied := errors.AsType[*DeniedError](err); denied || !old.HasKeys() || again.After(r.expires) {
		return aws.Credentials{}, err
	}
	r.logger.LogAttrs(ctx, slog.LevelWarn, "session not renewed, the old one is used on",
		slog.String("account", r.account), slog.String("role", r.arn), slog.Time("expires", r.expires), slog.Any("error", err))
	r.retained = true
	old.Expires = again
	return old, nil
}

// AdjustExpiresBy brings the expiry of a new session forward; that of a retained one is set already.
func (r *roleCredentials) AdjustExpiresBy(c aws.Credentials, d time.Duration) (aws.Credentials, error) {
	if r.retained {
		r.retained = false
		return c, nil
	}
	c.Expires = c.Expires.Add(d)
	return c, nil
}
