package cli

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/starfleet-go/starfleet/internal/command"
)

// How long a plan in Markdown gets: a comment on GitHub has at most 65,536 characters. What comes and goes, and the accounts, have a table
// each; with the warnings and the words around them, in which each name has its bound, they stay below that whatever the names are.
const (
	markdownRows     = 200    // accounts in a table
	tableBytes       = 20_000 // of a table, the lists of regions that stand below it included
	warningBytes     = 8_000
	longestName      = 512 // bytes; six times as many when all have to be references
	markdownOverhead = 160 // bytes of a table's heading, of the line that says how many rows are left out, and of what folds it up
)

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
	r.printWarningsMarkdown(out)
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

// printWarningsMarkdown writes as many warnings as there is room for.
func (r *resolved) printWarningsMarkdown(out io.Writer) {
	warnings := r.warnings()
	if len(warnings) == 0 {
		return
	}
	_, _ = fmt.Fprint(out, "\n> [!WARNING]\n")
	used := 0
	for i, warning := range warnings {
		line := fmt.Sprintf("> - %s %s\n", verbatim(warning.Path), verbatim(warning.Message))
		if used += len(line); used > warningBytes {
			_, _ = fmt.Fprintf(out, "> - and %s more\n", count(len(warnings)-i, "warning"))
			return
		}
		_, _ = fmt.Fprint(out, line)
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
	_, _ = fmt.Fprintf(out, "\n<details><summary>%s</summary>\n", count(total, "account"))
	t := markdownTable{heading: "\n| Account | Name | Regions |\n|---|---|---|\n"}
	for a := range r.accounts {
		t.add("", a)
	}
	t.print(out)
	_, _ = fmt.Fprint(out, "\n</details>\n")
}

// markdownTable is a table of accounts, of which as many rows are written as there is room for.
type markdownTable struct {
	heading string
	rows    []taskedAccount
	cells   []string // what stands before the regions, for each row
	total   int      // rows, those that are surely too many included
}

// add adds a row; first are cells that stand before the account.
func (t *markdownTable) add(first string, a taskedAccount) {
	if t.total++; t.total > markdownRows {
		return
	}
	t.rows = append(t.rows, a)
	t.cells = append(t.cells, fmt.Sprintf("%s| %s | %s | ", first, a.id, verbatim(a.name)))
}

// print writes the table. A list of regions that several accounts have stands below it once.
func (t *markdownTable) print(out io.Writer) {
	shown := len(t.rows)
	for shown > 0 && t.size(shown) > tableBytes {
		shown = shown * 9 / 10
	}
	sets := newRegionSets(t.rows[:shown])
	_, _ = fmt.Fprint(out, t.heading)
	for i := range shown {
		_, _ = fmt.Fprintf(out, "%s%s |\n", t.cells[i], sets.words(t.rows[i].regions))
	}
	if more := t.total - shown; more > 0 {
		_, _ = fmt.Fprintf(out, "\nand %s more.\n", count(more, "account"))
	}
	for _, line := range sets.legend(math.MaxInt) {
		_, _ = fmt.Fprintf(out, "\n%s\n", line)
	}
}

// size is how many bytes the table has with so many rows.
func (t *markdownTable) size(shown int) int {
	sets := newRegionSets(t.rows[:shown])
	size := markdownOverhead
	for i := range shown {
		size += len(t.cells[i]) + len(sets.words(t.rows[i].regions)) + len(" |\n")
	}
	for _, line := range sets.legend(math.MaxInt) {
		size += len(line) + len("\n\n")
	}
	return size
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
	t := markdownTable{heading: "\n| | Account | Name | Regions |\n|---|---|---|---|\n"}
	for a := range x.accounts {
		sign := "| goes "
		if a.comes {
			sign = "| **comes** "
		}
		t.add(sign, taskedAccount{id: a.id, name: a.name, regions: a.regions})
	}
	t.print(out)
}

// verbatim makes text from elsewhere stand in Markdown as it is: as code, in which neither formatting nor links nor
// mentions work. What could end the code or the cell of a table, or is markup, is written as a character reference. Text that
// is longer than any name is cut.
func verbatim(text string) string {
	text = command.Safe(text)
	if len(text) > longestName {
		text = strings.ToValidUTF8(text[:longestName], "") + "…"
	}
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
