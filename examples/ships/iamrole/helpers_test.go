package iamrole_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	_ "github.com/starfleet-go/starfleet/accountindex/expression" // limits may be expressions
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

const (
	account1  = "000000000001"
	account10 = "000000000010" // in SomeNestedNestedOU
	account11 = "000000000011" // in SomeNestedOU, above it
)

// today is when the tests run.
var today = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// sampleIndex is the index of the original's samples.
func sampleIndex(t testing.TB) *accountindex.Index {
	t.Helper()
	x, err := accountindex.Load("index.json", []byte(readFile(t, "../../../accountindex/testdata/index.json")), accountindex.LoadOptions{AssumeActive: true})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// world is one ship with the IAM of an account.
type world struct {
	iam     *fakeIAM
	index   *accountindex.Index
	account string
	section string // more of the ship's section
	caller  string // the role with which the ship works
	own     string // the role of the function
	now     time.Time

	callerFails error

	handlers map[bool]*starfleet.Handler // by commit
	result   starfleet.Result            // of the last task
	log      strings.Builder
	entered  int // how often credentials were asked for
}

func newWorld(t testing.TB, roles ...*storedRole) *world {
	t.Helper()
	return &world{
		iam: newFakeIAM(roles...), index: sampleIndex(t), account: account1, now: today, handlers: map[bool]*starfleet.Handler{},
		caller: "arn:aws:sts::000000000001:assumed-role/starfleet-worker-basic-test-role/session",
		own:    "arn:aws:sts::000000000020:assumed-role/function-role/iamrole",
	}
}

func (w *world) ship(t testing.TB) *iamrole.Ship {
	t.Helper()
	ship, err := iamrole.New(iamrole.Config{
		Configuration: original(t, w.section), NewClient: func(aws.Config) iamrole.Client { return w.iam }, Now: func() time.Time { return w.now },
		Caller: func(context.Context, aws.Config) (string, error) { return w.caller, w.callerFails },
		OwnARN: func(context.Context) (string, error) { return w.own, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return ship
}

// run does the task of a template in the account of the world, as a worker would. One that the schema refuses fails the test.
func (w *world) run(t testing.TB, text string, commit bool) starfleet.Result {
	t.Helper()
	if w.handlers[commit] == nil {
		w.handlers[commit] = w.handler(t, commit)
	}
	doc, err := schema.Parse("t.yaml", []byte(text+"StarbaseAssignedAccount: '"+w.account+"'\n"))
	if err != nil {
		t.Fatal(err)
	}
	_ = w.handlers[commit].Handle(t.Context(), queue.Message{ID: "m", Body: string(doc.Root.AppendJSON(nil)), ReceiveCount: 1}) // the error is in the result
	return w.result
}

func (w *world) handler(t testing.TB, commit bool) *starfleet.Handler {
	t.Helper()
	return w.handlerOf(t, w.ship(t), commit)
}

// handlerOf is a ship in its worker, made once for many tasks.
func (w *world) handlerOf(t testing.TB, ship *iamrole.Ship, commit bool) *starfleet.Handler {
	t.Helper()
	options := []starfleet.Option{
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }), starfleet.WithCommit(commit),
		starfleet.WithLogger(slog.New(slog.NewTextHandler(&w.log, nil))),
		starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { w.result = r }),
		starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) {
			w.entered++
			return aws.Config{Region: "us-east-1"}, nil
		}),
	}
	if w.index != nil {
		options = append(options, starfleet.WithIndex(w))
	}
	h, err := starfleet.NewHandler(ship, options...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Index is the account index of the world.
func (w *world) Index(context.Context) (*accountindex.Index, error) { return w.index, nil }

// settles runs without commit, with it, and once more: nothing is written before, all that was foretold after, and nothing is left.
func (w *world) settles(t *testing.T, text string) starfleet.Result {
	t.Helper()
	before := len(w.iam.writes)
	dry := w.run(t, text, false)
	if len(w.iam.writes) > before || len(dry.Alerts) > 0 {
		t.Fatalf("a dry run wrote %v and told %v", w.iam.writes[before:], dry.Alerts)
	}
	result := w.run(t, text, true)
	if dry.Err != nil || result.Err != nil {
		t.Fatalf("dry run: %v, commit: %v", dry.Err, result.Err)
	}
	if wrote := len(w.iam.writes) - before; wrote != len(result.Changes) || wrote != len(dry.Changes) {
		t.Errorf("foretold %v\nrecorded %v\nwrote %v", whats(dry), whats(result), w.iam.writes[before:])
	}
	again := w.run(t, text, true)
	if again.Outcome != starfleet.OutcomeOK || len(again.Changes)+len(again.Alerts) > 0 {
		t.Errorf("the second run came to %s, changed %v, told %v: %v", again.Outcome, whats(again), again.Alerts, again.Err)
	}
	return result
}

func whats(r starfleet.Result) []string {
	list := make([]string, len(r.Changes))
	for i, c := range r.Changes {
		list[i] = c.What
	}
	return list
}

// requireRefused wants a refusal, and that nothing was written; before credentials where entered is false.
func (w *world) requireRefused(t *testing.T, result starfleet.Result, entered bool) {
	t.Helper()
	refused, ok := errors.AsType[*starfleet.RefusedError](result.Err)
	if !ok || result.Outcome != starfleet.OutcomeRefused || refused.Guard != "protected roles" {
		t.Errorf("outcome %s, error %v", result.Outcome, result.Err)
	}
	if len(w.iam.writes)+len(result.Changes) > 0 || (w.entered > 0) != entered {
		t.Errorf("wrote %v, recorded %v, asked for credentials %d times", w.iam.writes, whats(result), w.entered)
	}
}

// partitionIndex is account1 in a partition.
func partitionIndex(t testing.TB, partition, region string) *accountindex.Index {
	t.Helper()
	return indexOf(t, accountindex.Account{
		ID: account1, Name: "Account 1", ARN: "arn:" + partition + ":organizations::000000000020:account/o-abcdefghi/" + account1,
		State: accountindex.Active, Regions: []string{region}, Tags: map[string]string{}, Parents: []accountindex.Parent{{ID: "r-abcd", Name: "ROOT"}},
	})
}

func indexOf(t testing.TB, accounts ...accountindex.Account) *accountindex.Index {
	t.Helper()
	x, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}
