package starbase

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
)

// RunReport is one template's fan-out, for logs, simulations and people.
type RunReport struct {
	// RunID, Ship and TemplateKey say which run it is.
	RunID, Ship, TemplateKey string
	// TemplateVersion is the version that was read, "" when there was none.
	TemplateVersion string
	// TemplateName is the TemplateName, "" when the template is at fault.
	TemplateName string
	// IndexVersion is that of the account index, "" when it was not asked.
	IndexVersion string
	// Accounts and Targets are what the template resolved to.
	Accounts, Targets int
	// LeftOut are the accounts that the template selects and that are not tasked, by reason.
	LeftOut map[accountindex.Reason]int
	// Warnings are what a person should look at: selectors that match nothing, names that stand for several.
	Warnings []accountindex.Warning
	// Stopped says why nothing was sent though nothing failed: the template was deleted, or replaced by a newer version. "" otherwise.
	Stopped string
	// Dispatch says what was sent.
	Dispatch queue.Report
	// Plan is what was resolved, nil when the run failed before.
	Plan *Plan
	// Err is what failed, nil when nothing did.
	Err error
}

// setPlan takes over what the plan says.
func (r *RunReport) setPlan(plan *Plan) {
	r.Plan, r.Accounts, r.Targets = plan, plan.Accounts(), plan.Count()
	if resolution := plan.Resolution(); resolution != nil {
		r.LeftOut, r.Warnings = resolution.LeftOut(), resolution.Warnings()
	}
}

// maxWarnings is how many warnings of one template are logged.
const maxWarnings = 20

// report logs one line for the run, and one for each warning, and tells the observer. Counts and names are logged, never bodies.
func (s *Starbase) report(ctx context.Context, t trigger, r RunReport) {
	log := s.log(t)
	for i, w := range r.Warnings {
		if i == maxWarnings {
			log.WarnContext(ctx, "more warnings about the template", "count", len(r.Warnings)-i)
			break
		}
		log.WarnContext(ctx, "warning about the template", "path", w.Path, "warning", w.Message)
	}
	level, message := r.summary()
	log.LogAttrs(ctx, level, message, r.attributes()...)
	if s.cfg.Observer != nil {
		s.cfg.Observer(ctx, r)
	}
}

// summary is how loud the run is, and in what words.
func (r RunReport) summary() (slog.Level, string) {
	switch {
	case r.Err != nil:
		return slog.LevelError, "fan-out failed"
	case r.Stopped != "":
		return slog.LevelWarn, "fan-out stopped: nothing was sent"
	case r.Targets == 0:
		return slog.LevelWarn, "fan-out done: the template resolves to nothing"
	default:
		return slog.LevelInfo, "fan-out done"
	}
}

func (r RunReport) attributes() []slog.Attr {
	var attrs []slog.Attr
	text := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	text("template", r.TemplateName)
	text("template_version", r.TemplateVersion)
	text("index_version", r.IndexVersion)
	text("stopped", r.Stopped)
	attrs = append(attrs,
		slog.Int("accounts", r.Accounts), slog.Int("resolved", r.Targets), slog.Int("sent", r.Dispatch.Sent),
		slog.Int("batches", r.Dispatch.Batches), slog.Int("retried", r.Dispatch.Retried),
		slog.Int("possible_duplicates", r.Dispatch.PossibleDuplicates), slog.Duration("elapsed", r.Dispatch.Elapsed),
		slog.Int("warnings", len(r.Warnings)))
	if len(r.LeftOut) > 0 {
		var counts []any
		for _, reason := range slices.Sorted(maps.Keys(r.LeftOut)) {
			counts = append(counts, slog.Int(string(reason), r.LeftOut[reason]))
		}
		attrs = append(attrs, slog.Group("left_out", counts...))
	}
	if r.Err != nil {
		text("error", r.Err.Error())
		text("class", queue.DispositionOf(r.Err).Class)
	}
	if r.Err != nil || r.Stopped != "" {
		attrs = append(attrs, slog.Int("not_sent", r.Targets-r.Dispatch.Sent))
	}
	if names := r.Dispatch.NotSent; len(names) > 0 {
		labels := make([]string, len(names))
		for i, n := range names {
			labels[i] = n.Label
		}
		attrs = append(attrs, slog.Any("not_sent_targets", labels))
	}
	return attrs
}
