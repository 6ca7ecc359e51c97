package loggroupretention_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starfleettest"
)

var (
	dryRun = &starfleettest.ExecuteOptions{}
	commit = &starfleettest.ExecuteOptions{Commit: true}
)

func TestExecute(t *testing.T) {
	t.Parallel()
	governed := group("/governed", 30)
	governed.RetentionPolicyName = aws.String("account-policy")
	delivery := group("/delivery", 0)
	delivery.LogGroupClass = types.LogGroupClassDelivery

	tests := map[string]struct {
		payload loggroupretention.Payload
		groups  []types.LogGroup
		want    []string // groups that are changed
	}{
		"a group without a retention gets one": {
			payload: loggroupretention.Payload{RetentionInDays: 90},
			groups:  []types.LogGroup{group("/a", 0), group("/b", 90)},
			want:    []string{"/a"},
		},
		"another retention is kept by default": {
			payload: loggroupretention.Payload{RetentionInDays: 90},
			groups:  []types.LogGroup{group("/shorter", 7), group("/longer", 365)},
		},
		"keep is the default": {
			payload: loggroupretention.Payload{RetentionInDays: 90, ExistingRetention: loggroupretention.Keep},
			groups:  []types.LogGroup{group("/shorter", 7), group("/longer", 365)},
		},
		"lengthen never shortens": {
			payload: loggroupretention.Payload{RetentionInDays: 90, ExistingRetention: loggroupretention.Lengthen},
			groups:  []types.LogGroup{group("/shorter", 7), group("/same", 90), group("/longer", 365)},
			want:    []string{"/shorter"},
		},
		"replace changes both": {
			payload: loggroupretention.Payload{RetentionInDays: 90, ExistingRetention: loggroupretention.Replace},
			groups:  []types.LogGroup{group("/shorter", 7), group("/same", 90), group("/longer", 365)},
			want:    []string{"/longer", "/shorter"},
		},
		"an account-level policy and the DELIVERY class stand above the template": {
			payload: loggroupretention.Payload{RetentionInDays: 90, ExistingRetention: loggroupretention.Replace},
			groups:  []types.LogGroup{governed, delivery},
		},
		"prefixes include and exclude": {
			payload: loggroupretention.Payload{RetentionInDays: 90, LogGroupNamePrefix: "/app/", ExcludeLogGroupNamePrefixes: []string{"/app/audit", "/other"}},
			groups:  []types.LogGroup{group("/app/a", 0), group("/app/audit/x", 0), group("/App/b", 0), group("/other", 0)},
			want:    []string{"/app/a"},
		},
		"an account without log groups": {
			payload: loggroupretention.Payload{RetentionInDays: 90},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := newFakeLogs(test.groups...)
			ship := loggroupretention.New(logs.client)

			dry := starfleettest.Execute(t, ship, test.payload, dryRun)
			requireChanges(t, dry, test.want)
			if len(logs.puts) > 0 {
				t.Fatalf("a dry run wrote %v", logs.puts)
			}

			requireChanges(t, starfleettest.Execute(t, ship, test.payload, commit), test.want)
			if !slices.Equal(logs.puts, test.want) {
				t.Errorf("wrote %v, want %v", logs.puts, test.want)
			}
			for _, name := range test.want {
				if got := logs.days()[name]; got != test.payload.RetentionInDays {
					t.Errorf("group %s has %d days, want %d", name, got, test.payload.RetentionInDays)
				}
			}

			second := starfleettest.Execute(t, ship, test.payload, commit)
			requireChanges(t, second, nil)
			if second.Outcome != starfleet.OutcomeOK || len(logs.puts) != len(test.want) {
				t.Errorf("the second run came to %s and wrote %v", second.Outcome, logs.puts)
			}
		})
	}
}

// requireChanges compares the groups of the recorded changes, and that the task ended well.
func requireChanges(t *testing.T, result starfleet.Result, want []string) {
	t.Helper()
	if result.Err != nil {
		t.Fatalf("the task failed: %v", result.Err)
	}
	if got := changedGroups(result); !slices.Equal(got, want) {
		t.Errorf("changes of %v, want %v", got, want)
	}
}

func changedGroups(result starfleet.Result) []string {
	var groups []string
	for _, change := range result.Changes {
		for _, detail := range change.Details {
			if detail.Key == "group" {
				groups = append(groups, detail.Value.String())
			}
		}
	}
	return groups
}

