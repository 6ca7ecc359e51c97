package iamrole

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
)

// task is one account's role.
type task struct {
	inv       *starfleet.Invocation[Payload]
	builder   *builder
	partition string
	name      string
}

func (s *Ship) newTask(inv *starfleet.Invocation[Payload]) *task {
	fleet := s.cfg.Configuration.Fleet
	t := &task{inv: inv, partition: partitionOf(inv.Account, s.cfg.Configuration.Starfleet.DeploymentRegion)}
	accountName := ""
	if inv.Account != nil {
		accountName = inv.Account.Name
	}
	t.builder = &builder{
		partition: t.partition, variables: inv.Payload.variablesOf(inv.AccountID, accountName, t.partition),
		scope: &scope{
			accountID: inv.AccountID, now: s.cfg.Now(), index: inv.Index,
			unmatchedInclude: fleet.UnmatchedInclude,
			warn:             func(message string) { inv.Log().Warn("a selection within the role's template", "warning", message) },
		},
	}
	return t
}

// wanted is the role as the template has it here, nil when it is to be deleted. The name is known afterwards either way.
func (t *task) wanted(ctx context.Context) (*role, error) {
	if t.partition == "" {
		return nil, fmt.Errorf("the partition of account %s is not known: give the ship an account index, or set DeploymentRegion", t.inv.AccountID)
	}
	warnOfReduced(t.inv, t.builder.variables)
	template := t.inv.Payload.IambicRoleTemplate
	var err error
	if t.name, err = t.builder.name(template.Properties); err != nil {
		return nil, t.atFault(err)
	}
	gone, err := t.deleted(ctx, template)
	if err != nil || gone {
		return nil, t.atFault(err)
	}
	want, err := t.builder.role(ctx, template.Properties)
	if err != nil {
		return nil, t.atFault(err)
	}
	return want, refuse(protectedTrust(want.trust), t.inv.AccountID)
}

// indexRetry is when a task is tried again about which the index in hand cannot decide: in the hope of a newer one.
const indexRetry = 5 * time.Minute

// atFault says of which account the template is at fault. No retry cures it, unless a newer account index may.
func (t *task) atFault(err error) error {
	if err == nil {
		return nil
	}
	fault := &TemplateError{AccountID: t.inv.AccountID, Err: err}
	if _, undecided := errors.AsType[*undecidedError](err); undecided {
		return starfleet.RetryAfter(indexRetry, fault)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault
	}
	return starfleet.Permanent(fault)
}

// deleted says whether the template deletes the role here.
func (t *task) deleted(ctx context.Context, template RoleTemplate) (bool, error) {
	ends, err := parseTime(template.ExpiresAt)
	if err != nil {
		return false, fmt.Errorf("expires_at: %w", err)
	}
	if !ends.IsZero() && !t.builder.scope.now.Before(ends) {
		return true, nil
	}
	entry, _, err := atMostOne(ctx, t.builder.scope, "deleted", template.Deleted)
	return entry.Deleted, err
}

// apply reads the role, plans, and writes when it may.
func (t *task) apply(ctx context.Context, client Client, want *role) error {
	have, err := readRole(ctx, client, t.name, t.inv.AccountID)
	if err != nil {
		return t.inAccount(err)
	}
	if have != nil && have.revoked && want != nil {
		t.inv.Log().Warn("sessions of the role were revoked: the inline policy that does it is left", "role", t.name, "policy", revocation)
	}
	p := &planner{client: client, partition: t.partition, name: t.name}
	done := "updated"
	switch {
	case want == nil && have == nil:
		return nil
	case want == nil && !have.owned():
		return &NotOwnedError{Role: t.name, AccountID: t.inv.AccountID}
	case want == nil:
		profiles, err := instanceProfiles(ctx, client, t.name)
		if err != nil {
			return t.inAccount(err)
		}
		p.remove(have, profiles)
		done = "deleted"
	case have == nil:
		p.create(want)
		done = "created"
	case want.path != "" && want.path != have.path:
		return &ImmutableError{Role: t.name, AccountID: t.inv.AccountID, Property: "path", Is: have.path, Wanted: want.path}
	default:
		want.inline = spelledAs(have.inline, want.inline)
		p.update(have, want)
	}
	return t.write(ctx, p.steps, done, difference(have, want, t.partition))
}

func (t *task) inAccount(err error) error {
	if refused, ok := errors.AsType[*starfleet.RefusedError](err); ok {
		return refused
	}
	return fmt.Errorf("account %s: %w", t.inv.AccountID, err)
}

// write records each step before it may be done, and does it with commit alone.
func (t *task) write(ctx context.Context, steps []step, done, diff string) error {
	if len(steps) == 0 {
		return nil
	}
	t.inv.Log().Info("the role differs from the template", "role", t.name, "diff", diff)
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = step.String()
	}
	for i, step := range steps {
		t.inv.Change(step.what, step.details...)
		if !t.inv.Commit {
			continue
		}
		if err := step.do(ctx); err != nil {
			if i > 0 {
				t.tell("changed in part", fmt.Sprintf("done: %s\nfailed: %s", strings.Join(names[:i], "; "), names[i]))
			}
			return &PartialError{Role: t.name, AccountID: t.inv.AccountID, Done: slices.Clone(names[:i]), Failed: names[i], Left: names[i+1:], Err: err}
		}
	}
	if t.inv.Commit {
		t.tell(done, diff)
	}
	return nil
}

// tell alerts people of what was done to the role of this account. The title is that of all accounts.
func (t *task) tell(done, text string) {
	place := t.inv.AccountID
	if t.inv.Account != nil {
		place += " (" + t.inv.Account.Name + ")"
	}
	t.inv.Alert(alert.Important, fmt.Sprintf("IAM role %s: %s", t.inv.Payload.IambicRoleTemplate.Properties.RoleName, done),
		fmt.Sprintf("Role %s in account %s was %s.\n%s", t.name, place, done, text))
}
