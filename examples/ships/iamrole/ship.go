package iamrole

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
)

// Name is the ship's name: that of its section in the configuration.
const Name = "IamRoleWorkerShip"

// Config of [New].
type Config struct {
	// Configuration is that of the fleet: the roles of all of its ships are never touched. Without it Execute refuses every task: enough for
	// a Starbase that only tasks the ship, and for its manifest.
	Configuration *config.Configuration
	// NewClient makes the client of each task. Default [NewClient].
	NewClient func(aws.Config) Client
	// Caller is the ARN of those whose credentials a configuration has: their role is never touched either. Default [CallerARN].
	Caller func(context.Context, aws.Config) (string, error)
	// OwnARN is the ARN of those whose credentials the program itself has, asked for once. Default: nobody's.
	OwnARN func(context.Context) (string, error)
	// Now is the clock of expires_at. Default time.Now.
	Now func() time.Time
}

// Ship keeps an IAM role in each account. Make one with [New].
type Ship struct {
	cfg       Config
	protected protected
	leftOut   []string // roles of other sections that name nobody

	mu  sync.Mutex
	own *string // OwnARN's role, once it is known
}

var _ starfleet.ShipWithPermissions = (*Ship)(nil)

// New makes the ship. It fails when the configuration has no section for it, or one at fault.
func New(cfg Config) (*Ship, error) {
	if cfg.NewClient == nil {
		cfg.NewClient = NewClient
	}
	if cfg.Caller == nil {
		cfg.Caller = CallerARN
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Ship{cfg: cfg}
	if cfg.Configuration == nil {
		return s, nil
	}
	settings, err := config.Section[Settings](cfg.Configuration, Name)
	if err != nil {
		return nil, err
	}
	own, err := protect(settings.ProtectedRoles...)
	if err != nil {
		return nil, fmt.Errorf("%s.ProtectedRoles: %w", Name, err)
	}
	// Roles has those of ProtectedRoles, too.
	others := slices.DeleteFunc(cfg.Configuration.Roles(), func(name string) bool { return slices.Contains(settings.ProtectedRoles, name) })
	roles, leftOut := protectRoles(others)
	s.protected, s.leftOut = slices.Concat(own, roles), leftOut
	return s, nil
}

// Name is "IamRoleWorkerShip".
func (*Ship) Name() string { return Name }

// Permissions are the IAM actions that the ship needs in each account.
func (*Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read: []string{"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"},
		Write: []string{
			"iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
			"iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:RemoveRoleFromInstanceProfile", "iam:TagRole", "iam:UntagRole",
			"iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
		},
	}
}

// Execute brings the role of one account to what the template says, or deletes it. A role that is protected is refused, before any
// credentials are asked for where its name says so. A *[TemplateError], *[NotOwnedError] and *[ImmutableError] come before anything is
// written; a *[PartialError] says what was. What IAM throttles past the client's retries is tried again after a minute.
func (s *Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	if s.cfg.Configuration == nil {
		return starfleet.Permanent(errors.New("the ship does not know which roles it must not touch: give it the configuration of the fleet (STARFLEET_CONFIG)"))
	}
	if len(s.leftOut) > 0 {
		inv.Log().Warn("the configuration has roles without a name, which protect nothing", "roles", s.leftOut)
	}
	t := s.newTask(inv)
	want, err := t.wanted(ctx)
	if err != nil {
		return err
	}
	if err := s.guard(ctx, t); err != nil {
		return err
	}
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	caller, err := s.cfg.Caller(ctx, cfg)
	if err != nil {
		return fmt.Errorf("whose credentials these are in account %s: %w", inv.AccountID, settle(err))
	}
	if err := refuse(ownRole(t.name, caller), inv.AccountID); err != nil {
		return err
	}
	return settle(t.apply(ctx, s.cfg.NewClient(cfg), want))
}

// guard refuses the roles that are never touched, by the name in this account.
func (s *Ship) guard(ctx context.Context, t *task) error {
	for _, roles := range []protected{builtIn, s.protected} {
		if err := refuse(roles.protects(t.name, t.partition, t.inv.AccountID), t.inv.AccountID); err != nil {
			return err
		}
	}
	own, err := s.ownARN(ctx)
	if err != nil {
		return fmt.Errorf("the ship's own role: %w", err)
	}
	return refuse(ownRole(t.name, own), t.inv.AccountID)
}

// ownRole says why the role of those who work must not be touched, "" when it is another.
func ownRole(name, arn string) string {
	own := assumedRole(arn)
	if own == "" {
		return ""
	}
	if form, err := nameForm(own); err == nil && form.MatchString(name) {
		return fmt.Sprintf("the role %s is never touched: the ship itself works with it", name)
	}
	return ""
}

// ownARN asks once. An answer that fails is asked for again.
func (s *Ship) ownARN(ctx context.Context) (string, error) {
	if s.cfg.OwnARN == nil {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == nil {
		arn, err := s.cfg.OwnARN(ctx)
		if err != nil {
			return "", err
		}
		s.own = &arn
	}
	return *s.own, nil
}

// warnOfReduced says which variables are not used as they are written.
func warnOfReduced(inv *starfleet.Invocation[Payload], v variables) {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if used := reduced(v[name]); used != v[name] && name != variableAccountName {
			inv.Log().Warn("of a variable's value only letters, digits and _+=,.@- are used, 64 characters at most", "variable", name, "used", used)
		}
	}
}
