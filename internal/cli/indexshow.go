package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/command"
)

// indexCommands are the commands about account indexes.
type indexCommands struct {
	Show     indexShowCommand     `cmd:"" help:"Show what an account index holds: accounts, OUs, regions, age."`
	Diff     indexDiffCommand     `cmd:"" help:"Say what differs between two account indexes."`
	Generate indexGenerateCommand `cmd:"" help:"Make an account index from AWS Organizations."`
}

// Help is the detailed help.
func (indexCommands) Help() string {
	return `Example:

  starfleet index show --index s3://my-index/accountIndex.json

`
}

// indexShowCommand shows an account index.
type indexShowCommand struct {
	indexFlags
	Config string `placeholder:"DIR" help:"The configuration of the fleet: a folder, a file or s3://BUCKET/PREFIX. Default: $$STARFLEET_CONFIG."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object."`
}

// Help is the detailed help.
func (indexShowCommand) Help() string {
	return `The checks of an index are those that Starbase makes: one that is at fault is refused, with all its faults. Without a configuration all organizations of a file of several are shown.

Examples:

  starfleet index show --index accountIndex.json
  starfleet index show --config config -o json

`
}

// indexReport is `-o json`.
type indexReport struct {
	Accounts      int            `json:"accounts"`
	Generated     string         `json:"generated,omitempty"` // RFC 3339, UTC
	AgeSeconds    int64          `json:"ageSeconds,omitempty"`
	Organizations []string       `json:"organizations"`
	Management    []string       `json:"managementAccounts"`
	States        map[string]int `json:"states"`
	Regions       map[string]int `json:"regions"` // accounts that have the region
	OrgUnits      []orgUnitCount `json:"orgUnits"`
	Warnings      []string       `json:"warnings"`
}

// orgUnitCount is an OU with the number of accounts directly in it.
type orgUnitCount struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	Accounts int    `json:"accounts"`
	// Organization is the one that the OU stands in.
	Organization string `json:"organization"`
}

// Run does it.
func (i *indexShowCommand) Run(ctx context.Context, c *command.Console) error {
	flags := shipFlags{Config: i.Config}
	w, err := flags.open(ctx, c)
	if err != nil {
		return err
	}
	index, err := i.look(ctx, c, w.configuration)
	if err != nil {
		return err
	}
	if index == nil {
		return errNoIndex()
	}
	report := describeIndex(index, time.Now())
	if c.JSON {
		command.WriteJSON(c.Out, report)
		return nil
	}
	report.print(c.Out, c.OutPaint)
	if w.configuration != nil {
		warnOfAge(c, index, w.configuration.Fleet)
	}
	return nil
}

// warnOfAge says that Starbase would refuse the index.
func warnOfAge(c *command.Console, x *accountindex.Index, fleet config.Fleet) {
	if limit := fleet.IndexMaxAge; limit > 0 && (x.Generated().IsZero() || time.Since(x.Generated()) > limit) {
		c.Warn("the index is older than Fleet.IndexMaxAge (%s), or does not say of when it is: nothing is tasked by it", limit)
	}
}

func describeIndex(x *accountindex.Index, now time.Time) indexReport {
	report := indexReport{
		Accounts: x.Len(), Organizations: append([]string{}, x.Organizations()...), Management: append([]string{}, x.OrgRoots()...),
		States: map[string]int{}, Regions: map[string]int{}, OrgUnits: []orgUnitCount{}, Warnings: []string{},
	}
	if generated := x.Generated(); !generated.IsZero() {
		report.Generated = generated.UTC().Format(time.RFC3339)
		report.AgeSeconds = int64(now.Sub(generated).Seconds())
	}
	within := map[string]int{}
	for account := range x.Accounts() {
		report.States[cmp.Or(string(account.State), "unknown")]++
		if len(account.Parents) > 0 {
			within[account.Parents[0].ID]++
		}
		for _, region := range account.Regions {
			report.Regions[region]++
		}
	}
	for _, unit := range x.OrgUnits() {
		report.OrgUnits = append(report.OrgUnits, orgUnitCount{ID: unit.ID, Name: unit.Name, Path: unit.Path, Accounts: within[unit.ID], Organization: unit.Organization})
	}
	for _, warning := range x.Warnings() {
		report.Warnings = append(report.Warnings, warning.Path+": "+warning.Message)
	}
	return report
}

// print writes the report for people.
func (r indexReport) print(out io.Writer, paint command.Paint) {
	line := func(label, text string) {
		_, _ = fmt.Fprintf(out, "%s %s\n", paint.Bold(fmt.Sprintf("%-13s", label)), text)
	}
	generated := "the index does not say"
	if r.Generated != "" {
		generated = r.Generated + " (" + age(time.Duration(r.AgeSeconds)*time.Second) + ")"
	}
	line("Accounts", fmt.Sprint(r.Accounts))
	line("Generated", generated)
	line("Organization", safeList(r.Organizations))
	line("Management", safeList(r.Management))
	line("States", counts(r.States))
	line("Regions", counts(r.Regions))
	for _, warning := range r.Warnings {
		line("Warning", paint.Yellow(command.Safe(warning)))
	}
	if len(r.OrgUnits) == 0 {
		return
	}
	_, _ = fmt.Fprintf(out, "\n%s\n", paint.Bold("OUs, with the accounts directly in them"))
	organization := ""
	for _, unit := range r.OrgUnits {
		if len(r.Organizations) > 1 && unit.Organization != organization {
			organization = unit.Organization
			_, _ = fmt.Fprintln(out, command.Safe(organization))
		}
		depth := strings.Count(strings.TrimSuffix(unit.Path, "/"), "/") // 0 for the root
		_, _ = fmt.Fprintf(out, "%s%s  %d  %s\n", strings.Repeat("  ", depth), command.Safe(unit.Name), unit.Accounts, paint.Faint(command.Safe(unit.ID)))
	}
}

// counts lists what there is how often, the most frequent first.
func counts(of map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b))
	})
	var words []string
	for _, key := range keys {
		words = append(words, fmt.Sprintf("%s %d", command.Safe(key), of[key]))
	}
	return strings.Join(words, ", ")
}

// age is a duration in the unit that a person would use.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "in the future"
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute") + " old"
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour") + " old"
	default:
		return count(int(d.Hours()/24), "day") + " old"
	}
}
