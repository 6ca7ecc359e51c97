package starfleet

import (
	"context"
	"io"
	"os"

	"github.com/starfleet-go/starfleet/internal/emf"
)

// WithMetrics writes the outcome of each attempt to w as a metric, in CloudWatch's embedded metric format, a line an attempt: namespace Starfleet,
// dimensions Fleet (the template bucket) and Ship, a count named after the outcome, such as AttemptsChanged or AttemptsTimedOut, and
// AttemptSeconds. Account, region, run and template are properties, so that they make no metrics of their own. Default: standard output
// on Lambda, where CloudWatch Logs makes metrics of it, and none elsewhere.
func WithMetrics(w io.Writer) Option {
	return option("WithMetrics", w == nil, func(s *settings) { s.metrics = w })
}

// openMetrics is the writer of the option, or that of Lambda; nil when there are to be no metrics.
func openMetrics(s *settings) *emf.Writer {
	switch {
	case s.metrics != nil:
		return emf.New(s.metrics)
	case onLambda(s.getenv):
		return emf.New(os.Stdout)
	default:
		return nil
	}
}

// attemptMetrics are the names of the outcomes' counts.
var attemptMetrics = map[Outcome]string{
	OutcomeChanged: "AttemptsChanged", OutcomeOK: "AttemptsOK", OutcomeSkipped: "AttemptsSkipped", OutcomeRefused: "AttemptsRefused",
	OutcomeHalted: "AttemptsHalted", OutcomeBusy: "AttemptsBusy", OutcomeDenied: "AttemptsDenied", OutcomeThrottled: "AttemptsThrottled",
	OutcomeTimedOut: "AttemptsTimedOut", OutcomeFailed: "AttemptsFailed",
}

// measure writes the metrics of an attempt. That they cannot be written is logged, and fails no task.
func (h *Handler) measure(ctx context.Context, r Result) {
	if h.metrics == nil {
		return
	}
	line := emf.Line{
		Time:       h.settings.now(),
		Dimensions: []emf.Field{{Name: "Ship", Value: r.Ship}},
		Metrics: []emf.Metric{
			{Name: attemptMetrics[r.Outcome], Unit: emf.Count, Value: 1},
			{Name: "AttemptSeconds", Unit: emf.Seconds, Value: r.Elapsed.Seconds()},
		},
	}
	if c := h.settings.configuration; c != nil {
		line.Dimensions = append([]emf.Field{{Name: "Fleet", Value: c.Starfleet.TemplateBucket}}, line.Dimensions...)
	}
	for _, property := range []emf.Field{{Name: "Account", Value: r.AccountID}, {Name: "Region", Value: r.Region}, {Name: "Run", Value: r.RunID}, {Name: "Template", Value: r.Template}} {
		if property.Value != "" {
			line.Properties = append(line.Properties, property)
		}
	}
	if err := h.metrics.Write(line); err != nil {
		h.logger.WarnContext(ctx, "metrics not written", "error", err.Error())
	}
}
