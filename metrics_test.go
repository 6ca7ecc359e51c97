package starfleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/assume"
)

// TestOutcomesAreMeasured: every outcome has a metric of its own; account and region are no dimensions.
func TestOutcomesAreMeasured(t *testing.T) {
	t.Parallel()
	for outcome, test := range map[starfleet.Outcome]struct {
		body, metric string
		err          error
		change       bool
	}{
		starfleet.OutcomeChanged:  {goodTask, "AttemptsChanged", nil, true},
		starfleet.OutcomeOK:       {goodTask, "AttemptsOK", nil, false},
		starfleet.OutcomeSkipped:  {goodTask, "AttemptsSkipped", starfleet.Skip("no"), false},
		starfleet.OutcomeFailed:   {goodTask, "AttemptsFailed", errors.New("no"), false},
		starfleet.OutcomeTimedOut: {goodTask, "AttemptsTimedOut", context.DeadlineExceeded, false},
		starfleet.OutcomeDenied:   {goodTask, "AttemptsDenied", &assume.DeniedError{}, false},
		starfleet.OutcomeRefused:  {"no JSON", "AttemptsRefused", nil, false},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			var result starfleet.Result
			handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
				if test.change {
					inv.Change("set retention")
				}
				return test.err
			}, configured("us-east-1", ""), starfleet.WithMetrics(&out), starfleet.WithClock(func() time.Time { return time.Unix(1, 0) }),
				starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
			_ = handler.Handle(t.Context(), message(test.body)) // its outcome is looked at
			if result.Outcome != outcome || strings.Count(out.String(), "\n") != 1 {
				t.Fatalf("outcome %s, metrics %q", result.Outcome, out.String())
			}
			var line map[string]any
			if err := json.Unmarshal(out.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"_aws": map[string]any{"Timestamp": 1000.0, "CloudWatchMetrics": []any{map[string]any{
					"Namespace": "Starfleet", "Dimensions": []any{[]any{"Fleet", "Ship"}},
					"Metrics": []any{map[string]any{"Name": test.metric, "Unit": "Count"}, map[string]any{"Name": "AttemptSeconds", "Unit": "Seconds"}},
				}}},
				"Fleet": "b", "Ship": "Ship", test.metric: 1.0, "AttemptSeconds": 0.0,
			}
			if test.body == goodTask {
				want["Account"], want["Region"], want["Template"] = "111111111111", "us-east-1", "t"
			}
			if diff := cmp.Diff(want, line); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// failingWriter takes nothing.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestMetricsThatFailFailNoTask: what cannot be written is logged.
func TestMetricsThatFailFailNoTask(t *testing.T) {
	t.Parallel()
	if err := newHandler(t, returns(nil), starfleet.WithMetrics(failingWriter{})).Handle(t.Context(), message(goodTask)); err != nil {
		t.Error(err)
	}
	if _, err := starfleet.NewHandler(starfleet.ShipFunc("Ship", returns(nil)), environment(), starfleet.WithMetrics(nil)); err == nil {
		t.Error("no writer was taken for one")
	}
}
