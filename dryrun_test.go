package starfleet_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/dryrun"
	"github.com/starfleet-go/starfleet/queue"
)

// account is a service in a target account: it counts the requests that reach it.
type account struct {
	*httptest.Server
	requests atomic.Int32
}

func newAccount(t *testing.T) *account {
	a := &account{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a.requests.Add(1)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(a.Close)
	return a
}

// forgetful is a ship that purges a queue without asking whether it may.
func (a *account) forgetful(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.BaseEndpoint = aws.String(a.URL) })
	if _, err := client.ListQueues(ctx, &sqs.ListQueuesInput{}); err != nil {
		return err
	}
	inv.Change("purge queue")
	_, err = client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(a.URL + "/1/q")})
	return err
}

// TestDryRunOfAShipThatForgetsCommit: nothing is written, the outcome is "refused", the task is dead-lettered with what was tried, and STS was asked
// for no more than reading. With commit the same ship writes, with all that its role may.
func TestDryRunOfAShipThatForgetsCommit(t *testing.T) {
	for _, test := range []struct {
		name     string
		commit   bool
		requests int32
		outcome  starfleet.Outcome
		policy   string
	}{
		{"dry run", false, 1, starfleet.OutcomeRefused, "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		{"commit", true, 2, starfleet.OutcomeChanged, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, target := newSTS(t), newAccount(t)
			var result starfleet.Result
			var log bytes.Buffer
			handler := newHandler(t, target.forgetful, configured("eu-west-1", ", WorkerRoleToAssume: worker"), starfleet.WithCommit(test.commit),
				starfleet.WithLogger(slog.New(starfleet.NewLogHandler(slog.NewTextHandler(&log, nil)))),
				starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
			err := handler.Handle(t.Context(), message(goodTask))
			if target.requests.Load() != test.requests || result.Outcome != test.outcome || len(result.Changes) != 1 {
				t.Errorf("%d requests, outcome %s, changes %v, error %v", target.requests.Load(), result.Outcome, result.Changes, err)
			}
			if got := server.forms[0].Get("PolicyArns.member.1.arn"); got != test.policy || server.forms[0].Has("PolicyArns.member.2.arn") {
				t.Errorf("session policy %q, want %q alone", got, test.policy)
			}
			refused, ok := errors.AsType[*dryrun.Error](err)
			if ok == test.commit {
				t.Fatalf("error %v", err)
			}
			if !test.commit {
				if refused.Service != "SQS" || refused.Operation != "PurgeQueue" || queue.DispositionOf(err).Action != queue.DeadLetter {
					t.Errorf("refused %+v, disposition %+v", refused, queue.DispositionOf(err))
				}
				for _, want := range []string{"operation=PurgeQueue", "account=111111111111", "outcome=refused", "class=DryRunError"} {
					if !strings.Contains(log.String(), want) {
						t.Errorf("the log lacks %s:\n%s", want, &log)
					}
				}
			}
		})
	}
}

// TestDryRunHoldsEveryConfiguration: the guard is in what an option hands out and in a ship's own credentials too.
func TestDryRunHoldsEveryConfiguration(t *testing.T) {
	t.Parallel()
	target := newAccount(t)
	get := starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}, nil
	})
	err := newHandler(t, target.forgetful, get).Handle(t.Context(), message(goodTask))
	if _, ok := errors.AsType[*dryrun.Error](err); !ok || target.requests.Load() != 1 {
		t.Errorf("%d requests, error %v", target.requests.Load(), err)
	}
}

// TestDryRunOfASingleShip: a ship that runs once for a template has no session policy, so the guard is what holds it.
func TestDryRunOfASingleShip(t *testing.T) {
	newSTS(t)
	target := newAccount(t)
	ship := starfleet.ShipFunc("Ship", func(ctx context.Context, inv *starfleet.Invocation[singleOnly]) error {
		cfg, err := inv.AWSConfig(ctx)
		if err != nil {
			return err
		}
		_, err = sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.BaseEndpoint = aws.String(target.URL) }).
			PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(target.URL + "/1/q")})
		return err
	})
	handler, err := starfleet.NewHandler(ship, environment(), quiet(), configured("eu-west-1", ""))
	if err != nil {
		t.Fatal(err)
	}
	err = handler.Handle(t.Context(), message(`{"TemplateName":"t","TemplateDescription":"d"}`))
	if _, ok := errors.AsType[*dryrun.Error](err); !ok || target.requests.Load() != 0 {
		t.Errorf("%d requests, error %v", target.requests.Load(), err)
	}
}

// TestWithDryRunOperations: what is allowed by name passes, and what is no operation fails at start.
func TestWithDryRunOperations(t *testing.T) {
	newSTS(t)
	target := newAccount(t)
	handler := newHandler(t, target.forgetful, configured("eu-west-1", ", WorkerRoleToAssume: worker"), starfleet.WithDryRunOperations("sqs:PurgeQueue"))
	if err := handler.Handle(t.Context(), message(goodTask)); err != nil || target.requests.Load() != 2 {
		t.Errorf("%d requests, error %v", target.requests.Load(), err)
	}
	_, err := starfleet.NewHandler(starfleet.ShipFunc("Ship", target.forgetful), environment(), starfleet.WithDryRunOperations("sqs:*"))
	if err == nil || !strings.Contains(err.Error(), "WithDryRunOperations") {
		t.Errorf("error %v", err)
	}
}

// TestSessionPolicies: in a dry run the DryRunPolicies stand in place of the session policies, since AWS allows what any of them allows; an
// empty list switches that off. The partition is the account's.
func TestSessionPolicies(t *testing.T) {
	const own = `, WorkerRoleToAssume: worker, WorkerRoleSessionPolicies: ["arn:{partition}:iam::aws:policy/AmazonSQSFullAccess"], ` +
		`WorkerRoleSessionPolicy: {Version: "2012-10-17", Statement: []}`
	const inline = `{"Version":"2012-10-17","Statement":[]}`
	for _, test := range []struct {
		name, region, home, keys string
		commit                   bool
		policy, inline           string
	}{
		{"dry run", "us-east-1", "us-east-1", own, false, "arn:aws:iam::aws:policy/ReadOnlyAccess", ""},
		{"us-gov", "us-gov-east-1", "us-gov-west-1", own, false, "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess", ""},
		{"cn", "cn-northwest-1", "cn-north-1", own, false, "arn:aws-cn:iam::aws:policy/ReadOnlyAccess", ""},
		{"another policy", "us-east-1", "us-east-1", own + `, DryRunPolicies: ["arn:aws:iam::aws:policy/SecurityAudit"]`, false, "arn:aws:iam::aws:policy/SecurityAudit", ""},
		{"switched off", "us-east-1", "us-east-1", own + `, DryRunPolicies: []`, false, "arn:aws:iam::aws:policy/AmazonSQSFullAccess", inline},
		{"commit", "us-east-1", "us-east-1", own, true, "arn:aws:iam::aws:policy/AmazonSQSFullAccess", inline},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newSTS(t)
			handler := newHandler(t, asksForCredentials, configured(test.home, test.keys), starfleet.WithCommit(test.commit))
			task := strings.ReplaceAll(goodTask, "us-east-1", test.region)
			if err := handler.Handle(t.Context(), message(task)); err != nil {
				t.Fatal(err)
			}
			got := []string{server.forms[0].Get("PolicyArns.member.1.arn"), server.forms[0].Get("PolicyArns.member.2.arn"), server.forms[0].Get("Policy")}
			if diff := cmp.Diff([]string{test.policy, "", test.inline}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func asksForCredentials(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
	_, err := inv.AWSConfig(ctx)
	return err
}
