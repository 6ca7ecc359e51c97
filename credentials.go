package starfleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/dryrun"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/requestbody"
	"github.com/starfleet-go/starfleet/queue"
)

// credentials gives each task the AWS configuration of its target. AWS itself is first asked when a ship wants it.
type credentials struct {
	handler *Handler
	guard   *dryrun.Guard

	mu       sync.Mutex
	base     *aws.Config
	provider *assume.Provider
	settler  queue.Settler
}

func newCredentials(h *Handler) (*credentials, error) {
	guard, err := newDryRunGuard(h)
	if err != nil {
		return nil, fmt.Errorf("WithDryRunOperations: %w", err)
	}
	return &credentials{handler: h, guard: guard}, nil
}

// forTask is Invocation.AWSConfig of one task. Without commit whatever it hands out is held to reading.
func (c *credentials) forTask(t *workerTask, runID string) func(context.Context) (aws.Config, error) {
	return func(ctx context.Context) (aws.Config, error) {
		cfg, err := c.target(ctx, t, runID)
		if err != nil {
			return aws.Config{}, c.handler.ofYoungAccount(t, err)
		}
		cfg = requestbody.Plain(cfg)
		if !c.handler.commit {
			cfg = c.guard.Protect(cfg)
		}
		return cfg, nil
	}
}

// target is the configuration of a task's target before the guard.
func (c *credentials) target(ctx context.Context, t *workerTask, runID string) (aws.Config, error) {
	h := c.handler
	if h.settings.awsConfig != nil {
		return h.settings.awsConfig(ctx, Target{Ship: h.manifest.Name, AccountID: t.target.AccountID, Region: t.target.Region, RunID: runID})
	}
	base, err := c.own(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	if h.shape.strategy == SingleInvocation {
		return base, nil
	}
	if h.settings.callerCredentials {
		return c.callers(ctx, base, t)
	}
	return c.assumed(ctx, t, runID)
}

// callers are the credentials of whoever runs the command line. They are refused for a task in an account that is not theirs.
func (c *credentials) callers(ctx context.Context, base aws.Config, t *workerTask) (aws.Config, error) {
	account, err := assume.CallerAccount(ctx, base)
	if err != nil {
		return aws.Config{}, err
	}
	if account != t.target.AccountID {
		return aws.Config{}, &RefusedError{Guard: "--use-caller-credentials",
			Reason: fmt.Sprintf("the caller's credentials are those of account %s, the task is for %s", account, t.place())}
	}
	base.Region = cmp.Or(t.target.Region, base.Region)
	return base, nil
}

// own is the program's own configuration, in the home region.
func (c *credentials) own(ctx context.Context) (aws.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.base == nil {
		var options []func(*awsconfig.LoadOptions) error
		if configuration := c.handler.settings.configuration; configuration != nil {
			options = append(options, awsconfig.WithRegion(configuration.Starfleet.DeploymentRegion))
		}
		loaded, err := awsconfig.LoadDefaultConfig(ctx, options...)
		if err != nil {
			return aws.Config{}, fmt.Errorf("own AWS configuration: %w", err)
		}
		c.base = &loaded
	}
	return c.base.Copy(), nil
}

func (c *credentials) assumed(ctx context.Context, t *workerTask, runID string) (aws.Config, error) {
	h := c.handler
	role, err := h.roleFor(t)
	if err != nil {
		return aws.Config{}, err
	}
	provider, home, err := c.assumer(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	partition := partitionOf(t, home)
	if partition == "" {
		return aws.Config{}, fmt.Errorf("the partition of %s is unknown: give the ship an account index, or set DeploymentRegion", t.place())
	}
	session, name := h.session()
	target := assume.Target{
		Partition: partition, AccountID: t.target.AccountID, RoleName: role, Region: cmp.Or(t.target.Region, home),
		SessionName: cmp.Or(name, sessionName(h.manifest.Name, runID)),
		Via:         session.Chain, ExternalID: session.ExternalID, SourceIdentity: session.SourceIdentity, Tags: session.Tags,
		PolicyARNs: session.Policies, Policy: session.Policy, Commit: h.commit,
	}
	if !h.commit && len(session.DryRunPolicies) > 0 {
		// In their place and not beside them: AWS allows what any session policy allows.
		target.PolicyARNs, target.Policy = session.DryRunPolicies, ""
	}
	return provider.Config(ctx, target)
}

// session is what the ship's section says of sessions, or what one would that says nothing, and the name that it gives them.
func (h *Handler) session() (config.Session, string) {
	if h.section == nil {
		return config.Session{DryRunPolicies: []string{config.DefaultDryRunPolicy}}, ""
	}
	return h.section.Session, h.section.WorkerRoleSessionName
}

// assumer makes the provider once, over the program's own configuration.
func (c *credentials) assumer(ctx context.Context) (*assume.Provider, string, error) {
	base, err := c.own(ctx)
	if err != nil {
		return nil, "", err
	}
	if base.Region == "" {
		return nil, "", errors.New("no home region: set DeploymentRegion in the configuration, or AWS_REGION")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.provider == nil {
		session, _ := c.handler.session()
		if c.provider, err = assume.New(assume.Config{
			AWS: base, HomeRegion: base.Region, Duration: session.Duration, Logger: c.handler.logger,
		}); err != nil {
			return nil, "", err
		}
	}
	return c.provider, base.Region, nil
}

// partitionOf takes the partition from the account's ARN, else from the region.
func partitionOf(t *workerTask, home string) string {
	if t.account != nil {
		if partition := t.account.Partition(); partition != "" {
			return partition
		}
	}
	return accountindex.PartitionOf(cmp.Or(t.target.Region, home))
}

// sessionName is what CloudTrail shows in the target account: ship and run, so that each run has sessions of its own. The provider cuts it to
// what STS takes.
func sessionName(ship, runID string) string {
	if runID == "" {
		return ship
	}
	return ship + "-" + runID
}

// settlerFor is what hides and dead-letters the messages of a Lambda's event source: SQS, unless an option gave another.
// Off Lambda there is none by itself.
func (h *Handler) settlerFor(ctx context.Context) (queue.Settler, error) {
	if h.settings.settler != nil || !onLambda(h.settings.getenv) {
		return h.settings.settler, nil
	}
	base, err := h.accounts.own(ctx)
	if err != nil {
		return nil, err
	}
	h.accounts.mu.Lock()
	defer h.accounts.mu.Unlock()
	if h.accounts.settler == nil {
		settler, err := sqsqueue.NewSettler(sqsqueue.NewClient(base, 1))
		if err != nil {
			return nil, err
		}
		h.accounts.settler = settler
	}
	return h.accounts.settler, nil
}
