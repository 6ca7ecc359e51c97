package starfleet_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
)

// TestInvocationIndex: a ship sees the very index by which its task was checked, through middleware too, and none where it has none.
func TestInvocationIndex(t *testing.T) {
	t.Parallel()
	active := accountindex.Account{ID: "111111111111", Name: "one", State: accountindex.Active, Regions: []string{"us-east-1"}}
	elsewhere := active
	elsewhere.Regions = []string{"eu-west-1"}
	older, newer := index(t, elsewhere), index(t, active)
	pass := func(next starfleet.ExecuteFunc) starfleet.ExecuteFunc { return next }
	tests := map[string]struct {
		options []starfleet.Option
		want    *accountindex.Index
	}{
		"none": {},
		"one":  {[]starfleet.Option{starfleet.WithIndex(accountindex.Static{X: newer}), starfleet.WithMiddleware(pass)}, newer},
		"the refreshed one, by which the task was found to be selected": {
			[]starfleet.Option{starfleet.WithIndex(&source{list: []*accountindex.Index{older, newer}})}, newer,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ran := false
			h := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
				ran = true
				if inv.Index != test.want || (inv.Account == nil) != (test.want == nil) {
					t.Errorf("index %p, want %p; account %v", inv.Index, test.want, inv.Account)
				}
				return nil
			}, test.options...)
			if err := h.Handle(t.Context(), message(goodTask)); err != nil || !ran {
				t.Errorf("ran %v, error %v", ran, err)
			}
		})
	}
}

func TestWithIndexFrom(t *testing.T) {
	t.Parallel()
	configuration, err := config.Load(fstest.MapFS{"c.yaml": {Data: []byte("STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: b\n" +
		"  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/1/q\nShip:\n  Enabled: true\n  TemplatePrefix: Ship/\n" +
		"  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/1/s\n  InvocationSources: [S3]\n")}})
	if err != nil {
		t.Fatal(err)
	}
	active := index(t, accountindex.Account{ID: "111111111111", Name: "one", State: accountindex.Active, Regions: []string{"us-east-1"}})
	var given *config.Configuration
	from := func(source accountindex.Source, err error) starfleet.Option {
		return starfleet.WithIndexFrom(func(c *config.Configuration) (accountindex.Source, error) {
			given = c
			return source, err
		})
	}
	handle := func(want *accountindex.Index, options ...starfleet.Option) {
		t.Helper()
		h := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
			if inv.Index != want {
				t.Errorf("index %p, want %p", inv.Index, want)
			}
			return nil
		}, options...)
		if err := h.Handle(t.Context(), message(goodTask)); err != nil {
			t.Error(err)
		}
	}
	handle(active, from(accountindex.Static{X: active}, nil), starfleet.WithConfiguration(configuration))
	if given != configuration {
		t.Error("the opener was not given the ship's configuration")
	}
	handle(nil, from(nil, nil))
	never := errors.New("must not be opened")
	handle(active, from(nil, never), starfleet.WithIndex(accountindex.Static{X: active}))

	ship := starfleet.ShipFunc("Ship", mustNotRun(t))
	if _, err := starfleet.NewHandler(ship, environment(), quiet(), from(nil, never)); !errors.Is(err, never) {
		t.Errorf("error %v", err)
	}
	if _, err := starfleet.NewHandler(ship, environment(), quiet(), starfleet.WithIndexFrom(nil)); err == nil || !strings.Contains(err.Error(), "WithIndexFrom") {
		t.Errorf("error %v", err)
	}
}

// TestIndexFlagStandsAboveTheConfiguration: the index that --index names is read, and the configuration's is not opened.
func TestIndexFlagStandsAboveTheConfiguration(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/index.json"
	if err := os.WriteFile(file, exampleIndex().AppendFile(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	template := t.TempDir() + "/t.yaml"
	text := "TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {ByIds: [\"111111111111\"]}\nIncludeRegions: [us-east-1]\nDays: 30\n"
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, status := range map[string]int{file: 0, "": 1} {
		args := []string{"run", "--payload", template, "--account-id", "111111111111", "--region", "us-east-1"}
		if flag != "" {
			args = append(args, "--index", flag)
		}
		command, out, log := mainCommand(t, "index", nil, args...)
		_ = command.Run() // its status is looked at
		if got := command.ProcessState.ExitCode(); got != status || (status == 1) != strings.Contains(log.String(), "the configuration's index was opened") {
			t.Errorf("--index %q: exit status %d, want %d\nout: %s\nerr: %s", flag, got, status, out, log)
		}
	}
}

// openNoIndex is the opener of the main that mainCommand calls "index".
func openNoIndex(*config.Configuration) (accountindex.Source, error) {
	return nil, errors.New("the configuration's index was opened")
}
