package starfleet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/secret"
)

// alerting is a configuration in which the ship Ship alerts from a priority on.
func alerting(priority string) starfleet.Option {
	return starfleet.WithConfig(fstest.MapFS{"c.yaml": {Data: fmt.Appendf(nil, `
STARFLEET:
  DeploymentRegion: us-east-1
  TemplateBucket: b
  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/111111111111/fanout
  SecretsManager: {SecretId: fleet, SecretRegion: us-east-1}
  SlackEnabled: true
Ship:
  Enabled: true
  TemplatePrefix: Ship
  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/111111111111/ship
  InvocationSources: []
  AlertConfiguration: {ChannelId: C1, AlertPriority: %s}
`, priority)}})
}

// alerts records what was sent, and fails as it is told to.
type alerts struct {
	fail error

	mu  sync.Mutex
	got []alert.Message
}

func (a *alerts) Alert(_ context.Context, m alert.Message) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.got = append(a.got, m)
	return a.fail
}

func (a *alerts) titles() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	titles := []string{}
	for _, m := range a.got {
		titles = append(titles, m.Title)
	}
	return titles
}

// batch is an SQS event of good tasks with these ids.
func batch(t *testing.T, ids ...string) []byte {
	t.Helper()
	var pairs []string
	for _, id := range ids {
		pairs = append(pairs, id, goodTask)
	}
	return sqsEvent(t, pairs...)
}

// TestDigestOfAnInvocation: many failures of one class are one alert, with their number; what is no failure, or is expected to pass, is none.
func TestDigestOfAnInvocation(t *testing.T) {
	t.Parallel()
	sink := &alerts{}
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		switch kind, _, _ := strings.Cut(inv.MessageID, "-"); kind {
		case "bad":
			return fmt.Errorf("in %s: %w", inv.AccountID, &quotaError{})
		case "fatal":
			return starfleet.Permanent(&quotaError{})
		case "panic":
			panic("boom")
		case "later":
			return starfleet.RetryAfter(time.Minute, errors.New("not yet"))
		case "skip":
			return starfleet.Skip("nothing to do here")
		}
		return nil
	}, alerting("PROBLEM"), starfleet.WithAlerter(sink), starfleet.WithConcurrency(4))
	event := batch(t, "good-1", "bad-1", "bad-2", "panic-1", "later-1", "skip-1", "bad-3", "fatal-1", "bad-4", "panic-2", "good-2")
	answer, err := handler.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"batchItemFailures":[{"itemIdentifier":"bad-1"},{"itemIdentifier":"bad-2"},{"itemIdentifier":"panic-1"},{"itemIdentifier":"later-1"},` +
		`{"itemIdentifier":"bad-3"},{"itemIdentifier":"fatal-1"},{"itemIdentifier":"bad-4"},{"itemIdentifier":"panic-2"}]}`
	if string(answer) != want {
		t.Errorf("answer %s", answer)
	}
	count := map[string]int{}
	for _, m := range sink.got {
		count[m.Class] += m.Count
		if m.Channel != "C1" || m.Priority != alert.Problem || m.Ship != "Ship" || m.Template != "t" || m.Targets[0] != "111111111111 us-east-1" {
			t.Errorf("%+v", m)
		}
	}
	if diff := cmp.Diff(map[string]int{"starfleet_test.quotaError": 5, "PanicError": 2}, count); diff != "" || len(sink.got) != 2 {
		t.Errorf("%d alerts: %s", len(sink.got), diff)
	}
}

type quotaError struct{}

func (*quotaError) Error() string { return "quota reached" }

// TestInvocationAlert: what several tasks tell with one title is one message, sent by the original's threshold rule.
func TestInvocationAlert(t *testing.T) {
	t.Parallel()
	for threshold, want := range map[string][]string{"NONE": {}, "PROBLEM": {}, "IMPORTANT": {"Roles changed"}, "SUCCESS": {"Roles changed", "Done"}} {
		sink := &alerts{}
		handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
			inv.Alert(alert.Important, "Roles changed", "role "+inv.MessageID)
			if inv.MessageID == "b" {
				inv.Alert(alert.Success, "Done", "all of it")
			}
			return nil
		}, alerting(threshold), starfleet.WithAlerter(sink))
		if _, err := handler.Invoke(t.Context(), batch(t, "a", "b", "c")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, sink.titles()); diff != "" {
			t.Errorf("%s: %s", threshold, diff)
		}
		if len(want) > 0 && !strings.HasPrefix(sink.got[0].Text, "111111111111 us-east-1: role a\n111111111111 us-east-1: role b\n111111111111 us-east-1: role c") {
			t.Errorf("text %s", sink.got[0].Text)
		}
		if err := handler.Handle(t.Context(), message(goodTask)); err != nil || len(sink.got) != len(want)+min(len(want), 1) {
			t.Errorf("outside an invocation: %d alerts, error %v", len(sink.got), err)
		}
	}
	var plain starfleet.Invocation[regionPayload]
	plain.Alert(alert.Success, "t", "x")
	if diff := cmp.Diff([]starfleet.Alert{{Priority: alert.Success, Title: "t", Text: "x"}}, plain.Alerts()); diff != "" {
		t.Error(diff)
	}
}

// TestOneAlertAnHour: with the store, the same class of the same run is told once, however many invocations its tasks come in.
func TestOneAlertAnHour(t *testing.T) {
	t.Parallel()
	sink := &alerts{}
	handler := newHandler(t, func(context.Context, *starfleet.Invocation[regionPayload]) error { return &quotaError{} },
		alerting("PROBLEM"), starfleet.WithAlerter(sink), starfleet.WithIdempotency(idempotency.NewMemory(nil)))
	for range 5 {
		if _, err := handler.Invoke(t.Context(), batch(t, "a", "b")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(sink.got); n != 1 {
		t.Errorf("%d alerts", n)
	}
}

// TestSlackDownAndSecretsManagerDenied: each task ends as it would have, and the reason why nobody was told is in the log.
func TestSlackDownAndSecretsManagerDenied(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(down.Close)
	denied := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","Message":"no"}`))
	}))
	t.Cleanup(denied.Close)
	fleetSecret, err := secret.Parse("fleet", []byte(`{"STARFLEET":{"SlackToken":"xoxb-hush"}}`))
	if err != nil {
		t.Fatal(err)
	}
	manager, err := secrets.New(secrets.Config{SecretID: "fleet", AWS: &aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(denied.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIA", "own", ""),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		source secret.Source
		log    string
	}{
		"Slack is down":                {fleetSecret, "502"},
		"Secrets Manager denies":       {manager, "may not be read"},
		"there is no secret":           {secret.None{}, "no secret is configured"},
		"the secret has no SlackToken": {mustParse(t, `{"STARFLEET":{}}`), "SlackToken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log lockedBuffer
			handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
				inv.Alert(alert.Problem, "Told", "x")
				if inv.MessageID == "bad" {
					return &quotaError{}
				}
				return nil
			}, alerting("PROBLEM"), starfleet.WithSecrets(test.source), starfleet.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
				starfleet.WithAlerterFrom(func(c *config.Configuration, s secret.Source) (alert.Alerter, error) {
					if alerter, err := slackalert.Open(c, s); err != nil || alerter == (alert.Discard{}) {
						return nil, fmt.Errorf("the configuration enables Slack: %T, %w", alerter, err)
					}
					return slackalert.New(slackalert.Config{Secrets: s, URL: down.URL + "/api/"})
				}))
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // no time for Slack's second attempts: the answer comes first
			defer cancel()
			answer, err := handler.Invoke(ctx, batch(t, "good", "bad", "good-2"))
			if want := `{"batchItemFailures":[{"itemIdentifier":"bad"}]}`; err != nil || string(answer) != want {
				t.Errorf("answer %s, error %v", answer, err)
			}
			if ctx.Err() != nil {
				t.Error("the answer came after the deadline")
			}
			if text := log.String(); !strings.Contains(text, "alert not sent") || !strings.Contains(text, test.log) || strings.Contains(text, "hush") {
				t.Errorf("log %s", text)
			}
		})
	}
}

