package schema

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type reflectTag struct {
	Name  string `json:"Name" jsonschema:"required,minLength=1,maxLength=128"`
	Value string `json:"Value" jsonschema:"required,maxLength=256"`
}

type reflectBase struct {
	TemplateName string `json:"TemplateName" jsonschema:"required,description=The <name> of the template."`
	Description  string `json:"TemplateDescription" jsonschema:"required" jsonschema_description:"What it is for, in a sentence."`
}

type reflectPayload struct {
	reflectBase

	ByIDs    []string              `json:"ByIds" jsonschema:"minItems=1,maxLength=12,pattern=^[0-9]{1\\,12}$"`
	Tags     []reflectTag          `json:"ByTags,omitempty"`
	Assigned *string               `json:"Assigned" jsonschema:"enum=a,enum=b"`
	Nested   *reflectTag           `json:"Nested"`
	Counts   map[string]uint       `json:"Counts"`
	Mode     string                `json:"Mode" jsonschema:"enum=Fast,enum=Slow,default=Fast"`
	Days     int                   `json:"Days" jsonschema:"minimum=1,maximum=3653"`
	Ratio    float64               `json:"Ratio"`
	Wait     time.Duration         `json:"Wait" jsonschema:"default=30s"`
	Since    time.Time             `json:"Since"`
	Address  netip.Addr            `json:"Address"`
	Raw      json.RawMessage       `json:"Raw"`
	Anything any                   `json:"Anything"`
	Matrix   [2][]bool             `json:"Matrix"`
	ByName   map[string]reflectTag `json:"ByName"`
	Ignored  chan int              `json:"-"`
	hidden   func()
}

func TestReflect(t *testing.T) {
	t.Parallel()
	_ = reflectPayload{}.hidden
	raw, err := Reflect(reflect.TypeFor[reflectPayload](), "LogRetention", false)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	want, err := os.ReadFile("testdata/reflect.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), indented.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if bytes.Contains(raw, []byte("$ref")) || bytes.Contains(raw, []byte("$defs")) {
		t.Error("the schema has references")
	}
	again, err := Reflect(reflect.TypeFor[*reflectPayload](), "LogRetention", false)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the second schema differs from the first: %v", err)
	}
}

func TestReflectOpen(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{true, false} {
		raw, err := Reflect(reflect.TypeFor[reflectPayload](), "x", open)
		if err != nil {
			t.Fatal(err)
		}
		compiled := mustCompile(t, string(raw))
		if compiled.Open() != open {
			t.Errorf("open is %v, want %v", compiled.Open(), open)
		}
		faults := compiled.Validate(mustParse(t, "TemplateName: x\nTemplateDescription: y\nOwner: z\nNested: {Name: a, Value: b, Owner: z}\n"))
		want := "t.yaml:4:29: Nested.Owner: unknown key"
		if !open {
			want = "t.yaml:3:1: Owner: unknown key\n" + want
		}
		if got := faults.Error(); got != want {
			t.Errorf("open %v: got\n%s\nwant\n%s", open, got, want)
		}
	}
}

// TestReflectAccepts holds that a document which fits the schema also decodes, null for pointers included.
func TestReflectAccepts(t *testing.T) {
	t.Parallel()
	raw, err := Reflect(reflect.TypeFor[reflectPayload](), "x", false)
	if err != nil {
		t.Fatal(err)
	}
	document := mustParse(t, `
TemplateName: x
TemplateDescription: y
ByIds: ["000000000012"]
Assigned: ~
Nested: ~
Counts: {a: 0}
Wait: 1h30m
Since: "2012-10-17T10:00:00Z"
Address: 10.0.0.1
Raw: {a: [1]}
Anything: [1]
Matrix: [[yes], [no, on]]
`)
	if faults := mustCompile(t, string(raw)).Validate(document); len(faults) > 0 {
		t.Fatal(faults)
	}
	var payload reflectPayload
	if err := document.Decode(&payload); err != nil {
		t.Fatal(err)
	}
	if payload.Wait != 90*time.Minute || payload.Assigned != nil || payload.TemplateName != "x" || !payload.Matrix[1][1] {
		t.Errorf("decoded %+v", payload)
	}
}

type recursive struct {
	Children []*recursive `json:"Children"`
}

type EmbedsItself struct {
	*EmbedsItself
	A string
}

func TestReflectRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value any
		want  string
	}{
		{3, "only a struct has a schema of keys"},
		{time.Time{}, "only a struct has a schema of keys"},
		{recursive{}, "Children[]: schema.recursive contains itself"},
		{EmbedsItself{}, "contains itself"},
		{struct{ B EmbedsItself }{}, "contains itself"},
		{struct{ A struct{ B func() } }{}, ".A.B: JSON can not carry a func()"},
		{struct{ A map[int]string }{}, ".A: the keys of map[int]string must be strings"},
		{struct{ A complex128 }{}, ".A: JSON can not carry a complex128"},
		{struct {
			A int `jsonschema:"minimun=3"`
		}{}, `.A: the jsonschema tag "minimun=3" has no effect here; did you mean minimum?`},
		{struct {
			A string `jsonschema:"minimum=3"`
		}{}, `.A: the jsonschema tag "minimum=3" has no effect here`},
		{struct {
			A string `jsonschema:"description=One, two"`
		}{}, `.A: the jsonschema tag " two" has no effect here; a description with commas goes into a jsonschema_description tag`},
		{struct {
			A string `jsonschema:"maxLength=many"`
		}{}, `.A: the jsonschema tag "maxLength=many" needs a whole number`},
		{struct {
			A int `jsonschema:"maximum=many"`
		}{}, `.A: the jsonschema tag "maximum=many" needs a number`},
		{struct {
			A string `jsonschema:"pattern"`
		}{}, `.A: the jsonschema tag "pattern" needs a value`},
		{struct {
			A string `jsonschema:"pattern=("`
		}{}, "at #/properties/A/pattern: '(' is not valid 'regex'"},
	}
	for _, test := range tests {
		_, err := Reflect(reflect.TypeOf(test.value), "x", true)
		if err == nil || !strings.HasPrefix(err.Error(), "schema: ") || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%T: %v\nwant %q", test.value, err, test.want)
		}
	}
	if _, err := Reflect(nil, "x", true); err == nil {
		t.Error("no type is taken")
	}
}
