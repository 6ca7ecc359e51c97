package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/starbase"
)

// commentLimit is how many characters a comment on GitHub has at most.
const commentLimit = 65_536

// planOf is a plan in which every account has the regions that it is given.
func planOf(t *testing.T, template, account string, regions [][]string) *resolved {
	t.Helper()
	accounts := make([]accountindex.Account, len(regions))
	for i := range accounts {
		id := fmt.Sprintf("%012d", i+1)
		accounts[i] = accountindex.Account{
			ID: id, Name: account + id, ARN: "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/" + id, Email: id + "@example.com",
			State: accountindex.Active, Parents: []accountindex.Parent{{ID: "r-a1b2", Name: "ROOT", Type: "ROOT"}}, Regions: regions[i], Tags: map[string]string{},
		}
	}
	index, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := &resolved{file: "t.yaml"}
	if r.manifest, err = starfleet.BaseManifest("Ship", starfleet.PerAccountRegion); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("TemplateName: %q\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nOperateInOrgRoot: true\nIncludeRegions: [ALL]\n", template)
	parsed, err := starfleet.ParseTemplate(r.manifest, r.file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r.order = starbase.Order{Template: parsed, Index: index}
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMarkdownFitsAComment: neither lists of regions that no two accounts share, nor names of which each character needs a reference,
// make a plan longer than a comment can be.
func TestMarkdownFitsAComment(t *testing.T) {
	t.Parallel()
	known := accountindex.RegionNames()
	own := make([][]string, 500) // each account has a list of its own
	same := make([][]string, 500)
	pairs := make([][]string, 500) // many lists, each of which two accounts share
	for i := range own {
		for bit := range known {
			if bit >= 9 || i>>bit&1 == 0 {
				own[i] = append(own[i], known[bit])
			}
			if bit >= 9 || (i/2)>>bit&1 == 0 {
				pairs[i] = append(pairs[i], known[bit])
			}
		}
		same[i] = known
	}
	for name, test := range map[string]struct {
		account string
		regions [][]string
		least   int // accounts that are listed in each of the two tables
	}{
		"lists of their own":   {"a", own, 20},
		"the same list":        {"a", same, markdownRows},
		"pairs":                {"a", pairs, 20},
		"names of references":  {strings.Repeat("|", 60), same, 20},
		"names without an end": {strings.Repeat("<b>", 3000), own, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := planOf(t, strings.Repeat("`", 3000), test.account, test.regions)
			var out strings.Builder
			printMarkdown(&out, r, &comparison{file: strings.Repeat("|", 4000), new: r.plan})
			if out.Len() > commentLimit {
				t.Errorf("the plan has %d bytes", out.Len())
			}
			changes, accounts, _ := strings.Cut(out.String(), "<details>")
			for _, table := range []string{changes, accounts} {
				rows := strings.Count(table, "| 0000000")
				more := fmt.Sprintf("\nand %d accounts more.\n", len(test.regions)-rows)
				if rows < test.least || !strings.Contains(table, strings.TrimSuffix(more, "\n")) {
					t.Errorf("%d rows: %.400s", rows, table)
				}
			}
		})
	}
}

// TestMarkdownSharesListsOfRegions: what comes and goes says a list of regions once, as the other tables do.
func TestMarkdownSharesListsOfRegions(t *testing.T) {
	t.Parallel()
	list := []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"}
	r := planOf(t, "t", "a", [][]string{list, list})
	var out strings.Builder
	(&comparison{file: "old.yaml", new: r.plan}).printMarkdown(&out)
	const want = "\n**Against `old.yaml`: 8 targets come, 0 targets go.**\n\n| | Account | Name | Regions |\n|---|---|---|---|\n" +
		"| **comes** | 000000000001 | `a000000000001` | 4: A |\n| **comes** | 000000000002 | `a000000000002` | 4: A |\n" +
		"\nA = eu-central-1 eu-west-1 us-east-1 us-west-2\n"
	if out.String() != want {
		t.Errorf("%s", out.String())
	}
}

// TestMarkdownBoundsWarnings: a template of many selectors that match nothing has as many warnings.
func TestMarkdownBoundsWarnings(t *testing.T) {
	t.Parallel()
	var names strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&names, "    - nobody %d\n", i)
	}
	r := planOf(t, "t", "a", [][]string{{"us-east-1"}})
	text := "TemplateName: t\nTemplateDescription: d\nIncludeAccounts:\n  ByIds: ['000000000001']\n  ByNames:\n" + names.String() + "OperateInOrgRoot: true\nIncludeRegions: [ALL]\n"
	parsed, err := starfleet.ParseTemplate(r.manifest, "t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r.order.Template = parsed
	if err := r.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	printMarkdown(&out, r, nil)
	if len(r.warnings()) != 1000 || out.Len() > warningBytes+2000 || !strings.Contains(out.String(), " warnings more\n") {
		t.Errorf("%d warnings in %d bytes: %.600s", len(r.warnings()), out.Len(), out.String())
	}
}
