package starbase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	_ "github.com/starfleet-go/starfleet/accountindex/expression" // ByExpression
	"github.com/starfleet-go/starfleet/config"
)

// guardFleet is the name under which an account is reported that the section Fleet keeps out.
const guardFleet = "Fleet.NeverTouch"

// guardShip is the same for the section of a ship.
func guardShip(ship string) string { return ship + ".NeverTouch" }

// Order is one template to be resolved, with everything that bounds it.
type Order struct {
	// Template is the template. Required.
	Template *starfleet.Template
	// Index is the account index. Required, except for the template of a SINGLE_INVOCATION ship, which never looks at it.
	Index *accountindex.Index
	// Fleet gives NeverTouch, the policies and IndexMaxAge. The zero value bounds nothing.
	Fleet config.Fleet
	// Ship gives NeverTouch and MaxTargets. nil bounds nothing.
	Ship *config.Ship
	// ScopeToRegions, when not empty, are the only regions that are tasked.
	ScopeToRegions []string
	// MaxTargets is the largest number of accounts that the template may resolve to. When it is 0 the ship's own holds (which
	// is 100 accounts where the ship sets none), and without a ship there is no limit.
	MaxTargets int
	// Only narrows the resolution to these account ids. It never widens it.
	Only []string
	// Limit narrows the resolution to its first targets. 0 means all.
	Limit int
	// UnmatchedInclude and UnmatchedExclude are what happens to selectors that match nothing. Default: the fleet's.
	UnmatchedInclude, UnmatchedExclude accountindex.Policy
	// Now is the clock by which the age of the index is told. Default time.Now.
	Now func() time.Time
}

// Plan is a resolved order: what will be sent, and why. It is immutable.
type Plan struct {
	template   *starfleet.Template
	resolution *accountindex.Resolution
}

// Prepare checks the regions of the template against the index, resolves its accounts and regions, and applies the guards.
// Starbase, command line and simulations all come here, so that the same order gives the same tasks everywhere.
//
// Errors are schema.Faults for a region that nobody knows, an *IndexAgeError, what accountindex.Index.Resolve returns (selectors
// that match nothing, expressions that fail), and a *TooManyTargetsError.
func Prepare(ctx context.Context, o Order) (*Plan, error) {
	switch {
	case o.Template == nil:
		return nil, errors.New("starbase: Order.Template is nil")
	case o.Limit < 0:
		return nil, fmt.Errorf("starbase: Order.Limit is %d, it must not be negative", o.Limit)
	case o.MaxTargets < 0:
		return nil, fmt.Errorf("starbase: Order.MaxTargets is %d, it must not be negative", o.MaxTargets)
	}
	if o.Template.Strategy() == starfleet.SingleInvocation {
		if len(o.Only) > 0 {
			return nil, fmt.Errorf("template %s is for ship %s, which runs once and not by account: it cannot be narrowed to accounts",
				o.Template.Name(), o.Template.Ship())
		}
		return &Plan{template: o.Template}, nil
	}
	if o.Index == nil {
		return nil, fmt.Errorf("template %s is for ship %s, which works by account: an account index is needed",
			o.Template.Name(), o.Template.Ship())
	}
	if err := checkIndexAge(o); err != nil {
		return nil, err
	}
	if err := o.Template.CheckRegions(o.Index); err != nil {
		return nil, err
	}
	resolution, err := o.Index.Resolve(ctx, o.query())
	if err != nil {
		return nil, fmt.Errorf("resolve template %s: %w", o.Template.Name(), err)
	}
	if limit := o.maxTargets(); limit > 0 && resolution.Accounts() > limit {
		return nil, &TooManyTargetsError{Ship: o.Template.Ship(), Accounts: resolution.Accounts(), Limit: limit}
	}
	return &Plan{template: o.Template, resolution: resolution}, nil
}

