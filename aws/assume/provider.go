package assume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A session is renewed earlyRefresh before it expires, or up to half of that later, at random.
const (
	earlyRefresh       = 5 * time.Minute
	earlyRefreshJitter = 0.5
)

// Provider hands out configurations with the credentials of roles in other accounts. It is safe for
// concurrent use. Nothing that prints it shows a credential.
type Provider struct {
	base     aws.Config
	client   Client
	home     string
	duration time.Duration
	logger   *slog.Logger

	mu       sync.Mutex
	sessions *lru[sessionKey, *aws.CredentialsCache]
}

// New makes a Provider. It makes no call. All faults of the Config are reported at once.
func New(cfg Config) (*Provider, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	base := cfg.AWS.Copy()
	base.Region = cfg.HomeRegion
	base.ClientLogMode = quiet(base.ClientLogMode)
	p := &Provider{
		base:     base,
		client:   cfg.Client,
		home:     cfg.HomeRegion,
		duration: cfg.Duration,
		logger:   cfg.Logger,
		sessions: newLRU[sessionKey, *aws.CredentialsCache](cfg.MaxSessions),
	}
	if p.client == nil {
		p.client = newSTS(base)
	}
	return p, nil
}

// Base is the configuration with the worker's own credentials, in the home region: for work that is
// not in a target account.
func (p *Provider) Base() aws.Config { return p.base.Copy() }

// HomeRegion is where STS is called.
func (p *Provider) HomeRegion() string { return p.home }

// Config is the configuration with which to work in a target: the credentials of the role, for the
// target's region. The role is assumed before it returns, so that a role which may not be assumed is known
// before the work begins; the credentials renew themselves for as long as the configuration is used.
//
// The error is a *TargetError or a *DeniedError, the context's, or one that wraps the SDK's. The *DeniedError of a role of Target.Via names
// that role and its account.
func (p *Provider) Config(ctx context.Context, t Target) (aws.Config, error) {
	if err := t.check(p.home); err != nil {
		return aws.Config{}, err
	}
	credentials := p.session(t)
	if _, err := credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, unwrapFetch(ctx, t, err)
	}
	cfg := p.base.Copy()
	cfg.Credentials = credentials
	if t.Region != "" {
		cfg.Region = t.Region
	}
	return cfg, nil
}

// session is the cache of the target's session: the one that is there, or a new, empty one. The sessions of the roles before it are
// shared by the targets that have them in common.
func (p *Provider) session(t Target) *aws.CredentialsCache {
	p.mu.Lock()
	defer p.mu.Unlock()
	hops := t.hops()
	if cache, ok := p.sessions.get(hops[len(hops)-1].key); ok {
		return cache
	}
	var cache *aws.CredentialsCache
	for _, h := range hops {
		if there, ok := p.sessions.get(h.key); ok {
			cache = there
			continue
		}
		role := &roleCredentials{
			client: p.client, hop: h, account: h.account(), arn: h.role, duration: p.duration, logger: p.logger,
		}
		if cache != nil {
			role.with = cache
		}
		cache = aws.NewCredentialsCache(role, func(o *aws.CredentialsCacheOptions) {
			o.ExpiryWindow = earlyRefresh
			o.ExpiryWindowJitterFrac = earlyRefreshJitter
		})
		p.sessions.put(h.key, cache)
	}
	return cache
}

// unwrapFetch takes off what the SDK's cache put around the error of a fetch.
func unwrapFetch(ctx context.Context, t Target, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("assume: waiting for role %s: %w", t.RoleARN(), context.Cause(ctx))
	}
	if denied, ok := errors.AsType[*DeniedError](err); ok {
		return denied
	}
	if failed, ok := errors.AsType[*fetchError](err); ok {
		return failed
	}
	return err
}

// Format prints the Provider without what it holds, whatever the verb.
func (p *Provider) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "assume.Provider("+p.home+")")
}
