package starbase

import (
	"context"
	"errors"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/emf"
)

// measure writes the metrics of one hop. Those of all hops of a run add up: what a template resolves to is counted at the first.
func (s *Starbase) measure(ctx context.Context, t trigger, r RunReport) {
	var halted *starfleet.HaltedError
	if s.metrics == nil || r.Repeated || errors.As(r.Err, &halted) {
		return
	}
	resolved, failed := 0, 0
	if r.Hop == 1 {
		resolved = r.Targets
	}
	if r.Err != nil {
		failed = r.Targets - r.Done()
	}
	err := s.metrics.Write(emf.Line{
		Time:       s.cfg.Now(),
		Dimensions: []emf.Field{{Name: "Fleet", Value: s.cfg.Configuration.Starfleet.TemplateBucket}, {Name: "Ship", Value: r.Ship}},
		Metrics: []emf.Metric{
			{Name: "TasksResolved", Unit: emf.Count, Value: float64(resolved)},
			{Name: "TasksSent", Unit: emf.Count, Value: float64(r.Dispatch.Sent)},
			{Name: "TasksRetried", Unit: emf.Count, Value: float64(r.Dispatch.Retried)},
			{Name: "TasksFailed", Unit: emf.Count, Value: float64(failed)},
			{Name: "Seconds", Unit: emf.Seconds, Value: r.Dispatch.Elapsed.Seconds()},
		},
		Properties: []emf.Field{{Name: "Run", Value: r.RunID}, {Name: "Template", Value: r.TemplateKey}},
	})
	if err != nil {
		s.log(t).WarnContext(ctx, "metrics not written", "error", err.Error())
	}
}

// measureIndex writes how old the account index is, also of one that is refused for it. One that does not say when it was generated has no age.
func (s *Starbase) measureIndex(ctx context.Context, t trigger, generated time.Time) {
	if s.metrics == nil || generated.IsZero() {
		return
	}
	now := s.cfg.Now()
	err := s.metrics.Write(emf.Line{
		Time:       now,
		Dimensions: []emf.Field{{Name: "Fleet", Value: s.cfg.Configuration.Starfleet.TemplateBucket}},
		Metrics:    []emf.Metric{{Name: "IndexAge", Unit: emf.Seconds, Value: max(now.Sub(generated).Seconds(), 0)}},
	})
	if err != nil {
		s.log(t).WarnContext(ctx, "metrics not written", "error", err.Error())
	}
}
