package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// checkTree holds what is true of every tree that a reader makes.
func checkTree(t *testing.T, document *Document, err error) {
	t.Helper()
	if err != nil {
		faults, ok := errors.AsType[Faults](err)
		if !ok || len(faults) == 0 {
			t.Fatalf("an error of type %T with %d faults", err, len(faults))
		}
		for _, fault := range faults {
			if fault.Problem == "" || fault.Line < 1 && len(faults) > 1 {
				t.Fatalf("a fault without a problem or a place: %+v", fault)
			}
		}
		return
	}
	text := document.Root.AppendJSON(nil)
	if !json.Valid(text) || bytes.ContainsAny(text, "\x00\x01\n\uFFFE\uFFFF") {
		t.Fatalf("no JSON, or not for SQS: %s", text)
	}
	again, err := ParseJSON("again", text)
	if len(text) <= MaxBytes {
		if err != nil {
			t.Fatalf("does not read back: %v\n%s", err, text)
		}
		same(t, document.Root, again.Root)
	}
	var value any
	if err := document.Decode(&value); err != nil {
		t.Fatalf("does not decode: %v", err)
	}
	var target decodeTarget
	_ = document.DecodeNode(document.Root, &target, true)
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"a: 1\n", "<<: {a: 1}\nb: &x [*x]\n", "{\"a\": 1e5}", "- 12:30:45\n- 2012-10-17\n- ~\n", "a: 'x\n", "? [a]\n: !!int 3\n",
		"%YAML 1.1\n---\n!!map {a: \"\\uD800\"}\n...\n---\n", "a: |\n \t x\n# c\n", "\uFEFF{a: [1, 'b', \"c\"]}", "*a : b", "a:\r\n\tb",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		document, err := Parse("t.yaml", text)
		checkTree(t, document, err)
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e-3,"\u0000",null,true]}`, `{"a":1,"a":2}`, `-0`, `"\ud83d\ude00"`, `{"":{"":[]}}`, `[1e999]`, "[\n\r\n1]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		document, err := ParseJSON("body", text)
		if err == nil && !json.Valid(text) {
			t.Fatalf("takes %q, which is no JSON", text)
		}
		checkTree(t, document, err)
	})
}

func FuzzValidate(f *testing.F) {
	for _, test := range [][2]string{
		{`{"type":"object","required":["a"],"additionalProperties":false,"properties":{"a":{"type":"string","pattern":"^x"}}}`, "b: 1\na: 2\n"},
		{`{"anyOf":[{"type":"string"},{"required":["b"]},{"enum":[1,null]}],"not":{"const":3}}`, "{c: 1}"},
		{`{"$defs":{"l":{"items":{"$ref":"#/$defs/l"}}},"$ref":"#/$defs/l","uniqueItems":true,"contains":{"minimum":1e300}}`, "[[1, 2], [1]]"},
		{`{"propertyNames":{"maxLength":1},"dependentRequired":{"a":["b"]},"unevaluatedProperties":false,"minProperties":4}`, "{a: 1, \"\": 2}"},
		{`{"patternProperties":{"^a":{"format":"date-time","multipleOf":0.1}},"if":true,"then":false,"oneOf":[true,true]}`, "ab: x"},
	} {
		f.Add([]byte(test[0]), []byte(test[1]))
	}
	f.Fuzz(func(t *testing.T, raw, text []byte) {
		compiled, err := Compile(raw)
		if err != nil {
			return
		}
		compiled.Open()
		document, err := Parse("t.yaml", text)
		if err != nil {
			return
		}
		for _, fault := range compiled.Validate(document) {
			if fault.Problem == "" || fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("a fault without a problem or a place: %+v", fault)
			}
		}
	})
}
