package main

import (
	"os"
	"testing"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// TestDryRun: the ship says what it would change, and writes nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	result := starfleettest.Execute(t, Retention{}, Payload{LogGroup: "/audit/trail", Days: 90}, nil)
	if result.Outcome != starfleet.OutcomeChanged || len(result.Changes) != 1 {
		t.Errorf("result %+v", result)
	}
}

// TestTemplate: the template beside the ship is one that it understands.
func TestTemplate(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := starfleet.ManifestOf(Retention{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := starfleet.ParseTemplate(manifest, "template.yaml", data); err != nil {
		t.Error(err)
	}
}