func mustParse(t *testing.T, text string) secret.Source {
	t.Helper()
	doc, err := secret.Parse("fleet", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// lockedBuffer is written by several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestShipReadsItsSecret, decoded, from the source that its configuration names; and without a source, it hears so.
func TestShipReadsItsSecret(t *testing.T) {
	t.Parallel()
	var (
		keys map[string]secret.Value
		err  error
	)
	execute := func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
		err = inv.Secret(ctx, "GitHubSyncWorker", &keys)
		inv.InvalidateSecret()
		return nil
	}
	opened := newHandler(t, execute, alerting("NONE"), starfleet.WithSecretsFrom(func(c *config.Configuration) (secret.Source, error) {
		return secret.Parse(c.Starfleet.Secrets.SecretID, []byte(`{"GitHubSyncWorker":{"org":"PEM"}}`))
	}))
	if handleErr := opened.Handle(t.Context(), message(goodTask)); handleErr != nil || err != nil || keys["org"].Reveal() != "PEM" {
		t.Errorf("%v, errors %v, %v", keys, err, handleErr)
	}
	if handleErr := newHandler(t, execute).Handle(t.Context(), message(goodTask)); handleErr != nil || !errors.Is(err, secret.ErrNotConfigured) {
		t.Errorf("errors %v, %v", err, handleErr)
	}
	var plain starfleet.Invocation[regionPayload]
	if err := plain.Secret(t.Context(), "x", &keys); !errors.Is(err, secret.ErrNotConfigured) {
		t.Error(err)
	}
	plain.InvalidateSecret()
	_, err = starfleet.NewHandler(starfleet.ShipFunc("Ship", execute), environment(), starfleet.WithSecretsFrom(func(*config.Configuration) (secret.Source, error) {
		return nil, errors.New("bad region")
	}))
	if err == nil || !strings.Contains(err.Error(), "bad region") {
		t.Errorf("wrong wiring: %v", err)
	}
}

// TestErrorsReachLambdaByTheirType: an event that is refused as a whole.
func TestErrorsReachLambdaByTheirType(t *testing.T) {
	t.Parallel()
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r"})
	_, err := newHandler(t, mustNotRun(t)).Invoke(ctx, []byte(`{"name":"HOURLY"}`))
	failure, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // aws-lambda-go asserts the type in this way
	if !ok || failure.Type != "EventError" || !strings.Contains(failure.Message, "no Records") {
		t.Errorf("%#v", err)
	}
}
