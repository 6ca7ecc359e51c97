package starbase_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// outcome is what an event leads to.
type outcome struct {
	Account, Single, FanOut int // messages
	Action                  string
}

// eventOutcomes are the events of testdata/events, by file. The Account ship has a template for 19 accounts, the Single ship one.
var eventOutcomes = map[string]outcome{
	"fan-out":         {19, 0, 0, "acknowledge"},
	"timed":           {0, 0, 2, "acknowledge"},
	"timed-scheduled": {0, 0, 2, "acknowledge"},
	"timed-unknown":   {0, 0, 0, "dead-letter"},

	"s3-created":                       {19, 0, 0, "acknowledge"},
	"s3-created-multipart-unversioned": {19, 0, 0, "acknowledge"},
	"s3-created-without-event-name":    {19, 0, 0, "acknowledge"},
	"s3-two-created":                   {19, 1, 0, "acknowledge"},
	"s3-removed":                       {0, 0, 0, "acknowledge"},
	"s3-removed-marker":                {0, 0, 0, "acknowledge"},
	"s3-expired":                       {0, 0, 0, "acknowledge"},
	"s3-tagged":                        {0, 0, 0, "acknowledge"},
	"s3-unknown-event-name":            {0, 0, 0, "dead-letter"},
	"s3-other-bucket":                  {0, 0, 0, "dead-letter"},
	"s3-other-key":                     {0, 0, 0, "acknowledge"},
	"s3-key-not-encoded":               {0, 0, 0, "dead-letter"},
	"s3-without-key":                   {0, 0, 0, "dead-letter"},
	"s3-key-is-a-number":               {0, 0, 0, "dead-letter"},
	"s3-wrong-case":                    {0, 0, 0, "dead-letter"},
	"s3-created-and-stray":             {19, 0, 0, "acknowledge"},
	"s3-created-and-unreadable":        {19, 0, 0, "dead-letter"},
	"s3-only-stray":                    {0, 0, 0, "dead-letter"},
	"s3-no-records":                    {0, 0, 0, "dead-letter"},
	"s3-records-null":                  {0, 0, 0, "dead-letter"},
	"s3-test-event":                    {0, 0, 0, "acknowledge"},

	"sns-s3-created":                 {19, 0, 0, "acknowledge"},
	"sns-s3-removed":                 {0, 0, 0, "acknowledge"},
	"sns-s3-test-event":              {0, 0, 0, "acknowledge"},
	"sns-eventbridge-object-created": {19, 0, 0, "acknowledge"},
	"sns-fan-out":                    {0, 0, 0, "dead-letter"},
	"sns-not-json":                   {0, 0, 0, "dead-letter"},
	"sns-nested":                     {0, 0, 0, "dead-letter"},
	"sns-subscription":               {0, 0, 0, "dead-letter"},

	"eventbridge-object-created":             {19, 0, 0, "acknowledge"},
	"eventbridge-object-created-unversioned": {19, 0, 0, "acknowledge"},
	"eventbridge-object-deleted":             {0, 0, 0, "acknowledge"},
	"eventbridge-object-tags":                {0, 0, 0, "acknowledge"},
	"eventbridge-other-source":               {0, 0, 0, "dead-letter"},
	"eventbridge-unknown-detail-type":        {0, 0, 0, "dead-letter"},
	"eventbridge-without-detail":             {0, 0, 0, "dead-letter"},

	"fan-out-third-key":       {0, 0, 0, "dead-letter"},
	"fan-out-one-key":         {0, 0, 0, "dead-letter"},
	"fan-out-wrong-types":     {0, 0, 0, "dead-letter"},
	"fan-out-empty":           {0, 0, 0, "dead-letter"},
	"fan-out-unknown-ship":    {0, 0, 0, "dead-letter"},
	"fan-out-other-ships-key": {0, 0, 0, "dead-letter"},
	"fan-out-not-a-template":  {0, 0, 0, "dead-letter"},
	"task":                    {0, 0, 0, "dead-letter"},
	"empty-object":            {0, 0, 0, "dead-letter"},
	"list":                    {0, 0, 0, "dead-letter"},
}

// eventWorld has the templates that the events speak of.
func eventWorld(t testing.TB) *world {
	w := newWorld(t, setup{})
	w.templates.put("Account/a b+c.yaml", accountTemplate("t", everyone))
	w.templates.put("Single/x.yaml", singleTemplate("s"))
	return w
}

func readEvent(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEventsAsMessages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "events", "*.json"))
	if err != nil || len(files) != len(eventOutcomes) {
		t.Fatalf("%d files, %d outcomes, error %v", len(files), len(eventOutcomes), err)
	}
	for name, want := range eventOutcomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := eventWorld(t)
			err := w.handle(readEvent(t, name))
			got := outcome{w.queue("Account").Len(), w.queue("Single").Len(), w.fanOut.Len(), queue.DispositionOf(err).Action.String()}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s\nerror: %v", diff, err)
			}
			if loud := strings.Contains(w.log(), `"level":"ERROR"`); !loud && err != nil {
				t.Errorf("the failure is not in the log:\n%s", w.log())
			}
			if strings.Contains(w.log(), "192.0.2.1") || strings.Contains(w.log(), "IncludeAccounts: {") {
				t.Errorf("a body is in the log:\n%s", w.log())
			}
		})
	}
}

