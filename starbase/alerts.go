package starbase

import (
	"context"
	"errors"
	"sync"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/queue"
)

const (
	// alertReserve is left of Lambda's time after alerts, for the answer.
	alertReserve = 500 * time.Millisecond
	// alertTime is for alerts where there is no deadline.
	alertTime = 30 * time.Second
	// maxAlertError is how much of an error's text an alert shows, in characters: a template may have many faults.
	maxAlertError = 1000
)

// failed is what failed of one message: a run, or the message itself.
type failed struct {
	alert.Failure
	permanent bool // no retry can cure it
}

// runLog has the reports of the runs that one message led to.
type runLog struct {
	mu      sync.Mutex
	reports []RunReport
}

type runLogKey struct{}

// gather keeps the report of a run for the alerts of its message.
func gather(ctx context.Context, r RunReport) {
	if runs, ok := ctx.Value(runLogKey{}).(*runLog); ok && r.Err != nil {
		runs.mu.Lock()
		defer runs.mu.Unlock()
		runs.reports = append(runs.reports, r)
	}
}

// tally gathers what failed in one invocation until the messages are settled.
type tally struct {
	mu     sync.Mutex
	failed map[string][]failed // by message id
}

type tallyKey struct{}

// telling handles a message, and tells what failed: at the end of the invocation, or at once when there is none.
func (s *Starbase) telling(ctx context.Context, m queue.Message, handle func(context.Context, queue.Message) error) error {
	var runs runLog
	err := handle(context.WithValue(ctx, runLogKey{}, &runs), m)
	if err == nil || s.cfg.Alerter == nil {
		return err
	}
	list := failuresOf(runs.reports, err)
	if t, ok := ctx.Value(tallyKey{}).(*tally); ok {
		t.mu.Lock()
		t.failed[m.ID] = list
		t.mu.Unlock()
		return err
	}
	d := digests{}
	s.tell(d, list, false)
	s.sendAlerts(ctx, d)
	return err
}

// failuresOf tells the failures of runs from those of the message itself.
func failuresOf(reports []RunReport, err error) []failed {
	var (
		list   []failed
		leaves failures
	)
	leaves.add(err)
	for _, r := range reports {
		name := r.TemplateName
		if name == "" {
			name = r.TemplateKey
		}
		if f, ok := failureOf(r.Err); ok {
			f.Ship, f.Template, f.RunID = r.Ship, name, r.RunID
			list = append(list, f)
		}
	}
	for _, leaf := range leaves {
		if f, ok := failureOf(leaf); ok && !ofRun(reports, leaf) {
			list = append(list, f)
		}
	}
	return list
}

// failureOf is false for what people hold up: they know.
func failureOf(err error) (failed, bool) {
	var halted *starfleet.HaltedError
	if err == nil || errors.As(err, &halted) {
		return failed{}, false
	}
	d := queue.DispositionOf(err)
	return failed{
		Failure:   alert.Failure{Class: d.Class, Text: alert.Cut(err.Error(), maxAlertError, nil)},
		permanent: d.Action == queue.DeadLetter,
	}, true
}

func ofRun(reports []RunReport, err error) bool {
	for _, r := range reports {
		if errors.Is(err, r.Err) {
			return true
		}
	}
	return false
}

// digests are those of an invocation, by ship: each ship's alerts go their own way.
type digests map[string]*alert.Digest

// tell adds failures to the digests: all of them when their message was dead-lettered, otherwise those that no retry can cure.
func (s *Starbase) tell(d digests, list []failed, deadLettered bool) {
	for _, f := range list {
		if !f.permanent && !deadLettered {
			continue
		}
		f.DeadLettered = true
		if d[f.Ship] == nil {
			d[f.Ship] = alert.NewDigest(s.route(f.Ship))
		}
		d[f.Ship].Fail(f.Failure)
	}
}

// route is that of the ship's AlertConfiguration. What belongs to no ship goes to the alerter's own channel, as a problem.
func (s *Starbase) route(ship string) alert.Route {
	if ship == "" {
		return alert.Route{Threshold: alert.Problem}
	}
	section, err := s.cfg.Configuration.Ship(ship)
	if err != nil || section.Alert == nil {
		return alert.Route{}
	}
	threshold, err := alert.ParsePriority(section.Alert.Priority)
	if err != nil {
		return alert.Route{}
	}
	return alert.Route{Channel: section.Alert.ChannelID, Threshold: threshold}
}

// settled adds what became of a message to the digests.
func (s *Starbase) settled(t *tally, d digests, m queue.Message, action queue.Action) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.tell(d, t.failed[m.ID], action == queue.DeadLetter)
}

// sendAlerts sends what there is to tell, in the time that is left.
func (s *Starbase) sendAlerts(ctx context.Context, d digests) {
	var messages []alert.Message
	for _, digest := range d {
		messages = append(messages, digest.Messages()...)
	}
	if len(messages) == 0 {
		return
	}
	limit := time.Now().Add(alertTime)
	if deadline, ok := ctx.Deadline(); ok {
		limit = deadline.Add(-alertReserve)
	}
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	alert.Delivery{Alerter: s.cfg.Alerter, Once: s.cfg.Idempotency, Logger: s.cfg.Logger}.Send(ctx, messages)
}
