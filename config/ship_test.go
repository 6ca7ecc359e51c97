package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

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

func TestDryRunPoliciesAreSwitchedOffByAnEmptyList(t *testing.T) {
	t.Parallel()
	ship, err := mustLoad(t, leastStarfleet, leastShip.with("DryRunPolicies", "[]")).Ship("MyShip")
	if err != nil || ship.Session.DryRunPolicies == nil || len(ship.Session.DryRunPolicies) > 0 {
		t.Errorf("policies %#v, error %v", ship.Session.DryRunPolicies, err)
	}
}

func TestSessionKeys(t *testing.T) {
	t.Parallel()
	c, err := config.Open("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ship, err := c.Ship("FullShip")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Session{
		AllowedRoles:   []string{"starfleet/auditor", "arn:{partition}:iam::{account}:role/starfleet/operator"},
		Chain:          []string{"arn:{partition}:iam::123456789012:role/hub"},
		ExternalID:     "starfleet-1",
		Policies:       []string{"arn:{partition}:iam::aws:policy/CloudWatchLogsFullAccess"},
		Policy:         `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`,
		DryRunPolicies: []string{"arn:{partition}:iam::aws:policy/SecurityAudit"},
		SourceIdentity: "starfleet", Tags: map[string]string{"team": "platform"}, Duration: 30 * time.Minute,
	}
	if diff := cmp.Diff(want, ship.Session); diff != "" {
		t.Errorf("Session (-want +got):\n%s", diff)
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

// A task names no ship: two ships of one queue would do each other's work.
func TestQueuesAreNotShared(t *testing.T) {
	t.Parallel()
	const queue = "https://sqs.us-east-1.amazonaws.com/123456789012/my-ship"
	other := section{"OtherShip", leastShip.keys}.with("InvocationQueueUrl", "https://SQS.us-east-1.amazonaws.com:443/123456789012/my-ship/")
	third := section{"ThirdShip", leastShip.keys}.with("InvocationQueueUrl", queue+"-3")
	c := mustLoad(t, leastStarfleet, leastShip, other, third)
	for name, want := range map[string]string{"MyShip": "is also OtherShip.InvocationQueueUrl, at starfleet.yaml:13:23", "OtherShip": "is also MyShip.InvocationQueueUrl, at starfleet.yaml:8:23"} {
		_, err := c.Ship(name)
		wantFault(t, err, name+".InvocationQueueUrl", want)
	}
	if _, err := c.Ship("ThirdShip"); err != nil {
		t.Errorf("another ship is stopped, too: %v", err)
	}
	for want, fleet := range map[string][]section{
		"is also STARFLEET.FanOutQueueUrl":   {leastStarfleet.with("FanOutQueueUrl", queue)},
		"is also Fleet.ContinuationQueueUrl": {leastStarfleet, leastFleet.with("ContinuationQueueUrl", queue)},
	} {
		_, err := mustLoad(t, append(fleet, leastShip)...).Ship("MyShip")
		wantFault(t, err, "MyShip.InvocationQueueUrl", want)
	}
}
