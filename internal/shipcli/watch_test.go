package shipcli_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/internal/shipcli"
	"github.com/starfleet-go/starfleet/internal/watchflags"
)

func TestWatchHandsEverythingOver(t *testing.T) {
	t.Parallel()
	ship, _ := testShip("ACCOUNT", shipcli.RunResult{}, nil)
	var got shipcli.WatchRequest
	ship.Watch = func(_ context.Context, r shipcli.WatchRequest) error {
		r.Note("noted %d", 1)
		if r.Metrics == nil {
			t.Error("no metrics")
		}
		r.Note, r.Metrics = nil, nil
		got = r
		return nil
	}
	a := call(t, ship, "", "watch", "--queue-url", "https://q", "--concurrency", "8", "--until-empty", "--job-limit", "90s", "--lease", "1m", "--wait", "1s",
		"--grace", "0s", "--listen", "9090", "--emf", "--commit", "--index", "index.json", "--config", "conf")
	if a.Status != 0 || a.Err != "note: noted 1\n" {
		t.Errorf("%+v", a)
	}
	want := shipcli.WatchRequest{
		QueueURL: "https://q", Commit: true, Index: "index.json", Config: "conf",
		Flags: watchflags.Flags{Concurrency: 8, UntilEmpty: true, JobLimit: 90 * time.Second, Lease: time.Minute, Wait: time.Second, Listen: "9090", EMF: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWatchUsage: what is wrong on the command line is told by the name of its flag, and nothing is begun.
func TestWatchUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--concurrency 0":                    "--concurrency must be at least 1",
		"--job-limit soon":                   "--job-limit",
		"--job-limit 7":                      "--job-limit",
		"--job-limit=-1s":                    "--job-limit must not be negative",
		"--wait 0s":                          "--wait must be more than 0",
		"--lease 0s":                         "--lease must be more than 0",
		"--grace=-1s":                        "--grace must not be negative",
		"--until-empty --fresh-process":      "--until-empty",
		"--fresh-process --concurrency 2":    "leave --concurrency out",
		"extra":                              "extra",
		"--queue-url":                        "--queue-url",
		"--concurrency 2 --concurrency many": "--concurrency",
	} {
		ship, _ := testShip("ACCOUNT", shipcli.RunResult{}, nil)
		ship.Watch = func(context.Context, shipcli.WatchRequest) error {
			t.Errorf("%q began", args)
			return nil
		}
		a := call(t, ship, "", append([]string{"watch"}, strings.Fields(args)...)...)
		if a.Status != 2 || !strings.Contains(a.Err, want) || !strings.Contains(a.Err, "Try: LogRetention watch --help") {
			t.Errorf("%q: %+v", args, a)
		}
	}
}

func TestWatchFails(t *testing.T) {
	t.Parallel()
	ship, _ := testShip("ACCOUNT", shipcli.RunResult{}, nil)
	ship.Watch = func(context.Context, shipcli.WatchRequest) error { return errors.New("no queue") }
	if a := call(t, ship, "", "watch"); a.Status != 1 || !strings.Contains(a.Err, "no queue") {
		t.Errorf("%+v", a)
	}
}
