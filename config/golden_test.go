package config_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// All faults of all files come at once, each with its place, in the order of the files.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Open("testdata/bad")
	golden(t, "testdata/bad.golden", faultsOf(t, err).Error()+"\n")
}

// All faults of a ship come at once, and the other ship is not stopped by them.
func TestAllFaultsOfAShip(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/bad/d_ship.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := loadFiles(map[string]string{"a.yaml": leastStarfleet.String(), "b.yaml": section{"Good", leastShip.keys}.String(), "d_ship.yaml": string(text)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ship("Good"); err != nil {
		t.Errorf("the good ship: %v", err)
	}
	_, err = c.Ship("Broken")
	golden(t, "testdata/bad_ship.golden", faultsOf(t, err).Error()+"\n")
}

// golden compares a text with a golden file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", file, diff)
	}
}
