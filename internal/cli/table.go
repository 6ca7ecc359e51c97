package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
)

// How much of a table a terminal is shown. Elsewhere nothing is cut.
const (
	terminalRows = 40 // accounts
	nameColumns  = 32 // of an account's name
	leastRegions = 20 // columns that the regions have at least
)

// reasons are the reasons for which accounts are left out, in the order in which they are told.
var reasons = []accountindex.Reason{
	accountindex.NeverTouched, accountindex.Excluded, accountindex.NotActive, accountindex.OrgRoot, accountindex.Undecidable,
	accountindex.NoRegions, accountindex.NotOnly, accountindex.OverLimit,
}

// printTable writes the summary and the table of accounts by regions.
func printTable(out io.Writer, c *command.Console, r *resolved) {
	printSummary(out, c.OutPaint, r)
	if r.plan.Accounts() == 0 {
		return
	}
	_, _ = fmt.Fprintln(out)
	width := 0
	if c.OutTerminal {
		width = cmp.Or(c.Width, 80)
	}
	printAccounts(out, c.OutPaint, r, width)
}

// printSummary writes what is told of a plan before its accounts.
func printSummary(out io.Writer, paint command.Paint, r *resolved) {
	line := func(label, text string) {
		_, _ = fmt.Fprintf(out, "%s %s\n", paint.Bold(fmt.Sprintf("%-9s", label)), text)
	}
	t := r.plan.Template()
	line("Template", fmt.Sprintf("%s (%s)", command.Safe(t.Name()), command.Safe(r.file)))
	line("Ship", r.shipWords())
	if x := r.order.Index; x != nil {
		line("Index", indexWords(x))
	}
	line("Tasks", r.taskWords())
	if left := r.leftOutWords(); left != "" {
		line("Left out", left)
	}
	for _, warning := range r.warnings() {
		line("Warning", paint.Yellow(command.Safe(warning.Path+": "+warning.Message)))
	}
}

// shipWords names the ship and its strategy.
func (r *resolved) shipWords() string {
	name := command.Safe(r.manifest.Name)
	if r.unnamed {
		name = "not named"
	}
	words := fmt.Sprintf("%s, %s", name, r.manifest.FanOut)
	if r.ship != nil && !r.ship.Enabled {
		words += ", not enabled: Starbase does not task it"
	}
	return words
}

// indexWords say how many accounts an index has, and of when it is.
func indexWords(x *accountindex.Index) string {
	words := count(x.Len(), "account")
	if x.Generated().IsZero() {
		return words + ", it does not say of when it is"
	}
	return words + ", generated " + x.Generated().UTC().Format(time.RFC3339)
}

// taskWords say how many tasks there are, in how many accounts.
func (r *resolved) taskWords() string {
	if r.plan.Resolution() == nil {
		return "1, the ship works once for each template"
	}
	words := fmt.Sprintf("%d in %s", r.plan.Count(), count(r.plan.Accounts(), "account"))
	if r.tooMany != nil {
		words += fmt.Sprintf(", more than MaxTargets %d: none would be sent", r.tooMany.Limit)
	}
	return words
}

// leftOutWords count the accounts that were left out, by reason.
func (r *resolved) leftOutWords() string {
	if r.plan.Resolution() == nil {
		return ""
	}
	counts := r.plan.Resolution().LeftOut()
	var words []string
	for _, reason := range reasons {
		if n := counts[reason]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, reason))
		}
	}
	return strings.Join(words, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// taskedAccount is an account with its targets; regions are empty unless the ship works by region.
type taskedAccount struct {
	id, name string
	regions  []string
}

// accounts yields the accounts of a plan by id.
func (r *resolved) accounts(yield func(taskedAccount) bool) {
	resolution := r.plan.Resolution()
	if resolution == nil {
		return
	}
	var current taskedAccount
	for t := range resolution.All() {
		if current.id != t.AccountID {
			if current.id != "" && !yield(current) {
				return
			}
			account, _ := resolution.Index().Account(t.AccountID)
			current = taskedAccount{id: t.AccountID, name: account.Name}
		}
		if t.Region != "" {
			current.regions = append(current.regions, t.Region)
		}
	}
	if current.id != "" {
		yield(current)
	}
}

// printAccounts writes the accounts with their regions, cut to the width of a terminal, 0 for none.
func printAccounts(out io.Writer, paint command.Paint, r *resolved, width int) {
	rows := slices.Collect(r.accounts)
	sets := newRegionSets(rows)
	shown := rows
	if width > 0 && len(rows) > terminalRows {
		shown = rows[:terminalRows]
	}
	widest := len("NAME")
	for i := range shown {
		shown[i].name = command.Safe(shown[i].name)
		if width > 0 {
			shown[i].name = cut(shown[i].name, nameColumns)
		}
		widest = max(widest, uniseg.StringWidth(shown[i].name))
	}
	heading := "ACCOUNT       " + pad("NAME", widest)
	if len(rows[0].regions) > 0 {
		heading += "  REGIONS"
	}
	_, _ = fmt.Fprintln(out, paint.Bold(strings.TrimRight(heading, " ")))
	for _, row := range shown {
		line := row.id + "  " + pad(row.name, widest)
		if len(row.regions) > 0 {
			line += "  " + fitRegions(sets, row.regions, width, len(row.id)+widest+4)
		}
		_, _ = fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	if more := len(rows) - len(shown); more > 0 {
		_, _ = fmt.Fprintln(out, paint.Faint(fmt.Sprintf("and %s more: write the output to a file or a pager to see all", count(more, "account"))))
	}
	for _, line := range sets.legend(cmp.Or(width, wrapAt)) {
		_, _ = fmt.Fprintln(out, line)
	}
}

// pad fills text with spaces to a number of columns.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-uniseg.StringWidth(text)))
}

// cut shortens text to a number of columns.
func cut(text string, columns int) string {
	if uniseg.StringWidth(text) <= columns {
		return text
	}
	var b strings.Builder
	used := 0
	for graphemes := uniseg.NewGraphemes(text); graphemes.Next(); {
		if used += graphemes.Width(); used > columns-1 {
			break
		}
		b.WriteString(graphemes.Str())
	}
	return b.String() + "…"
}

// joinRegions lists regions, with their number first when there are several.
func joinRegions(regions []string) string {
	if len(regions) <= 1 {
		return strings.Join(regions, "")
	}
	return fmt.Sprintf("%d: %s", len(regions), strings.Join(regions, " "))
}

// fitRegions lists as many regions as fit a terminal beside what stands in the columns before them; the number says
// how many there are.
func fitRegions(sets *regionSets, regions []string, width, before int) string {
	all := sets.words(regions)
	room := max(width-before, leastRegions)
	if width == 0 || len(all) <= room {
		return all
	}
	for n := len(regions) - 1; n > 0; n-- {
		text := fmt.Sprintf("%d: %s +%d", len(regions), strings.Join(regions[:n], " "), len(regions)-n)
		if len(text) <= room {
			return text
		}
	}
	return count(len(regions), "region")
}
