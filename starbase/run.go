package starbase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// trigger is one template to be fanned out to one ship.
type trigger struct {
	section *config.Ship
	key     string
	version string // that the event names, "" is the current one
	runID   string

	hop       int           // from 1
	attempt   int           // deliveries of the message so far, this one too
	continued *continuation // what the hop before handed over, nil at the first
	file      TemplateFile  // once it was read
}

// run does one hop of a template's fan-out, and reports it.
func (s *Starbase) run(ctx context.Context, t trigger) error {
	report := RunReport{RunID: t.runID, Ship: t.section.Name, TemplateKey: t.key, Hop: t.hop, Begun: s.cfg.Now(), Redelivered: t.attempt > 1}
	if c := t.continued; c != nil {
		report.takeOver(c)
	}
	report.Err = s.fanOut(ctx, t, &report)
	s.report(ctx, t, report)
	if report.Err != nil {
		return fmt.Errorf("run %s, template %s: %w", t.runID, t.key, report.Err)
	}
	return nil
}

// fanOut fetches the template, resolves it, and sends its tasks, unless people hold the ship up, this hop was done before, or the template was
// changed or deleted meanwhile. The last is looked up last, and also when the template is at fault: the fault of a version that is gone is
// nobody's concern.
func (s *Starbase) fanOut(ctx context.Context, t trigger, report *RunReport) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := s.checkHalts(ctx, t); err != nil {
		return err
	}
	record, err := s.successor(ctx, t)
	if err != nil {
		return err
	}
	if record != nil {
		report.Repeated = true
		report.Stopped, err = s.repeat(ctx, record)
		return err
	}
	if err := s.checkContinuation(ctx, t); err != nil {
		return err
	}
	t.file, err = s.readTemplate(ctx, t)
	if errors.Is(err, ErrNotFound) {
		report.Stopped = "the template, or this version of it, was deleted"
		return nil
	}
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	report.TemplateVersion = t.file.Version
	fault := s.resolve(ctx, t, report)
	report.Stopped, err = s.overtaken(ctx, t)
	switch {
	case report.Stopped != "":
		return nil
	case fault != nil:
		return fault
	case err != nil:
		return err
	case report.Targets == 0:
		return nil
	}
	return s.dispatch(ctx, t, report)
}

// checkHalts holds the run up while people say so. Accounts that are halted are the workers' matter: the ship is tasked with them.
func (s *Starbase) checkHalts(ctx context.Context, t trigger) error {
	if s.halts == nil {
		return nil
	}
	orders, err := s.halts.Halts(ctx)
	if err != nil {
		return fmt.Errorf("nobody can say what is halted: %w", err)
	}
	now := s.cfg.Now()
	if order, ok := orders.Match(t.section.Name, "", now); ok {
		return &starfleet.HaltedError{Order: order, Now: now}
	}
	return nil
}

// checkContinuation refuses to go on with a run that took too many hops, or too long. No retry cures it.
func (s *Starbase) checkContinuation(ctx context.Context, t trigger) error {
	c := t.continued
	switch {
	case c == nil:
		return nil
	case c.Hop > MaxHops:
		return starfleet.Permanent(&TooManyHopsError{Sent: c.Totals.Sent, Resolved: c.Resolved, After: c.Cursor.After})
	case !c.NotAfter.IsZero() && s.cfg.Now().After(c.NotAfter):
		return starfleet.Permanent(ErrRunTooOld)
	}
	digest, err := configurationDigest(s.cfg.Configuration, t.section)
	if err == nil && digest != c.Configuration {
		s.log(t).WarnContext(ctx, "the configuration was changed during the fan-out: the rest is resolved by the new one")
	}
	return err
}

// resolve makes the plan of the run.
func (s *Starbase) resolve(ctx context.Context, t trigger, report *RunReport) error {
	template, err := s.cfg.Fleet.ParseTemplate(t.section.Name, t.key, t.file.Data)
	if err != nil {
		return starfleet.Permanent(err)
	}
	report.TemplateName = template.Name()
	if err := s.cfg.Fleet.checkRole(t.section, template); err != nil {
		return starfleet.Permanent(err)
	}
	var index *accountindex.Index
	if template.Strategy() != starfleet.SingleInvocation {
		if index, err = s.readIndex(ctx, t); err != nil {
			return fmt.Errorf("account index: %w", err)
		}
		report.IndexVersion = index.Version()
		s.measureIndex(ctx, t, index.Generated())
	}
	plan, err := Prepare(ctx, Order{
		Template: template, Index: index, Fleet: s.cfg.Configuration.Fleet, Ship: t.section,
		ScopeToRegions: s.cfg.Configuration.Starfleet.ScopeToRegions, Now: s.cfg.Now,
	})
	if err != nil {
		return s.prepareError(ctx, t, err)
	}
	report.setPlan(plan)
	return nil
}

