package monitor

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Handler serves /metrics, /healthz and /readyz, for a server of the caller's own.
func (m *Monitor) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(m.metrics()) // who asked may be gone
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, m.healthy(time.Now())) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, m.ready()) })
	return mux
}

// answer is 200 without a fault, and 503 with one.
func answer(w http.ResponseWriter, fault string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if fault != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, fault+"\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// healthy says what is wrong with the watcher, "" for nothing.
func (m *Monitor) healthy(now time.Time) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if quiet := now.Sub(m.polled); quiet > silent && m.inFlight < m.cfg.Concurrency && !m.stopping {
		return fmt.Sprintf("the queue was last asked %s ago", quiet.Truncate(time.Second))
	}
	return ""
}

// ready says why no messages can be taken, "" for nothing. What the queue said is in the log, and not for everyone.
func (m *Monitor) ready() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.stopping:
		return "stopping"
	case m.fault != "":
		return "the queue could not be asked: see the log"
	case !m.answered:
		return "the queue has not answered yet"
	}
	return ""
}

// metrics is the text format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/
func (m *Monitor) metrics() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out bytes.Buffer
	var pairs []string
	for _, label := range m.labels() {
		pairs = append(pairs, strings.ToLower(label[0])+"="+quoted(label[1]))
	}
	labels := strings.Join(pairs, ",")
	write := func(name, kind, help string, value int) {
		_, _ = fmt.Fprintf(&out, "# HELP %s %s\n# TYPE %s %s\n%s{%s} %d\n", name, help, name, kind, name, labels, value)
	}
	write("starfleet_watch_messages_received_total", "counter", "Messages that were received.", m.total.received)
	write("starfleet_watch_receive_errors_total", "counter", "Calls for messages that failed.", m.total.pollErrors)
	write("starfleet_watch_settle_errors_total", "counter", "Messages that could not be deleted, given back or dead-lettered.", m.total.settleErrors)
	write("starfleet_watch_jobs_in_flight", "gauge", "Jobs that run.", m.inFlight)
	const jobs = "starfleet_watch_jobs_total"
	_, _ = fmt.Fprintf(&out, "# HELP %s Jobs that ended.\n# TYPE %s counter\n", jobs, jobs)
	for _, outcome := range outcomes {
		_, _ = fmt.Fprintf(&out, "%s{%s,outcome=%q} %d\n", jobs, labels, outcome, m.total.outcomes[outcome])
	}
	m.total.durations.write(&out, "starfleet_watch_job_duration_seconds", "How long jobs took.", labels)
	m.total.replies.write(&out, "starfleet_watch_response_duration_seconds", "From when a message was sent until its job ended.", labels)
	return out.Bytes()
}

// quoted is the value of a label.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
