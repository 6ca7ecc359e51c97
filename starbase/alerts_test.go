package starbase_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// sink records alerts, and fails as it is told to.
type sink struct {
	fail error

	mu  sync.Mutex
	got []alert.Message
}

func (s *sink) Alert(_ context.Context, m alert.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, m)
	return s.fail
}

// classes are the alerts as "channel ship class", sorted.
func (s *sink) classes() []string {
	list := []string{}
	for _, m := range s.got {
		list = append(list, strings.Join([]string{m.Channel, m.Ship, m.Class}, " "))
	}
	slices.Sort(list)
	return list
}

// alerting is a Starbase of a world that alerts: those of the ship Account go to C1, and those of the ship Region nowhere.
func alerting(t *testing.T, w *world, s *sink, once idempotency.Store) *starbase.Starbase {
	t.Helper()
	sections := section("Account", "Account/", "S3", "AlertConfiguration: {ChannelId: C1, AlertPriority: PROBLEM}") + section("Region", "Region/", "S3")
	base, err := starbase.New(starbase.Config{
		Fleet: fleetOf(t), Configuration: configuration(t, sections), Templates: w.templates, Index: w.index, OpenQueue: w.open, Settler: w.fanOut.Memory,
		Logger: slog.New(slog.NewTextHandler(&lockedWriter{to: w.logs, mu: &w.mu}, nil)), Now: func() time.Time { return w.now },
		Alerter: s, Idempotency: once,
	})
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func (w *world) numbered(id, body string) queue.Message {
	m := w.message(body)
	m.ID = id
	return m
}

const atFault = "TemplateName: broken\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: 7}\n"

// TestPermanentFailuresAreAlerted: a template at fault and an unknown ship are told at once, each with its reason, and a ship without
// AlertConfiguration stays silent. An alerter that fails changes nothing.
func TestPermanentFailuresAreAlerted(t *testing.T) {
	t.Parallel()
	var answers []string
	for _, s := range []*sink{{}, {fail: errors.New("Slack is down")}} {
		w := newWorld(t, setup{})
		base := alerting(t, w, s, nil)
		w.templates.put("Account/broken.yaml", atFault)
		w.templates.put("Region/broken.yaml", atFault)
		answer, err := base.Invoke(t.Context(), sqsEvent(
			w.numbered("m1", `{"worker_ship":"Account","template_prefix":"Account/broken.yaml"}`),
			w.numbered("m2", `{"worker_ship":"Region","template_prefix":"Region/broken.yaml"}`),
			w.numbered("m3", `{"worker_ship":"Nobody","template_prefix":"Nobody/x.yaml"}`),
			w.numbered("m4", `{"worker_ship":"Account","template_prefix":"Account/gone.yaml"}`),
		))
		w.must(err)
		answers = append(answers, string(answer))
		if diff := cmp.Diff([]string{"  starbase.UnknownShipError", "C1 Account schema.Faults"}, s.classes()); diff != "" {
			t.Fatalf("%s\n%s", diff, w.log())
		}
		first := s.got[slices.IndexFunc(s.got, func(m alert.Message) bool { return m.Ship == "Account" })]
		if first.RunID == "" || first.Template != "Account/broken.yaml" || first.Priority != alert.Problem || !strings.Contains(first.Text, "Account/broken.yaml:3:") {
			t.Errorf("%+v", first)
		}
		if s.fail != nil && !strings.Contains(w.log(), "Slack is down") {
			t.Error("nobody was told that nobody was told")
		}
	}
	if answers[0] != answers[1] {
		t.Errorf("answers %q", answers)
	}
}

// TestWhatIsRetriedIsAlertedWhenItIsOver, and not before.
func TestWhatIsRetriedIsAlertedWhenItIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{index: &brokenIndex{}})
	s := &sink{}
	base := alerting(t, w, s, nil)
	w.templates.put("Account/good.yaml", "TemplateName: good\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\n")
	m := w.message(`{"worker_ship":"Account","template_prefix":"Account/good.yaml"}`)
	for m.ReceiveCount = 1; m.ReceiveCount <= 4; m.ReceiveCount++ {
		_, err := base.Invoke(t.Context(), sqsEvent(m))
		w.must(err)
		if want := m.ReceiveCount / 4; len(s.got) != want {
			t.Errorf("delivery %d: %d alerts, want %d", m.ReceiveCount, len(s.got), want)
		}
	}
	m.ReceiveCount = 1
	if err := base.Handle(t.Context(), m); err == nil || len(s.got) != 1 {
		t.Errorf("outside an invocation: %d alerts, error %v", len(s.got), err)
	}
}

// TestRunIsAlertedOnceAnHour across invocations, where there is a store.
func TestRunIsAlertedOnceAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	s := &sink{}
	base := alerting(t, w, s, idempotency.NewMemory(nil))
	w.templates.put("Account/broken.yaml", atFault)
	m := w.message(`{"worker_ship":"Account","template_prefix":"Account/broken.yaml"}`)
	for range 3 {
		if err := base.Handle(t.Context(), m); err == nil {
			t.Error("no error")
		}
	}
	if len(s.got) != 1 {
		t.Errorf("%d alerts", len(s.got))
	}
}

// TestErrorsReachLambdaByTheirType: an event that is refused as a whole.
func TestErrorsReachLambdaByTheirType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{})
	for _, event := range []string{`{}`, `{"name":"NEVER"}`, `{"Records":[]}`} {
		_, err := w.base.Invoke(ctx, []byte(event))
		failure, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // aws-lambda-go asserts the type in this way
		if !ok || failure.Type != "EventError" || !strings.HasPrefix(failure.Message, "starbase: event refused: ") {
			t.Errorf("%s: %#v", event, err)
		}
	}
}
