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
}

// run fans one template out, and reports it.
func (s *Starbase) run(ctx context.Context, t trigger) error {
	report := RunReport{RunID: t.runID, Ship: t.section.Name, TemplateKey: t.key}
	report.Err = s.fanOut(ctx, t, &report)
	s.report(ctx, t, report)
	if report.Err != nil {
		return fmt.Errorf("run %s, template %s: %w", t.runID, t.key, report.Err)
	}
	return nil
}

// fanOut fetches the template, resolves it, and sends its tasks, unless the template was changed or deleted meanwhile. That is looked up
// last, and also when the template is at fault: the fault of a version that is gone is nobody's concern.
func (s *Starbase) fanOut(ctx context.Context, t trigger, report *RunReport) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	file, err := s.cfg.Templates.Read(ctx, t.key, t.version)
	if errors.Is(err, ErrNotFound) {
		report.Stopped = "the template, or this version of it, was deleted"
		return nil
	}
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	report.TemplateVersion = file.Version
	fault := s.resolve(ctx, t, file, report)
	report.Stopped, err = s.overtaken(ctx, t, file)
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

// resolve makes the plan of the run.
func (s *Starbase) resolve(ctx context.Context, t trigger, file TemplateFile, report *RunReport) error {
	template, err := s.cfg.Fleet.ParseTemplate(t.section.Name, t.key, file.Data)
	if err != nil {
		return starfleet.Permanent(err)
	}
	report.TemplateName = template.Name()
	var index *accountindex.Index
	if template.Strategy() != starfleet.SingleInvocation {
		if index, err = s.cfg.Index.Index(ctx); err != nil {
			return fmt.Errorf("account index: %w", err)
		}
		report.IndexVersion = index.Version()
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
func (s *Starbase) overtaken(ctx context.Context, t trigger, file TemplateFile) (string, error) {
	current, err := s.cfg.Templates.Current(ctx, t.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return "the template was deleted", nil
	case err != nil:
		return "", fmt.Errorf("look up the current version of the template: %w", err)
	case current == file.Version || s.cfg.Configuration.Fleet.OnTemplateChange == config.OnChangeFinish:
		return "", nil
	case !slices.Contains(t.section.Sources, config.SourceS3):
		return "", nil // nothing else would task the newer version before the next timer
	}
	return fmt.Sprintf("superseded: version %s of the template is current, and is tasked by its own event", current), nil
}

// dispatch sends the tasks of the plan to the ship's queue.
func (s *Starbase) dispatch(ctx context.Context, t trigger, report *RunReport) error {
	sender, err := s.sender(ctx, t.section.InvocationQueueURL)
	if err != nil {
		return err
	}
	info := starfleet.RunInfo{RunID: t.runID, TemplateVersion: report.TemplateVersion, NotAfter: s.notAfter()}
	report.Dispatch, err = queue.Dispatch(ctx, sender, report.Plan.Tasks(info), queue.DispatchOptions{
		Resolved: report.Plan.Count(), LargestTask: starfleet.LargestTask(report.Plan.Template(), info), Logger: s.log(t),
	})
	var tooLarge *queue.TooLargeError
	if errors.As(err, &tooLarge) && report.Dispatch.Sent == 0 {
		return starfleet.Permanent(err)
	}
	return err
}
