package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

// comparison is what comes and goes between an older version of a template and the one that is planned.
type comparison struct {
	file   string
	old    *starbase.Plan // nil when the older version has no target at all
	new    *starbase.Plan
	single bool // no account is concerned, nothing comes or goes
}

// change is one target that comes or goes.
type change struct {
	target accountindex.Target
	comes  bool
}

// compare resolves the older version under the same flags and configuration. An older version that is at fault had no target:
// nothing was ever sent for it.
func compare(ctx context.Context, c *command.Console, r *resolved, name string) (*comparison, error) {
	file, data, err := c.ReadDocument(name)
	if err != nil {
		return nil, err
	}
	result := &comparison{file: file, new: r.plan, single: r.plan.Resolution() == nil}
	old, err := starfleet.ParseTemplate(r.manifest, file, data)
	if err == nil && !result.single {
		order := r.order
		order.Template, order.MaxTargets = old, math.MaxInt
		result.old, err = starbase.Prepare(ctx, order)
		err = locate(err, old)
	}
	var faults schema.Faults
	if errors.As(err, &faults) {
		c.Warn("%s is at fault, so that it had no target: %v", file, faults[0])
		return result, nil
	}
	return result, err
}

// targets are those of a plan, none of nil.
func targets(p *starbase.Plan) func(yield func(accountindex.Target) bool) {
	if p == nil || p.Resolution() == nil {
		return func(func(accountindex.Target) bool) {}
	}
	return p.Resolution().All()
}

// contains says whether a plan has the target.
func contains(p *starbase.Plan, t accountindex.Target) bool {
	return p != nil && p.Resolution() != nil && p.Resolution().Contains(t)
}

// changes yields what comes, then what goes, each by account and region.
func (x *comparison) changes(yield func(change) bool) {
	for t := range targets(x.new) {
		if !contains(x.old, t) && !yield(change{target: t, comes: true}) {
			return
		}
	}
	for t := range targets(x.old) {
		if !contains(x.new, t) && !yield(change{target: t}) {
			return
		}
	}
}

// counts are the numbers of targets that come and go.
func (x *comparison) counts() (come, gone int) {
	for c := range x.changes {
		if c.comes {
			come++
		} else {
			gone++
		}
	}
	return come, gone
}

// summary says how many targets come and go, in words.
func (x *comparison) summary() string {
	if x.single {
		return "the ship works once for each template: no target comes or goes"
	}
	come, gone := x.counts()
	return fmt.Sprintf("%s, %s", verb(come, "comes", "come"), verb(gone, "goes", "go"))
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 target " + one
	}
	return fmt.Sprintf("%d targets %s", n, many)
}

// name is the name of a target's account in the index.
func (x *comparison) name(account string) string {
	a, _ := x.new.Resolution().Index().Account(account)
	return a.Name
}

// changedAccount is an account with its targets that come, or go.
type changedAccount struct {
	id, name string
	regions  []string
	comes    bool
}

// accounts yields the changes by account.
func (x *comparison) accounts(yield func(changedAccount) bool) {
	var current changedAccount
	for c := range x.changes {
		if current.id != c.target.AccountID || current.comes != c.comes {
			if current.id != "" && !yield(current) {
				return
			}
			current = changedAccount{id: c.target.AccountID, name: x.name(c.target.AccountID), comes: c.comes}
		}
		if c.target.Region != "" {
			current.regions = append(current.regions, c.target.Region)
		}
	}
	if current.id != "" {
		yield(current)
	}
}

// printText writes what comes and goes, a line an account. Nothing without a comparison.
func (x *comparison) printText(out io.Writer, paint command.Paint) {
	if x == nil {
		return
	}
	_, _ = fmt.Fprintf(out, "\n%s %s\n", paint.Bold("Against "+command.Safe(x.file)+":"), x.summary())
	for a := range x.accounts {
		sign, colour := "-", paint.Red
		if a.comes {
			sign, colour = "+", paint.Green
		}
		line := sign + " " + a.id + "  " + command.Safe(a.name)
		if len(a.regions) > 0 {
			line += "  " + joinRegions(a.regions)
		}
		_, _ = fmt.Fprintln(out, colour(line))
	}
}

// jsonChange is one target that comes or goes, under `-o json`.
type jsonChange struct {
	Change    string `json:"change"` // comes or goes
	AccountID string `json:"accountId"`
	Region    string `json:"region,omitempty"`
}

// printJSON writes one JSON object a target that comes or goes. Nothing without a comparison.
func (x *comparison) printJSON(w io.Writer) {
	if x == nil {
		return
	}
	for c := range x.changes {
		out := jsonChange{Change: "goes", AccountID: c.target.AccountID, Region: c.target.Region}
		if c.comes {
			out.Change = "comes"
		}
		command.WriteJSON(w, out)
	}
}
