package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/schema"
)

// shipFlags say for which ship a template is, and what else bounds it.
type shipFlags struct {
	Config   string  `placeholder:"DIR" help:"The configuration of the fleet: a folder, a file or s3://BUCKET/PREFIX; manifests lie in its folder manifests, as *.json. Default: $$STARFLEET_CONFIG."`
	Ship     string  `placeholder:"NAME" help:"The ship. Default: the manifest's, or the one under whose TemplatePrefix the template lies."`
	Manifest string  `placeholder:"FILE" xor:"payload" help:"The ship's manifest. Stands above those of the configuration."`
	FanOut   *string `placeholder:"STRATEGY" enum:"SINGLE_INVOCATION,ACCOUNT,ACCOUNT_REGION" xor:"payload" help:"In place of a manifest: SINGLE_INVOCATION, ACCOUNT or ACCOUNT_REGION. Unknown top-level keys are then kept."`
}

// indexFlags say where the account index is.
type indexFlags struct {
	Index string `placeholder:"FILE" help:"The account index: a file, s3://BUCKET/KEY, or - for standard input. Default: that of StarfleetDefaultAccountIndex in the configuration."`
}

// resolveFlags bound a resolution.
type resolveFlags struct {
	shipFlags
	indexFlags
	ScopeToRegions   regionList `placeholder:"R,..." help:"The only regions that are tasked. Stands above STARFLEET.ScopeToRegions."`
	UnmatchedInclude *string    `placeholder:"P" enum:"error,warn,ignore" help:"What happens to a selector of IncludeAccounts that matches nothing: error, warn or ignore. Default: the configuration's, else warn."`
	UnmatchedExclude *string    `placeholder:"P" enum:"error,warn,ignore" help:"The same for ExcludeAccounts. Default: the configuration's, else error for ids, names and OUs, warn for tags and expressions."`
	Only             idList     `placeholder:"ID,..." help:"Narrow to these accounts. Never widens."`
	Limit            *int       `placeholder:"N" help:"Narrow to the first N targets, by account id and region. Never widens."`
	MaxTargets       *int       `placeholder:"N" help:"The most accounts that the template may resolve to. Stands above the ship's MaxTargets; without a configuration there is no limit."`
}

// check refuses numbers that narrow to nothing: whoever writes 0 may mean none or all, and guessing would be acting.
func (f *resolveFlags) check() error {
	for _, flag := range []struct {
		name  string
		value *int
	}{{"--limit", f.Limit}, {"--max-targets", f.MaxTargets}} {
		if flag.value != nil && *flag.value < 1 {
			return command.Usagef("%s must be at least 1, is %d", flag.name, *flag.value)
		}
	}
	if f.Index == command.StandardInput && f.Manifest == command.StandardInput {
		return command.Usagef("--index and --manifest cannot both be standard input")
	}
	return nil
}

// standardInputOnce refuses a command line that reads standard input for two things.
func (f *resolveFlags) standardInputOnce(template string) error {
	for name, value := range map[string]string{"--index": f.Index, "--manifest": f.Manifest} {
		if template == command.StandardInput && value == command.StandardInput {
			return command.Usagef("%s and the template cannot both be standard input", name)
		}
	}
	return nil
}

func policy(name *string) accountindex.Policy {
	if name == nil {
		return accountindex.PolicyDefault
	}
	return accountindex.Policy(*name)
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// idList is a flag of account ids, separated by commas.
type idList []string

// Decode reads one use of the flag; several add up.
func (l *idList) Decode(ctx *kong.DecodeContext) error {
	return appendItems((*[]string)(l), ctx, func(item string) error {
		if !accountindex.IsAccountID(item) {
			return fmt.Errorf("%q is no account id: it has 12 digits", item)
		}
		return nil
	})
}

// regionList is a flag of region names, separated by commas.
type regionList []string

// Decode reads one use of the flag; several add up. A region may be one that only the index knows, so its name is
// held against the index later.
func (l *regionList) Decode(ctx *kong.DecodeContext) error {
	return appendItems((*[]string)(l), ctx, func(item string) error {
		if !accountindex.IsRegionName(item) {
			return fmt.Errorf("%q is no region name, such as eu-west-1", item)
		}
		return nil
	})
}

// appendItems splits the value at its commas. A flag that is given and names nothing, as from an empty variable of a shell,
// is refused: an empty list would narrow nothing.
func appendItems(list *[]string, ctx *kong.DecodeContext, check func(string) error) error {
	var text string
	if err := ctx.Scan.PopValueInto("list", &text); err != nil {
		return err
	}
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			return fmt.Errorf("names nothing in %q: leave the flag out, or name what to narrow to", text)
		}
		if err := check(item); err != nil {
			return err
		}
		*list = append(*list, item)
	}
	return nil
}

// checkScope refuses regions that neither the built-in table nor the index knows: a mistyped scope would leave out what
// was meant.
func checkScope(regions []string, x *accountindex.Index) error {
	for _, region := range regions {
		if accountindex.KnownRegion(region) || x != nil && x.KnownRegion(region) {
			continue
		}
		err := &command.UsageError{Problem: fmt.Sprintf("--scope-to-regions: %q is no known region", region)}
		if near := schema.DidYouMean(region, accountindex.RegionNames()); near != "" {
			err.Hint = fmt.Sprintf("did you mean %s?", near)
		}
		return err
	}
	return nil
}
