package accountindex_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

const (
	firstID  = "100000000001"
	secondID = "100000000002"
)

func TestLoadRoundTripOfPythonFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	x := load(t, string(data), accountindex.LoadOptions{Version: "v1"})
	if diff := cmp.Diff(string(data), string(x.AppendFile(nil))); diff != "" {
		t.Errorf("the file changed (-read +written):\n%s", diff)
	}
	if x.Len() != 20 || x.Version() != "v1" || !x.Generated().Equal(time.Date(2024, 3, 27, 18, 38, 27, 0, time.UTC)) {
		t.Errorf("Len %d, Version %q, Generated %v", x.Len(), x.Version(), x.Generated())
	}
	if diff := cmp.Diff([]string{"000000000020"}, x.OrgRoots()); diff != "" {
		t.Errorf("OrgRoots: %s", diff)
	}
	if diff := cmp.Diff([]string{"o-abcdefghi"}, x.Organizations()); diff != "" {
		t.Errorf("Organizations: %s", diff)
	}
	want := []accountindex.OrgUnit{
		{ID: "r-123456", Name: "ROOT", Path: "/", Organization: "o-abcdefghi"},
		{ID: "ou-1234-5678910", Name: "SomeOU", Path: "/SomeOU", Organization: "o-abcdefghi"},
		{ID: "ou-1234-5678911", Name: "SomeNestedOU", Path: "/SomeOU/SomeNestedOU", Organization: "o-abcdefghi"},
		{ID: "ou-1234-5678912", Name: "SomeNestedNestedOU", Path: "/SomeOU/SomeNestedOU/SomeNestedNestedOU", Organization: "o-abcdefghi"},
	}
	if diff := cmp.Diff(want, x.OrgUnits()); diff != "" {
		t.Errorf("OrgUnits: %s", diff)
	}
	a, ok := x.Account("000000000010")
	if !ok || a.Path != "/SomeOU/SomeNestedOU/SomeNestedNestedOU" || a.Partition() != "aws" || a.OrganizationID() != "o-abcdefghi" ||
		a.State != accountindex.Active || len(a.Regions) != 33 || a.Tags["Key2"] != "Value2" || a.JoinedTimestamp == "" {
		t.Errorf("account is %+v", a)
	}
}

func TestLoadRoundTripOfAdditions(t *testing.T) {
	t.Parallel()
	text := `{
    "OrgUnits": [
        {
            "Id": "ou-ab12-dev",
            "Name": "Dev",
            "Path": "/Dev"
        },
        {
            "Id": "ou-ab12-empty",
            "Name": "Empty",
            "Path": "/Dev/Empty"
        }
    ],
    "accounts": {
        "100000000001": {
            "Arn": "arn:aws-cn:organizations::100000000000:account/o-ab12cd34ef/100000000001",
            "Id": "100000000001",
            "Name": "M\u00fcnchen \ud83d\ude80 \"x\" \u007f\n",
            "Parents": null,
            "Regions": null,
            "State": "SUSPENDED",
            "Status": "ACTIVE",
            "Tags": null,
            "Zone": {
                "a": [
                    1.50,
                    {}
                ]
            }
        },
        "100000000002": {
            "Arn": "arn:aws-cn:organizations::100000000000:account/o-ab12cd34ef/100000000002",
            "Id": "100000000002",
            "Name": "No state",
            "Parents": [
                {
                    "Id": "ou-ab12-dev",
                    "Name": "Dev",
                    "Type": "ORGANIZATIONAL_UNIT"
                },
                {
                    "Id": "r-ab12",
                    "Name": "ROOT",
                    "Type": "ROOT"
                }
            ],
            "Regions": [],
            "Tags": {}
        }
    },
    "written-by": "\u00e9"
}`
	x := load(t, text, accountindex.LoadOptions{AssumeActive: true})
	if diff := cmp.Diff(text, string(x.AppendFile(nil))); diff != "" {
		t.Errorf("the file changed (-read +written):\n%s", diff)
	}
	first, _ := x.Account(firstID)
	want := accountindex.Account{
		ID: firstID, Name: "München 🚀 \"x\" \u007f\n", State: accountindex.Suspended,
		ARN: "arn:aws-cn:organizations::100000000000:account/o-ab12cd34ef/100000000001",
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("first account: %s", diff)
	}
	second, _ := x.Account(secondID)
	if second.State != accountindex.Active || second.Tags == nil || second.Regions == nil || second.Path != "/Dev" {
		t.Errorf("second account is %+v", second)
	}
}

