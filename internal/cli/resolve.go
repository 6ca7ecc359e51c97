package cli

import (
	"context"
	"errors"
	"fmt"
	"math"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/starbase"
)

// resolved is a template with what it resolves to.
type resolved struct {
	subject
	file          string // of the template, as faults name it
	configuration *config.Configuration
	order         starbase.Order
	plan          *starbase.Plan
	// tooMany is set when the plan is above MaxTargets: it can be shown, and nothing may be sent.
	tooMany *starbase.TooManyTargetsError
}

// resolve does what Starbase does with a template, up to sending: the same order, so that the tasks are the same.
func (f *resolveFlags) resolve(ctx context.Context, c *command.Console, template string) (*resolved, error) {
	if err := errors.Join(f.check(), f.standardInputOnce(template)); err != nil {
		return nil, err
	}
	w, err := f.open(ctx, c)
	if err != nil {
		return nil, err
	}
	s, err := w.subject(template)
	if err != nil {
		return nil, err
	}
	file, data, err := c.ReadDocument(template)
	if err != nil {
		return nil, err
	}
	parsed, err := starfleet.ParseTemplate(s.manifest, file, data)
	if err != nil {
		return nil, err
	}
	r := &resolved{subject: s, file: file, configuration: w.configuration}
	var index *accountindex.Index
	if parsed.Strategy() != starfleet.SingleInvocation {
		if index, err = f.load(ctx, c, w.configuration); err != nil {
			return nil, err
		}
		if index == nil {
			return nil, errNoIndex()
		}
		if err := checkScope(f.ScopeToRegions, index); err != nil {
			return nil, err
		}
	}
	r.order = f.order(r, parsed, index)
	return r, r.prepare(ctx)
}

// order is the template with everything that bounds it; flags stand above the configuration.
func (f *resolveFlags) order(r *resolved, template *starfleet.Template, index *accountindex.Index) starbase.Order {
	order := starbase.Order{
		Template:         template,
		Index:            index,
		Ship:             r.ship,
		ScopeToRegions:   f.ScopeToRegions,
		MaxTargets:       number(f.MaxTargets),
		Only:             f.Only,
		Limit:            number(f.Limit),
		UnmatchedInclude: policy(f.UnmatchedInclude),
		UnmatchedExclude: policy(f.UnmatchedExclude),
	}
	if r.configuration != nil {
		order.Fleet = r.configuration.Fleet
		if len(order.ScopeToRegions) == 0 {
			order.ScopeToRegions = r.configuration.Starfleet.ScopeToRegions
		}
	}
	return order
}

// prepare resolves. A resolution above MaxTargets is kept for showing.
func (r *resolved) prepare(ctx context.Context) error {
	plan, err := starbase.Prepare(ctx, r.order)
	if errors.As(err, &r.tooMany) {
		order := r.order
		order.MaxTargets = math.MaxInt
		plan, err = starbase.Prepare(ctx, order)
	}
	r.plan = plan
	return locate(err, r.order.Template)
}

// checkTargets refuses a plan above MaxTargets.
func (r *resolved) checkTargets() error {
	if r.tooMany == nil {
		return nil
	}
	return fmt.Errorf("%w, or allow it with --max-targets %d", r.tooMany, r.tooMany.Accounts)
}

// warnings are what a person should know of the resolution.
func (r *resolved) warnings() []accountindex.Warning {
	if r.plan.Resolution() == nil {
		return nil
	}
	return r.plan.Resolution().Warnings()
}
