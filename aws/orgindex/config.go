package orgindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

// What a Config that is silent means.
const (
	DefaultMaxRegionsAge = 7 * 24 * time.Hour
	DefaultReserve       = 20 * time.Second // enough to write the index of 10,000 accounts, some 20 MB, to S3
)

// RegionsFunc reads the regions that are enabled in one account, in any order. It is safe for concurrent use. No region at all is an error.
type RegionsFunc func(ctx context.Context, account accountindex.Account) ([]string, error)

// Config is what a Generator is made of.
type Config struct {
	// Organizations has the credentials of the management account, or of a delegated administrator. Required.
	Organizations OrganizationsClient

	// Accounts is asked for the enabled regions of all accounts, with the same credentials. Without it, and without RegionsElsewhere, regions
	// are those of the previous index. Default: none.
	Accounts AccountClient

	// Caller is the account that the credentials are of, whose own regions are asked for without naming it. Default: the management account.
	Caller string

	// RegionsElsewhere is asked for the regions of an account where Accounts is not set or refuses the account: see RegionsThroughRole. Default: none.
	RegionsElsewhere RegionsFunc

	// RootID is the root that the organization is to have; with another one, nothing is made. Default: any.
	RootID string

	// RegionsBudget is how long one run may take to read regions. Default: as long as it takes, or until Reserve before the deadline of the context.
	RegionsBudget time.Duration

	// Reserve is what is left of the time until the deadline of the context when the reading of tags and regions stops, for what
	// the caller does with the index. Default: DefaultReserve.
	Reserve time.Duration

	// MaxRegionsAge is how long the regions of a previous index are kept while they can not be read anew. Default: DefaultMaxRegionsAge.
	MaxRegionsAge time.Duration

	// Rates are those that differ from DefaultRates, by their Action.
	Rates []Rate

	// Logger is told of the phases, and of each fact that could not be read. Default: none.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	c.MaxRegionsAge = cmp.Or(c.MaxRegionsAge, DefaultMaxRegionsAge)
	c.Reserve = cmp.Or(c.Reserve, DefaultReserve)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	var faults []error
	if c.Organizations == nil {
		faults = append(faults, errors.New("orgindex: Config.Organizations is nil: give a client, as NewOrganizationsClient makes"))
	}
	if c.Caller != "" && !accountindex.IsAccountID(c.Caller) {
		faults = append(faults, fmt.Errorf("orgindex: Config.Caller is %q: an account id has 12 digits", c.Caller))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"RegionsBudget", c.RegionsBudget}, {"Reserve", c.Reserve}, {"MaxRegionsAge", c.MaxRegionsAge}} {
		if d.value < 0 {
			faults = append(faults, fmt.Errorf("orgindex: Config.%s is %v: it can not be negative", d.name, d.value))
		}
	}
	known := newCalls(nil).limiters
	for _, r := range c.Rates {
		if known[r.Action] == nil {
			faults = append(faults, fmt.Errorf("orgindex: Config.Rates has %q, which is not called: see DefaultRates", r.Action))
		}
		if r.PerSecond <= 0 || r.Burst < 1 {
			faults = append(faults, fmt.Errorf("orgindex: Config.Rates allows %s %v calls a second and %d at once: it has to be called", r.Action, r.PerSecond, r.Burst))
		}
	}
	return errors.Join(faults...)
}
