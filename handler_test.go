package starfleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
)

// regionPayload is the payload of the ship under test: one task a region of an account.
type regionPayload struct {
	starfleet.AccountRegionPayload
	Days int `json:"Days" jsonschema:"required,minimum=1,maximum=3653"`
}

func (p regionPayload) Validate() error {
	if p.Days == 13 {
		return errors.New("Days: 13 brings bad luck")
	}
	return nil
}

const goodTask = `{"TemplateName":"t","TemplateDescription":"d","IncludeAccounts":{"ByIds":["111111111111"]},` +
	`"IncludeRegions":["us-east-1"],"Days":30,"StarbaseAssignedAccount":"111111111111","StarbaseAssignedRegion":"us-east-1"}`

func message(body string) queue.Message {
	return queue.Message{ID: "m1", Body: body, ReceiveCount: 1, Attributes: map[string]string{}}
}

func environment(pairs ...string) starfleet.Option {
	return starfleet.WithEnvironment(func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	})
}

func quiet() starfleet.Option { return starfleet.WithLogger(slog.New(slog.DiscardHandler)) }

// newHandler makes a handler of a ship that calls execute.
func newHandler(t *testing.T, execute func(context.Context, *starfleet.Invocation[regionPayload]) error, options ...starfleet.Option) *starfleet.Handler {
	t.Helper()
	handler, err := starfleet.NewHandler(starfleet.ShipFunc("Ship", execute), append([]starfleet.Option{environment(), quiet()}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func mustNotRun(t *testing.T) func(context.Context, *starfleet.Invocation[regionPayload]) error {
	return func(context.Context, *starfleet.Invocation[regionPayload]) error {
		t.Error("the ship ran")
		return nil
	}
}

func TestHandleGivesTheTaskToTheShip(t *testing.T) {
	t.Parallel()
	var got *starfleet.Invocation[regionPayload]
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		got = inv
		return nil
	})
	m := message(goodTask)
	m.ReceiveCount = 3
	m.Attributes = map[string]string{starfleet.AttributeRunID: "run", starfleet.AttributeTaskID: "task"}
	if err := handler.Handle(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got.AccountID != "111111111111" || got.Region != "us-east-1" || got.Payload.Days != 30 || got.Attempt != 3 ||
		got.RunID != "run" || got.TaskID != "task" || got.MessageID != "m1" || got.Commit || got.Logger == nil {
		t.Errorf("invocation %+v", got)
	}
}

// TestErrorsSteer: what each returned error means for the message, and the outcome that is recorded.
func TestErrorsSteer(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	tests := []struct {
		name    string
		execute func(context.Context, *starfleet.Invocation[regionPayload]) error
		want    queue.Disposition
		outcome starfleet.Outcome
	}{
		{"nil", func(context.Context, *starfleet.Invocation[regionPayload]) error { return nil }, queue.Disposition{}, starfleet.OutcomeOK},
		{"change", func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
			inv.Change("set retention", "days", inv.Payload.Days)
			return nil
		}, queue.Disposition{}, starfleet.OutcomeChanged},
		{"skip", returns(starfleet.Skip("not today")), queue.Disposition{Class: "SkipError"}, starfleet.OutcomeSkipped},
		{"permanent", returns(starfleet.Permanent(cause)), queue.Disposition{Action: queue.DeadLetter}, starfleet.OutcomeFailed},
		{"wrapped permanent", returns(fmt.Errorf("ship: %w", starfleet.Permanent(cause))), queue.Disposition{Action: queue.DeadLetter}, starfleet.OutcomeFailed},
		{"retry after", returns(starfleet.RetryAfter(time.Hour, cause)), queue.Disposition{Action: queue.Retry, After: time.Hour}, starfleet.OutcomeFailed},
		{"plain error", returns(cause), queue.Disposition{Action: queue.Retry}, starfleet.OutcomeFailed},
		{"deadline", returns(context.DeadlineExceeded), queue.Disposition{Action: queue.Retry}, starfleet.OutcomeTimedOut},
		{"panic", func(context.Context, *starfleet.Invocation[regionPayload]) error { panic("boom") }, queue.Disposition{Action: queue.Retry, Class: "PanicError"}, starfleet.OutcomeFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var result starfleet.Result
			handler := newHandler(t, test.execute, starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
			got := queue.DispositionOf(handler.Handle(t.Context(), message(goodTask)))
			if got.Action != test.want.Action || got.After != test.want.After || test.want.Class != "" && got.Class != test.want.Class {
				t.Errorf("disposition %+v, want %+v", got, test.want)
			}
			if result.Outcome != test.outcome {
				t.Errorf("outcome %s, want %s", result.Outcome, test.outcome)
			}
		})
	}
}

func returns(err error) func(context.Context, *starfleet.Invocation[regionPayload]) error {
	return func(context.Context, *starfleet.Invocation[regionPayload]) error { return err }
}

// TestCommitGate: case 23 of the predecessor's behaviour. Only the word true, in any case, lets a ship write.
func TestCommitGate(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"true": true, "True": true, "TRUE": true, "": false, "1": false, " true": false, "true ": false, "yes": false, "t": false, "false": false,
	} {
		handler := newHandler(t, returns(nil), environment(starfleet.EnvironmentCommit, value))
		if handler.Commit() != want {
			t.Errorf("STARFLEET_COMMIT=%q: commit %v, want %v", value, handler.Commit(), want)
		}
	}
	if newHandler(t, returns(nil)).Commit() {
		t.Error("commit without the variable")
	}
	if newHandler(t, returns(nil), environment(starfleet.EnvironmentCommit, "true"), starfleet.WithCommit(false)).Commit() {
		t.Error("WithCommit(false) does not stand above the variable")
	}
}

