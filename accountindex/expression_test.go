package accountindex_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
)

func TestCheckExpression(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"true", `name == "x"`, `tag("Team") in ["a", "b"] && !inOU("/Sandbox")`, `name matches "^prod-\\d+$"`,
		`any(regions, # startsWith "eu-") or none(ous, # == "Dev")`, `lower(first(ous) ?? "") == "dev"`,
		`split(name, "-")[0] == "prod"`, `len(filter(regions, hasPrefix(#, "us"))) > 2`,
	} {
		if err := accountindex.CheckExpression(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"":                                       "unexpected token EOF",
		"name ==":                                "unexpected token EOF (column 7 of the expression)",
		"name":                                   "expected bool, but got string",
		"nam == 'x'":                             "unknown name nam (column 1 of the expression)",
		`tag(1) == ""`:                           "cannot use int",
		`now().Year() > 1`:                       "unknown name now",
		`date("2020-01-01") > date("2019")`:      "unknown name date",
		`duration("1h") > duration("2h")`:        "unknown name duration",
		`len(map(regions, # + "x")) > 1`:         "the function map is not available",
		`reduce(regions, #acc + #, "") == "x"`:   "the function reduce is not available",
		`any(1..10, # > 1)`:                      "the operator .. is not available",
		`let a = name; a == a`:                   "let is not available",
		`$env["name"] == "x"`:                    "$env is not available",
		`repeat(name, 9) == ""`:                  "unknown name repeat",
		`first(ous)`:                             "expected bool",
		"(step)()":                               "unexpected token",
		strings.Repeat("true && ", 250) + "true": "maximum allowed nodes",
		`name == "` + strings.Repeat("x", 5000) + `"`: "at most 4096 are allowed",
	} {
		err := accountindex.CheckExpression(bad)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s: error is %v, want %q in one line", bad, err, want)
		}
	}
}

func TestExpressionErrorRefusesTemplate(t *testing.T) {
	t.Parallel()
	x := sampleIndex(t)
	for text, want := range map[string]string{
		`ous[5] == "x"`: "IncludeAccounts.ByExpression: account 100000000000: ",
		`nam == "x"`:    "IncludeAccounts.ByExpression: unknown name nam",
	} {
		_, err := x.Resolve(context.Background(), accountindex.Query{Include: include(accountindex.Exclusion{ByExpression: text})})
		var expression *accountindex.ExpressionError
		if !errors.As(err, &expression) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error is %v", text, err)
		}
	}
}

func TestExpressionFactsMakeUndecidable(t *testing.T) {
	t.Parallel()
	x := sampleIndex(t)
	for text, undecidable := range map[string]bool{
		`tag("a") == "a" or true`: true,
		`inOU("Dev") or true`:     true,
		`len(ous) >= 0`:           true,
		`path != "/x"`:            true,
		`len(regions) >= 0`:       true,
		`id != "" and name != ""`: false,
	} {
		for side, q := range map[string]accountindex.Query{
			"include": {Include: include(accountindex.Exclusion{ByExpression: text})},
			"exclude": {Include: everybody, Exclude: accountindex.Exclusion{ByExpression: "!(" + text + ")"}},
			"guard":   {Include: everybody, NeverTouch: []accountindex.Guard{{Name: "G", Selection: include(accountindex.Exclusion{ByExpression: "!(" + text + ")"})}}},
		} {
			r := resolve(t, x, q)
			if r.Contains(accountindex.Target{AccountID: "100000000005"}) == undecidable {
				t.Errorf("%s %s: undecidable should be %v", side, text, undecidable)
			}
			if (r.LeftOut()[accountindex.Undecidable] == 1) != undecidable {
				t.Errorf("%s %s: LeftOut is %v", side, text, r.LeftOut())
			}
		}
	}
}

func TestExpressionUnknownOUWarns(t *testing.T) {
	t.Parallel()
	r := resolve(t, sampleIndex(t), accountindex.Query{Include: everybody, Exclude: accountindex.Exclusion{ByExpression: `inOU("/Workloads/Prd") or name == "Billing"`}})
	w := r.Warnings()
	if len(w) != 1 || w[0].Path != "ExcludeAccounts.ByExpression" || w[0].Message != `inOU("/Workloads/Prd"): the index knows no such OU: did you mean "/Workloads/Prod"?` {
		t.Errorf("warnings are %v", w)
	}
}

func TestResolveStopsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	if _, err := sampleIndex(t).Resolve(ctx, accountindex.Query{Include: everybody}); !errors.Is(err, reason) {
		t.Errorf("error is %v", err)
	}
}
