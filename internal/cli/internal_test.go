package cli

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

func TestOwnersOf(t *testing.T) {
	t.Parallel()
	ships := []*config.Ship{
		{Name: "Retention", TemplatePrefix: "Retention"},
		{Name: "Nested", TemplatePrefix: "Retention/Nested/"},
		{Name: "Single", TemplatePrefix: "Single/one.yaml"},
		{Name: "Twin", TemplatePrefix: "Shared/"},
		{Name: "Other", TemplatePrefix: "Shared"},
	}
	everything := append([]*config.Ship{{Name: "All", TemplatePrefix: ""}}, ships...)
	for _, c := range []struct {
		ships []*config.Ship
		file  string
		want  []string
	}{
		{ships, "Retention/a.yaml", []string{"Retention"}},
		{ships, "/home/me/templates/Retention/deep/a.yaml", []string{"Retention"}},
		{ships, "templates/Retention/Nested/a.yaml", []string{"Nested"}},
		{ships, "templates/RetentionTwo/a.yaml", nil},
		{ships, "templates/Retention/a.yml", nil},
		{ships, "x/Single/one.yaml", []string{"Single"}},
		{ships, "x/Single/two.yaml", nil},
		{ships, "Shared/a.yaml", []string{"Other", "Twin"}},
		{ships, "Retention/Shared/a.yaml", []string{"Other", "Retention", "Twin"}},
		{everything, "a.yaml", []string{"All"}},
		{everything, "Retention/a.yaml", []string{"Retention"}},
		{nil, "a.yaml", nil},
	} {
		if diff := cmp.Diff(c.want, ownersOf(c.ships, c.file)); diff != "" {
			t.Errorf("%s: %s", c.file, diff)
		}
	}
}

// inMarkdown is all that verbatim may make: a code span of plain text, or code whose every special character is a reference.
var inMarkdown = regexp.MustCompile("^(`[^`|\\\\<>&\n]+`|<code>([\\p{L}\\p{N}\\p{M}\\p{P}\\p{S} ]|&#[0-9]+;)*</code>)?$")

func TestVerbatimLetsNothingOut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                    "",
		"plain [x](http://y)": "`plain [x](http://y)`",
		"@team":               "`@team`",
		"a|b":                 "<code>a&#124;b</code>",
		`a\|b`:                "<code>a&#92;&#124;b</code>",
		"`x` ``":              "<code>&#96;x&#96; &#96;&#96;</code>",
		"<script>":            "<code>&#60;script&#62;</code>",
		"&lt;":                "<code>&#38;lt&#59;</code>",
		" x":                  "<code> x</code>",
		"a\nb":                "<code>a&#92;nb</code>",
	} {
		if got := verbatim(in); got != want {
			t.Errorf("verbatim(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text")
		got := verbatim(in)
		if !inMarkdown.MatchString(got) {
			t.Fatalf("verbatim(%q) = %q", in, got)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(got, "<code>"), "</code>")
		if strings.ContainsAny(inside, "<>|\n") {
			t.Fatalf("verbatim(%q) = %q ends its code or its cell", in, got)
		}
	})
}

