package accountindexgenerator_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/accountindexgenerator"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write schema.json")

// handler is the ship as Run would serve it, without an environment.
func handler(t *testing.T) *starfleet.Handler {
	t.Helper()
	h, err := starfleet.NewHandler(accountindexgenerator.New(accountindexgenerator.Settings{}, accountindexgenerator.Clients{}), starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSchemaIsCurrent holds schema.json, which editors read, against the payload type. Write it anew with -update.
func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := handler(t).Manifest().Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.json is not that of the payload type; go test -update writes it (-want +got):\n%s", diff)
	}
}

func TestTemplateIsValid(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), schema.Modeline("schema.json")+"\n") {
		t.Error("template.yaml does not begin with the line by which editors find its schema")
	}
	h := handler(t)
	template, err := starfleet.ParseTemplate(h.Manifest(), "template.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CheckPayload(template.Document()); err != nil {
		t.Error(err)
	}
	if template.Strategy() != starfleet.SingleInvocation {
		t.Errorf("strategy %s", template.Strategy())
	}
}

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	const base = "TemplateName: T\nTemplateDescription: D\n"
	tests := map[string]struct{ text, want string }{
		"no bucket":       {base + "InventoryBucketRegion: us-east-1\n", "AccountInventoryBucket"},
		"no region":       {base + "AccountInventoryBucket: bucket\n", "InventoryBucketRegion"},
		"a region's name": {base + "AccountInventoryBucket: bucket\nInventoryBucketRegion: Virginia\n", "no region name"},
		"a folder":        {base + "AccountInventoryBucket: bucket\nInventoryBucketRegion: us-east-1\nInventoryObjectPrefix: index/\n", "end in a slash"},
		"an unknown key":  {base + "AccountInventoryBucket: bucket\nInventoryBucketRegion: us-east-1\nInventoryKey: x\n", "InventoryKey"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler(t)
			template, err := starfleet.ParseTemplate(h.Manifest(), "t.yaml", []byte(test.text))
			if err == nil {
				err = h.CheckPayload(template.Document())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to name %s", err, test.want)
			}
		})
	}
}
