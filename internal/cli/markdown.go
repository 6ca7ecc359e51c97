package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/internal/command"
)

// markdownRows is how many accounts a table in Markdown lists: a comment on GitHub has at most 65,536 characters.
const markdownRows = 200

// printMarkdown writes the plan for a pull request.
func printMarkdown(out io.Writer, r *resolved, changes *comparison) {
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
	t := r.plan.Template()
	write("### Plan of %s\n\n", verbatim(t.Name()))
	ship := "Ship " + verbatim(r.manifest.Name)
	if r.unnamed {
		ship = "A ship"
	}
	write("%s (%s): **%s**", ship, r.manifest.FanOut, count(r.plan.Count(), "task"))
	if r.plan.Resolution() != nil {
		write(" in **%s**", count(r.plan.Accounts(), "account"))
	}
	write(".\n")
	if r.tooMany != nil {
		write("\n> [!CAUTION]\n> That is more than MaxTargets %d: **nothing would be sent**.\n", r.tooMany.Limit)
	}
	if warnings := r.warnings(); len(warnings) > 0 {
		write("\n> [!WARNING]\n")
		for _, warning := range warnings {
			write("> - %s %s\n", verbatim(warning.Path), verbatim(warning.Message))
		}
	}
	if r.plan.Resolution() == nil {
		return
	}
	changes.printMarkdown(out)
	r.printLeftOutMarkdown(out)
	r.printAccountsMarkdown(out)
	if x := r.order.Index; x != nil {
		write("\n<sub>Account index: %s.</sub>\n", indexWords(x))
	}
}

// printLeftOutMarkdown writes how many accounts were left out, by reason.
func (r *resolved) printLeftOutMarkdown(out io.Writer) {
	counts := r.plan.Resolution().LeftOut()
	if len(counts) == 0 {
		return
	}
	_, _ = fmt.Fprint(out, "\n| Left out | Accounts |\n|---|---:|\n")
	for _, reason := range reasons {
		if n := counts[reason]; n > 0 {
			_, _ = fmt.Fprintf(out, "| %s | %d |\n", reason, n)
		}
	}
}

// printAccountsMarkdown writes the accounts, folded up.
func (r *resolved) printAccountsMarkdown(out io.Writer) {
	total := r.plan.Accounts()
	if total == 0 {
		return
	}
	_, _ = fmt.Fprintf(out, "\n<details><summary>%s</summary>\n\n| Account | Name | Regions |\n|---|---|---|\n", count(total, "account"))
	rows := slices.Collect(r.accounts)
	rows = rows[:min(len(rows), markdownRows)]
	sets := newRegionSets(rows)
	for _, a := range rows {
		_, _ = fmt.Fprintf(out, "| %s | %s | %s |\n", a.id, verbatim(a.name), sets.words(a.regions))
	}
	if more := total - len(rows); more > 0 {
		_, _ = fmt.Fprintf(out, "\nand %s more.\n", count(more, "account"))
	}
	for _, line := range sets.legend(math.MaxInt) {
		_, _ = fmt.Fprintf(out, "\n%s\n", line)
	}
	_, _ = fmt.Fprint(out, "\n</details>\n")
}

// printMarkdown writes what comes and goes. Nothing without a comparison.
func (x *comparison) printMarkdown(out io.Writer) {
	if x == nil {
		return
	}
	_, _ = fmt.Fprintf(out, "\n**Against %s: %s.**\n", verbatim(x.file), x.summary())
	come, gone := x.counts()
	if come+gone == 0 {
		return
	}
	_, _ = fmt.Fprint(out, "\n| | Account | Name | Regions |\n|---|---|---|---|\n")
	rows := 0
	for a := range x.accounts {
		if rows++; rows > markdownRows {
			continue
		}
		sign := "goes"
		if a.comes {
			sign = "**comes**"
		}
		_, _ = fmt.Fprintf(out, "| %s | %s | %s | %s |\n", sign, a.id, verbatim(a.name), joinRegions(a.regions))
	}
	if more := rows - markdownRows; more > 0 {
		_, _ = fmt.Fprintf(out, "\nand %s more.\n", count(more, "account"))
	}
}

// verbatim makes text from elsewhere stand in Markdown as it is: as code, in which neither formatting nor links nor
// mentions work. What could end the code or the cell of a table, or is markup, is written as a character reference.
func verbatim(text string) string {
	text = command.Safe(text)
	if text == "" {
		return ""
	}
	if !strings.ContainsAny(text, "`|\\<>&") && strings.TrimSpace(text) == text {
		return "`" + text + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range text {
		if r < 0x80 && !isPlain(r) {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	b.WriteString("</code>")
	return b.String()
}

// isPlain says whether a character means nothing in Markdown or HTML.
func isPlain(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == ' '
}
