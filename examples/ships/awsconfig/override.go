package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	_ "github.com/starfleet-go/starfleet/accountindex/expression" // overrides may select by one
	"github.com/starfleet-go/starfleet/schema"
)

// indexRetry is how long a task waits for an account index that knows more: about as long as a new one takes.
const indexRetry = 5 * time.Minute

// ErrNoIndex says that a template has overrides, and the ship no account index to tell whether one of them is for the task. It is permanent:
// the default configuration might be the wrong one.
var ErrNoIndex = errors.New("the template has AccountOverrideConfigurations, and there is no account index to say which accounts they are for: " +
	"give the ship StarfleetDefaultAccountIndex in its configuration, or --index FILE on its command line")

// DuplicateOverrideError says that two overrides are for one account and region. It is permanent: people have to say which one they mean.
type DuplicateOverrideError struct {
	AccountID, Region string
	// Overrides are the places of the two in AccountOverrideConfigurations, from 0.
	Overrides [2]int
}

// Error names the account, the region and both overrides, and what to do.
func (e *DuplicateOverrideError) Error() string {
	return fmt.Sprintf("%s and %s are both for account %s %s: narrow one of them; nothing was changed",
		overridePath(e.Overrides[0]), overridePath(e.Overrides[1]), e.AccountID, e.Region)
}

// choose is the configuration for the task: that of the one override which is for it, else the default one. It never guesses.
func choose(ctx context.Context, inv *starfleet.Invocation[Payload]) (Configuration, error) {
	p := inv.Payload
	if err := checkKnownRegions(p, inv.Index); err != nil {
		return Configuration{}, starfleet.RetryAfter(indexRetry, err) // a newer index may know them
	}
	if len(p.AccountOverrideConfigurations) == 0 {
		return p.DefaultConfiguration, nil
	}
	if inv.Index == nil {
		return Configuration{}, starfleet.Permanent(ErrNoIndex)
	}
	chosen, first := p.DefaultConfiguration, -1
	for i, o := range p.AccountOverrideConfigurations {
		matches, err := isFor(ctx, inv, o, overridePath(i))
		switch {
		case err != nil:
			return Configuration{}, err
		case matches && first >= 0:
			return Configuration{}, starfleet.Permanent(&DuplicateOverrideError{AccountID: inv.AccountID, Region: inv.Region, Overrides: [2]int{first, i}})
		case matches:
			chosen, first = o.Configuration, i
		}
	}
	if first >= 0 {
		inv.Log().InfoContext(ctx, "an override is for this account and region", "override", overridePath(first))
	}
	return chosen, nil
}

// isFor says whether an override is for the task's account and region. The management account counts, and STARFLEET.ScopeToRegions needs no
// look: no task reaches a ship outside it. A selector of ExcludeAccounts that matches nothing is an error, as in the template's own.
func isFor(ctx context.Context, inv *starfleet.Invocation[Payload], o Override, path string) (bool, error) {
	resolution, err := inv.Index.Resolve(ctx, accountindex.Query{
		Include: o.IncludeAccounts, Exclude: o.ExcludeAccounts, OperateInOrgRoot: true,
		PerRegion: true, IncludeRegions: o.IncludeRegions, ExcludeRegions: o.ExcludeRegions,
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
		if ctx.Err() != nil {
			return false, err
		}
		if _, unmatched := errors.AsType[*accountindex.UnmatchedError](err); unmatched {
			return false, starfleet.RetryAfter(indexRetry, err) // a newer index may have a match
		}
		return false, starfleet.Permanent(err)
	}
	for _, w := range resolution.Warnings() {
		if strings.HasPrefix(w.Path, "IncludeAccounts") || strings.HasPrefix(w.Path, "ExcludeAccounts") {
			inv.Log().WarnContext(ctx, "an override's selector needs a look", "selector", path+"."+w.Path, "why", w.Message)
		}
	}
	decision, _ := resolution.ExplainAccount(inv.AccountID)
	if decision.Reason == accountindex.Undecidable && o.names(inv.Region) {
		return false, starfleet.RetryAfter(indexRetry, fmt.Errorf(
			"the account index does not know enough of account %s to say whether %s is for it: %s", inv.AccountID, path, decision.Rule))
	}
	return resolution.Contains(accountindex.Target{AccountID: inv.AccountID, Region: inv.Region}), nil
}

// names says whether the override is for a region at all.
func (o Override) names(region string) bool {
	return (slices.Contains(o.IncludeRegions, AllRegions) || slices.Contains(o.IncludeRegions, region)) && !slices.Contains(o.ExcludeRegions, region)
}

// checkKnownRegions refuses regions that neither the index nor the built-in table knows: mistyped, one would choose another configuration, or
// end the recording of global resources. Without an index the form alone counts.
func checkKnownRegions(p Payload, x *accountindex.Index) error {
	if x == nil {
		return nil
	}
	var errs []error
	check := func(path string, regions []string) {
		for i, region := range regions {
			if region == AllRegions || region == NoRegions || x.KnownRegion(region) {
				continue
			}
			hint := "is the account index up to date?"
			if near := schema.DidYouMean(region, accountindex.RegionNames()); near != "" {
				hint = "did you mean " + near + "?"
			}
			errs = append(errs, fmt.Errorf("%s[%d]: %q is not a known region: %s", path, i, region, hint))
		}
	}
	globals := func(path string, c Configuration) {
		if everything := c.RecorderConfiguration.RecordingGroup.RecordEverything; everything != nil {
			check(path+".RecorderConfiguration.RecordingGroup.RecordEverything.RecordGlobalsInTheseRegions", everything.RecordGlobalsInTheseRegions)
		}
	}
	globals("DefaultConfiguration", p.DefaultConfiguration)
	for i, o := range p.AccountOverrideConfigurations {
		check(overridePath(i)+".IncludeRegions", o.IncludeRegions)
		check(overridePath(i)+".ExcludeRegions", o.ExcludeRegions)
		globals(overridePath(i), o.Configuration)
	}
	return errors.Join(errs...)
}