func TestExecuteReadsAllPages(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs()
	logs.pageSize = 3
	for i := range 10 {
		name := fmt.Sprintf("/app/%02d", i)
		logs.groups[name] = group(name, 0)
	}
	result := starfleettest.Execute(t, loggroupretention.New(logs.client), loggroupretention.Payload{RetentionInDays: 7}, commit)
	if result.Err != nil || len(logs.puts) != 10 {
		t.Errorf("wrote %d groups of 10, error %v", len(logs.puts), result.Err)
	}
}

func TestChangeSaysWhatWasBefore(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs(group("/never", 0), group("/week", 7))
	payload := loggroupretention.Payload{RetentionInDays: 30, ExistingRetention: loggroupretention.Lengthen}
	result := starfleettest.Execute(t, loggroupretention.New(logs.client), payload, dryRun)
	var got []string
	for _, change := range result.Changes {
		got = append(got, fmt.Sprint(change.What, change.Details))
	}
	want := []string{
		"set retention[group=/never days=30 before=never expires]",
		"set retention[group=/week days=30 before=7]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestOneFailingGroupDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs(group("/a", 0), group("/b", 0), group("/c", 0))
	aborted := &types.OperationAbortedException{Message: aws.String("another update is under way")}
	logs.putFails = map[string]error{"/b": aborted}
	ship := loggroupretention.New(logs.client)

	result := starfleettest.Execute(t, ship, loggroupretention.Payload{RetentionInDays: 7}, commit)
	if !slices.Equal(logs.puts, []string{"/a", "/c"}) {
		t.Errorf("wrote %v", logs.puts)
	}
	if !errors.Is(result.Err, aborted) || result.Outcome != starfleet.OutcomeFailed {
		t.Errorf("got outcome %s, error %v", result.Outcome, result.Err)
	}
	if want := "set retention of log group /b: "; result.Err == nil || result.Err.Error()[:len(want)] != want {
		t.Errorf("error %v does not begin with %q", result.Err, want)
	}

	logs.putFails = nil
	requireChanges(t, starfleettest.Execute(t, ship, loggroupretention.Payload{RetentionInDays: 7}, commit), []string{"/b"})
}

func TestGivesUpAfterTenFailures(t *testing.T) {
	t.Parallel()
	denied := &types.AccessDeniedException{Message: aws.String("explicit deny")}
	logs := newFakeLogs()
	logs.putFails = map[string]error{}
	for i := range 25 {
		name := fmt.Sprintf("/%02d", i)
		logs.groups[name], logs.putFails[name] = group(name, 0), denied
	}
	result := starfleettest.Execute(t, loggroupretention.New(logs.client), loggroupretention.Payload{RetentionInDays: 7}, commit)
	if calls := count(logs.calls, "logs:PutRetentionPolicy"); calls != 10 || !errors.Is(result.Err, denied) {
		t.Errorf("%d attempts to write, error %v", calls, result.Err)
	}
}

func TestAGroupDeletedMeanwhileIsNoError(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs(group("/gone", 0), group("/here", 0))
	logs.putFails = map[string]error{"/gone": &types.ResourceNotFoundException{}}
	result := starfleettest.Execute(t, loggroupretention.New(logs.client), loggroupretention.Payload{RetentionInDays: 7}, commit)
	if result.Err != nil || !slices.Equal(logs.puts, []string{"/here"}) {
		t.Errorf("wrote %v, error %v", logs.puts, result.Err)
	}
}

func TestThrottlingPassesThrough(t *testing.T) {
	t.Parallel()
	throttled := &types.ThrottlingException{Message: aws.String("Rate exceeded")}
	tests := map[string]func(*fakeLogs){
		"while listing": func(f *fakeLogs) { f.listFails = map[int]error{1: throttled} },
		"while writing": func(f *fakeLogs) { f.putFails = map[string]error{"/b": throttled} },
		"after another failure": func(f *fakeLogs) {
			f.putFails = map[string]error{"/a": &types.OperationAbortedException{}, "/b": throttled}
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := newFakeLogs(group("/a", 0), group("/b", 0), group("/c", 0))
			logs.pageSize = 2
			prepare(logs)
			result := starfleettest.Execute(t, loggroupretention.New(logs.client), loggroupretention.Payload{RetentionInDays: 7}, commit)
			if !errors.Is(result.Err, throttled) || result.Outcome != starfleet.OutcomeThrottled {
				t.Errorf("got outcome %s, error %v", result.Outcome, result.Err)
			}
			if slices.Contains(logs.puts, "/c") {
				t.Errorf("went on writing: %v", logs.puts)
			}
		})
	}
}

func TestStopsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs(group("/a", 0), group("/b", 0))
	logs.putFails = map[string]error{"/a": context.DeadlineExceeded}
	result := starfleettest.Execute(t, loggroupretention.New(logs.client), loggroupretention.Payload{RetentionInDays: 7}, commit)
	if !errors.Is(result.Err, context.DeadlineExceeded) || len(logs.puts) > 0 {
		t.Errorf("wrote %v, error %v", logs.puts, result.Err)
	}
}

