package starbase_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

// Payload types that compile though they are wrong.
type (
	byPointer   struct{ *starfleet.AccountPayload }
	byInterface struct{ starfleet.Payload }
	underTag    struct {
		starfleet.AccountPayload `json:"base"`
	}
	shadowing struct {
		starfleet.AccountPayload
		Mine string `json:"TemplateName"`
	}
	wrongValidate struct{ starfleet.AccountPayload }
)

func (wrongValidate) Validate(string) error { return nil }

func TestRegisterRefusesWrongWiring(t *testing.T) {
	t.Parallel()
	fleet := starbase.NewFleet()
	tests := map[string]struct {
		err     error
		problem string
	}{
		"no fleet":                 {starbase.Register(nil, ship[accountPayload]("A")), "the fleet is nil"},
		"no ship":                  {starbase.Register[accountPayload](fleet, nil), "nil"},
		"no name":                  {starbase.Register(fleet, ship[accountPayload]("")), "ship name"},
		"a name that is a path":    {starbase.Register(fleet, ship[accountPayload]("a/b")), "ship name"},
		"not a struct":             {starbase.Register(fleet, ship[*accountPayload]("A")), "not a struct"},
		"base by pointer":          {starbase.Register(fleet, ship[byPointer]("A")), "by value"},
		"base by interface":        {starbase.Register(fleet, ship[byInterface]("A")), "by value"},
		"base under a tag":         {starbase.Register(fleet, ship[underTag]("A")), "json tag"},
		"a field of the base":      {starbase.Register(fleet, ship[shadowing]("A")), "TemplateName"},
		"Validate that is another": {starbase.Register(fleet, ship[wrongValidate]("A")), "Validate"},
	}
	for name, test := range tests {
		if test.err == nil || !strings.Contains(test.err.Error(), test.problem) {
			t.Errorf("%s: %v", name, test.err)
		}
	}
	if names := fleet.Names(); len(names) != 0 {
		t.Errorf("the fleet has %q", names)
	}
}

// What a ship's process needs to run, its configuration and its commit, is not asked of the Starbase's environment.
func TestRegisterReadsNoEnvironment(t *testing.T) {
	t.Setenv(starfleet.EnvironmentConfig, "/does/not/exist")
	if err := starbase.Register(starbase.NewFleet(), ship[accountPayload]("A")); err != nil {
		t.Error(err)
	}
}

func TestFleetHasEachNameOnce(t *testing.T) {
	t.Parallel()
	fleet := starbase.NewFleet()
	if err := starbase.Register(fleet, ship[regionPayload]("Linked")); err != nil {
		t.Fatal(err)
	}
	manifest := baseManifest(t, "Manifest", starfleet.PerAccount)
	if err := fleet.AddManifest(manifest); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		err    error
		linked bool
	}{
		"Linked, again":         {starbase.Register(fleet, ship[accountPayload]("Linked")), true},
		"Linked, by manifest":   {fleet.AddManifest(baseManifest(t, "Linked", starfleet.PerAccount)), true},
		"Manifest, again":       {fleet.AddManifest(manifest), false},
		"Manifest, by its code": {starbase.Register(fleet, ship[accountPayload]("Manifest")), false},
	} {
		var duplicate *starbase.DuplicateShipError
		if !errors.As(test.err, &duplicate) || duplicate.Linked != test.linked {
			t.Errorf("%s: %v", name, test.err)
		}
	}
	if m, ok := fleet.Manifest("Linked"); !ok || m.FanOut != starfleet.PerAccountRegion {
		t.Errorf("the linked ship has the manifest %+v", m)
	}
	if names := fleet.Names(); !slices.Equal(names, []string{"Linked", "Manifest"}) {
		t.Errorf("names %q", names)
	}
}