func TestLocateFindsTheSelector(t *testing.T) {
	t.Parallel()
	m, err := starfleet.BaseManifest("x", starfleet.PerAccount)
	if err != nil {
		t.Fatal(err)
	}
	template, err := starfleet.ParseTemplate(m, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nIncludeAccounts:\n  ByNames:\n    - a\n    - b\n"))
	if err != nil {
		t.Fatal(err)
	}
	unmatched := func(path string) error { return &accountindex.UnmatchedError{Path: path, Value: "b", Hint: "hint"} }
	const problem = `"b" matches nothing in the account index`
	for _, c := range []struct {
		name string
		err  error
		want error
	}{
		{"nil", nil, nil},
		{"of the template", fmt.Errorf("resolve: %w", errors.Join(unmatched("IncludeAccounts.ByNames[1]"), unmatched("IncludeAccounts.ByNames[0]"))), schema.Faults{
			{File: "t.yaml", Line: 5, Column: 7, Path: "IncludeAccounts.ByNames[0]", Problem: problem, Hint: "hint"},
			{File: "t.yaml", Line: 6, Column: 7, Path: "IncludeAccounts.ByNames[1]", Problem: problem, Hint: "hint"},
		}},
		{"nearest around it", unmatched("IncludeAccounts.ByNames[7]"), schema.Faults{
			{File: "t.yaml", Line: 5, Column: 5, Path: "IncludeAccounts.ByNames[7]", Problem: problem, Hint: "hint"},
		}},
		{"of a guard", unmatched("Fleet.NeverTouch.ByNames[0]"), schema.Faults{{Path: "Fleet.NeverTouch.ByNames[0]", Problem: problem, Hint: "hint"}}},
		{"an expression", &accountindex.ExpressionError{Path: "IncludeAccounts.ByNames[0]", Err: errors.New("fails")}, schema.Faults{
			{File: "t.yaml", Line: 5, Column: 7, Path: "IncludeAccounts.ByNames[0]", Problem: "fails"},
		}},
	} {
		if diff := cmp.Diff(c.want, locate(c.err, template)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	other := errors.Join(unmatched("IncludeAccounts.ByNames[0]"), errors.New("out of memory"))
	if got := locate(other, template); got != other { //nolint:errorlint // the very error is wanted
		t.Errorf("an error that is about more was changed: %v", got)
	}
}

func TestCutFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		regions := rapid.SliceOfN(rapid.SampledFrom(accountindex.RegionNames()), 1, 40).Draw(t, "regions")
		width := rapid.IntRange(40, 200).Draw(t, "width")
		text := fitRegions(newRegionSets(nil), regions, width, 20)
		if len(text) > max(width-20, leastRegions) {
			t.Fatalf("%q is of %d columns", text, len(text))
		}
		if len(regions) > 1 && !strings.HasPrefix(text, fmt.Sprint(len(regions))) {
			t.Fatalf("%q does not say how many", text)
		}
	})
	if got := cut("日本語のなまえ", 6); got != "日本…" {
		t.Errorf("cut = %q", got)
	}
	if got := fitRegions(newRegionSets(nil), []string{"a", "b"}, 0, 0); got != "2: a b" {
		t.Errorf("fitRegions = %q", got)
	}
}

func TestRegionSetsSayALongListOnce(t *testing.T) {
	t.Parallel()
	long, short := []string{"a", "b", "c", "d"}, []string{"a", "b"}
	s := newRegionSets([]taskedAccount{{regions: long}, {regions: short}, {regions: short}, {regions: long}, {regions: append(long, "e")}})
	if diff := cmp.Diff([]string{"A = a b c d"}, s.legend(math.MaxInt)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"A = a", "    b", "    c", "    d"}, s.legend(5)); diff != "" {
		t.Error(diff)
	}
	if got := s.words(long); got != "4: A" {
		t.Error(got)
	}
	if got := s.words(short); got != "2: a b" {
		t.Error(got)
	}
}

func TestCompletionKnowsEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	model, err := program().Model()
	if err != nil {
		t.Fatal(err)
	}
	all := completions(model.Node)
	for _, write := range []func(*strings.Builder){
		func(b *strings.Builder) { writeBash(b, all) },
		func(b *strings.Builder) { writeZsh(b, all) },
		func(b *strings.Builder) { writeFish(b, all) },
	} {
		var script strings.Builder
		write(&script)
		for _, leaf := range model.Leaves(true) {
			if !strings.Contains(script.String(), leaf.Name) {
				t.Errorf("no %s", leaf.Path())
			}
			for _, flag := range leaf.Flags {
				if !strings.Contains(script.String(), "--"+flag.Name) && !strings.Contains(script.String(), "-l "+flag.Name) {
					t.Errorf("no --%s of %s", flag.Name, leaf.Path())
				}
			}
		}
	}
}