func TestNoCredentialsNoCalls(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs(group("/a", 0))
	denied := errors.New("the account does not let the role in")
	o := &starfleettest.ExecuteOptions{Commit: true, AWSConfig: func(context.Context, starfleet.Target) (aws.Config, error) {
		return aws.Config{}, denied
	}}
	result := starfleettest.Execute(t, loggroupretention.New(logs.client), loggroupretention.Payload{RetentionInDays: 7}, o)
	if !errors.Is(result.Err, denied) || len(logs.calls) > 0 {
		t.Errorf("calls %v, error %v", logs.calls, result.Err)
	}
}

// TestPermissionsAreTheCallsMade holds the list against a recording of the calls.
func TestPermissionsAreTheCallsMade(t *testing.T) {
	t.Parallel()
	logs := newFakeLogs(group("/a", 0))
	ship := loggroupretention.New(logs.client)
	starfleettest.Execute(t, ship, loggroupretention.Payload{RetentionInDays: 7}, dryRun)
	if diff := cmp.Diff(ship.Permissions().Read, logs.calls); diff != "" {
		t.Errorf("a dry run (-permissions +calls):\n%s", diff)
	}
	logs.calls = nil
	starfleettest.Execute(t, ship, loggroupretention.Payload{RetentionInDays: 7}, commit)
	if diff := cmp.Diff(append(ship.Permissions().Read, ship.Permissions().Write...), logs.calls); diff != "" {
		t.Errorf("with commit (-permissions +calls):\n%s", diff)
	}
}

func count(list []string, value string) int {
	n := 0
	for _, item := range list {
		if item == value {
			n++
		}
	}
	return n
}

// TestProperties: a dry run foretells what commit writes, commit settles in one run, and no retention gets shorter unless the
// template says replace.
func TestProperties(t *testing.T) {
	t.Parallel()
	days := []int32{0, 1, 7, 30, 90, 365, 3653}
	var logs *fakeLogs // of the case at hand
	ship := loggroupretention.New(func(aws.Config) loggroupretention.Client { return logs })
	dryRun, commit := worker(t, ship, false), worker(t, ship, true)
	rapid.Check(t, func(r *rapid.T) {
		logs = newFakeLogs()
		logs.pageSize = rapid.IntRange(1, 5).Draw(r, "pageSize")
		for i, d := range rapid.SliceOfN(rapid.SampledFrom(days), 0, 12).Draw(r, "groups") {
			name := fmt.Sprintf("/%02d", i)
			logs.groups[name] = group(name, d)
		}
		days := rapid.SampledFrom(days[1:]).Draw(r, "days")
		existing := rapid.SampledFrom([]string{loggroupretention.Keep, loggroupretention.Lengthen, loggroupretention.Replace}).Draw(r, "existing")
		task := fmt.Sprintf(`{"TemplateName":"T","TemplateDescription":"D","IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],`+
			`"StarbaseAssignedAccount":"111122223333","StarbaseAssignedRegion":"eu-west-1","RetentionInDays":%d,"ExistingRetention":%q}`, days, existing)
		before := logs.days()

		foretold := changedGroups(dryRun(r, task))
		commit(r, task)
		if !slices.Equal(foretold, logs.puts) {
			r.Fatalf("the dry run foretold %v, written were %v", foretold, logs.puts)
		}
		if again := changedGroups(commit(r, task)); len(again) > 0 {
			r.Fatalf("the second run changed %v", again)
		}
		for name, after := range logs.days() {
			if was := before[name]; was != 0 && after < was && existing != loggroupretention.Replace {
				r.Fatalf("group %s went from %d days to %d", name, was, after)
			}
		}
	})
}

// worker is the ship behind its handler, made once for many tasks.
func worker(t *testing.T, ship *loggroupretention.Ship, commit bool) func(r *rapid.T, task string) starfleet.Result {
	t.Helper()
	var last starfleet.Result
	h, err := starfleet.NewHandler(ship, starfleet.WithCommit(commit), starfleet.WithLogger(slog.New(slog.DiscardHandler)),
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }),
		starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) { return aws.Config{}, nil }),
		starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { last = r }))
	if err != nil {
		t.Fatal(err)
	}
	return func(r *rapid.T, task string) starfleet.Result {
		if err := h.Handle(t.Context(), queue.Message{ID: "m", Body: task, ReceiveCount: 1}); err != nil {
			r.Fatalf("task: %v", err)
		}
		return last
	}
}
