package starbase

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
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
	// Dispatch says what this hop sent.
	Dispatch queue.Report
	// Hop counts the invocations that the run took, this one too: 1 unless it did not end in the first. What they all sent is Before and
	// Dispatch together.
	Hop int
	// Begun is when the run began.
	Begun time.Time
	// SentBefore is how many of Targets the hops before sent, each counted once, and Before what they counted.
	SentBefore int
	Before     queue.Report
	// Again is how many of the tasks that this hop sent the next one sends again, because too many before them were not sent.
	Again int
	// GoesOn says that the time was over, and that the rest was handed to a later invocation.
	GoesOn bool
	// Repeated says that this hop had been done before and its message was delivered again: nothing was sent, and Stopped says what was done
	// instead.
	Repeated bool
	// Redelivered says that the message was delivered before, and may have been worked on: each task that was sent may have been sent then.
	Redelivered bool
	// Plan is what was resolved, nil when the run failed before.
	Plan *Plan
	// Err is what failed, nil when nothing did.
	Err error
}

// Done is how many of Targets were sent so far, each counted once.
func (r RunReport) Done() int { return r.SentBefore + r.Dispatch.Sent - r.Again }

// PossibleDuplicates is how often a task of the run may have been sent twice: because nobody knows whether the queue accepted it at first, because
// a later hop sends it again, or because the message of the hop was delivered again.
func (r RunReport) PossibleDuplicates() int {
	n := r.Before.PossibleDuplicates + r.Dispatch.PossibleDuplicates + r.Again
	if r.Redelivered {
		n += r.Dispatch.Sent
	}
	return n
}

// takeOver takes over what the hops before counted.
func (r *RunReport) takeOver(c *continuation) {
	r.Begun, r.TemplateVersion, r.IndexVersion, r.Targets = c.Begun, c.TemplateVersion, c.IndexVersion, c.Resolved
	r.SentBefore = c.Done
	r.Before = queue.Report{
		Resolved: c.Resolved, Sent: c.Totals.Sent, Retried: c.Totals.Retried, Batches: c.Totals.Batches, Bytes: c.Totals.Bytes,
		PossibleDuplicates: c.Totals.PossibleDuplicates, Elapsed: time.Duration(c.Totals.Seconds * float64(time.Second)),
	}
}

// continuation is what the next hop needs to know.
func (r RunReport) continuation(t trigger, digest string, notAfter time.Time, from cursor) *continuation {
	return &continuation{
		Format: continuationVersion, RunID: r.RunID, Hop: r.Hop + 1, Ship: r.Ship, TemplateKey: r.TemplateKey, TemplateVersion: t.file.Version,
		IndexVersion: r.IndexVersion, Configuration: digest, Begun: r.Begun.UTC(), NotAfter: notAfter.UTC(), Resolved: r.Targets, Done: r.Done(),
		Cursor: from,
		Totals: totals{
			Sent: r.Before.Sent + r.Dispatch.Sent, Retried: r.Before.Retried + r.Dispatch.Retried, Batches: r.Before.Batches + r.Dispatch.Batches,
			Bytes: r.Before.Bytes + r.Dispatch.Bytes, PossibleDuplicates: r.PossibleDuplicates(),
			Seconds: (r.Before.Elapsed + r.Dispatch.Elapsed).Seconds(),
		},
	}
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
	s.measure(ctx, t, r)
	s.summarize(ctx, t, r)
	gather(ctx, r)
	if s.cfg.Observer != nil {
		s.cfg.Observer(ctx, r)
	}
}

// summary is how loud the run is, and in what words.
func (r RunReport) summary() (slog.Level, string) {
	var halted *starfleet.HaltedError
	switch {
	case errors.As(r.Err, &halted):
		return slog.LevelWarn, "fan-out halted: nothing was sent"
	case r.Err != nil:
		return slog.LevelError, "fan-out failed"
	case r.Repeated:
		return slog.LevelInfo, "message delivered again: nothing was sent"
	case r.GoesOn:
		return slog.LevelInfo, "fan-out goes on in the next hop"
	case r.Stopped != "" && r.SentBefore > 0:
		return slog.LevelWarn, "fan-out stopped: nothing more was sent"
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
		slog.Int("possible_duplicates", r.PossibleDuplicates()), slog.Duration("elapsed", r.Dispatch.Elapsed),
		slog.Int("warnings", len(r.Warnings)))
	if r.Hop > 1 || r.GoesOn {
		attrs = append(attrs, slog.Int("hop", r.Hop), slog.Int("done", r.Done()))
	}
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
	if r.Err != nil || r.Stopped != "" && !r.Repeated {
		attrs = append(attrs, slog.Int("not_sent", r.Targets-r.Done()))
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
