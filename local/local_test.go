package local_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/local"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/starfleettest"
)

type payload struct{ starfleet.AccountRegionPayload }

type singlePayload struct{ starfleet.SinglePayload }

const (
	one, two, three = "111111111111", "222222222222", "333333333333"
	template        = "TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [ALL]\n"
)

func organization(t testing.TB) *accountindex.Index {
	t.Helper()
	var accounts []accountindex.Account
	for i, id := range []string{one, two, three} {
		accounts = append(accounts, accountindex.Account{
			ID: id, Name: fmt.Sprint("Account ", i+1), ARN: "arn:aws:organizations::999999999999:account/o-abcdefghij/" + id, State: accountindex.Active,
			Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}, Regions: []string{"eu-west-1", "us-east-1"}[:1+i%2],
			Tags: map[string]string{"Number": fmt.Sprint(i + 1)},
		})
	}
	x, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func ship(execute func(context.Context, *starfleet.Invocation[payload]) error) starfleet.Ship[payload] {
	return starfleet.ShipFunc("Ship", execute)
}

func fleet(t testing.TB, execute func(context.Context, *starfleet.Invocation[payload]) error) *starfleettest.Fleet {
	t.Helper()
	f := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Index: organization(t), Ships: []string{"Ship"}, Templates: map[string]string{"Ship/t.yaml": template},
	})
	starfleettest.AddShip(f, ship(execute))
	return f
}

func TestTimerAndChangeTaskTheSame(t *testing.T) {
	t.Parallel()
	f := fleet(t, func(context.Context, *starfleet.Invocation[payload]) error { return nil })
	report := f.Trigger(local.Timer("HOURLY"), local.Changed("Ship/t.yaml"), local.Timer("DAILY"))
	if len(report.Runs) != 2 || !report.OK() {
		t.Fatalf("%d runs, OK %v", len(report.Runs), report.OK())
	}
	for _, run := range report.Runs {
		var got []string
		for _, r := range run.Results {
			got = append(got, r.AccountID+" "+r.Region)
		}
		want := []string{one + " eu-west-1", two + " eu-west-1", two + " us-east-1", three + " eu-west-1"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", run.RunID, diff)
		}
	}
	if report.Runs[0].RunID == report.Runs[1].RunID {
		t.Error("two triggers gave one run")
	}
}

// TestRetriesTakeNoTime: a task that fails four times is done at the fifth attempt, over minutes of the fleet's clock.
func TestRetriesTakeNoTime(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	attempts := map[string][]int{}
	f := fleet(t, func(_ context.Context, inv *starfleet.Invocation[payload]) error {
		mu.Lock()
		defer mu.Unlock()
		attempts[inv.AccountID+inv.Region] = append(attempts[inv.AccountID+inv.Region], inv.Attempt)
		if inv.AccountID == one && inv.Attempt < 5 {
			return errors.New("not yet")
		}
		return nil
	})
	report := f.Trigger(local.Changed("Ship/t.yaml"))
	if !report.OK() || report.Runs[0].Retries != 4 {
		t.Errorf("OK %v, %d retries, dead letters %+v", report.OK(), report.Runs[0].Retries, report.DeadLetters)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, attempts[one+"eu-west-1"]); diff != "" {
		t.Error(diff)
	}
}

// TestDeadLetters: the last attempt's error, a permanent one and a panic end as dead letters that say so, and nothing else does.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		execute    func() error
	}{
		{"last attempt", "always", func() error { return errors.New("always") }},
		{"permanent", "no use", func() error { return starfleet.Permanent(errors.New("no use")) }},
		{"panic", "boom", func() error { panic("boom") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := fleet(t, func(_ context.Context, inv *starfleet.Invocation[payload]) error {
				if inv.AccountID == three {
					return test.execute()
				}
				return nil
			})
			report := f.Trigger(local.Changed("Ship/t.yaml"))
			if report.OK() || len(report.DeadLetters) != 1 {
				t.Fatalf("OK %v, dead letters %+v", report.OK(), report.DeadLetters)
			}
			letter := report.DeadLetters[0]
			if letter.From != "Ship" || letter.AccountID != three || letter.Class == "" || !strings.Contains(letter.Error, test.want) {
				t.Errorf("dead letter %+v", letter)
			}
			if done := report.Runs[0].Done(); done != 3 {
				t.Errorf("%d done, want 3", done)
			}
		})
	}
}

