package awsconfig_test

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/queue"
)

// attempt is one task of a test: where it works, and what came of it. It travels in the context, so that the handlers, whose schema takes the
// longest of all in a test, are made once for all tests.
type attempt struct {
	account, region string // default account and region
	commit          bool
	index           *accountindex.Index
	fake            *fakeConfig

	result starfleet.Result
}

type attemptKey struct{}

func attemptOf(ctx context.Context) *attempt { return ctx.Value(attemptKey{}).(*attempt) }

// Index is the index of the attempt.
func (*attempt) Index(ctx context.Context) (*accountindex.Index, error) {
	return attemptOf(ctx).index, nil
}

// handlers are the ship's, by whether they commit and whether they have an index.
var handlers = sync.OnceValues(func() (map[[2]bool]*starfleet.Handler, error) {
	made := map[[2]bool]*starfleet.Handler{}
	ship := awsconfig.New(func(cfg aws.Config) awsconfig.Client { return cfg.ConfigSources[0].(*fakeConfig) })
	for _, kind := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
		options := []starfleet.Option{
			starfleet.WithCommit(kind[0]), starfleet.WithLogger(slog.New(slog.DiscardHandler)),
			starfleet.WithEnvironment(func(string) (string, bool) { return "", false }),
			starfleet.WithAWSConfig(func(ctx context.Context, _ starfleet.Target) (aws.Config, error) {
				return aws.Config{ConfigSources: []any{attemptOf(ctx).fake}}, nil
			}),
			starfleet.WithObserver(func(ctx context.Context, r starfleet.Result) { attemptOf(ctx).result = r }),
		}
		if kind[1] {
			options = append(options, starfleet.WithIndex(&attempt{}))
		}
		var err error
		if made[kind], err = starfleet.NewHandler(ship, options...); err != nil {
			return nil, err
		}
	}
	return made, nil
})

// handle hands the body of a task to the handler that fits.
func (a attempt) handle(t testing.TB, body string) starfleet.Result {
	t.Helper()
	made, err := handlers()
	if err != nil {
		t.Fatal(err)
	}
	h := made[[2]bool{a.commit, a.index != nil}]
	_ = h.Handle(context.WithValue(t.Context(), attemptKey{}, &a), queue.Message{ID: "m", Body: body, ReceiveCount: 1}) // the error is in the result
	return a.result
}

// execute runs the ship for a payload, whose template selects all accounts and regions.
func (a attempt) execute(t testing.TB, p awsconfig.Payload) starfleet.Result {
	t.Helper()
	p.TemplateName, p.TemplateDescription = "T", "D"
	p.IncludeAccounts.AllAccounts, p.IncludeRegions = true, []string{"ALL"}
	p.StarbaseAssignedAccount, p.StarbaseAssignedRegion = new(cmp.Or(a.account, account)), new(cmp.Or(a.region, region))
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return a.handle(t, string(body))
}

// dryRun and commit run the ship for a configuration without overrides.
func (f *fakeConfig) dryRun(t testing.TB, c awsconfig.Configuration) starfleet.Result {
	t.Helper()
	return attempt{fake: f}.execute(t, awsconfig.Payload{DefaultConfiguration: c})
}

func (f *fakeConfig) commit(t testing.TB, c awsconfig.Configuration) starfleet.Result {
	t.Helper()
	return attempt{fake: f, commit: true}.execute(t, awsconfig.Payload{DefaultConfiguration: c})
}