// The same events through Lambda's event source mapping: what is acknowledged or dead-lettered is done, and a dead letter has the
// body as it was and the reason.
func TestInvokeAnswersPartialBatches(t *testing.T) {
	t.Parallel()
	for name, want := range eventOutcomes {
		w := eventWorld(t)
		body := readEvent(t, name)
		answer, err := w.base.Invoke(t.Context(), sqsEvent(w.message(body)))
		if err != nil || string(answer) != `{"batchItemFailures":[]}` {
			t.Errorf("%s: answer %s, error %v", name, answer, err)
		}
		dead := w.dead.All()
		if want.Action != "dead-letter" {
			if len(dead) != 0 {
				t.Errorf("%s: dead-lettered: %v", name, dead)
			}
			continue
		}
		if len(dead) != 1 || dead[0].Body != body || dead[0].Attributes[queue.AttributeErrorMessage] == "" ||
			dead[0].Attributes[queue.AttributeErrorClass] == "" {
			t.Errorf("%s: dead letters %v", name, dead)
		}
	}
}

// Of three messages the one in the middle fails for a while: it alone is reported.
func TestInvokeReportsTheFailedMessageAlone(t *testing.T) {
	t.Parallel()
	w := eventWorld(t)
	good, bad := w.message(readEvent(t, "fan-out")), w.message(readEvent(t, "fan-out"))
	bad.ID = "bad"
	calls := 0
	w.templates.beforeRead = func() {
		calls++
		w.templates.readErr = nil
		if calls == 2 {
			w.templates.readErr = errTransient
		}
	}
	last := good
	last.ID = "last"
	answer, err := w.base.Invoke(t.Context(), sqsEvent(good, bad, last))
	if err != nil {
		t.Fatal(err)
	}
	var response struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		t.Fatal(err)
	}
	if len(response.BatchItemFailures) != 1 || response.BatchItemFailures[0].ItemIdentifier != "bad" {
		t.Errorf("answer %s", answer)
	}
	if n := w.queue("Account").Len(); n != 38 {
		t.Errorf("%d tasks, want those of two messages", n)
	}
}

// A batch that is none of SQS's fails as a whole, and nothing is sent: so does an S3 event by direct invocation, which would
// have no dead-letter queue.
func TestInvokeRefusesOtherBatches(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"s3-created", "s3-only-stray", "s3-no-records", "eventbridge-object-created", "sns-s3-created", "fan-out", "task", "s3-test-event"} {
		w := eventWorld(t)
		if answer, err := w.base.Invoke(t.Context(), []byte(readEvent(t, name))); err == nil {
			t.Errorf("%s: no error, answer %s", name, answer)
		}
		if w.sent() != 0 {
			t.Errorf("%s: %d messages were sent", name, w.sent())
		}
	}
}

// Without a settler nothing can be dead-lettered: what fails is reported, and the queue's redrive policy decides.
func TestInvokeWithoutASettler(t *testing.T) {
	t.Parallel()
	w := eventWorld(t)
	base, err := starbase.New(starbase.Config{
		Fleet: fleetOf(t), Configuration: configuration(t, standard), Templates: w.templates, Index: w.index, OpenQueue: w.open,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := base.Invoke(t.Context(), sqsEvent(w.message(readEvent(t, "fan-out-unknown-ship"))))
	if err != nil || string(answer) != `{"batchItemFailures":[{"itemIdentifier":"`+w.message("").ID+`"}]}` {
		t.Errorf("answer %s, error %v", answer, err)
	}
}

// A message whose queue is slow ends a buffer before the function's deadline, is reported, and its neighbour is given back unbegun.
func TestInvokeEndsBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := eventWorld(t)
		w.queue("Account").fail = func(int, []queue.Outgoing) ([]queue.Failure, error) {
			return nil, fmt.Errorf("%w: slow down", queue.ErrThrottled)
		}
		first := w.message(readEvent(t, "fan-out"))
		second := first
		first.ID, second.ID = "first", "second"
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		answer, err := w.base.Invoke(ctx, sqsEvent(first, second))
		if err != nil || string(answer) != `{"batchItemFailures":[{"itemIdentifier":"first"},{"itemIdentifier":"second"}]}` {
			t.Errorf("answer %s, error %v", answer, err)
		}
		if ctx.Err() != nil || len(w.reports) != 1 || !errors.Is(w.reports[0].Err, context.DeadlineExceeded) {
			t.Errorf("deadline passed: %v; reports %+v", ctx.Err(), w.reports)
		}
		w.logged(slog.LevelError, "fan-out failed", "deadline is 2s away", `"not_sent":19`)
	})
}