func baseManifest(t *testing.T, name string, strategy starfleet.FanOutStrategy) starfleet.Manifest {
	t.Helper()
	m, err := starfleet.BaseManifest(name, strategy)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAddManifestChecksItWhole(t *testing.T) {
	t.Parallel()
	fleet := starbase.NewFleet()
	bad := baseManifest(t, "A", starfleet.PerAccount)
	bad.Runtime = "ruby"
	bad.Permissions.Read = []string{"s3:*"}
	var faults schema.Faults
	if err := fleet.AddManifest(bad); !errors.As(err, &faults) || len(faults) != 2 {
		t.Errorf("error %v", err)
	}
	bad.PayloadSchema = []byte("{")
	if err := fleet.AddManifest(bad); err == nil {
		t.Error("a schema that is no JSON was accepted")
	}
	if err := fleet.AddManifest(starfleet.Manifest{}); err == nil {
		t.Error("an empty manifest was accepted")
	}
	if names := fleet.Names(); len(names) != 0 {
		t.Errorf("the fleet has %q", names)
	}
}

// A manifest has no key for a queue or a role: one that has is refused.
func TestManifestNamesNoQueue(t *testing.T) {
	t.Parallel()
	store := newStore()
	store.put("manifests/a.json", `{"name":"A","fanOutStrategy":"ACCOUNT","payloadSchema":{},"InvocationQueueUrl":"https://sqs.us-east-1.amazonaws.com/1/evil"}`)
	fleet := starbase.NewFleet()
	if err := fleet.LoadManifests(t.Context(), store, "manifests/"); err == nil || !strings.Contains(err.Error(), "InvocationQueueUrl") {
		t.Errorf("error %v", err)
	}
	if names := fleet.Names(); len(names) != 0 {
		t.Errorf("the fleet has %q", names)
	}
}

func TestParseTemplate(t *testing.T) {
	t.Parallel()
	fleet := fleetOf(t)
	good := regionTemplate("t", everyone, "us-east-1")
	template, err := fleet.ParseTemplate("Region", "t.yaml", []byte(good+"RetentionDays: 30\n"))
	if err != nil || template.Name() != "t" || template.Ship() != "Region" {
		t.Errorf("template %v, error %v", template, err)
	}
	var faults schema.Faults
	if _, err := fleet.ParseTemplate("Region", "t.yaml", []byte(good+"RetentionDays: 13\n")); !errors.As(err, &faults) || faults[0].File != "t.yaml" {
		t.Errorf("the payload's own check: %v", err)
	}
	var unknown *starbase.UnknownShipError
	if _, err := fleet.ParseTemplate("Nobody", "t.yaml", nil); !errors.As(err, &unknown) {
		t.Errorf("an unknown ship: %v", err)
	}
}

// Good manifests of a folder are added, bad ones are named, and none replaces a ship.
func TestLoadManifests(t *testing.T) {
	t.Parallel()
	fleet := starbase.NewFleet()
	if err := starbase.Register(fleet, ship[regionPayload]("Linked")); err != nil {
		t.Fatal(err)
	}
	store := newStore()
	store.put("manifests/good.json", marshal(baseManifest(t, "Good", starfleet.PerAccount)))
	store.put("manifests/linked.json", marshal(baseManifest(t, "Linked", starfleet.PerAccount)))
	store.put("manifests/bad.yaml", "name: [")
	store.put("manifests/README.md", "nothing")
	store.put("other/elsewhere.json", marshal(baseManifest(t, "Elsewhere", starfleet.PerAccount)))
	err := fleet.LoadManifests(t.Context(), store, "manifests/")
	var duplicate *starbase.DuplicateShipError
	if !errors.As(err, &duplicate) || !strings.Contains(err.Error(), "manifests/linked.json") || !strings.Contains(err.Error(), "manifests/bad.yaml:1") {
		t.Errorf("error %v", err)
	}
	if names := fleet.Names(); !slices.Equal(names, []string{"Good", "Linked"}) {
		t.Errorf("names %q", names)
	}
	if m, _ := fleet.Manifest("Linked"); m.FanOut != starfleet.PerAccountRegion {
		t.Error("a manifest replaced the linked ship")
	}
	if err := fleet.LoadManifests(t.Context(), store, ""); err != nil {
		t.Errorf("without a prefix: %v", err)
	}
	store.listErr["manifests/"] = errTransient
	if err := starbase.NewFleet().LoadManifests(t.Context(), store, "manifests/"); !errors.Is(err, errTransient) {
		t.Errorf("error %v", err)
	}
}

// A ship that is known by its manifest is tasked like a linked one.
func TestManifestShipIsTasked(t *testing.T) {
	t.Parallel()
	fleet := starbase.NewFleet()
	if err := fleet.AddManifest(baseManifest(t, "Bare", starfleet.PerAccount)); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setup{fleet: fleet, configuration: configuration(t, section("Bare", "Bare", "S3"))})
	version := w.templates.put("Bare/x.yaml", accountTemplate("t", everyone+"Anything: {at: all}\n"))
	w.must(w.handle(s3Body("ObjectCreated:Put", "Bare/x.yaml", version)))
	if n := w.queue("Bare").Len(); n != 19 {
		t.Errorf("%d tasks", n)
	}
}