// query is what the template asks, bounded by what the fleet, the ship and the caller say.
func (o Order) query() accountindex.Query {
	q := o.Template.Query()
	q.ScopeToRegions = o.ScopeToRegions
	q.NeverTouch = o.guards()
	q.Only = o.Only
	q.Limit = o.Limit
	q.UnmatchedInclude = cmp.Or(o.UnmatchedInclude, o.Fleet.UnmatchedInclude)
	q.UnmatchedExclude = cmp.Or(o.UnmatchedExclude, o.Fleet.UnmatchedExclude)
	return q
}

func (o Order) guards() []accountindex.Guard {
	var guards []accountindex.Guard
	add := func(name string, selection accountindex.Selection) {
		if selection.AllAccounts || !selection.Exclusion.Empty() {
			guards = append(guards, accountindex.Guard{Name: name, Selection: selection})
		}
	}
	add(guardFleet, o.Fleet.NeverTouch)
	if o.Ship != nil {
		add(guardShip(o.Ship.Name), o.Ship.NeverTouch)
	}
	return guards
}

func (o Order) maxTargets() int {
	switch {
	case o.MaxTargets > 0:
		return o.MaxTargets
	case o.Ship == nil:
		return 0
	default:
		return cmp.Or(o.Ship.MaxTargets, config.DefaultMaxTargets)
	}
}

// checkIndexAge refuses an index that is too old, or of which nobody can say that it is not.
func checkIndexAge(o Order) error {
	limit := o.Fleet.IndexMaxAge
	if limit <= 0 {
		return nil
	}
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	generated := o.Index.Generated()
	if !generated.IsZero() && now().Sub(generated) <= limit {
		return nil
	}
	return &IndexAgeError{Generated: generated, Now: now(), Limit: limit}
}

// Template is the template that was resolved.
func (p *Plan) Template() *starfleet.Template { return p.template }

// Resolution says which accounts and regions were taken in or left out, and why; nil for a SINGLE_INVOCATION ship.
func (p *Plan) Resolution() *accountindex.Resolution { return p.resolution }

// Tasks renders the tasks one by one, in the order of the resolution; see starfleet.Render.
func (p *Plan) Tasks(info starfleet.RunInfo) iter.Seq2[starfleet.Task, error] {
	return starfleet.Render(p.template, p.resolution, info)
}

// Count is the number of tasks.
func (p *Plan) Count() int {
	if p.resolution == nil {
		return 1
	}
	return p.resolution.Targets()
}

// Accounts is the number of accounts that get a task; 0 for a SINGLE_INVOCATION ship.
func (p *Plan) Accounts() int {
	if p.resolution == nil {
		return 0
	}
	return p.resolution.Accounts()
}

// TooManyTargetsError is a resolution above MaxTargets: nothing is sent.
type TooManyTargetsError struct {
	// Ship is the ship of the template.
	Ship string
	// Accounts is what the template resolves to, Limit what is allowed, both in accounts.
	Accounts, Limit int
}

// Error says the number, and how to allow it.
func (e *TooManyTargetsError) Error() string {
	return fmt.Sprintf("ship %s: the template resolves to %d accounts and at most %d are allowed, so nothing is sent: "+
		"narrow the template, or set MaxTargets: %d in section %s of the configuration", e.Ship, e.Accounts, e.Limit, e.Accounts, e.Ship)
}

// IndexAgeError is an account index above Fleet.IndexMaxAge, or one that does not say when it was generated while there is such
// a limit: nothing is sent.
type IndexAgeError struct {
	// Generated is when the index was generated, zero when it does not say.
	Generated time.Time
	// Now is when that was found out.
	Now time.Time
	// Limit is Fleet.IndexMaxAge.
	Limit time.Duration
}

// Error says how old the index is, and how old it may be.
func (e *IndexAgeError) Error() string {
	const remedy = "run the index generator, or raise Fleet.IndexMaxAge"
	if e.Generated.IsZero() {
		return fmt.Sprintf("the account index does not say when it was generated, and Fleet.IndexMaxAge is %s: %s", e.Limit, remedy)
	}
	return fmt.Sprintf("the account index was generated %s ago (%s), and Fleet.IndexMaxAge is %s: %s",
		e.Now.Sub(e.Generated).Round(time.Second), e.Generated.UTC().Format(time.RFC3339), e.Limit, remedy)
}