func TestNewAndLoadAgree(t *testing.T) {
	t.Parallel()
	accounts := []accountindex.Account{
		{
			ID: secondID, Name: "B", ARN: "arn:aws-us-gov:organizations::100000000000:account/o-ab12cd34ef/" + secondID,
			State: accountindex.Active, Regions: []string{"us-gov-west-1", "us-gov-east-1"}, Tags: map[string]string{"b": "2", "a": "1"},
			Parents: []accountindex.Parent{{ID: "ou-1", Name: "Dev"}, {ID: "r-1", Name: "Root"}}, Email: "b@example.com", JoinedMethod: "CREATED", JoinedTimestamp: "then",
		},
		{ID: firstID, Name: "A", ARN: "arn:aws-us-gov:organizations::100000000000:account/o-ab12cd34ef/" + firstID},
	}
	made, err := accountindex.New(accounts, []accountindex.OrgUnit{{ID: "ou-2", Name: "Empty", Path: "/Empty"}},
		time.Date(2025, 2, 3, 4, 5, 6, 7, time.FixedZone("", 3600)), accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	written := made.AppendFile(nil)
	read := load(t, string(written), accountindex.LoadOptions{})
	var fromMade, fromRead []accountindex.Account
	for a := range made.Accounts() {
		fromMade = append(fromMade, a)
	}
	for a := range read.Accounts() {
		fromRead = append(fromRead, a)
	}
	if diff := cmp.Diff(fromMade, fromRead); diff != "" {
		t.Errorf("accounts (-made +read): %s", diff)
	}
	if diff := cmp.Diff(made.OrgUnits(), read.OrgUnits()); diff != "" {
		t.Errorf("OUs (-made +read): %s", diff)
	}
	if !bytes.Equal(written, read.AppendFile(nil)) || !read.Generated().Equal(time.Date(2025, 2, 3, 3, 5, 6, 0, time.UTC)) {
		t.Errorf("written again:\n%s", read.AppendFile(nil))
	}
}

func TestLoadFaults(t *testing.T) {
	t.Parallel()
	first := func(key, value string) string { return file(account(firstID, map[string]string{key: value})) }
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":             {" \n", []string{"1 : the file is empty"}},
		"not JSON":          {"accounts:", []string{"1 : not JSON: invalid character 'a' at start of value"}},
		"a list":            {"[]", []string{"1 : this is a list, not an object", `1 : "accounts" is missing`}},
		"no accounts key":   {"{}", []string{`1 : "accounts" is missing`}},
		"no accounts":       {`{"accounts": {}}`, []string{"1 accounts: there are no accounts"}},
		"accounts null":     {`{"accounts": null}`, []string{"1 accounts: this is null, not an object of accounts by id"}},
		"accounts list":     {`{"accounts": []}`, []string{"1 accounts: this is a list, not an object of accounts by id"}},
		"cut off":           {file(account(firstID, nil))[:100], []string{"2 accounts.100000000001.Arn: not JSON: the file ends too early"}},
		"trailing data":     {file(account(firstID, nil)) + "\n{}", []string{"4 : there is more after the end of the index"}},
		"trailing rubbish":  {file(account(firstID, nil)) + " x", []string{"3 : there is more after the end of the index"}},
		"not UTF-8":         {first("Name", "\"\xff\""), []string{"2 accounts.100000000001.Name: not JSON: invalid UTF-8"}},
		"duplicate account": {file(account(firstID, nil), account(firstID, nil)), []string{"3 accounts.100000000001: the account 100000000001 is there twice"}},
		"duplicate top key": {`{"accounts": {` + account(firstID, nil) + `}, "generated": null, "generated": null}`, []string{"1 generated: the key is there twice"}},
		"duplicate field":   {file(`"100000000001": {"Name": "a", "Name": "b", "Arn": "arn:aws:organizations::100000000000:account/o-a/100000000001"}`), []string{"2 accounts.100000000001.Name: the key is there twice"}},
		"duplicate unknown": {file(account(firstID, map[string]string{"Zone": `1, "Zone": 2`})), []string{"2 accounts.100000000001.Zone: the key is there twice"}},
		"duplicate deep":    {first("Zone", `{"a": 1, "a": 1}`), []string{"2 accounts.100000000001.Zone: a key is there twice in this value"}},
		"duplicate tag":     {first("Tags", `{"a": "1", "b": "2", "a": "3"}`), []string{"2 accounts.100000000001.Tags.a: the key is there twice"}},
		"account not object": {file(`"100000000001": []`), []string{
			"2 accounts.100000000001: this is a list, not an object"}},
		"key too short": {file(account("10000000001", nil)), []string{`2 accounts.10000000001: "10000000001" is not an account id`}},
		"key not digits": {file(account("10000000000x", nil)), []string{
			`2 accounts.10000000000x: "10000000000x" is not an account id`}},
		"id differs":         {first("Id", `"100000000009"`), []string{`2 accounts.100000000001.Id: "100000000009" is not the account's key, 100000000001`}},
		"id a number":        {first("Id", "100000000001"), []string{"2 accounts.100000000001.Id: this is a number, not a string"}},
		"arn missing":        {first("Arn", ""), []string{`2 accounts.100000000001: "Arn" is missing`}},
		"arn null":           {first("Arn", "null"), []string{"2 accounts.100000000001.Arn: this is null, not a string"}},
		"arn of another":     {first("Arn", `"arn:aws:organizations::100000000000:account/o-ab12cd34ef/100000000009"`), []string{`2 accounts.100000000001.Arn: "arn:aws:organizations::100000000000:account/o-ab12cd34ef/100000000009" names the account 100000000009, not 100000000001`}},
		"arn of a partition": {first("Arn", `"arn:moon:organizations::100000000000:account/o-ab12cd34ef/100000000001"`), []string{`2 accounts.100000000001.Arn: "arn:moon:organizations::100000000000:account/o-ab12cd34ef/100000000001" is of the partition "moon", which is not known`}},
		"name missing":       {first("Name", ""), []string{`2 accounts.100000000001: "Name" is missing`}},
		"name wrong":         {first("Name", "1"), []string{"2 accounts.100000000001.Name: this is a number, not a string"}},
		"email wrong":        {first("Email", "{}"), []string{"2 accounts.100000000001.Email: this is an object, not a string"}},
		"joined wrong":       {first("JoinedTimestamp", "12"), []string{"2 accounts.100000000001.JoinedTimestamp: this is a number, not a string"}},
		"method wrong":       {first("JoinedMethod", "true"), []string{"2 accounts.100000000001.JoinedMethod: this is true, not a string"}},
		"state wrong":        {first("State", "[]"), []string{"2 accounts.100000000001.State: this is a list, not a string"}},
		"state empty":        {first("State", `""`), []string{"2 accounts.100000000001.State: the state is empty"}},
		"status wrong":       {first("Status", "1"), []string{"2 accounts.100000000001.Status: this is a number, not a string"}},
		"regions wrong":      {first("Regions", `{"a": 1}`), []string{"2 accounts.100000000001.Regions: this is an object, not a list of regions, or null"}},
		"region wrong":       {first("Regions", `["eu-west-1", 7, "Europe"]`), []string{"2 accounts.100000000001.Regions[1]: this is a number, not a string", `2 accounts.100000000001.Regions[2]: "Europe" is not the name of a region`}},
		"tags wrong":         {first("Tags", "[]"), []string{"2 accounts.100000000001.Tags: this is a list, not an object of texts by key, or null"}},
		"tag wrong":          {first("Tags", `{"a b": null}`), []string{`2 accounts.100000000001.Tags["a b"]: this is null, not a string`}},
		"parents wrong":      {first("Parents", `"Dev"`), []string{"2 accounts.100000000001.Parents: this is a string, not a list of parents, or null"}},
		"parent wrong":       {first("Parents", `[null]`), []string{"2 accounts.100000000001.Parents[0]: this is null, not an object with Id, Name and Type"}},
		"parent without id":  {first("Parents", `[{"Name": "x"}]`), []string{"2 accounts.100000000001.Parents[0]: the parent lacks its Id or its Name"}},
		"parent type wrong":  {first("Parents", `[{"Id": "a", "Name": "x", "Type": "OU"}]`), []string{`2 accounts.100000000001.Parents[0].Type: "OU" is not the type of a parent`}},
		"parent id twice":    {first("Parents", `[{"Id": "a", "Name": "x", "Id": "b"}]`), []string{"2 accounts.100000000001.Parents[0].Id: the key is there twice"}},
		"root first":         {first("Parents", `[{"Id": "r-1", "Name": "ROOT"}, {"Id": "ou-1", "Name": "Dev"}]`), []string{"2 accounts.100000000001.Parents[0]: the root is not the last of the parents"}},
		"generated wrong":    {`{"accounts": {` + account(firstID, nil) + `}, "generated": 5}`, []string{"1 generated: this is a number, not a string"}},
		"generated no time":  {`{"accounts": {` + account(firstID, nil) + `}, "generated": "now"}`, []string{`1 generated: "now" is not a time`}},
		"OUs wrong":          {`{"accounts": {` + account(firstID, nil) + `}, "OrgUnits": {}}`, []string{"1 OrgUnits: this is an object, not a list of OUs"}},
		"OU wrong": {`{"accounts": {` + account(firstID, nil) + `}, "OrgUnits": ["Dev", {"Id": "ou-1"}, {"Id": "ou-2", "Name": "A", "Path": "/B"}, {"Id": "r-2", "Name": "R", "Path": "/R"}, {"id": "x"}]}`,
			[]string{
				"1 OrgUnits[0]: this is a string, not an object with Id, Name and Path",
				"1 OrgUnits[1]: the unit lacks its id or its name",
				`1 OrgUnits[2]: the path "/B" does not end in the name "A"`,
				`1 OrgUnits[3]: the root has the path "/R"`,
				"1 OrgUnits[4]: the unit lacks its id or its name",
				"1 OrgUnits[4].id: the key is not known",
			}},
		"OU contradicts": {`{"accounts": {` + account(firstID, nil) + `},
"OrgUnits": [{"Id": "ou-ab12-dev", "Name": "Dev", "Path": "/Old/Dev"}]}`, []string{`2 OrgUnits[0]: ou-ab12-dev has the path "/Old/Dev" here and "/Dev" by the parents of account 100000000001`}},
		"another organization": {file(account(firstID, nil), account(secondID, map[string]string{"Arn": `"arn:aws:organizations::100000000000:account/o-zzz/100000000002"`})),
			[]string{"3 accounts.100000000002.Arn: the account is of the organization o-zzz, the first account is of o-ab12cd34ef"}},
		"OUs in a circle": {file(account(firstID, map[string]string{"Parents": parents("X", "Y")}), account(secondID, map[string]string{"Parents": parents("Y", "X")})),
			[]string{
				"3 accounts.100000000002.Parents[1]: the OUs stand in a circle: ou-ab12-y under ou-ab12-x here, and ou-ab12-x under ou-ab12-y in account 100000000001",
				"3 accounts.100000000002.Parents[2]: ou-ab12-x stands under r-ab12 here and under ou-ab12-y in account 100000000001",
			}},
		"OUs in a circle, no root": {file(
			account(firstID, map[string]string{"Parents": `[{"Id": "X", "Name": "X"}, {"Id": "Y", "Name": "Y"}]`}),
			account(secondID, map[string]string{"Parents": `[{"Id": "Y", "Name": "Y"}, {"Id": "X", "Name": "X"}]`})),
			[]string{"3 accounts.100000000002.Parents[1]: the OUs stand in a circle: Y under X here, and X under Y in account 100000000001"}},
		"OU under itself": {first("Parents", `[{"Id": "X", "Name": "X"}, {"Id": "X", "Name": "X"}]`),
			[]string{"2 accounts.100000000001.Parents[1]: the OUs stand in a circle: X under X here, and X under X in account 100000000001"}},
		"OU in two places": {file(account(firstID, map[string]string{"Parents": parents("X", "Y")}), account(secondID, map[string]string{"Parents": parents("X", "Z")})),
			[]string{"3 accounts.100000000002.Parents[1]: ou-ab12-x stands under ou-ab12-z here and under ou-ab12-y in account 100000000001"}},
		"OU of two names": {file(account(firstID, nil), account(secondID, map[string]string{"Parents": strings.Replace(parents("Dev"), `"Dev"`, `"Old"`, 1)})),
			[]string{`3 accounts.100000000002.Parents[0]: ou-ab12-dev is named "Old" here and "Dev" in account 100000000001`}},
		"all at once": {file(account(firstID, map[string]string{"Id": "1", "Name": "null", "Regions": "5"}), account("12", nil), account(secondID, map[string]string{"Tags": "5"})), []string{
			"2 accounts.100000000001.Id: this is a number, not a string",
			"2 accounts.100000000001.Name: this is null, not a string",
			"2 accounts.100000000001.Regions: this is a number, not a list of regions, or null",
			`3 accounts.12: "12" is not an account id`,
			"4 accounts.100000000002.Tags: this is a number, not an object of texts by key, or null",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := accountindex.Load("index.json", []byte(test.text), accountindex.LoadOptions{})
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, faultsOf(t, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadFaultHasColumn(t *testing.T) {
	t.Parallel()
	text := "{\"accounts\": {\n  \"100000000001\": {\"Näme\": 1, \"Name\": 7,\n \"Arn\": false}}}"
	_, err := accountindex.Load("x.json", []byte(text), accountindex.LoadOptions{})
	if err == nil || !strings.HasPrefix(err.Error(), "x.json:2:39: accounts.100000000001.Name: this is a number") ||
		!strings.Contains(err.Error(), "x.json:3:9: accounts.100000000001.Arn: this is false") {
		t.Errorf("error is %v", err)
	}
}

func TestLoadState(t *testing.T) {
	t.Parallel()
	text := file(
		account("100000000001", map[string]string{"State": `"SUSPENDED"`, "Status": `"ACTIVE"`}),
		account("100000000002", map[string]string{"State": `"ACTIVE"`, "Status": `"SUSPENDED"`}),
		account("100000000003", map[string]string{"State": "null", "Status": `"ACTIVE"`}),
		account("100000000004", map[string]string{"Status": ""}),
		account("100000000005", map[string]string{"Status": "null"}),
		account("100000000006", map[string]string{"State": `"active"`}),
	)
	for _, assume := range []bool{false, true} {
		x := load(t, text, accountindex.LoadOptions{AssumeActive: assume})
		r := resolve(t, x, accountindex.Query{Include: everybody})
		want := []string{"100000000002", "100000000003"}
		warnings := 1
		if assume {
			want, warnings = append(want, "100000000004", "100000000005"), 0
		}
		if diff := cmp.Diff(want, targets(r)); diff != "" {
			t.Errorf("AssumeActive %v: %s", assume, diff)
		}
		if len(x.Warnings()) != warnings || len(r.Warnings()) != warnings {
			t.Errorf("AssumeActive %v: warnings are %v and %v", assume, x.Warnings(), r.Warnings())
		}
		for _, w := range r.Warnings() {
			if !strings.Contains(w.Message, "2 accounts have neither State nor Status") || !strings.Contains(w.Message, "regenerate the index") {
				t.Errorf("warning is %q", w.Message)
			}
		}
	}
}

func TestNewFaults(t *testing.T) {
	t.Parallel()
	_, err := accountindex.New(nil, nil, time.Time{}, accountindex.LoadOptions{})
	if diff := cmp.Diff([]string{"0 accounts: there are no accounts"}, faultsOf(t, err)); diff != "" {
		t.Error(diff)
	}
	_, err = accountindex.New([]accountindex.Account{
		{ID: "1"}, {ID: firstID, Name: "\xff", Regions: []string{"x"}, Parents: []accountindex.Parent{{}}},
	}, []accountindex.OrgUnit{{ID: "ou-1"}}, time.Time{}, accountindex.LoadOptions{})
	want := []string{
		`0 accounts[0].ID: "1" is not an account id`,
		`0 accounts[1].Name: "\xff" is not valid UTF-8`,
		`0 accounts[1].Parents[0]: the parent lacks its ID`,
		`0 accounts[1].Regions[0]: "x" is not the name of a region`,
		`0 accounts[1].ARN: "" is not the ARN of an account of an organization: want "arn:PARTITION:organizations::MANAGEMENT:account/ORGANIZATION/ACCOUNT"`,
		`0 OrgUnits[0]: the unit lacks its id or its name`,
	}
	if diff := cmp.Diff(want, faultsOf(t, err)); diff != "" {
		t.Error(diff)
	}
}
