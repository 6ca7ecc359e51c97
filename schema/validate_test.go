package schema

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func mustCompile(t testing.TB, raw string) *Schema {
	t.Helper()
	compiled, err := Compile(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestValidate(t *testing.T) {
	t.Parallel()
	account := `{"type":"object","additionalProperties":false,"required":["TemplateName","TemplateDescription"],"properties":{` +
		`"TemplateName":{"type":"string"},"TemplateDescription":{"type":"string"},` +
		`"IncludeAccounts":{"type":"object","additionalProperties":false,"properties":{` +
		`"AllAccounts":{"type":"boolean"},"ByIds":{"type":"array","items":{"type":"string","minLength":1,"maxLength":12,"pattern":"^[0-9]+$"}},` +
		`"ByTags":{"type":"array","items":{"type":"object","required":["Name","Value"],"properties":{"Name":{"type":"string"}}}}}}}}`
	name := "TemplateName: x\nTemplateDescription: y\n"
	tests := []struct{ name, schema, text, want string }{
		{"right", account, name, ""},
		{"missing keys", account, "# a comment\nIncludeAccounts: {}\n",
			"t.yaml:1:1: TemplateDescription: is required\nt.yaml:1:1: TemplateName: is required"},
		{"missing key below", account, name + "IncludeAccounts:\n  ByTags:\n    - Name: a\n",
			"t.yaml:5:7: IncludeAccounts.ByTags[0].Value: is required"},
		{"unknown key", account, name + "IncludeAccount: {}\n", "t.yaml:3:1: IncludeAccount: unknown key: did you mean IncludeAccounts?"},
		{"unknown key below, in other letters", account, name + "IncludeAccounts:\n  by_ids: []\n",
			"t.yaml:4:3: IncludeAccounts.by_ids: unknown key: did you mean ByIds?"},
		{"unknown key like no other", account, name + "Colour: blue\n", "t.yaml:3:1: Colour: unknown key"},
		{"account ids as numbers", account, name + "IncludeAccounts:\n  ByIds: [000000000012, 123456789012, 012345678901]\n",
			`t.yaml:4:11: IncludeAccounts.ByIds[0]: must be a string, not the integer 000000000012: quote the account id: "000000000012"` + "\n" +
				`t.yaml:4:25: IncludeAccounts.ByIds[1]: must be a string, not the integer 123456789012: quote the account id: "123456789012"`},
		{"boolean where a string is wanted", account, "TemplateName: yes\nTemplateDescription: y\n",
			`t.yaml:1:15: TemplateName: must be a string, not the boolean yes: quote it: "yes"`},
		{"string where a boolean is wanted", account, name + "IncludeAccounts: {AllAccounts: \"True\"}\n",
			`t.yaml:3:32: IncludeAccounts.AllAccounts: must be a boolean, not the string "True": remove the quotes`},
		{"scalar where a list is wanted", account, name + "IncludeAccounts: {ByIds: \"1\"}\n",
			`t.yaml:3:26: IncludeAccounts.ByIds: must be a list, not the string "1": write it as a list: ["1"]`},
		{"no value", account, name + "IncludeAccounts:\n", "t.yaml:3:17: IncludeAccounts: must be a mapping, but has no value"},
		{"null", account, name + "IncludeAccounts: ~\n", "t.yaml:3:18: IncludeAccounts: must be a mapping, not null"},
		{"lengths", account, name + "IncludeAccounts: {ByIds: [\"\", \"1234567890123\"]}\n",
			"t.yaml:3:27: IncludeAccounts.ByIds[0]: \"\" does not match the pattern ^[0-9]+$\n" +
				"t.yaml:3:27: IncludeAccounts.ByIds[0]: must not be empty\n" +
				"t.yaml:3:31: IncludeAccounts.ByIds[1]: is too long: 13 characters, at most 12"},
		{"not a mapping", account, "- x\n", "t.yaml:1:1: must be a mapping, not a list"},
		{"enum", `{"properties":{"a":{"enum":["Fast","Slow",3]}}}`, "a: fsat\n", `t.yaml:1:4: a: must be one of Fast, Slow or 3, not the string "fsat": did you mean Fast?`},
		{"const", `{"properties":{"a":{"const":null}}}`, "a: 1\n", "t.yaml:1:4: a: must be null, not the integer 1"},
		{"limits", `{"items":{"minimum":1,"maximum":10,"multipleOf":0.5}}`, "[0, 11, 1.25, 2]",
			"t.yaml:1:2: [0]: must be at least 1, not the integer 0\nt.yaml:1:5: [1]: must be at most 10, not the integer 11\n" +
				"t.yaml:1:9: [2]: must be a multiple of 0.5, not the number 1.25"},
		{"exclusive limits", `{"items":{"exclusiveMinimum":0,"exclusiveMaximum":1e30}}`, "[0, 1.0e+30]",
			"t.yaml:1:2: [0]: must be more than 0, not the integer 0\nt.yaml:1:5: [1]: must be less than 1e+30, not the number 1.0e+30"},
		{"sizes", `{"minProperties":3,"properties":{"a":{"minItems":1},"b":{"minItems":2,"maxItems":3,"uniqueItems":true}}}`, "a: []\nb: [1]\n",
			"t.yaml:1:1: has too few keys: 2, at least 3\nt.yaml:1:4: a: must not be empty\nt.yaml:2:4: b: has too few items: 1, at least 2"},
		{"several types", `{"properties":{"a":{"type":["string","null"]}}}`, "a: [1]\n", "t.yaml:1:4: a: must be a string or null, not a list"},
		{"integer", `{"items":{"type":"integer"}}`, "[1, 1.0, 1.5, \"2\", 123456789012345678901234567890]",
			"t.yaml:1:10: [2]: must be an integer, not the number 1.5\nt.yaml:1:15: [3]: must be an integer, not the string \"2\": remove the quotes"},
		{"format", `{"items":{"format":"date-time"}}`, "[yesterday]", `t.yaml:1:2: [0]: "yesterday" is not a valid date-time`},
		{"duration", `{"items":{"type":"string","pattern":` + string(appendString(nil, durationPattern)) + `}}`, "[30, 30s, x]",
			"t.yaml:1:2: [0]: must be a duration with its unit, such as \"30s\" or \"1h30m\", not the integer 30\n" +
				"t.yaml:1:11: [2]: must be a duration with its unit, such as \"30s\" or \"1h30m\", not the string \"x\""},
		{"key names", `{"propertyNames":{"pattern":"^[a-z]+$"}}`, "a: 1\nB: 2\n", `t.yaml:2:1: B: the key: "B" does not match the pattern ^[a-z]+$`},
		{"odd keys", `{"additionalProperties":{"type":"string"}}`, "a/b~c%20d: 1\n\"x.y\": 2\n",
			`t.yaml:1:12: a/b~c%20d: must be a string, not the integer 1: quote it: "1"` + "\n" +
				`t.yaml:2:8: ["x.y"]: must be a string, not the integer 2: quote it: "2"`},
		{"pattern properties", `{"patternProperties":{"^x-":true},"properties":{"a":true},"additionalProperties":false}`, "x-1: 1\ny: 2\n", "t.yaml:2:1: y: unknown key"},
		{"unevaluated", `{"properties":{"Alpha":true},"unevaluatedProperties":false}`, "Alpa: 1\n", "t.yaml:1:1: Alpa: unknown key: did you mean Alpha?"},
		{"any of types", `{"items":{"anyOf":[{"type":"string"},{"type":"integer"}]}}`, "[1, a, []]", "t.yaml:1:8: [2]: must be an integer or a string, not a list"},
		{"any of values", `{"items":{"oneOf":[{"enum":["a","b"]},{"const":"c"}]}}`, "[c, d]", `t.yaml:1:5: [1]: must be one of a, b or c, not the string "d"`},
		{"any of, the form that was meant", `{"anyOf":[{"type":"string"},{"type":"object","required":["A"],"additionalProperties":false,"properties":{"A":{"type":"integer"}}}]}`,
			"A: x\n", `t.yaml:1:4: A: must be an integer, not the string "x"`},
		{"one of keys", `{"oneOf":[{"required":["A"]},{"required":["B"]}]}`, "C: 1\n", "t.yaml:1:1: one of these is required: A or B"},
		{"one of, but both", `{"oneOf":[{"required":["A"]},{"required":["B"]}]}`, "A: 1\nB: 2\n", "t.yaml:1:1: fits more than one of the forms of which it must have one"},
		{"all of, reference", `{"allOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"required":["A"],"properties":{"B":{"type":"string"}}}}}`, "B: 1\n",
			"t.yaml:1:1: A: is required\nt.yaml:1:4: B: must be a string, not the integer 1: quote it: \"1\""},
		{"condition", `{"if":{"required":["A"]},"then":{"required":["B"]}}`, "A: 1\n", "t.yaml:1:1: B: is required"},
		{"dependency", `{"dependentRequired":{"A":["B"]}}`, "A: 1\n", "t.yaml:1:1: property 'B' is required, if 'A' property exists"},
		{"not", `{"properties":{"a":{"not":{"type":"string"}}}}`, "a: x\n", "t.yaml:1:4: a: has a form that is not allowed here"},
		{"nothing", `false`, "a: x\n", "t.yaml:1:1: is not allowed here"},
		{"a recursive schema", `{"$defs":{"l":{"properties":{"n":{"$ref":"#/$defs/l"},"v":{"type":"string"}}}},"$ref":"#/$defs/l"}`,
			"n: {n: {v: 1}}\n", `t.yaml:1:12: n.n.v: must be a string, not the integer 1: quote it: "1"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := mustCompile(t, test.schema).Validate(mustParse(t, test.text)).Error()
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestValidateSamples refuses the samples of deployments that are valid YAML and no valid template.
func TestValidateSamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/invalid_base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	compiled := mustCompile(t, `{"type":"object","required":["TemplateName","TemplateDescription"]}`)
	got := compiled.Validate(mustParse(t, string(text))).Error()
	if want := "t.yaml:1:1: TemplateDescription: is required\nt.yaml:1:1: TemplateName: is required"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestValidateNode(t *testing.T) {
	t.Parallel()
	document := mustParse(t, "ShipA:\n  Enabled: maybe\nShipB: {}\n")
	compiled := mustCompile(t, `{"required":["Queue"],"properties":{"Enabled":{"type":"boolean"}}}`)
	got := compiled.ValidateNode(document, document.Root.Get("ShipA")).Error()
	want := "t.yaml:2:3: ShipA.Queue: is required\nt.yaml:2:12: ShipA.Enabled: must be a boolean, not the string \"maybe\""
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := compiled.ValidateNode(document, nil); len(got) != 0 {
		t.Errorf("null is refused: %v", got)
	}
}

// TestValidateHostile holds that a document of one megabyte of faults makes a report that can be read.
func TestValidateHostile(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 60_000 {
		text.WriteString("k")
		text.WriteString(strings.Repeat("x", i%7))
		text.Write(appendString(nil, string(rune('一'+i%20_000)))[1:4])
		text.WriteString(strings.Repeat("y", i/20_000))
		text.WriteString(": 1\n")
	}
	compiled := mustCompile(t, `{"properties":{"kx":true,"alpha":true},"additionalProperties":false}`)
	faults := compiled.Validate(mustParse(t, text.String()))
	if len(faults) != maxFaults+1 {
		t.Fatalf("%d faults, want %d", len(faults), maxFaults+1)
	}
	if last := faults[maxFaults].Problem; !strings.HasSuffix(last, "more faults are not shown") {
		t.Errorf("the last fault is %q", last)
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{
		{`{"$ref":"file:///etc/passwd"}`, "a reference to file:///etc/passwd: only references within the schema (#/...) are allowed"},
		{`{"$ref":"other.json"}`, "a reference to schema:///other.json: only references within the schema (#/...) are allowed"},
		{`{"items":{"$ref":"https://example.com/x"}}`, "a reference to https://example.com/x: only references within the schema (#/...) are allowed"},
		{`{"$id":"https://example.com/a","$ref":"b"}`, "a reference to https://example.com/b: only references within the schema (#/...) are allowed"},
		{`{"$schema":"https://example.com/x"}`, "a reference to https://example.com/x: only references within the schema (#/...) are allowed"},
		{`{"properties":{"a":{"type":"strin"}}}`, "at #/properties/a/type: "},
		{`{"pattern":"(?=a)"}`, "at #/pattern: '(?=a)' is not valid 'regex'"},
		{`{"$ref":"#"}`, "infinite loop"},
		{`{"$ref":"#/$defs/x"}`, "not found"},
		{`{"a":1,"a":2}`, `the key "a" is there twice`},
		{`{`, "it ends too early"},
		{`3`, "at #: expected object or boolean"},
		{``, "the document is empty"},
	}
	for _, test := range tests {
		_, err := Compile(json.RawMessage(test.raw))
		if err == nil || !strings.HasPrefix(err.Error(), "schema: not a JSON Schema: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.raw, err, test.want)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		`{}`: true, `true`: true, `{"additionalProperties":true}`: true, `{"additionalProperties":{"type":"string"}}`: true,
		`{"additionalProperties":false}`: false, `{"unevaluatedProperties":false}`: false, `{"additionalProperties":{"not":{}}}`: true,
		`{"$ref":"#/$defs/a","$defs":{"a":{"additionalProperties":false}}}`: false, `false`: false,
	} {
		if got := mustCompile(t, raw).Open(); got != want {
			t.Errorf("%s: open is %v", raw, got)
		}
	}
	if !new(Schema).Open() {
		t.Error("the zero Schema is closed")
	}
}

func TestModeline(t *testing.T) {
	t.Parallel()
	if got, want := Modeline("./ship.schema.json"), "# yaml-language-server: $schema=./ship.schema.json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
