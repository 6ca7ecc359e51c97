package monitor

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/starfleet-go/starfleet/internal/emf"
	"github.com/starfleet-go/starfleet/watch"
)

// sample are at most emf.MaxValues of the values that were added, each as likely as any other.
type sample struct {
	seen   int
	values []float64
}

func (s *sample) add(v float64) {
	s.seen++
	if len(s.values) < emf.MaxValues {
		s.values = append(s.values, v)
		return
	}
	if i := rand.IntN(s.seen); i < emf.MaxValues {
		s.values[i] = v
	}
}

// minute is what embedded metrics are made of.
type minute struct {
	received, errors, inFlight   int
	receives, durations, replies sample
}

func (m *minute) ended(r watch.Result) {
	if r.Failure() {
		m.errors++
	}
	m.durations.add(milliseconds(r.Duration))
	m.replies.add(milliseconds(r.Response))
}

func (m *minute) empty() bool {
	return m.received == 0 && m.inFlight == 0 && m.durations.seen == 0
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// flush writes the metrics of the time since the last ones, if there are any.
func (m *Monitor) flush(ctx context.Context, now time.Time) {
	m.mu.Lock()
	of := m.minute
	m.minute = minute{inFlight: m.inFlight}
	m.mu.Unlock()
	if m.emf == nil || of.empty() {
		return
	}
	line := emf.Line{Time: now, Metrics: []emf.Metric{
		{Name: "MessagesReceived", Unit: emf.Count, Value: float64(of.received)},
		{Name: "WorkerErrors", Unit: emf.Count, Value: float64(of.errors)},
		{Name: "InFlight", Unit: emf.Count, Value: float64(of.inFlight)},
	}}
	for _, several := range []struct {
		name   string
		unit   emf.Unit
		sample sample
	}{{"MessageReceives", emf.Count, of.receives}, {"WorkerDuration", emf.Milliseconds, of.durations}, {"ResponseDuration", emf.Milliseconds, of.replies}} {
		if len(several.sample.values) > 0 {
			line.Metrics = append(line.Metrics, emf.Metric{Name: several.name, Unit: several.unit, Values: several.sample.values})
		}
	}
	for _, dimension := range m.labels() {
		line.Dimensions = append(line.Dimensions, emf.Field{Name: dimension[0], Value: dimension[1]})
	}
	if err := m.emf.Write(line); err != nil {
		m.cfg.Logger.WarnContext(ctx, "metrics not written", "error", err.Error())
	}
}

// labels are what the metrics are about.
func (m *Monitor) labels() [][2]string {
	var labels [][2]string
	if m.cfg.Fleet != "" {
		labels = append(labels, [2]string{"Fleet", m.cfg.Fleet})
	}
	if m.cfg.Ship != "" {
		return append(labels, [2]string{"Ship", m.cfg.Ship})
	}
	return append(labels, [2]string{"Queue", m.cfg.Queue})
}

// buckets are the upper bounds of histograms, in seconds: from a call to the 12 hours of SQS.
var buckets = []float64{0.01, 0.1, 1, 10, 60, 300, 900, 3600, 14400, 43200}

// histogram counts values for Prometheus.
type histogram struct {
	counts []int // of values up to each bound
	count  int
	sum    float64
}

func newHistogram() histogram { return histogram{counts: make([]int, len(buckets))} }

func (h *histogram) add(d time.Duration) {
	v := d.Seconds()
	h.count++
	h.sum += v
	for i, bound := range buckets {
		if v <= bound {
			h.counts[i]++
		}
	}
}

func (h *histogram) write(to io.Writer, name, help, labels string) {
	_, _ = fmt.Fprintf(to, "# HELP %s %s\n# TYPE %s histogram\n", name, help, name)
	for i, bound := range buckets {
		_, _ = fmt.Fprintf(to, "%s_bucket{%s,le=%q} %d\n", name, labels, number(bound), h.counts[i])
	}
	_, _ = fmt.Fprintf(to, "%s_bucket{%s,le=\"+Inf\"} %d\n%s_sum{%s} %s\n%s_count{%s} %d\n", name, labels, h.count, name, labels, number(h.sum), name, labels, h.count)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// totals are since the start.
type totals struct {
	received, pollErrors, settleErrors int
	outcomes                           map[watch.Outcome]int
	durations, replies                 histogram
}

// outcomes are those of all watchers, in the order in which they are told.
var outcomes = []watch.Outcome{watch.Done, watch.Rejected, watch.Returned, watch.Failed, watch.GivenBack, watch.Lost}

func newTotals() totals {
	return totals{outcomes: map[watch.Outcome]int{}, durations: newHistogram(), replies: newHistogram()}
}

func (t *totals) ended(r watch.Result) {
	t.outcomes[r.Outcome]++
	if r.Settle != nil {
		t.settleErrors++
	}
	t.durations.add(r.Duration)
	t.replies.add(r.Response)
}
