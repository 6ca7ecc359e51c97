package starfleet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
)

func parse(t testing.TB, strategy starfleet.FanOutStrategy, text string) *starfleet.Template {
	t.Helper()
	manifest, err := starfleet.BaseManifest("Ship", strategy)
	if err != nil {
		t.Fatal(err)
	}
	template, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// resolve makes an index of accounts with all the regions, and resolves the template over it.
func resolve(t testing.TB, template *starfleet.Template, accounts int, regions ...string) *accountindex.Resolution {
	t.Helper()
	list := make([]accountindex.Account, accounts)
	for i := range list {
		id := fmt.Sprintf("%012d", i+1)
		list[i] = accountindex.Account{ID: id, Name: "Account " + id, ARN: "arn:aws:organizations::999999999999:account/o-abcdefghij/" + id,
			State: accountindex.Active, Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}, Regions: regions, Tags: map[string]string{}}
	}
	x, err := accountindex.New(list, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	resolution, err := x.Resolve(t.Context(), template.Query())
	if err != nil {
		t.Fatal(err)
	}
	return resolution
}

// TestBodies: the raw template with the assigned keys: overwritten in place, added last, nothing else changed.
func TestBodies(t *testing.T) {
	t.Parallel()
	const head = "TemplateName: n\nTemplateDescription: d ä <&>\n"
	const accounts = "IncludeAccounts: {AllAccounts: true}\n"
	const regions = "IncludeRegions: [ALL]\n"
	tests := []struct {
		name     string
		strategy starfleet.FanOutStrategy
		template string
		want     string
	}{
		{"single", starfleet.SingleInvocation, head + "Extra: {b: 1, a: [yes, null]}\n",
			`{"TemplateName":"n","TemplateDescription":"d ä <&>","Extra":{"b":1,"a":[true,null]}}`},
		{"single keeps keys of that name", starfleet.SingleInvocation, head + "StarbaseAssignedAccount: mine\n",
			`{"TemplateName":"n","TemplateDescription":"d ä <&>","StarbaseAssignedAccount":"mine"}`},
		{"account", starfleet.PerAccount, head + accounts,
			`{"TemplateName":"n","TemplateDescription":"d ä <&>","IncludeAccounts":{"AllAccounts":true},"StarbaseAssignedAccount":"000000000001"}`},
		{"account overwritten in place", starfleet.PerAccount, "StarbaseAssignedAccount: \"999999999999\"\n" + head + accounts,
			`{"StarbaseAssignedAccount":"000000000001","TemplateName":"n","TemplateDescription":"d ä <&>","IncludeAccounts":{"AllAccounts":true}}`},
		{"account and region", starfleet.PerAccountRegion, head + accounts + regions,
			`{"TemplateName":"n","TemplateDescription":"d ä <&>","IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],"StarbaseAssignedAccount":"000000000001","StarbaseAssignedRegion":"us-east-1"}`},
		{"region before account", starfleet.PerAccountRegion, "StarbaseAssignedRegion: null\n" + head + "StarbaseAssignedAccount: null\n" + accounts + regions,
			`{"StarbaseAssignedRegion":"us-east-1","TemplateName":"n","TemplateDescription":"d ä <&>","StarbaseAssignedAccount":"000000000001","IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			template := parse(t, test.strategy, test.template)
			var resolution *accountindex.Resolution
			if test.strategy != starfleet.SingleInvocation {
				resolution = resolve(t, template, 1, "us-east-1")
			}
			for task, err := range starfleet.Render(template, resolution, starfleet.RunInfo{RunID: "run"}) {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, string(task.AppendBody(nil))); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	template := parse(t, starfleet.PerAccount, "TemplateName: n\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\n")
	for name, tasks := range map[string]func(func(starfleet.Task, error) bool){
		"no run id":     starfleet.Render(template, resolve(t, template, 1), starfleet.RunInfo{}),
		"no resolution": starfleet.Render(template, nil, starfleet.RunInfo{RunID: "run"}),
	} {
		count := 0
		for _, err := range tasks {
			count++
			if err == nil {
				t.Errorf("%s: a task was rendered", name)
			}
		}
		if count != 1 {
			t.Errorf("%s: %d yields, want one error", name, count)
		}
	}
}

// TestTaskAttributes: at most 4 of the 10 that SQS allows, and none of them without a value.
func TestTaskAttributes(t *testing.T) {
	t.Parallel()
	template := parse(t, starfleet.SingleInvocation, "TemplateName: n\nTemplateDescription: d\n")
	info := starfleet.RunInfo{RunID: "run", TemplateVersion: "v1", NotAfter: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("X", 3600))}
	for task, err := range starfleet.Render(template, nil, info) {
		if err != nil {
			t.Fatal(err)
		}
		want := []queue.Attribute{{Name: "starfleet-run-id", Value: "run"}, {Name: "starfleet-task-id", Value: task.ID()},
			{Name: "starfleet-template-version", Value: "v1"}, {Name: "starfleet-not-after", Value: "2026-01-02T02:04:05Z"}}
		if diff := cmp.Diff(want, task.Attributes(nil)); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
		if len(task.ID()) != 64 {
			t.Errorf("id %q is no SHA-256 in hex", task.ID())
		}
	}
}

// TestTaskIDs: the same run and target give the same id; another run, ship, account or region another one, and no two
// parts can be taken for each other.
func TestTaskIDs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zA-Z0-9-]{1,20}`)
		seen := map[string]string{}
		for range 20 {
			ship, run := rapid.StringMatching(`[A-Z][a-zA-Z0-9]{0,9}`).Draw(t, "ship"), word.Draw(t, "run")
			manifest, err := starfleet.BaseManifest(ship, starfleet.SingleInvocation)
			if err != nil {
				t.Fatal(err)
			}
			template, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte("TemplateName: n\nTemplateDescription: d\n"))
			if err != nil {
				t.Fatal(err)
			}
			for task, err := range starfleet.Render(template, nil, starfleet.RunInfo{RunID: run}) {
				if err != nil {
					t.Fatal(err)
				}
				key := ship + "\x00" + run
				if before, ok := seen[task.ID()]; ok && before != key {
					t.Fatalf("%q and %q have the same task id", before, key)
				}
				seen[task.ID()] = key
			}
		}
	})
}