// prepareError tells what can be put right while the message is retried (too little time, an index that is too old, a guard of
// the configuration that is at fault) from what cannot: the template.
func (s *Starbase) prepareError(ctx context.Context, t trigger, err error) error {
	var age *IndexAgeError
	if ctx.Err() != nil || errors.As(err, &age) || guardAtFault(err, t.section.Name) {
		return err
	}
	return starfleet.Permanent(err)
}

// guardAtFault says whether a never-touch selection is among what is at fault.
func guardAtFault(err error, ship string) bool {
	var place string
	switch e := err.(type) { //nolint:errorlint // the tree is walked by hand: every leaf counts, not the first
	case nil:
		return false
	case *accountindex.UnmatchedError:
		place = e.Path
	case *accountindex.ExpressionError:
		place = e.Path
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), func(err error) bool { return guardAtFault(err, ship) })
	default:
		return guardAtFault(errors.Unwrap(err), ship)
	}
	return strings.HasPrefix(place, guardFleet+".") || strings.HasPrefix(place, guardShip(ship)+".")
}

// overtaken says why the version that was read is not to be tasked any more, "" when it is.
func (s *Starbase) overtaken(ctx context.Context, t trigger) (string, error) {
	current, err := s.cfg.Templates.Current(ctx, t.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return "the template was deleted", nil
	case err != nil:
		return "", fmt.Errorf("look up the current version of the template: %w", err)
	case current == t.file.Version || s.cfg.Configuration.Fleet.OnTemplateChange == config.OnChangeFinish:
		return "", nil
	case !slices.Contains(t.section.Sources, config.SourceS3):
		return "", nil // nothing else would task the newer version before the next timer
	}
	return fmt.Sprintf("superseded: version %s of the template is current, and is tasked by its own event", current), nil
}

// dispatch sends the tasks of the plan that were not sent by an earlier hop to the ship's queue. When the time is over it hands the rest over.
func (s *Starbase) dispatch(ctx context.Context, t trigger, report *RunReport) error {
	plan, rest := report.Plan, filterOf(t.continued)
	left := rest.count(plan)
	report.SentBefore = report.Targets - left
	digest, err := configurationDigest(s.cfg.Configuration, t.section)
	if err != nil {
		return err
	}
	if c := t.continued; c != nil && c.Configuration == digest && c.Resolved != report.Targets {
		return starfleet.Permanent(&ResolutionChangedError{Resolved: c.Resolved, Now: report.Targets})
	}
	if c := t.continued; c != nil && report.SentBefore > c.Totals.Sent { // the new configuration selects targets where the run has been
		return starfleet.Permanent(&ResolutionChangedError{Resolved: c.Resolved, Now: report.Targets})
	}
	sender, err := s.sender(ctx, t.section.InvocationQueueURL)
	if err != nil {
		return err
	}
	info := starfleet.RunInfo{RunID: t.runID, TemplateVersion: report.TemplateVersion, NotAfter: s.notAfter()}
	if t.continued != nil {
		info.NotAfter = t.continued.NotAfter
	}
	until, grace := s.sendUntil(ctx)
	report.Dispatch, err = queue.Dispatch(ctx, sender, rest.tasks(plan, info), queue.DispatchOptions{
		Resolved: left, LargestTask: starfleet.LargestTask(plan.Template(), info), Logger: s.log(t), StopAt: until, StopGrace: grace,
	})
	if err == nil {
		s.recordOver(ctx, t, report.Targets)
		return nil
	}
	var incomplete *queue.IncompleteError
	if errors.Is(err, queue.ErrStopped) && errors.As(err, &incomplete) && report.Dispatch.Sent > 0 && plan.Resolution() != nil {
		report.Again = incomplete.Cursor.Again
		next := report.continuation(t, digest, info.NotAfter, rest.advance(plan, incomplete.Cursor))
		if err := s.handOver(ctx, t, next, plan); err != nil {
			return fmt.Errorf("the time is over and the rest could not be handed over: %w", err)
		}
		report.GoesOn = true
		return nil
	}
	err = plan.ExplainDispatch(err)
	var tooLarge *TooLargeError
	if errors.As(err, &tooLarge) && report.Dispatch.Sent == 0 {
		return starfleet.Permanent(err)
	}
	return err
}
