package starfleet

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/queue"
)

const (
	// alertReserve is left of Lambda's time after alerts, for the answer.
	alertReserve = 500 * time.Millisecond
	// alertTime is for alerts where there is no deadline.
	alertTime = 30 * time.Second
	// maxAlertError is how much of an error's text an alert shows, in characters.
	maxAlertError = 500
)

// Alert is what a ship tells people; see [Invocation.Alert].
type Alert struct {
	Priority alert.Priority
	// Title is one line, and the same for all targets: what several tasks tell under one title becomes one message.
	Title string
	// Text is about this target.
	Text string
}

type alertLog struct {
	mu   sync.Mutex
	list []Alert
}

// Alert tells people something, in plain text, when the invocation ends: what several of its tasks tell with one title and priority becomes
// one message. It goes to the channel, and is sent from the priority on, that AlertConfiguration in the ship's section says; failures
// are told without it. It neither fails nor takes time; what cannot be sent is logged. Without commit nothing was changed: tell of changes only
// when inv.Commit. Safe for concurrent use, except for the very first call on an Invocation that a test made itself.
func (inv *Invocation[P]) Alert(priority alert.Priority, title, text string) {
	if inv.alerts == nil {
		inv.alerts = &alertLog{}
	}
	inv.alerts.mu.Lock()
	defer inv.alerts.mu.Unlock()
	inv.alerts.list = append(inv.alerts.list, Alert{Priority: priority, Title: title, Text: text})
}

// Alerts are the alerts so far, in order.
func (inv *Invocation[P]) Alerts() []Alert { return inv.alerts.all() }

func (l *alertLog) all() []Alert {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// tally gathers the results of one invocation until their messages are settled.
type tally struct {
	digest *alert.Digest

	mu      sync.Mutex
	results map[string]Result // by message id
}

type tallyKey struct{}

func (h *Handler) newTally() *tally {
	var route alert.Route
	if h.section != nil && h.section.Alert != nil {
		threshold, err := alert.ParsePriority(h.section.Alert.Priority)
		if err == nil {
			route = alert.Route{Channel: h.section.Alert.ChannelID, Threshold: threshold}
		}
	}
	return &tally{digest: alert.NewDigest(route), results: map[string]Result{}}
}

// add takes a result, and what the ship told.
func (t *tally) add(r Result) {
	t.mu.Lock()
	t.results[r.MessageID] = r
	t.mu.Unlock()
	for _, a := range r.Alerts {
		t.digest.Note(alert.Note{
			Ship: r.Ship, Template: r.Template, RunID: r.RunID, AccountID: r.AccountID, Region: r.Region,
			Priority: a.Priority, Title: a.Title, Text: a.Text,
		})
	}
}

// settled takes what became of a message.
func (t *tally) settled(ship string, m queue.Message, err error, action queue.Action) {
	t.mu.Lock()
	r, known := t.results[m.ID]
	delete(t.results, m.ID)
	t.mu.Unlock()
	if !known { // the handler itself panicked
		r = Result{Ship: ship, RunID: m.Attributes[AttributeRunID], MessageID: m.ID, Outcome: OutcomeFailed}
	}
	if !worthAlert(r.Outcome, err, action) {
		return
	}
	t.digest.Fail(alert.Failure{
		Ship: r.Ship, Template: r.Template, RunID: r.RunID, Class: errorClass(err), AccountID: r.AccountID, Region: r.Region,
		Text: alert.Cut(err.Error(), maxAlertError, nil), DeadLettered: action == queue.DeadLetter,
	})
}

// worthAlert leaves out what is no failure, and what another attempt is expected to cure while there is one.
func worthAlert(outcome Outcome, err error, action queue.Action) bool {
	var later *RetryAfterError
	switch {
	case err == nil, outcome == OutcomeSkipped, outcome == OutcomeHalted:
		return false
	case action == queue.DeadLetter:
		return true
	}
	return outcome != OutcomeThrottled && outcome != OutcomeBusy && !errors.As(err, &later)
}

// sendAlerts sends what an invocation has to tell, in the time that is left of it.
func (h *Handler) sendAlerts(ctx context.Context, t *tally) {
	if h.settings.alerter == nil {
		return
	}
	messages := t.digest.Messages()
	if len(messages) == 0 {
		return
	}
	limit := time.Now().Add(alertTime)
	if deadline, ok := ctx.Deadline(); ok {
		limit = deadline.Add(-alertReserve)
	}
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	alert.Delivery{Alerter: h.settings.alerter, Once: h.settings.once, Logger: h.logger}.Send(ctx, messages)
}
