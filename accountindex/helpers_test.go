package accountindex_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
	_ "github.com/starfleet-go/starfleet/accountindex/expression"
	"github.com/starfleet-go/starfleet/schema"
)

const managementID = "100000000000"

// account is one account of an index file: the fields given replace those of a sound account, and
// "" leaves a field out.
func account(id string, fields map[string]string) string {
	all := map[string]string{
		"Arn":     `"arn:aws:organizations::` + managementID + `:account/o-ab12cd34ef/` + id + `"`,
		"Id":      `"` + id + `"`,
		"Name":    `"Account ` + id[len(id)-1:] + `"`,
		"Parents": parents("Dev"),
		"Regions": `["eu-west-1", "us-east-1"]`,
		"Status":  `"ACTIVE"`,
		"Tags":    `{"Team": "payments"}`,
	}
	maps.Copy(all, fields)
	var members []string
	for key, value := range all {
		if value != "" {
			members = append(members, fmt.Sprintf("%q: %s", key, value))
		}
	}
	slices.Sort(members)
	return fmt.Sprintf("%q: {%s}", id, strings.Join(members, ", "))
}

// parents is a chain of OUs under the root, whose ids follow from their names.
func parents(names ...string) string {
	var entries []string
	for _, name := range names {
		entries = append(entries, fmt.Sprintf(`{"Id": "ou-ab12-%s", "Name": %q, "Type": "ORGANIZATIONAL_UNIT"}`, strings.ToLower(name), name))
	}
	return "[" + strings.Join(append(entries, `{"Id": "r-ab12", "Name": "ROOT", "Type": "ROOT"}`), ", ") + "]"
}

// file is an index file of the accounts, one a line from line 2 on.
func file(accounts ...string) string {
	return "{\"accounts\": {\n" + strings.Join(accounts, ",\n") + "\n}}"
}

func load(tb testing.TB, text string, o accountindex.LoadOptions) *accountindex.Index {
	tb.Helper()
	x, err := accountindex.Load("index.json", []byte(text), o)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// faultsOf are the faults of an error as "LINE PATH: PROBLEM".
func faultsOf(tb testing.TB, err error) []string {
	tb.Helper()
	var faults schema.Faults
	if !errors.As(err, &faults) {
		tb.Fatalf("error is %T (%v), want schema.Faults", err, err)
	}
	var lines []string
	for _, f := range faults {
		lines = append(lines, fmt.Sprintf("%d %s: %s", f.Line, f.Path, f.Problem))
	}
	return lines
}

func resolve(tb testing.TB, x *accountindex.Index, q accountindex.Query) *accountindex.Resolution {
	tb.Helper()
	r, err := x.Resolve(context.Background(), q)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// targets are the targets as ACCOUNT or ACCOUNT/REGION.
func targets(r *accountindex.Resolution) []string {
	found := []string{}
	for t := range r.All() {
		if t.Region == "" {
			found = append(found, t.AccountID)
		} else {
			found = append(found, t.AccountID+"/"+t.Region)
		}
	}
	return found
}

func decisions(r *accountindex.Resolution) map[string]accountindex.Decision {
	found := map[string]accountindex.Decision{}
	for d := range r.Explain() {
		found[d.Account.ID] = d
	}
	return found
}

func include(e accountindex.Exclusion) accountindex.Selection {
	return accountindex.Selection{Exclusion: e}
}

var everybody = accountindex.Selection{AllAccounts: true}
