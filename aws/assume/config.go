package assume

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// The bounds of a session, from the STS API: AssumeRole takes no less than 900 seconds, and no more
// than one hour when the caller itself holds a role. A Lambda function always does (role chaining).
const (
	MinDuration = 15 * time.Minute
	MaxDuration = time.Hour
)

// DefaultMaxSessions is how many sessions a Provider keeps when Config.MaxSessions is zero: an
// organization of the largest size that AWS grants by default, at about 2 KiB a session.
const DefaultMaxSessions = 10_000

const (
	// maxAttempts is what a throttled AssumeRole gets, waiting up to 1, 2, 4, 8, 16, 20, 20 seconds between.
	maxAttempts = 8
	maxBackoff  = 20 * time.Second

	// fetchTimeout ends one fetch with all its attempts. It has to be here because a fetch is shared:
	// it outlives the context of the caller that happened to start it.
	fetchTimeout = 90 * time.Second
)

// IAMActions are the IAM actions that a Provider uses, to be allowed to the worker's own role.
var IAMActions = []string{"sts:AssumeRole"}

// Client is what a Provider needs of STS. It is safe for concurrent use.
type Client interface {
	AssumeRole(context.Context, *sts.AssumeRoleInput, ...func(*sts.Options)) (*sts.AssumeRoleOutput, error)
}

var _ Client = (*sts.Client)(nil)

// Config is what a Provider is made of.
type Config struct {
	// AWS is the configuration with the worker's own credentials. Required. Configurations handed
	// out are copies of it, with other credentials and another region.
	AWS aws.Config

	// HomeRegion is where STS is called, and the region of targets that name none: the fleet's
	// DeploymentRegion. Default: the region of AWS. One of the two is required.
	HomeRegion string

	// Duration is how long a session lasts, from MinDuration to MaxDuration. Default: MaxDuration.
	Duration time.Duration

	// MaxSessions bounds the sessions kept; the one that was not used for the longest is dropped
	// first. Default: DefaultMaxSessions.
	MaxSessions int

	// Logger is told of new sessions (debug) and of renewals that failed (warning). Default: none.
	Logger *slog.Logger

	// Client stands in for STS. Default: a client of AWS in HomeRegion that makes up to 8 attempts.
	Client Client
}

func (c Config) withDefaults() Config {
	if c.HomeRegion == "" {
		c.HomeRegion = c.AWS.Region
	}
	if c.Duration == 0 {
		c.Duration = MaxDuration
	}
	if c.MaxSessions == 0 {
		c.MaxSessions = DefaultMaxSessions
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	var faults []error
	if c.HomeRegion == "" {
		faults = append(faults, errors.New("assume: Config.HomeRegion is empty, and so is the region of Config.AWS: set DeploymentRegion or AWS_REGION"))
	}
	if c.Duration < MinDuration || c.Duration > MaxDuration {
		faults = append(faults, fmt.Errorf("assume: Config.Duration is %v: STS takes %v to %v from a caller that holds a role itself", c.Duration, MinDuration, MaxDuration))
	}
	if c.MaxSessions < 1 {
		faults = append(faults, fmt.Errorf("assume: Config.MaxSessions is %d: at least 1 session has to be kept", c.MaxSessions))
	}
	if c.AWS.Credentials == nil && c.Client == nil {
		faults = append(faults, errors.New("assume: Config.AWS has no credentials: load it with config.LoadDefaultConfig"))
	}
	return errors.Join(faults...)
}

// newSTS is the STS client of a Provider: regional, patient with throttling, and silent about what it sends.
func newSTS(cfg aws.Config) *sts.Client {
	return sts.NewFromConfig(requestbody.Plain(cfg), func(o *sts.Options) {
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts = maxAttempts
			s.MaxBackoff = maxBackoff
			// The default budget of retries is shared by all calls of a client, so that a wide
			// fan-out which is throttled as a whole would run out of it. The number of attempts bounds them here.
			s.RateLimiter = ratelimit.None
		})
		// Answers hold credentials, and the error of a refused signature, which the log of retries prints,
		// may repeat the headers of the request.
		o.ClientLogMode = 0
	})
}

// quiet takes out of a log mode what would print credentials: requests carry the session token in a
// header, and the log of signing prints the same headers.
func quiet(m aws.ClientLogMode) aws.ClientLogMode {
	return m &^ (aws.LogSigning | aws.LogRequest | aws.LogRequestWithBody)
}
