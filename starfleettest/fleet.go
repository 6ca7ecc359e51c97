package starfleettest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/local"
)

// fleetStart is when the clock of a test's fleet begins: the same in every run, so that run ids are too.
var fleetStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Fleet is a Starbase with ships in one process; see package local. Its methods fail the test on errors.
type Fleet struct {
	tb    testing.TB
	local *local.Fleet
}

// FleetOptions of NewFleet.
type FleetOptions struct {
	// Index is the account index; nil is enough for ships that run once for a template.
	Index *accountindex.Index
	// Templates by key, such as "LogRetention/prod.yaml".
	Templates map[string]string
	// Ships names the ships that will be added. Each is given the prefix NAME/, both sources and the frequency HOURLY.
	// It is not needed with a Configuration.
	Ships []string
	// Configuration of the fleet, in place of the one made from Ships.
	Configuration *config.Configuration
}

// NewFleet makes a fleet without ships: put them in with [AddShip].
func NewFleet(tb testing.TB, o FleetOptions) *Fleet {
	tb.Helper()
	configuration := o.Configuration
	if configuration == nil {
		configuration = Configuration(tb, o.Ships...)
	}
	files := fstest.MapFS{}
	for key, text := range o.Templates {
		files[key] = &fstest.MapFile{Data: []byte(text)}
	}
	cfg := local.Config{Configuration: configuration, Templates: fs.FS(files), Start: fleetStart}
	if o.Index != nil {
		cfg.Index = accountindex.Static{X: o.Index}
	}
	fleet, err := local.New(cfg)
	if err != nil {
		tb.Fatalf("starfleettest: %v", err)
	}
	return &Fleet{tb: tb, local: fleet}
}

// AddShip puts a ship into a fleet, before its first Trigger. The ship is in dry run unless starfleet.WithCommit says otherwise.
func AddShip[P starfleet.Payload](f *Fleet, ship starfleet.Ship[P], options ...starfleet.Option) {
	f.tb.Helper()
	if err := local.Add(f.local, ship, options...); err != nil {
		f.tb.Fatalf("starfleettest: %v", err)
	}
}

// Trigger delivers triggers, such as local.Timer and local.Changed, works everything off and returns what was done.
func (f *Fleet) Trigger(triggers ...local.Trigger) *local.Report {
	f.tb.Helper()
	report, err := f.local.Run(f.tb.Context(), triggers...)
	if err != nil {
		f.tb.Fatalf("starfleettest: %v", err)
	}
	return report
}

// TaskedOptions of RequireTasked.
type TaskedOptions struct{ Account, Region string }

// RequireTasked returns the last result of a ship's task, and fails the test when there is none that fits. Empty options fit all.
func RequireTasked(tb testing.TB, report *local.Report, ship string, o TaskedOptions) starfleet.Result {
	tb.Helper()
	var seen []string
	for _, run := range slices.Backward(report.Runs) {
		for _, r := range run.Results {
			if r.Ship == ship && (o.Account == "" || o.Account == r.AccountID) && (o.Region == "" || o.Region == r.Region) {
				return r
			}
			seen = append(seen, fmt.Sprintf("%s in %s %s", r.Ship, r.AccountID, r.Region))
		}
	}
	tb.Fatalf("starfleettest: ship %s was not tasked in account %q region %q; tasked were: %s", ship, o.Account, o.Region, strings.Join(seen, "; "))
	return starfleet.Result{}
}

// Configuration is a small configuration with a section for each ship: prefix NAME/, both sources, frequency HOURLY, and
// no bound of targets below 1,000 accounts.
func Configuration(tb testing.TB, ships ...string) *config.Configuration {
	tb.Helper()
	const base = "https://sqs.us-east-1.amazonaws.com/000000000000/"
	text := &strings.Builder{}
	fmt.Fprintf(text, "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: templates\n  FanOutQueueUrl: %sfan-out\n", base)
	for _, name := range ships {
		fmt.Fprintf(text, "%s:\n  Enabled: true\n  TemplatePrefix: %[1]s/\n  InvocationQueueUrl: %[2]s%[1]s\n  InvocationSources: [S3, EVENTBRIDGE_TIMED_EVENT]\n"+
			"  EventBridgeTimedFrequency: HOURLY\n  WorkerRoleToAssume: worker\n  MaxTargets: 1000\n", name, base)
	}
	configuration, err := config.Load(fstest.MapFS{"configuration.yaml": {Data: []byte(text.String())}})
	if err != nil {
		tb.Fatalf("starfleettest: %v", err)
	}
	return configuration
}
