package main

import (
	"flag"
	"os"
	"testing"

	"github.com/starfleet-go/starfleet"
)

var update = flag.Bool("update", false, "write schema.json")

// handler is the ship as Run would serve it, without the environment.
func handler(t *testing.T) *starfleet.Handler {
	t.Helper()
	h, err := starfleet.NewHandler(Ship{}, starfleet.WithConfig(configuration), starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestTemplate: the ship understands its template.
func TestTemplate(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	h := handler(t)
	template, err := starfleet.ParseTemplate(h.Manifest(), "template.yaml", data)
	if err == nil {
		err = h.CheckPayload(template.Document())
	}
	if err != nil {
		t.Error(err)
	}
}

// TestSchema: schema.json, by which editors check templates, is that of the payload. It is written anew with -update.
func TestSchema(t *testing.T) {
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
	if string(got) != string(want) {
		t.Error("schema.json is not that of the payload: write it anew with go test . -run TestSchema -update")
	}
}