func TestTemplateAtFault(t *testing.T) {
	t.Parallel()
	f := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Index: organization(t), Ships: []string{"Ship"}, Templates: map[string]string{"Ship/t.yaml": template + "Nonsense: 1\n"},
	})
	starfleettest.AddShip(f, ship(func(context.Context, *starfleet.Invocation[payload]) error {
		t.Error("the ship ran")
		return nil
	}))
	report := f.Trigger(local.Changed("Ship/t.yaml"))
	if report.OK() || len(report.DeadLetters) != 1 || !strings.Contains(report.DeadLetters[0].Error, "Ship/t.yaml:5:1: Nonsense: unknown key") {
		t.Errorf("dead letters %+v", report.DeadLetters)
	}
}

func TestDeletedTemplate(t *testing.T) {
	t.Parallel()
	f := fleet(t, func(context.Context, *starfleet.Invocation[payload]) error { return nil })
	if report := f.Trigger(local.Deleted("Ship/t.yaml"), local.Changed("Ship/gone.yaml")); !report.OK() || len(report.Runs) > 0 && report.Runs[0].Targets > 0 {
		t.Errorf("report %+v", report)
	}
}

// TestSingleWithoutIndex: a ship that runs once for a template needs no index, so that the index generator can run when there is none.
func TestSingleWithoutIndex(t *testing.T) {
	t.Parallel()
	f := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Ships: []string{"Generator"}, Templates: map[string]string{"Generator/g.yaml": "TemplateName: t\nTemplateDescription: d\n"},
	})
	starfleettest.AddShip(f, starfleet.ShipFunc("Generator", func(context.Context, *starfleet.Invocation[singlePayload]) error { return nil }))
	report := f.Trigger(local.Timer("HOURLY"))
	starfleettest.RequireTasked(t, report, "Generator", starfleettest.TaskedOptions{})
	if !report.OK() {
		t.Errorf("report %+v", report)
	}
}