// TestJoinedErrors: of several errors the one that is retried decides: a task is acknowledged only when all of them say so.
func TestJoinedErrors(t *testing.T) {
	t.Parallel()
	plain, skip, permanent := errors.New("failed"), starfleet.Skip("absent"), starfleet.Permanent(errors.New("no use"))
	for _, test := range []struct {
		err     error
		action  queue.Action
		outcome starfleet.Outcome
	}{
		{errors.Join(plain, skip), queue.Retry, starfleet.OutcomeFailed},
		{errors.Join(skip, plain), queue.Retry, starfleet.OutcomeFailed},
		{errors.Join(permanent, plain), queue.Retry, starfleet.OutcomeFailed},
		{errors.Join(skip, permanent), queue.DeadLetter, starfleet.OutcomeFailed},
		{errors.Join(skip, skip), queue.Acknowledge, starfleet.OutcomeSkipped},
		{starfleet.Permanent(skip), queue.DeadLetter, starfleet.OutcomeFailed},
		{starfleet.RetryAfter(time.Minute, skip), queue.Retry, starfleet.OutcomeFailed},
		{fmt.Errorf("while reading: %w", skip), queue.Acknowledge, starfleet.OutcomeSkipped},
	} {
		var result starfleet.Result
		handler := newHandler(t, returns(test.err), starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
		if got := queue.DispositionOf(handler.Handle(t.Context(), message(goodTask))).Action; got != test.action || result.Outcome != test.outcome {
			t.Errorf("%v: %v, %s; want %v, %s", test.err, got, result.Outcome, test.action, test.outcome)
		}
	}
}

// TestCase24OneBadRecordFailsItselfAlone, where it failed its batch. Its neighbours run, and a panic is one record's failure.
func TestCase24OneBadRecordFailsItselfAlone(t *testing.T) {
	t.Parallel()
	var ran []string
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		ran = append(ran, inv.MessageID)
		if inv.MessageID == "panics" {
			panic("boom")
		}
		return nil
	})
	event := sqsEvent(t, "good-1", goodTask, "bad", "not JSON", "panics", goodTask, "good-2", goodTask)
	answer, err := handler.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"batchItemFailures":[{"itemIdentifier":"bad"},{"itemIdentifier":"panics"}]}`; string(answer) != want {
		t.Errorf("answer %s, want %s", answer, want)
	}
	if diff := cmp.Diff([]string{"good-1", "panics", "good-2"}, ran); diff != "" {
		t.Errorf("ran (-want +got):\n%s", diff)
	}
}

func sqsEvent(t *testing.T, idsAndBodies ...string) []byte {
	t.Helper()
	var records []map[string]any
	for i := 0; i < len(idsAndBodies); i += 2 {
		records = append(records, map[string]any{
			"messageId": idsAndBodies[i], "body": idsAndBodies[i+1], "eventSource": "aws:sqs", "receiptHandle": "r",
			"attributes":     map[string]string{"ApproximateReceiveCount": "1"},
			"eventSourceARN": "arn:aws:sqs:us-east-1:111111111111:ship",
		})
	}
	event, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// TestEmptyBatchAnswer: no failures is an empty list, never null, which Lambda would read as a failure of the whole batch.
func TestEmptyBatchAnswer(t *testing.T) {
	t.Parallel()
	answer, err := newHandler(t, returns(nil)).Invoke(t.Context(), sqsEvent(t, "m", goodTask))
	if err != nil || string(answer) != `{"batchItemFailures":[]}` {
		t.Errorf("answer %s, error %v", answer, err)
	}
}

func TestEventsOfUnknownShape(t *testing.T) {
	t.Parallel()
	handler := newHandler(t, mustNotRun(t))
	for _, event := range []string{``, `null`, `[]`, `{}`, `{"Records":[]}`, `{"Records":null}`, `{"Records":[{}]}`, `{"records":[{"body":"x"}]}`, `{"Records":[{"eventSource":"aws:s3"}]}`, `"text"`} {
		if answer, err := handler.Invoke(t.Context(), []byte(event)); err == nil {
			t.Errorf("event %s was answered with %s", event, answer)
		}
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	var order []string
	named := func(name string) starfleet.Middleware {
		return func(next starfleet.ExecuteFunc) starfleet.ExecuteFunc {
			return func(ctx context.Context, inv *starfleet.Invocation[any]) error {
				order = append(order, name)
				return next(ctx, inv)
			}
		}
	}
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		order = append(order, fmt.Sprintf("ship %d", inv.Payload.Days))
		return nil
	}, starfleet.WithMiddleware(named("outer"), named("inner")))
	if err := handler.Handle(t.Context(), message(goodTask)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"outer", "inner", "ship 30"}, order); diff != "" {
		t.Error(diff)
	}
	for name, tamper := range map[string]func(*starfleet.Invocation[any]){
		"account": func(inv *starfleet.Invocation[any]) { inv.AccountID = "222222222222" },
		"region":  func(inv *starfleet.Invocation[any]) { inv.Region = "eu-west-1" },
		"commit":  func(inv *starfleet.Invocation[any]) { inv.Commit = true },
	} {
		handler := newHandler(t, mustNotRun(t), starfleet.WithMiddleware(func(next starfleet.ExecuteFunc) starfleet.ExecuteFunc {
			return func(ctx context.Context, inv *starfleet.Invocation[any]) error {
				tamper(inv)
				return next(ctx, inv)
			}
		}))
		if err := handler.Handle(t.Context(), message(goodTask)); queue.DispositionOf(err).Action != queue.DeadLetter {
			t.Errorf("a middleware that changes the %s: error %v", name, err)
		}
	}
}

// TestMiddlewareIsMadeOnce: what a middleware sets up, a limiter say, is that of all tasks; and a payload of another type never
// reaches the ship as an empty one.
func TestMiddlewareIsMadeOnce(t *testing.T) {
	t.Parallel()
	made := 0
	counting := func(next starfleet.ExecuteFunc) starfleet.ExecuteFunc {
		made++
		return next
	}
	handler := newHandler(t, returns(nil), starfleet.WithMiddleware(counting))
	for range 3 {
		if err := handler.Handle(t.Context(), message(goodTask)); err != nil {
			t.Fatal(err)
		}
	}
	if made != 1 {
		t.Errorf("the middleware was made %d times", made)
	}
	handler = newHandler(t, mustNotRun(t), starfleet.WithMiddleware(func(next starfleet.ExecuteFunc) starfleet.ExecuteFunc {
		return func(ctx context.Context, inv *starfleet.Invocation[any]) error {
			payload, _ := inv.Payload.(regionPayload)
			inv.Payload = &payload
			return next(ctx, inv)
		}
	}))
	if err := handler.Handle(t.Context(), message(goodTask)); queue.DispositionOf(err).Action != queue.DeadLetter {
		t.Errorf("a payload of another type: error %v", err)
	}
}

// TestScopeToRegions: regions outside the configuration's scope are refused without an index too.
func TestScopeToRegions(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"c.yaml": {Data: []byte(`
STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: b, FanOutQueueUrl: "https://sqs.us-east-1.amazonaws.com/1/f", ScopeToRegions: [eu-west-1]}
Ship: {Enabled: true, TemplatePrefix: Ship/, InvocationQueueUrl: "https://sqs.us-east-1.amazonaws.com/1/s", InvocationSources: [S3]}
`)}}
	err := newHandler(t, mustNotRun(t), starfleet.WithConfig(files)).Handle(t.Context(), message(goodTask))
	if refused, ok := asType[*starfleet.RefusedError](err); !ok || refused.Guard != "ScopeToRegions" {
		t.Errorf("error %v", err)
	}
}

// TestLogCarriesTheTask: one structured line an attempt, and a ship's own lines carry the task and the request once.
func TestLogCarriesTheTask(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(starfleet.NewLogHandler(slog.NewJSONHandler(&out, nil)))
	handler := newHandler(t, func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
		inv.Logger.InfoContext(ctx, "with a context")
		inv.Logger.Info("without")
		logger.InfoContext(ctx, "by a logger of the caller's")
		return nil
	}, starfleet.WithLogger(logger))
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
	if _, err := handler.Invoke(ctx, sqsEvent(t, "m1", goodTask)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	for _, line := range lines {
		for _, attribute := range []string{`"account":"111111111111"`, `"ship":"Ship"`, `"request":"request-1"`} {
			if strings.Count(line, attribute) != 1 {
				t.Errorf("line %s has not %s once", line, attribute)
			}
		}
	}
	if !strings.Contains(lines[3], `"outcome":"ok"`) || strings.Contains(out.String(), `"Days"`) {
		t.Errorf("the last line, or a body in the log:\n%s", out.String())
	}
}

// TestDeadlineBuffer: the context of Execute ends before Lambda's deadline, with a cause that names ship, account and region.
func TestDeadlineBuffer(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	for _, test := range []struct {
		options []starfleet.Option
		buffer  time.Duration
	}{{nil, 2 * time.Second}, {[]starfleet.Option{starfleet.WithDeadlineBuffer(time.Minute)}, time.Minute}} {
		var got time.Time
		handler := newHandler(t, func(ctx context.Context, _ *starfleet.Invocation[regionPayload]) error {
			got, _ = ctx.Deadline()
			return nil
		}, test.options...)
		if _, err := handler.Invoke(ctx, sqsEvent(t, "m", goodTask)); err != nil {
			t.Fatal(err)
		}
		if want := deadline.Add(-test.buffer); !got.Equal(want) {
			t.Errorf("deadline %s, want %s", got, want)
		}
	}
	past, stop := context.WithDeadline(t.Context(), time.Now().Add(time.Second))
	defer stop()
	answer, err := newHandler(t, mustNotRun(t)).Invoke(past, sqsEvent(t, "m", goodTask))
	if err != nil || !strings.Contains(string(answer), `"m"`) {
		t.Errorf("a message that has no time left: answer %s, error %v", answer, err)
	}
	var reported starfleet.Result
	handler := newHandler(t, func(ctx context.Context, _ *starfleet.Invocation[regionPayload]) error {
		<-ctx.Done()
		return ctx.Err()
	}, starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { reported = r }))
	for _, left := range []time.Duration{time.Millisecond, -time.Second} {
		soon, end := context.WithDeadline(t.Context(), time.Now().Add(left))
		err := handler.Handle(soon, message(goodTask))
		end()
		if err == nil || !strings.Contains(err.Error(), "ship Ship in account 111111111111 us-east-1") {
			t.Errorf("%s left: error %v does not say where the time ran out", left, err)
		}
		if reported.Outcome != starfleet.OutcomeTimedOut {
			t.Errorf("%s left: outcome %s", left, reported.Outcome)
		}
	}
}

func TestZeroInvocation(t *testing.T) {
	t.Parallel()
	inv := &starfleet.Invocation[regionPayload]{}
	inv.Change("something", "key", 1, "other", "two")
	if _, err := inv.AWSConfig(t.Context()); err == nil {
		t.Error("a zero invocation has credentials")
	}
	inv.Log().Info("is discarded")
	changes := inv.Changes()
	if len(changes) != 1 || changes[0].What != "something" || !slices.EqualFunc(changes[0].Details,
		[]slog.Attr{slog.Int("key", 1), slog.String("other", "two")}, slog.Attr.Equal) {
		t.Errorf("changes %+v", changes)
	}
}

// TestWithoutResultLog: the line of each attempt is left out, and nothing else: the ship's own lines and observers stay.
func TestWithoutResultLog(t *testing.T) {
	t.Parallel()
	var (
		log    bytes.Buffer
		result starfleet.Result
	)
	handler := newHandler(t, func(_ context.Context, inv *starfleet.Invocation[regionPayload]) error {
		inv.Logger.Info("at work")
		return errors.New("cause")
	}, starfleet.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), starfleet.WithoutResultLog(),
		starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
	if err := handler.Handle(t.Context(), message(goodTask)); err == nil {
		t.Error("no error")
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "at work") || result.Outcome != starfleet.OutcomeFailed {
		t.Errorf("result %+v, log:\n%s", result, &log)
	}
}
