package iamrole_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/queue"
)

// TestPartialFailure: the error and the alert say which steps were done, and another attempt does the rest.
func TestPartialFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limit := &types.LimitExceededException{Message: aws.String("too many policies")}
	w.iam.fails["AttachRolePolicy"], w.iam.failsOn["AttachRolePolicy"] = limit, "arn:aws:iam::aws:policy/ReadOnlyAccess"
	result := w.run(t, full, true)

	partial, ok := errors.AsType[*iamrole.PartialError](result.Err)
	if !ok || !errors.Is(result.Err, limit) || queue.DispositionOf(result.Err).Action != queue.Retry {
		t.Fatalf("got %v", result.Err)
	}
	done := []string{"create role", "put inline policy own-Account1"}
	left := []string{"attach managed policy arn:aws:iam::aws:policy/SecurityAudit", "put inline policy own-Account1"}
	if !slices.Equal(partial.Done, done) || !slices.Equal(partial.Left, left) {
		t.Errorf("done %q, left %q", partial.Done, partial.Left)
	}
	const text = "role worker-blue in account 000000000001: attach managed policy arn:aws:iam::aws:policy/ReadOnlyAccess: LimitExceeded: too many policies " +
		"(done: create role; put inline policy own-Account1; not begun: attach managed policy arn:aws:iam::aws:policy/SecurityAudit; put inline policy own-Account1)"
	if got := partial.Error(); got != text {
		t.Errorf("got %s", got)
	}
	if len(result.Changes) != 3 {
		t.Errorf("recorded %v: the step that failed is on record, those after it are not", whats(result))
	}
	if len(result.Alerts) != 1 || result.Alerts[0].Title != "IAM role worker-{{var.team}}: changed in part" || !strings.Contains(result.Alerts[0].Text, "done: create role; put") {
		t.Errorf("alerts %+v", result.Alerts)
	}

	delete(w.iam.fails, "AttachRolePolicy")
	w.iam.writes = nil
	w.settles(t, full)
	if len(w.iam.writes) != 3 {
		t.Errorf("the next attempt wrote %v", w.iam.writes)
	}
}

// TestFailures: what becomes of the task for what IAM says.
func TestFailures(t *testing.T) {
	t.Parallel()
	throttled := &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}
	tests := map[string]struct {
		action  string
		err     error
		outcome starfleet.Outcome
		want    queue.Disposition
	}{
		"throttled while reading": {"GetRole", throttled, starfleet.OutcomeThrottled, queue.Disposition{Action: queue.Retry, After: time.Minute, Class: "Throttling"}},
		"throttled while writing": {"CreateRole", throttled, starfleet.OutcomeThrottled, queue.Disposition{Action: queue.Retry, After: time.Minute, Class: "Throttling"}},
		"no role of ours":         {"CreateRole", &types.UnmodifiableEntityException{}, starfleet.OutcomeFailed, queue.Disposition{Action: queue.DeadLetter}},
		"nonsense":                {"PutRolePolicy", &types.InvalidInputException{}, starfleet.OutcomeFailed, queue.Disposition{Action: queue.DeadLetter}},
		"a conflict":              {"AttachRolePolicy", &types.ConcurrentModificationException{}, starfleet.OutcomeFailed, queue.Disposition{Action: queue.Retry}},
		"denied":                  {"ListRolePolicies", &smithy.GenericAPIError{Code: "AccessDenied"}, starfleet.OutcomeFailed, queue.Disposition{Action: queue.Retry}},
		"out of time":             {"PutRolePolicy", context.DeadlineExceeded, starfleet.OutcomeTimedOut, queue.Disposition{Action: queue.Retry}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if strings.HasPrefix(test.action, "List") {
				w.settles(t, full)
			}
			w.iam.fails[test.action] = test.err
			result := w.run(t, full, true)
			got := queue.DispositionOf(result.Err)
			if !errors.Is(result.Err, test.err) || result.Outcome != test.outcome || got.Action != test.want.Action || got.After != test.want.After {
				t.Errorf("%s, %+v: %v", result.Outcome, got, result.Err)
			}
			if !strings.Contains(result.Err.Error(), account1) || !strings.Contains(result.Err.Error(), "worker-blue") {
				t.Errorf("the error names neither account nor role: %v", result.Err)
			}
		})
	}
}

// TestThrottledClient: the SDK's own client tries again by itself, and what is throttled still is tried again after a minute.
func TestThrottledClient(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	var good atomic.Int32 // the number of the call from which on it is answered
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if n := calls.Add(1); good.Load() > 0 && n >= good.Load() {
			rw.WriteHeader(http.StatusNotFound)
			_, _ = rw.Write([]byte(`<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>`))
			return
		}
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = rw.Write([]byte(`<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`))
	}))
	defer server.Close()
	client := iamrole.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff, o.RateLimiter = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil }), noLimit{}
			})
		},
	})
	w := newWorld(t)
	ship, err := iamrole.New(iamrole.Config{
		Configuration: original(t, ""), NewClient: func(aws.Config) iamrole.Client { return client },
		Caller: func(context.Context, aws.Config) (string, error) { return w.caller, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	run := func() starfleet.Result {
		calls.Store(0)
		w.handlers[false] = w.handlerOf(t, ship, false)
		return w.run(t, base, false)
	}
	if result := run(); result.Outcome != starfleet.OutcomeThrottled || queue.DispositionOf(result.Err).After != time.Minute || calls.Load() != 8 {
		t.Errorf("%s after %d calls: %v", result.Outcome, calls.Load(), result.Err)
	}
	good.Store(8)
	if result := run(); result.Outcome != starfleet.OutcomeChanged || calls.Load() != 8 {
		t.Errorf("%s after %d calls: %v", result.Outcome, calls.Load(), result.Err)
	}
}

// noLimit lets the client retry as often as it may.
type noLimit struct{}

func (noLimit) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (noLimit) AddTokens(uint) error { return nil }
