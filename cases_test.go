package starfleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// templateCase is a template of which something is said: refused at a path, or good.
type templateCase struct {
	name string
	text string // IncludeAccounts and what follows
	path string // of a fault; "" is a good template
}

func runCases(t *testing.T, strategy starfleet.FanOutStrategy, cases []templateCase) {
	t.Helper()
	manifest, err := starfleet.BaseManifest("Ship", strategy)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := starfleet.CheckTemplate(manifest, "t.yaml", []byte("TemplateName: n\nTemplateDescription: d\n"+c.text), nil)
			faults, _ := asType[schema.Faults](err)
			switch {
			case c.path == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.path != "" && (len(faults) == 0 || faults[0].Path != c.path):
				t.Errorf("error %v, want a fault at %s", err, c.path)
			}
		})
	}
}

// TestCase18AllAccountsStandsAlone: AllAccounts stands alone, and something must be selected. The original names five keys for an empty selection; here the
// selection itself is named, once.
func TestCase18AllAccountsStandsAlone(t *testing.T) {
	t.Parallel()
	runCases(t, starfleet.PerAccount, []templateCase{
		{"beside a name", "IncludeAccounts: {AllAccounts: true, ByNames: [x]}\n", "IncludeAccounts.ByNames"},
		{"beside an empty list", "IncludeAccounts: {AllAccounts: true, ByNames: []}\n", ""},
		{"nothing", "IncludeAccounts: {}\n", "IncludeAccounts"},
		{"nothing but empty lists", "IncludeAccounts: {AllAccounts: false, ByIds: [], ByTags: []}\n", "IncludeAccounts"},
		{"null", "IncludeAccounts: null\n", "IncludeAccounts"},
	})
}

// TestCase19QuotedIDs: an unquoted id is refused; what is quoted passes, digits or not.
func TestCase19QuotedIDs(t *testing.T) {
	t.Parallel()
	runCases(t, starfleet.PerAccount, []templateCase{
		{"unquoted", "IncludeAccounts: {ByIds: [111111111111]}\n", "IncludeAccounts.ByIds[0]"},
		{"one character", "IncludeAccounts: {ByIds: [\"1\"]}\n", ""},
		{"none", "IncludeAccounts: {ByIds: [\"\"]}\n", "IncludeAccounts.ByIds[0]"},
		{"thirteen", "IncludeAccounts: {ByIds: [\"1234567890123\"]}\n", "IncludeAccounts.ByIds[0]"},
	})
}

// TestCase20LengthsOfOUs: the lengths of OU ids and names.
func TestCase20LengthsOfOUs(t *testing.T) {
	t.Parallel()
	runCases(t, starfleet.PerAccount, []templateCase{
		{"id of 69", "IncludeAccounts: {ByOrgUnits: [ou-" + strings.Repeat("a", 66) + "]}\n", "IncludeAccounts.ByOrgUnits[0]"},
		{"id of 68", "IncludeAccounts: {ByOrgUnits: [ou-" + strings.Repeat("a", 65) + "]}\n", ""},
		{"name of 129", "IncludeAccounts: {ByOrgUnits: [" + strings.Repeat("a", 129) + "]}\n", "IncludeAccounts.ByOrgUnits[0]"},
		{"name of 128", "IncludeAccounts: {ByOrgUnits: [" + strings.Repeat("a", 128) + "]}\n", ""},
		{"upper-case OU is a name", "IncludeAccounts: {ByOrgUnits: [OU-" + strings.Repeat("a", 100) + "]}\n", ""},
	})
}

// TestCase21Regions: ALL stands alone and in capitals, and a list of regions is not empty. Regions of all partitions are known here.
func TestCase21Regions(t *testing.T) {
	t.Parallel()
	const everyone = "IncludeAccounts: {AllAccounts: true}\n"
	runCases(t, starfleet.PerAccountRegion, []templateCase{
		{"ALL and another", everyone + "IncludeRegions: [ALL, us-east-1]\n", "IncludeRegions[0]"},
		{"none", everyone + "IncludeRegions: []\n", "IncludeRegions"},
		{"another partition", everyone + "IncludeRegions: [cn-north-1]\n", ""},
		{"small letters", everyone + "IncludeRegions: [all]\n", "IncludeRegions[0]"},
		{"ALL", everyone + "IncludeRegions: [ALL]\n", ""},
		{"ALL twice", everyone + "IncludeRegions: [ALL, ALL]\n", ""},
		{"ALL excluded", everyone + "IncludeRegions: [ALL]\nExcludeRegions: [ALL]\n", "ExcludeRegions[0]"},
	})
}

// TestCase22Matching: names, OUs and tags match whatever their case, whole, and untrimmed.
func TestCase22Matching(t *testing.T) {
	t.Parallel()
	account := accountindex.Account{ID: "000000000003", Name: "Account 3", ARN: "arn:aws:organizations::999999999999:account/o-abcdefghij/000000000003", State: accountindex.Active,
		Parents: []accountindex.Parent{{ID: "ou-ab12-00000001", Name: "SomeOU", Type: accountindex.TypeOrgUnit}, {ID: "r-ab12", Name: "ROOT", Type: accountindex.TypeRoot}},
		Regions: []string{}, Tags: map[string]string{"Key1": "Value1"}}
	for selector, want := range map[string]int{
		"ByNames: [AcCoUNt 3]": 1, "ByOrgUnits: [sOMeOu]": 1, "ByTags: [{Name: kEy1, Value: VaLuE1}]": 1,
		"ByNames: [' Account 3']": 0, "ByNames: [Account]": 0, "ByTags: [{Name: Key1, Value: 'Value1 '}]": 0,
	} {
		template := parse(t, starfleet.PerAccount, "TemplateName: n\nTemplateDescription: d\nIncludeAccounts: {"+selector+"}\n")
		x, err := accountindex.New([]accountindex.Account{account}, nil, time.Time{}, accountindex.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		resolution, err := x.Resolve(t.Context(), template.Query())
		if err != nil || resolution.Targets() != want {
			t.Errorf("%s: %d targets, want %d, error %v", selector, resolution.Targets(), want, err)
		}
	}
}