// TestLargestTask is an upper bound of every task, and not a loose one.
func TestLargestTask(t *testing.T) {
	t.Parallel()
	template := parse(t, starfleet.PerAccountRegion, "TemplateName: n\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [ALL]\n")
	info := starfleet.RunInfo{RunID: "run", TemplateVersion: "v"}
	largest := starfleet.LargestTask(template, info)
	for task, err := range starfleet.Render(template, resolve(t, template, 3, "us-east-1", "ap-southeast-2"), info) {
		if err != nil {
			t.Fatal(err)
		}
		size := queue.Outgoing{Body: task.AppendBody(nil), Attributes: task.Attributes(nil)}.Size()
		if size > largest || size < largest-64 {
			t.Errorf("task %s has %d bytes, the bound is %d", task.Label(), size, largest)
		}
	}
}

// TestBodyDecodes: whatever a template holds, each body is the template with the two keys.
func TestBodyDecodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9 äß日本<>&"'\\/\t\n-]{0,30}`)
		extra := rapid.MapOf(rapid.StringMatching(`[A-Z][a-zA-Z]{0,8}x`), rapid.SliceOf(text)).Draw(t, "extra")
		object := map[string]any{"TemplateName": text.Draw(t, "name"), "TemplateDescription": "d", "IncludeAccounts": map[string]any{"AllAccounts": true}}
		for key, value := range extra {
			object[key] = value
		}
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := starfleet.BaseManifest("Ship", starfleet.PerAccount)
		if err != nil {
			t.Fatal(err)
		}
		template, err := starfleet.ParseTemplate(manifest, "t.json", data)
		if err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		want := map[string]any{}
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		want["StarbaseAssignedAccount"] = "000000000001"
		for task, err := range starfleet.Render(template, oneAccount(), starfleet.RunInfo{RunID: "run"}) {
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(task.AppendBody(nil), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("body (-want +got):\n%s", diff)
			}
		}
	})
}

// oneAccount is a resolution to one account.
func oneAccount() *accountindex.Resolution {
	x, err := accountindex.New([]accountindex.Account{{ID: "000000000001", Name: "One", ARN: "arn:aws:organizations::999999999999:account/o-abcdefghij/000000000001",
		State: accountindex.Active, Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}, Regions: []string{}, Tags: map[string]string{}}},
		nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		panic(err)
	}
	resolution, err := x.Resolve(context.Background(), accountindex.Query{Include: accountindex.Selection{AllAccounts: true}})
	if err != nil {
		panic(err)
	}
	return resolution
}

// BenchmarkRender renders body and task id of tasks over 10,000 accounts x 17 regions, on one core. Wanted: at least 3,000,000 tasks a second,
// no allocation a task.
func BenchmarkRender(b *testing.B) {
	var regions []string
	for i := range 17 {
		regions = append(regions, fmt.Sprintf("eu-west-%d", i+1))
	}
	for _, size := range []int{600, 10_000} {
		head := "TemplateName: benchmark\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [ALL]\nTemplateDescription: "
		template := parse(b, starfleet.PerAccountRegion, head+strings.Repeat("x", size-len(head))+"\n")
		resolution := resolve(b, template, 10_000, regions...)
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			body, id := make([]byte, 0, 2*size), make([]byte, 0, 64)
			b.ReportAllocs()
			tasks := 0
			b.ResetTimer()
			for tasks < b.N {
				for task, err := range starfleet.Render(template, resolution, starfleet.RunInfo{RunID: "run"}) {
					if err != nil {
						b.Fatal(err)
					}
					body, id = task.AppendBody(body[:0]), task.AppendID(id[:0])
					if tasks++; tasks == b.N {
						break
					}
				}
			}
			b.StopTimer()
			if len(body) < size || len(id) != 64 {
				b.Fatal("nothing was rendered")
			}
			b.ReportMetric(float64(tasks)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}
