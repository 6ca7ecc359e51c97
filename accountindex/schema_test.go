package accountindex_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// TestSelectionSchema holds the limits of the JSON Schema tags.
func TestSelectionSchema(t *testing.T) {
	t.Parallel()
	raw, err := schema.Reflect(reflect.TypeFor[accountindex.Selection](), "Selection", false)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := schema.Compile(raw)
	if err != nil {
		t.Fatal(err)
	}
	long := func(prefix string, n int) string { return prefix + strings.Repeat("x", n-len(prefix)) }
	for text, want := range map[string]string{
		`{}`:                                             "",
		`{"AllAccounts": true}`:                          "",
		`{"ByIds": ["1", "123456789012"]}`:               "",
		`{"ByIds": ["1234567890123"]}`:                   "ByIds[0]",
		`{"ByIds": [""]}`:                                "ByIds[0]",
		`{"ByIds": [1]}`:                                 "ByIds[0]",
		`{"ByNames": ["` + long("", 128) + `"]}`:         "",
		`{"ByNames": ["a", "` + long("", 129) + `"]}`:    "ByNames[1]",
		`{"ByOrgUnits": ["` + long("ou-", 68) + `"]}`:    "",
		`{"ByOrgUnits": ["` + long("OU-", 128) + `"]}`:   "",
		`{"ByOrgUnits": ["` + long("outer", 128) + `"]}`: "",
		// The lengths of ids and names are held where templates are read: patterns that count to them would cost each start milliseconds.
		`{"ByOrgUnits": ["` + long("/Workloads/", 901) + `"]}`: "",
		`{"ByOrgUnits": ["` + long("/Workloads/", 902) + `"]}`: "ByOrgUnits[0]",
		`{"ByOrgUnits": ["o", "ou", "ou-", "x", "ox"]}`:        "",
		`{"ByOrgUnits": ["` + long("/Workloads/", 500) + `"]}`: "",
		`{"ByOrgUnits": [""]}`:                                 "ByOrgUnits[0]",
		`{"ByTags": [{"Name": "a", "Value": ""}]}`:             "",
		`{"ByTags": [{"Name": "", "Value": ""}]}`:              "ByTags[0].Name",
		`{"ByTags": [{"Name": "a"}]}`:                          "ByTags[0]",
		`{"ByTags": [{"Name": "a", "Value": "", "X": ""}]}`:    "ByTags[0].X",
		`{"ByExpression": "true"}`:                             "",
		`{"ByName": ["a"]}`:                                    "ByName",
	} {
		document, err := schema.ParseJSON("x.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		faults := compiled.Validate(document)
		switch {
		case want == "" && len(faults) > 0:
			t.Errorf("%.60s: %v", text, faults)
		case want != "" && len(faults) == 0:
			t.Errorf("%.60s: no fault, want one at %s", text, want)
		}
		for _, f := range faults { // an empty OU is too short and of the wrong form
			if want != "" && !strings.HasPrefix(f.Path, want) {
				t.Errorf("%.60s: fault is %v, want it at %s", text, f, want)
			}
		}
	}
}
