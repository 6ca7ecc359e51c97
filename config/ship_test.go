package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/config"
)

// timedShip is tasked by a timer and lacks its frequency.
var timedShip = leastShip.with("InvocationSources", "[EVENTBRIDGE_TIMED_EVENT, S3, S3]")

func TestTimedSourceNeedsFrequency(t *testing.T) {
	t.Parallel()
	_, err := mustLoad(t, leastStarfleet, timedShip).Ship("MyShip")
	wantFault(t, err, "MyShip.EventBridgeTimedFrequency", "required key is missing: InvocationSources has EVENTBRIDGE_TIMED_EVENT")
}

func TestFrequencies(t *testing.T) {
	t.Parallel()
	for _, f := range config.Frequencies() {
		ship, err := mustLoad(t, leastStarfleet, timedShip.with("EventBridgeTimedFrequency", string(f))).Ship("MyShip")
		if err != nil {
			t.Fatal(err)
		}
		if ship.Frequency != f {
			t.Errorf("frequency %s is %s", f, ship.Frequency)
		}
		if parsed, err := config.ParseFrequency(string(f)); err != nil || parsed != f {
			t.Errorf("ParseFrequency(%s) = %s, %v", f, parsed, err)
		}
		if want := []config.Source{config.SourceTimer, config.SourceS3}; !cmp.Equal(want, ship.Sources) {
			t.Errorf("sources are %v, want %v", ship.Sources, want)
		}
	}
	if _, err := config.ParseFrequency("WEEKLY"); err == nil || !strings.Contains(err.Error(), "SIX_HOURLY") {
		t.Errorf("ParseFrequency(WEEKLY): %v", err)
	}
}

func TestDefaultSessionNameFits(t *testing.T) {
	t.Parallel()
	long := section{strings.Repeat("Ship é", 20), leastShip.keys}
	ship, err := mustLoad(t, leastStarfleet, long).Ship(long.name)
	if err != nil {
		t.Fatal(err)
	}
	if name := ship.WorkerRoleSessionName; len(name) != 64 || !strings.HasPrefix(name, "StarfleetShip--Ship--") {
		t.Errorf("session name is %q", name)
	}
}

func TestTypoInRequiredKey(t *testing.T) {
	t.Parallel()
	_, err := mustLoad(t, leastStarfleet, leastShip.with("Enabled", "-").with("Enable", "true")).Ship("MyShip")
	wantFault(t, err, "MyShip.Enabled", "is Enable meant to be Enabled?")
}

func TestEmptyShipSection(t *testing.T) {
	t.Parallel()
	c, err := loadText(leastStarfleet.String() + "MyShip:\n")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Ship("MyShip")
	wantFault(t, err, "MyShip", "is empty")
}

func TestShipSectionIsList(t *testing.T) {
	t.Parallel()
	c, err := loadText(leastStarfleet.String() + "MyShip: [Enabled]\n")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Ship("MyShip")
	wantFault(t, err, "MyShip", "must be a mapping of keys, is a list")
}

func TestNoSection(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, leastStarfleet, leastShip)
	for _, name := range []string{"MyShop", "STARFLEET", "Fleet", ""} {
		_, err := c.Ship(name)
		var missing *config.NoSectionError
		if !errors.As(err, &missing) || missing.Name != name {
			t.Errorf("Ship(%s): %v", name, err)
		}
	}
	if _, err := c.Ship("MyShop"); !strings.Contains(err.Error(), "did you mean MyShip?") {
		t.Errorf("no hint: %v", err)
	}
}
