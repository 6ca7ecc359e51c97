package schema

import (
	"reflect"
	"strings"
	"testing"
)

const benchTemplate = `TemplateName: x
TemplateDescription: y
ByIds: ["000000000001", "000000000002", "000000000003"]
ByTags:
  - {Name: Environment, Value: prod}
  - {Name: Team, Value: platform}
Mode: Slow
Days: 30
`

func BenchmarkParse(b *testing.B) {
	text := []byte(benchTemplate)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("t.yaml", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	text := mustParse(b, benchTemplate).Root.AppendJSON(nil)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON("body", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	document := mustParse(b, benchTemplate)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = document.Root.AppendJSON(dst[:0])
	}
}

func BenchmarkValidate(b *testing.B) {
	raw, err := Reflect(reflect.TypeFor[reflectPayload](), "x", false)
	if err != nil {
		b.Fatal(err)
	}
	compiled, document := mustCompile(b, string(raw)), mustParse(b, benchTemplate)
	b.ReportAllocs()
	for b.Loop() {
		if faults := compiled.Validate(document); faults != nil {
			b.Fatal(faults)
		}
	}
}

func BenchmarkParseTooLarge(b *testing.B) {
	text := []byte(strings.Repeat("a: 1\n", 2<<20))
	for b.Loop() {
		if _, err := Parse("t.yaml", text); err == nil {
			b.Fatal("10 MB are taken")
		}
	}
}
