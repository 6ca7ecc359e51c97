package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type decodeBase struct {
	Enabled bool `json:"Enabled"`
}

type decodeTarget struct {
	decodeBase

	Name    string            `json:"Name"`
	Count   int8              `json:"Count"`
	Ratio   float64           `json:"Ratio"`
	IDs     []string          `json:"Ids"`
	Labels  map[string]string `json:"Labels"`
	Nested  *decodeNested     `json:"Nested"`
	Wait    time.Duration     `json:"Wait"`
	Level   decodeLevel       `json:"Level"`
	Raw     json.RawMessage   `json:"Raw"`
	Default string            `json:"Default"`
}

type decodeNested struct {
	Items []decodeBase `json:"Items"`
}

type decodeLevel int

var errLevel = errors.New("is none of low and high")

func (l *decodeLevel) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = 1
	case "high":
		*l = 2
	default:
		return errLevel
	}
	return nil
}

func TestDecode(t *testing.T) {
	t.Parallel()
	document := mustParse(t, `
Enabled: yes
Name: x
name: in another case, and so another key
Count: 0x10
Ratio: 2
Ids: ["000000000012"]
Labels: {a: b}
Nested: {Items: [{Enabled: on}, {}]}
Wait: 90s
Level: high
Raw: {b: 1, a: [2012]}
Unknown: [left alone]
`)
	got := decodeTarget{Default: "kept"}
	if err := document.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := decodeTarget{
		decodeBase: decodeBase{Enabled: true}, Name: "x", Count: 16, Ratio: 2, IDs: []string{"000000000012"},
		Labels: map[string]string{"a": "b"}, Nested: &decodeNested{Items: []decodeBase{{Enabled: true}, {}}},
		Wait: 90 * time.Second, Level: 2, Raw: json.RawMessage(`{"b":1,"a":[2012]}`), Default: "kept",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(decodeTarget{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeFaults(t *testing.T) {
	t.Parallel()
	text := `Enabled: "yes"
Name: 012345670000
Count: 300
Ratio: x
Ids: one
Labels: {a: 1, b: [2]}
Nested: {Items: [{Enable: on, Enabled: 3}, 4]}
Wait: 30
Level: middle
Nme: x
`
	faults := `t.yaml:1:10: Enabled: must be a boolean, not the string "yes": remove the quotes
t.yaml:2:7: Name: must be a string, not the integer 012345670000: quote the account id: "012345670000"
t.yaml:3:8: Count: the integer 300 is out of range
t.yaml:4:8: Ratio: must be a number, not the string "x"
t.yaml:5:6: Ids: must be a list, not the string "one": write it as a list: ["one"]
t.yaml:6:13: Labels.a: must be a string, not the integer 1: quote it: "1"
t.yaml:6:19: Labels.b: must be a string, not a list
t.yaml:7:40: Nested.Items[0].Enabled: must be a boolean, not the integer 3
t.yaml:7:44: Nested.Items[1]: must be a mapping, not the integer 4
t.yaml:8:7: Wait: must be a duration with its unit, such as "30s" or "1h30m"
t.yaml:9:8: Level: is none of low and high`
	strict := `t.yaml:7:19: Nested.Items[0].Enable: unknown key: did you mean Enabled?
t.yaml:10:1: Nme: unknown key: did you mean Name?`

	document := mustParse(t, text)
	var target decodeTarget
	err := document.Decode(&target)
	if diff := cmp.Diff(faults, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got := map[string]bool{}
	err = document.DecodeNode(document.Root, &target, true)
	all, _ := errors.AsType[Faults](err)
	for _, fault := range all {
		got[fault.Error()] = true
	}
	if len(got) != 13 {
		t.Errorf("%d faults, want 13:\n%v", len(got), err)
	}
	for want := range strings.SplitSeq(faults+"\n"+strict, "\n") {
		if !got[want] {
			t.Errorf("strict: no fault %q", want)
		}
	}
}

func TestDecodeInto(t *testing.T) {
	t.Parallel()
	document := mustParse(t, "- a\n- b\n")
	var list []string
	if err := document.Decode(&list); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	var wrong decodeTarget
	if got, want := document.Decode(&wrong).Error(), "t.yaml:1:1: must be a mapping, not a list"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := document.Decode(wrong); err == nil {
		t.Error("a value that is no pointer is taken")
	}
	if err := document.Decode((*decodeTarget)(nil)); err == nil {
		t.Error("a nil pointer is taken")
	}
	if err := document.DecodeNode(nil, &list, true); err != nil || list != nil {
		t.Errorf("a nil node makes %v, %v", list, err)
	}
}
