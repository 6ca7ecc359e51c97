package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
)

// printExplanation writes the summary and, account by account of the index, what was decided and by which rule.
func printExplanation(out io.Writer, paint command.Paint, r *resolved) {
	printSummary(out, paint, r)
	if r.plan.Resolution() == nil {
		return
	}
	_, _ = fmt.Fprintln(out)
	for d := range r.plan.Resolution().Explain() {
		printDecision(out, paint, d)
	}
}

// printDecision writes the lines of one account.
func printDecision(out io.Writer, paint command.Paint, d accountindex.Decision) {
	colour := paint.Faint
	switch d.Reason {
	case accountindex.Included:
		colour = paint.Green
	case accountindex.Undecidable, accountindex.NeverTouched:
		colour = paint.Yellow
	}
	_, _ = fmt.Fprintf(out, "%s  %s  %s\n", d.Account.ID, colour(fmt.Sprintf("%-13s", d.Reason)), command.Safe(d.Account.Name))
	const indent = "              " // below the first column
	if d.Rule != "" {
		_, _ = fmt.Fprintln(out, indent+command.Safe(d.Rule))
	}
	if len(d.Regions) > 0 {
		_, _ = fmt.Fprintln(out, indent+"in "+joinRegions(d.Regions))
	}
	if len(d.LeftOutRegions) > 0 {
		_, _ = fmt.Fprintln(out, indent+"not in "+command.Safe(strings.Join(groupReasons(d.LeftOutRegions), "; ")))
	}
}

// groupReasons puts regions that were left out for the same reason together: "us-east-1 us-west-2: not in IncludeRegions".
func groupReasons(leftOut []string) []string {
	var order []string
	regions := map[string][]string{}
	for _, entry := range leftOut {
		region, reason, _ := strings.Cut(entry, ": ")
		if regions[reason] == nil {
			order = append(order, reason)
		}
		regions[reason] = append(regions[reason], region)
	}
	grouped := make([]string, len(order))
	for i, reason := range order {
		grouped[i] = strings.Join(regions[reason], " ") + ": " + reason
	}
	return grouped
}
