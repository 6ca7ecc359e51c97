package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/local"
)

// printer writes the report for a person. Colours are for terminals, and not where NO_COLOR is set.
type printer struct {
	out    io.Writer
	colour bool
	err    error
}

func newPrinter(out io.Writer) *printer {
	return &printer{out: out, colour: isTerminal(out) && os.Getenv("NO_COLOR") == ""}
}

func (w *printer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// The SGR codes of the terminal.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (w *printer) paint(code, text string) string {
	if !w.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (w *printer) organization(x *accountindex.Index) {
	regions := map[string]bool{}
	for account := range x.Accounts() {
		for _, region := range account.Regions {
			regions[region] = true
		}
	}
	units := 0
	for _, unit := range x.OrgUnits() {
		if unit.Path != "/" {
			units++
		}
	}
	w.line("%s %d accounts in %d organizational units, %d regions. Dry run: nothing is changed.", w.paint(bold, "Organization:"), x.Len(), units, len(regions))
}

func (w *printer) triggers(triggers []local.Trigger) {
	names := make([]string, len(triggers))
	for i, t := range triggers {
		names[i] = t.String()
	}
	w.line("%s %s", w.paint(bold, "Events:"), strings.Join(names, ", "))
}

// run prints one template: what was resolved, what was left out and why, what was done.
func (w *printer) run(r local.Run) {
	w.line("")
	w.line("%s  %s", w.paint(bold, r.TemplateKey), w.paint(dim, "run "+r.RunID))
	resolved := fmt.Sprintf("%d accounts", r.Accounts)
	if r.Targets != r.Accounts {
		resolved += fmt.Sprintf(", %d regions of them", r.Targets)
	}
	w.line("  resolved  %s", resolved)
	for reason, accounts := range leftOut(r) {
		w.line("  left out  %2d  %-12s %s", len(accounts.names), reason, accounts)
	}
	w.line("  sent      %d of %d tasks", r.Dispatch.Sent, r.Targets)
	w.line("  done      %d: %d would change, %d are as they should be%s", r.Done(), r.Count(starfleet.OutcomeChanged), r.Count(starfleet.OutcomeOK), w.trouble(r))
	if r.Err != nil {
		w.line("  %s %v", w.paint(red, "failed"), r.Err)
	}
}

func (w *printer) trouble(r local.Run) string {
	text := ""
	if r.Retries > 0 {
		text += fmt.Sprintf("; %s", w.paint(yellow, fmt.Sprintf("%d tried again", r.Retries)))
	}
	if failed := len(r.Results) - r.Done(); failed > 0 {
		text += fmt.Sprintf("; %s", w.paint(red, fmt.Sprintf("%d failed", failed)))
	}
	return text
}

func (w *printer) deadLetters(letters []local.DeadLetter) {
	if len(letters) == 0 {
		return
	}
	w.line("")
	w.line("%s", w.paint(red, "Dead letters"))
	for _, l := range letters {
		w.line("  %s  %s %s  %s", l.From, l.AccountID, l.Region, l.Error)
	}
}

// grid draws the account and region tasks: a row an account, a column a region.
func (w *printer) grid(x *accountindex.Index, runs []local.Run) {
	cells := map[accountindex.Target]starfleet.Outcome{}
	var accounts, regions []string
	for _, run := range runs {
		for _, result := range run.Results {
			if result.Region == "" {
				continue
			}
			cells[accountindex.Target{AccountID: result.AccountID, Region: result.Region}] = result.Outcome
			accounts, regions = append(accounts, result.AccountID), append(regions, result.Region)
		}
	}
	accounts, regions = sortedSet(accounts), sortedSet(regions)
	w.line("")
	w.line("%s %s", w.paint(bold, fmt.Sprintf("%-34s", "Accounts by regions")), strings.Join(regions, " "))
	for _, id := range accounts {
		account, _ := x.Account(id)
		row := &strings.Builder{}
		fmt.Fprintf(row, "%s  %-19s ", id, account.Name)
		for _, region := range regions {
			row.WriteString(" " + w.cell(cells[accountindex.Target{AccountID: id, Region: region}], len(region)))
		}
		w.line("%s", row.String())
	}
	w.line("%s", w.paint(dim, "+ would change   . as it should be   ! failed   blank: not enabled there"))
}

func (w *printer) cell(outcome starfleet.Outcome, width int) string {
	symbol, code := "!", red
	switch outcome {
	case "":
		return strings.Repeat(" ", width)
	case starfleet.OutcomeChanged:
		symbol, code = "+", yellow
	case starfleet.OutcomeOK, starfleet.OutcomeSkipped:
		symbol, code = ".", green
	}
	return strings.Repeat(" ", width/2) + w.paint(code, symbol) + strings.Repeat(" ", width-width/2-1)
}

func (w *printer) next(ok bool) {
	w.line("")
	w.line("%s", w.paint(bold, "Try next"))
	if ok {
		w.line("  go run ./examples/quickstart --fail")
	} else {
		w.line("  go run ./examples/quickstart")
	}
	const plan = "  go run ./cmd/starfleet plan --config examples/quickstart/config --index examples/quickstart/organization.json"
	w.line("%s examples/quickstart/templates/EbsEncryption/workloads.yaml", plan)
	w.line("%s -o explain examples/quickstart/templates/PasswordPolicy/baseline.yaml", plan)
}

func sortedSet(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
