package secrets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/requestbody"
	"github.com/starfleet-go/starfleet/secret"
)

// What a Config that is silent means.
const (
	// DefaultMaxAge bounds how long a secret that was rotated goes on being used: 15 minutes.
	DefaultMaxAge = 15 * time.Minute
	// DefaultMinInterval is the least time between two reads: 1 minute.
	DefaultMinInterval = time.Minute
)

// IAMActions are the IAM actions that a Source uses.
var IAMActions = []string{"secretsmanager:GetSecretValue"}

// Client is what this package needs of Secrets Manager. It is safe for concurrent use.
type Client interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

var _ Client = (*secretsmanager.Client)(nil)

// Config is what a Source is made of.
type Config struct {
	// SecretID is the name or ARN of the secret. Required.
	SecretID string

	// Region is that of the secret, which need not be the fleet's. Default: the region of AWS.
	Region string

	// AWS has the credentials with which the secret is read. Default: the standard ones of the environment, looked up when the secret is
	// first asked for.
	AWS *aws.Config

	// Client stands in for Secrets Manager. Default: a client of AWS in Region.
	Client Client

	// MaxAge is how long a secret is used before it is read anew. Default: DefaultMaxAge.
	MaxAge time.Duration

	// MinInterval is the least time between two reads, whoever asks for them: a read that failed is not repeated before, and Invalidate has
	// no effect before. Default: DefaultMinInterval.
	MinInterval time.Duration

	// Logger is told of each time that Secrets Manager was asked in vain. Default: none.
	Logger *slog.Logger

	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.AWS != nil {
		c.Region = cmp.Or(c.Region, c.AWS.Region)
	}
	c.MaxAge = cmp.Or(c.MaxAge, DefaultMaxAge)
	c.MinInterval = cmp.Or(c.MinInterval, DefaultMinInterval)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) validate() error {
	var faults []error
	if c.SecretID == "" {
		faults = append(faults, errors.New("secrets: Config.SecretID is empty: give the name or ARN of the fleet's secret"))
	}
	if c.Client == nil && c.Region == "" {
		faults = append(faults, errors.New("secrets: Config.Region is empty, and so is the region of Config.AWS: give the region of the secret"))
	}
	if c.MaxAge < 0 {
		faults = append(faults, fmt.Errorf("secrets: Config.MaxAge is %v: it can not be negative", c.MaxAge))
	}
	if c.MinInterval < 0 {
		faults = append(faults, fmt.Errorf("secrets: Config.MinInterval is %v: it can not be negative", c.MinInterval))
	}
	return errors.Join(faults...)
}

// Open is the secret that STARFLEET.SecretsManager names, and secret.None where it names none. AWS is first asked, and the credentials are
// first looked up, when a section is. It fits starfleet.WithSecretsFrom.
func Open(c *config.Configuration) (secret.Source, error) {
	if c == nil || c.Starfleet.Secrets == nil {
		return secret.None{}, nil
	}
	return New(Config{SecretID: c.Starfleet.Secrets.SecretID, Region: c.Starfleet.Secrets.SecretRegion})
}

// newClient makes the client of Secrets Manager.
func (c Config) newClient(ctx context.Context) (Client, error) {
	if c.Client != nil {
		return c.Client, nil
	}
	if c.AWS != nil {
		return secretsmanager.NewFromConfig(requestbody.Plain(*c.AWS), func(o *secretsmanager.Options) { o.Region = c.Region }), nil
	}
	own, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(c.Region))
	if err != nil {
		return nil, fmt.Errorf("own AWS configuration: %w", err)
	}
	return secretsmanager.NewFromConfig(requestbody.Plain(own)), nil
}
