package schema

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mustParse is Parse for texts that are right.
func mustParse(t testing.TB, text string) *Document {
	t.Helper()
	document, err := Parse("t.yaml", []byte(text))
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return document
}

// parseFaults are the faults of a text that is wrong.
func parseFaults(t testing.TB, text string) Faults {
	t.Helper()
	document, err := Parse("t.yaml", []byte(text))
	if err == nil {
		t.Fatalf("Parse(%q) = %s, want faults", text, document.Root.AppendJSON(nil))
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Parse(%q): error of type %T, want Faults", text, err)
	}
	return faults
}

func TestParseYAML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"keys keep their order", "b: 1\na: 2\nc: 3\n", `{"b":1,"a":2,"c":3}`},
		{"keys become strings", "2: a\n017: b\nyes: c\n~: d\n\"\": e\n", `{"2":"a","15":"b","true":"c","null":"d","":"e"}`},
		{"the key = is a string", "=: 1\n", `{"=":1}`},
		{"byte order mark", "\uFEFFa: 1\n", `{"a":1}`},
		{"carriage returns", "a: 1\r\nb:\r\n- 2\r\n", `{"a":1,"b":[2]}`},
		{"a scalar", "yes\n", `true`},
		{"explicit end", "---\na: 1\n...\n", `{"a":1}`},
		{"block text", "a: |\n  x\n  y\nb: >-\n  x\n  y\n", `{"a":"x\ny\n","b":"x y"}`},
		{"escapes", `a: "\x00\uFFFE\u2028é<&>"`, `{"a":"\u0000\ufffe` + "\u2028" + `é<&>"}`},
		{"tags of JSON", "a: !!map {b: !!seq [!!str 1]}\n", `{"a":{"b":["1"]}}`},
		{"alias", "a: &x [1, {b: 2}]\nc: *x\n", `{"a":[1,{"b":2}],"c":[1,{"b":2}]}`},
		{"alias as key", "a: &x k\n*x : 2\n", `{"a":"k","k":2}`},
		{"anchor defined again", "a: &x 1\nb: &x 2\nc: *x\n", `{"a":1,"b":2,"c":2}`},
		{"merge: own entries win, merged come first", "a: &a {x: 1, y: 2}\nb: {y: 3, z: 4, <<: *a}\n", `{"a":{"x":1,"y":2},"b":{"x":1,"y":3,"z":4}}`},
		{"merge: of a list the first wins", "<<: [{a: 1, b: 1}, {b: 2, c: 2}]\nd: 3\n", `{"b":1,"c":2,"a":1,"d":3}`},
		{"merge: several", "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: *x\n  <<: *y\n", `{"x":{"a":1},"y":{"a":2,"b":2},"z":{"a":2,"b":2}}`},
		{"merge: through a merged mapping", "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n", `{"a":{"x":1},"b":{"x":1,"y":2},"c":{"x":1,"y":2}}`},
		{"merge: a quoted << is a key", "\"<<\": 1\n", `{"<<":1}`},
		{"JSON", "{\"a\": [1e3, -0, 1.50, 12345678901234567890, \"\\u00e9\"]}", `{"a":[1e3,0,1.50,12345678901234567890,"é"]}`},
		{"flow mapping that is no JSON", "{a: 1e3, b: yes}", `{"a":"1e3","b":true}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := string(mustParse(t, test.text).Root.AppendJSON(nil))
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", "", "t.yaml:1:1: the document is empty"},
		{"comment only", "# nothing\n", "t.yaml:1:1: the document is empty"},
		{"empty document", "---\n", "t.yaml:1:1: the document is empty"},
		{"second document", "a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document begins here: " +
			"keep one document a file; remove the --- line or move what follows to a file of its own"},
		{"second document, empty", "a: 1\n---\n", "t.yaml:2:1: a second document begins here: " +
			"keep one document a file; remove the --- line or move what follows to a file of its own"},
		{"duplicate key", "a: 1\nb: {c: 1, c: 2}\n", `t.yaml:2:11: b: the key "c" is there twice: remove or rename one of them`},
		{"duplicate key after conversion", "1: a\n\"1\": b\n", `t.yaml:2:1: the key "1" is there twice: remove or rename one of them`},
		{"keys that are one key in Python", "1: a\ntrue: b\n", `t.yaml:2:1: the key "true" is there twice: remove or rename one of them`},
		{"duplicate key in JSON", `{"a": 1, "a": 2}`, `t.yaml:1:10: the key "a" is there twice: remove or rename one of them`},
		{"list as key", "? [a]\n: 1\n", "t.yaml:1:3: a key can not be a list or a mapping: write the key as text"},
		{"fraction as key", "1.5: a\n", `t.yaml:1:1: the key 1.5 is a number with a fraction: quote it: "1.5"`},
		{"date", "a:\n  - x\n  - 2012-10-17\n", `t.yaml:3:5: a[1]: 2012-10-17 is a date in YAML, which JSON can not carry: quote it: "2012-10-17"`},
		{"date as key", "2012-10-17: a\n", `t.yaml:1:1: 2012-10-17 is a date in YAML, which JSON can not carry: quote it: "2012-10-17"`},
		{"infinity", "a: -.inf\n", `t.yaml:1:4: a: -.inf is a number that JSON can not carry: quote it if it is text: "-.inf"`},
		{"too large a number", "a: 1.0e+999\n", "t.yaml:1:4: a: the number 1.0e+999 is too large: quote it if it is text"},
		{"too large a number in JSON", `{"a": 1e999}`, "t.yaml:1:7: a: the number 1e999 is too large"},
		{"tag", "a: !!binary aGk=\n", "t.yaml:1:4: a: the YAML tag !!binary is not supported: remove the tag and quote the value"},
		{"tag on a mapping", "a: !set {b: 1}\n", "t.yaml:1:4: a: the YAML tag !set is not supported: remove the tag"},
		{"alias in itself", "a: &x [1, *x]\n", "t.yaml:1:11: a[1]: the alias *x contains itself: write the value out"},
		{"merge of itself", "a: &x {<<: *x}\n", "t.yaml:1:12: a: a merge key (<<) merges a mapping into itself: write the values out"},
		{"merge of a scalar", "a: {<<: 1}\n", "t.yaml:1:9: a: a merge key (<<) takes a mapping or a list of mappings"},
		{"unknown alias", "a: 1\nb: *nope\n", "t.yaml:2:4: the alias *nope has no anchor &nope above it: quote text that begins with *"},
		{"not UTF-8", "a: é\nb: \xe9\n", "t.yaml:2:4: the text is not UTF-8 (byte 0xe9): save the file as UTF-8"},
		{"UTF-16", "\xff\xfea\x00", "t.yaml:1:1: the text is not UTF-8 (byte 0xff): save the file as UTF-8"},
		{"NUL", "a: \x00b\n", `t.yaml:1:4: the text holds U+0000, a character that YAML does not allow: ` +
			`remove it, or write it as an escape in double quotes: "\x00"`},
		{"bad indentation", "a:\n  - 1\n - 2\nb: 3\n", "t.yaml:3:1: the indentation fits no key above: align it with the other keys of its mapping"},
		{"two colons", "x: 1\na: b: c\n", "t.yaml:2:1: a key is not expected here: " +
			"check the indentation, and quote text that holds a colon followed by a space"},
		{"tab", "a:\n\t- b\n", "t.yaml:2:1: a value can not begin with this character: " +
			"indent with spaces, not tabs, and quote text that begins with @, ` or %"},
		{"several at once", "a: 2012-10-17\nb: .nan\n", `t.yaml:1:4: a: 2012-10-17 is a date in YAML, which JSON can not carry: quote it: "2012-10-17"` +
			"\n" + `t.yaml:2:4: b: .nan is a number that JSON can not carry: quote it if it is text: ".nan"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := parseFaults(t, test.text).Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestParseHostile holds that no input, however made, costs more than a moment.
func TestParseHostile(t *testing.T) {
	t.Parallel()
	nested := "a: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		previous, current := string(rune('a'+i-1)), string(rune('a'+i))
		nested += current + ": &" + current + "0 [" + strings.Repeat("*"+previous+"0,", 10) + "]\n"
	}
	long := strings.Repeat("k", 200_000)
	merges := "a: &a {" + strings.Repeat("x: 1, ", 1) + "y: 2}\n"
	for i := 1; i < 12; i++ {
		previous, current := string(rune('a'+i-1)), string(rune('a'+i))
		merges += current + ": &" + current + " {<<: [" + strings.Repeat("*"+previous+",", 10) + "]}\n"
	}
	tests := []struct{ name, text, want string }{
		{"10 MB", strings.Repeat("a: 1\n", 2<<20), "the document has 10485760 bytes, more than the 1048576 (1 MiB) that are allowed"},
		{"alias bomb", nested, "the aliases of the document expand to more than 100000 values"},
		{"alias bomb of text", "a: &a " + long + "\nb: [" + strings.Repeat("*a,", 100) + "]\n", "the aliases of the document expand to more than 4194304 bytes"},
		{"merge bomb", merges, "the aliases of the document expand to more than 100000 values"},
		{"deep lists", strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000), "the document nests deeper than 100 levels"},
		{"very deep lists", strings.Repeat("[", 500_000), "the document nests too deep"},
		{"deep JSON", `{"a":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + "}", "the document nests deeper than 100 levels"},
		{"long keys above many values", "? " + long + "\n: [" + strings.Repeat("1,", 100_000) + "]", "the document has too many values under long keys"},
		{"a long integer", "a: 0x" + strings.Repeat("f", 900_000), "an integer of more than 4300 digits is not supported"},
		{"a long integer in sixties", "a: 1" + strings.Repeat(":59", 300_000), "an integer of more than 4300 digits is not supported"},
		{"many duplicates", strings.Repeat("a: 1\n", 100_000), `the key "a" is there twice`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			faults := parseFaults(t, test.text)
			if faults[0].Problem != test.want {
				t.Errorf("got %q, want %q", faults[0].Problem, test.want)
			}
			if len(faults) > maxFaults+1 {
				t.Errorf("%d faults", len(faults))
			}
			t.Log(time.Since(start))
		})
	}
}

func TestParseSamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"empty_payload", "invalid_yaml"} {
		text, err := os.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(name+".yaml", text)
		var fault Fault
		if !errors.As(err, &fault) || fault.Line != 1 || fault.Problem == "" {
			t.Errorf("%s: %v, want a fault with a place", name, err)
		}
	}
}

func TestParseJSON(t *testing.T) {
	t.Parallel()
	document, err := ParseJSON("body", []byte("{\"a\":\n  [1, \"é\", {\"b\": null}],\n \"c\": 1.0E2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		Path         string
		Kind         Kind
		Line, Column int
	}
	var got []place
	var walk func(n *Node)
	walk = func(n *Node) {
		got = append(got, place{n.Path(), n.Kind, n.Line, n.Column})
		for _, child := range n.Entries() {
			walk(child)
		}
		for _, child := range n.Items() {
			walk(child)
		}
	}
	walk(document.Root)
	want := []place{
		{"", Map, 1, 1}, {"a", List, 2, 3}, {"a[0]", Int, 2, 4}, {"a[1]", String, 2, 7}, {"a[2]", Map, 2, 12},
		{"a[2].b", Null, 2, 18}, {"c", Float, 3, 7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := document.Root.Get("c").Text(); got != "1.0E2" {
		t.Errorf("number became %s", got)
	}
}

func TestParseJSONRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", "b:1:1: the document is empty"},
		{"a: 1", "b:1:1: the text is not JSON: invalid character 'a' at start of value"},
		{`{"a": 1} x`, "b:1:10: the text is not JSON: invalid character 'x' at start of value"},
		{`{"a": 1} {}`, "b:1:11: the text is not JSON: more text after the value"},
		{`{"a": 1`, "b:1:8: the text is not JSON: it ends too early"},
		{`{"a": 1, "a": 2}`, `b:1:10: the key "a" is there twice: remove or rename one of them`},
		{"{\"a\": \"\xff\"}", "b:1:8: the text is not UTF-8 (byte 0xff): save the file as UTF-8"},
		{`{"a": "\ud800"}`, "b:1:8: the text is not JSON: invalid surrogate pair `\\ud800\"}` in string"},
		{`{"a": [1e400, 2e400]}`, "b:1:8: a[0]: the number 1e400 is too large\nb:1:15: a[1]: the number 2e400 is too large"},
		{`{"a": NaN}`, "b:1:7: the text is not JSON: invalid character 'N' at start of value"},
		{`{'a': 1}`, "b:1:2: the text is not JSON: invalid character '\\'' at start of value"},
	}
	for _, test := range tests {
		_, err := ParseJSON("b", []byte(test.text))
		if err == nil {
			t.Errorf("%q is taken", test.text)
			continue
		}
		if _, ok := errors.AsType[Faults](err); !ok || err.Error() != test.want {
			t.Errorf("%q:\ngot  %v\nwant %s", test.text, err, test.want)
		}
	}
	if _, err := ParseJSON("b", bytes.Repeat([]byte("1"), MaxBytes+1)); err == nil {
		t.Error("a body of more than MaxBytes is taken")
	}
}