func TestContextEndsTheRun(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"Ship/t.yaml": {Data: []byte(template)}}
	f, err := local.New(local.Config{Configuration: starfleettest.Configuration(t, "Ship"), Templates: files, Index: accountindex.Static{X: organization(t)}, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := local.Add(f, ship(func(context.Context, *starfleet.Invocation[payload]) error {
		cancel()
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	report, err := f.Run(ctx, local.Changed("Ship/t.yaml"))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "3 messages on the queue of Ship") {
		t.Errorf("error %v", err)
	}
	if len(report.Runs[0].Results) != 1 {
		t.Errorf("%d results, want 1", len(report.Runs[0].Results))
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := local.Config{Configuration: starfleettest.Configuration(t, "Ship"), Templates: fstest.MapFS{}}
	for field, spoil := range map[string]func(*local.Config){
		"Configuration": func(c *local.Config) { c.Configuration = nil },
		"Templates":     func(c *local.Config) { c.Templates = nil },
		"Workers":       func(c *local.Config) { c.Workers = -1 },
		"MaxReceives":   func(c *local.Config) { c.MaxReceives = 1001 },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := local.New(cfg); err == nil || !strings.Contains(err.Error(), "Config."+field) {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

// TestSameTasks: whatever the template selects, plan, the Starbase and a local fleet give the same tasks.
func TestSameTasks(t *testing.T) {
	t.Parallel()
	index, configuration := organization(t), starfleettest.Configuration(t, "Ship")
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.SampledFrom([]string{one, two, three}), func(s string) string { return s })
		include := "AllAccounts: true"
		if list := ids.Draw(t, "include"); len(list) > 0 {
			include = "ByIds: [\"" + strings.Join(list, `","`) + "\"]"
		}
		exclude := "{}"
		if list := ids.Draw(t, "exclude"); len(list) > 0 {
			exclude = "{ByTags: [{Name: number, Value: \"" + list[0][:1] + "\"}]}"
		}
		region := rapid.SampledFrom([]string{"ALL", "us-east-1", "eu-west-1"}).Draw(t, "region")
		text := fmt.Sprintf("TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {%s}\nExcludeAccounts: %s\nIncludeRegions: [%s]\n", include, exclude, region)

		manifest, err := starfleet.ManifestOf(ship(nil))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := starbase.Prepare(context.Background(), starbase.Order{Template: parsed, Index: index})
		if err != nil {
			t.Fatal(err)
		}
		planned := map[string]bool{}
		for task, err := range plan.Tasks(starfleet.RunInfo{RunID: "run"}) {
			if err != nil {
				t.Fatal(err)
			}
			planned[string(task.AppendBody(nil))] = true
		}
		if len(planned) != plan.Count() {
			t.Fatalf("%d tasks, counted %d", len(planned), plan.Count())
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(planned)), localTasks(t, configuration, index, text)); diff != "" {
			t.Fatalf("plan and local differ (-plan +local) for\n%s%s", text, diff)
		}
	})
}

// localTasks are the bodies that the ship's queue got in a local fleet, rebuilt from what the ship was given.
func localTasks(t *rapid.T, configuration *config.Configuration, index *accountindex.Index, text string) []string {
	files := fstest.MapFS{"Ship/t.yaml": {Data: []byte(text)}}
	var runs []starbase.RunReport
	f, err := local.New(local.Config{
		Configuration: configuration, Templates: files, Index: accountindex.Static{X: index},
		OnRun: func(r starbase.RunReport) { runs = append(runs, r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Add(f, ship(func(context.Context, *starfleet.Invocation[payload]) error { return nil })); err != nil {
		t.Fatal(err)
	}
	report, err := f.Run(context.Background(), local.Changed("Ship/t.yaml"))
	if err != nil || !report.OK() || len(runs) != 1 {
		t.Fatalf("%v, %+v", err, report)
	}
	worked := map[string]bool{}
	for _, r := range report.Runs[0].Results {
		worked[r.AccountID+" "+r.Region] = true
	}
	var bodies []string
	for task, err := range runs[0].Plan.Tasks(starfleet.RunInfo{RunID: "run"}) {
		if err != nil {
			t.Fatal(err)
		}
		if !worked[task.Label()] {
			t.Fatalf("task %s was not worked", task.Label())
		}
		delete(worked, task.Label())
		bodies = append(bodies, string(task.AppendBody(nil)))
	}
	if len(worked) > 0 {
		t.Fatalf("worked though not planned: %v", worked)
	}
	slices.Sort(bodies)
	return bodies
}

// keep asks for another attempt without counting this one, as a halt does.
type keep struct{ error }

func (keep) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, After: time.Hour, Keep: true}
}

// TestKeptTasks: a task that waits past its last attempt is sent anew, and what became of the copy is what counts. Observers of the caller's
// own stand beside the fleet's.
func TestKeptTasks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen, waited := 0, 0
	f := starfleettest.NewFleet(t, starfleettest.FleetOptions{
		Index: organization(t), Ships: []string{"Ship"}, Templates: map[string]string{"Ship/t.yaml": template},
	})
	starfleettest.AddShip(f, ship(func(_ context.Context, inv *starfleet.Invocation[payload]) error {
		mu.Lock()
		defer mu.Unlock()
		if inv.AccountID == one && waited < 8 {
			waited++
			return keep{errors.New("wait")}
		}
		return nil
	}), starfleet.WithObserver(func(context.Context, starfleet.Result) {
		mu.Lock()
		defer mu.Unlock()
		seen++
	}))
	report := f.Trigger(local.Changed("Ship/t.yaml"))
	if !report.OK() || report.Runs[0].Retries != 8 || seen != 12 {
		t.Errorf("OK %v, %d retries, %d observed, dead letters %+v", report.OK(), report.Runs[0].Retries, seen, report.DeadLetters)
	}
}
