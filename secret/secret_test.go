package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yamlv3 "go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/secret"
)

const hidden = "xoxb-hush"

// holder has secrets in every position that a printer reaches.
type holder struct {
	Token   secret.Value            `json:"token" yaml:"token"`
	Pointer *secret.Value           `json:"pointer" yaml:"pointer"`
	Map     map[string]secret.Value `json:"map" yaml:"map"`
	List    []secret.Value          `json:"list" yaml:"list"`
	private secret.Value
}

func newHolder() holder {
	v := secret.New(hidden)
	return holder{Token: v, Pointer: &v, Map: map[string]secret.Value{"a": v}, List: []secret.Value{v}, private: v}
}

// TestValueNeverShows: fmt with every verb and flag, slog, JSON of both kinds, YAML of both kinds, and printers that look into private fields.
func TestValueNeverShows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := newHolder()
	for _, verb := range "abcdefghijklmnopqrstuvwxyzTUXGEFxqv" {
		for _, flags := range []string{"", "+", "#", "-20", "020", ".3", " "} {
			fmt.Fprintf(&out, "%"+flags+string(verb), h.Token)
			fmt.Fprintf(&out, "%"+flags+string(verb), h)
			fmt.Fprintf(&out, "%"+flags+string(verb), &h)
		}
	}
	fmt.Fprintln(&out, h, h.Token, h.Token.String(), h.Token.GoString(), errors.New(h.Token.String()))
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("m", "token", h.Token, "holder", h, "pointer", h.Pointer, "map", h.Map)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){
		"encoding/json": json.Marshal, "go-json-experiment": func(v any) ([]byte, error) { return jsonv2.Marshal(v) },
		"sigs yaml": yaml.Marshal, "yaml/v3": yamlv3.Marshal,
	} {
		data, err := marshal(h)
		if err != nil || !strings.Contains(string(data), "***") {
			t.Errorf("%s: %s, error %v", name, data, err)
		}
		out.Write(data)
	}
	out.WriteString(cmp.Diff(h.Token, secret.New("other")))
	for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), "eG94Yi1odXNo"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows as %s", form)
		}
	}
	if got := fmt.Sprintf("%v %s %q %x %d %+v", h.Token, h.Token, h.Token, h.Token, h.Token, h.Token); got != "*** *** *** *** *** ***" {
		t.Errorf("Sprintf: %s", got)
	}
}

func TestValueKeepsItsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var fromJSON, fromText secret.Value
		if err := json.Unmarshal(encoded, &fromJSON); err != nil {
			t.Fatal(err)
		}
		if err := fromText.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		made := secret.New(text)
		if made.Reveal() != text || !made.Equal(fromText) || fromText.Reveal() != text || made.IsZero() != (text == "") {
			t.Fatalf("%q became %q and %q", text, made.Reveal(), fromText.Reveal())
		}
		if strings.ToValidUTF8(text, "\ufffd") == text && fromJSON.Reveal() != text {
			t.Fatalf("%q became %q through JSON", text, fromJSON.Reveal())
		}
		if made.Equal(secret.New(text + "x")) {
			t.Fatal("equal to another text")
		}
	})
	var zero secret.Value
	if zero.Reveal() != "" || !zero.IsZero() || zero.String() != "***" {
		t.Errorf("zero value: %q %s", zero.Reveal(), zero)
	}
	for _, bad := range []string{"1", "null", `{"a":"` + hidden + `"}`, `["` + hidden + `"]`} {
		var v secret.Value
		if err := json.Unmarshal([]byte(bad), &v); err == nil || strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	doc, err := secret.Parse("fleet", []byte(`{"STARFLEET":{"SlackToken":"`+hidden+`","Other":1},"GitHubSyncWorker":{"org":"PEM\nline"},"List":["a"],"Null":null}`))
	if err != nil {
		t.Fatal(err)
	}
	var typed struct{ SlackToken secret.Value }
	if err := doc.Section(t.Context(), "STARFLEET", &typed); err != nil || typed.SlackToken.Reveal() != hidden {
		t.Errorf("STARFLEET: %q, error %v", typed.SlackToken.Reveal(), err)
	}
	var keys map[string]secret.Value
	if err := doc.Section(t.Context(), "GitHubSyncWorker", &keys); err != nil || keys["org"].Reveal() != "PEM\nline" {
		t.Errorf("GitHubSyncWorker: %v, error %v", keys, err)
	}
	var folded struct {
		SlackToken secret.Value `json:"slacktoken"`
	}
	if err := doc.Section(t.Context(), "STARFLEET", &folded); err != nil || !folded.SlackToken.IsZero() {
		t.Errorf("names match whatever their case: %v", err)
	}
	var missing *secret.MissingError
	if err := doc.Section(t.Context(), "starfleet", &typed); !errors.As(err, &missing) || missing.Section != "starfleet" {
		t.Errorf("missing section: %v", err)
	}
	var number struct{ SlackToken int }
	for name, target := range map[string]any{"STARFLEET": &number, "List": &keys, "Null": &keys} {
		var malformed *secret.MalformedError
		err := doc.Section(t.Context(), name, target)
		if !errors.As(err, &malformed) || malformed.Section != name || strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, target := range []any{nil, typed, (*holder)(nil)} {
		if err := doc.Section(t.Context(), "STARFLEET", target); err == nil {
			t.Errorf("target %T was accepted", target)
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v %s %d", doc, doc, doc, *doc, *doc); strings.Contains(printed, "hush") || strings.Contains(printed, "120 111") {
		t.Errorf("the document shows: %s", printed)
	}
}

func TestNone(t *testing.T) {
	t.Parallel()
	secret.None{}.Invalidate()
	if err := (secret.None{}).Section(t.Context(), "STARFLEET", nil); !errors.Is(err, secret.ErrNotConfigured) {
		t.Error(err)
	}
}

// FuzzParse: whatever a secret holds, no error of its reading shows it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{}`, `{"STARFLEET":{"SlackToken":"hush-hush"}}`, `{"STARFLEET":"hush-hush"}`, `"hush-hush"`, `{"STARFLEET":{"SlackToken":hush-hush}}`,
		`{"STARFLEET":{"SlackToken":["hush-hush"]}}`, `{"STARFLEET":{},"STARFLEET":{}}`, `null`, `{"STARFLEET":{"SlackToken":123456789}}`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := secret.Parse("fleet", data)
		if err == nil {
			var typed struct{ SlackToken secret.Value }
			err = doc.Section(t.Context(), "STARFLEET", &typed)
		}
		if err == nil {
			return
		}
		for _, telling := range []string{"hush-hush", "123456789"} {
			if strings.Contains(err.Error(), telling) {
				t.Errorf("the error shows the secret: %v", err)
			}
		}
	})
}
