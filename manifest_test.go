package starfleet_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/schema"
)

func asType[E error](err error) (E, bool) {
	var target E
	ok := errors.As(err, &target)
	return target, ok
}

// TestManifestRoundTrip: what a ship prints of itself is read back as it was.
func TestManifestRoundTrip(t *testing.T) {
	t.Parallel()
	manifest, err := starfleet.ManifestOf(retentionShip(nil))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := manifest.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := starfleet.ParseManifest("m.json", encoded)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Encode()
	if err != nil || string(second) != string(encoded) || !reflect.DeepEqual(again.Permissions, manifest.Permissions) {
		t.Errorf("%v: first\n%s\nsecond\n%s", err, encoded, second)
	}
}

// TestManifestFaults: all faults of a manifest at once, each with its place.
func TestManifestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"not JSON or YAML", "{", "m.json:1:"},
		{"unknown key", `{"name":"S","queue":"https://x"}`, "queue: unknown key"},
		{"bad name", `{"name":"my ship","fanOutStrategy":"ACCOUNT","payloadSchema":{}}`, "name: "},
		{"bad strategy", `{"name":"S","fanOutStrategy":"REGION","payloadSchema":{}}`, "fanOutStrategy: "},
		{"bad runtime", `{"name":"S","fanOutStrategy":"SINGLE_INVOCATION","runtime":"perl","payloadSchema":{}}`, `runtime: "perl"`},
		{"no schema", `{"name":"S","fanOutStrategy":"ACCOUNT"}`, "payloadSchema: is required"},
		{"schema of another strategy", `{"name":"S","fanOutStrategy":"ACCOUNT","payloadSchema":{"properties":{"TemplateName":{},"TemplateDescription":{}}}}`, "needs the property IncludeAccounts"},
		{"remote reference", `{"name":"S","fanOutStrategy":"SINGLE_INVOCATION","payloadSchema":{"$ref":"file:///etc/passwd"}}`, "payloadSchema: "},
		{"wildcard", `{"name":"S","fanOutStrategy":"SINGLE_INVOCATION","permissions":{"read":["s3:*"]},"payloadSchema":{"properties":{"TemplateName":{},"TemplateDescription":{}}}}`, "without wildcards"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := starfleet.ParseManifest("m.json", []byte(test.text))
			if faults, ok := asType[schema.Faults](err); !ok || !strings.Contains(faults.Error(), test.want) {
				t.Errorf("error %v, want faults with %q", err, test.want)
			}
		})
	}
}

// TestManifestOfPythonShip: of a Python ship nothing need be known but its name and strategy. What is known of its payload counts.
func TestManifestOfPythonShip(t *testing.T) {
	t.Parallel()
	m, err := starfleet.ParseManifest("m.json", []byte(`{"name":"S","fanOutStrategy":"ACCOUNT","runtime":"python"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := starfleet.ParseTemplate(m, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nOwn: 1\n")); err != nil {
		t.Errorf("a key of the ship's own: %v", err)
	}
	if _, err := starfleet.ParseTemplate(m, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nOwn: 1\n")); err == nil {
		t.Error("a template without IncludeAccounts was accepted")
	}
	for _, text := range []string{
		`{"name":"S","fanOutStrategy":"ACCOUNT","runtime":"python","payloadSchema":null}`,
		`{"name":"S","fanOutStrategy":"SINGLE_INVOCATION","runtime":"python","payloadSchema":{"properties":{"TemplateName":{}}}}`,
		`{"name":"S","fanOutStrategy":"NONE","runtime":"python"}`,
	} {
		if _, err := starfleet.ParseManifest("m.json", []byte(text)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestBaseManifestRefusesUnknownStrategies(t *testing.T) {
	t.Parallel()
	if _, err := starfleet.BaseManifest("S", "EVERYWHERE"); err == nil || !strings.Contains(err.Error(), "ACCOUNT_REGION") {
		t.Errorf("error %v does not name the strategies", err)
	}
}
