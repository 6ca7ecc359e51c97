package monitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
	"github.com/starfleet-go/starfleet/watch/monitor"
)

func newMonitor(t *testing.T, cfg monitor.Config) *monitor.Monitor {
	t.Helper()
	m, err := monitor.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// get asks a monitor without a server.
func get(t *testing.T, m *monitor.Monitor, path string) (status int, body string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return recorder.Code, recorder.Body.String()
}

func began(m *monitor.Monitor, receives int) {
	m.Observe(watch.Event{Kind: watch.Began, Time: time.Now(), Message: queue.Message{ID: "m", ReceiveCount: receives}})
}

func ended(m *monitor.Monitor, r watch.Result) {
	m.Observe(watch.Event{Kind: watch.Ended, Time: time.Now(), Result: r})
}

// TestEmbeddedMetrics: one line a minute in which something happened, and one at the end.
func TestEmbeddedMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		m := newMonitor(t, monitor.Config{Fleet: "bucket", Ship: "Retention", Concurrency: 2, Metrics: &out})
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute+30*time.Second)
		defer cancel()
		go func() {
			time.Sleep(time.Second)
			m.Observe(watch.Event{Kind: watch.Polled, Time: time.Now(), Messages: 2})
			began(m, 1)
			began(m, 3)
			ended(m, watch.Result{Outcome: watch.Failed, Duration: 1500 * time.Microsecond, Response: time.Second})
			time.Sleep(time.Minute)
			ended(m, watch.Result{Outcome: watch.Done, Duration: time.Minute, Response: time.Hour})
			time.Sleep(3 * time.Minute)
			for range 1000 {
				began(m, 1)
				ended(m, watch.Result{Outcome: watch.Done, Duration: time.Second})
			}
		}()
		m.Run(ctx)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines:\n%s", len(lines), &out)
		}
		want := []map[string]any{
			{
				"Fleet": "bucket", "Ship": "Retention", "MessagesReceived": 2.0, "WorkerErrors": 1.0, "InFlight": 2.0,
				"MessageReceives": []any{1.0, 3.0}, "WorkerDuration": []any{1.5}, "ResponseDuration": []any{1000.0},
			},
			{
				"Fleet": "bucket", "Ship": "Retention", "MessagesReceived": 0.0, "WorkerErrors": 0.0, "InFlight": 1.0,
				"WorkerDuration": []any{60000.0}, "ResponseDuration": []any{3600000.0},
			},
		}
		for i, line := range lines {
			var got map[string]any
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatal(err)
			}
			if i == 2 {
				if n := len(got["WorkerDuration"].([]any)); n != 100 {
					t.Errorf("%d values, want 100", n)
				}
				continue
			}
			directive := got["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)
			if diff := cmp.Diff([]any{[]any{"Fleet", "Ship"}}, directive["Dimensions"]); diff != "" {
				t.Error(diff)
			}
			delete(got, "_aws")
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Errorf("line %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

// TestHealth: alive while the queue is asked, or no hand is free; ready while it answers and the watcher does not stop.
func TestHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(t, monitor.Config{Queue: "q"})
		check := func(what string, health, ready int) {
			t.Helper()
			gotHealth, why := get(t, m, "/healthz")
			gotReady, because := get(t, m, "/readyz")
			if gotHealth != health || gotReady != ready {
				t.Errorf("%s: healthz %d %s, readyz %d %s", what, gotHealth, why, gotReady, because)
			}
		}
		check("before the first answer", 200, 503)
		m.Observe(watch.Event{Kind: watch.Polled, Time: time.Now()})
		check("an answer", 200, 200)
		m.Observe(watch.Event{Kind: watch.PollFailed, Time: time.Now(), Err: errors.New("a secret of the queue")})
		check("a failure", 200, 503)
		if _, because := get(t, m, "/readyz"); strings.Contains(because, "secret") {
			t.Error("the error is shown")
		}
		m.Observe(watch.Event{Kind: watch.Polled, Time: time.Now(), Messages: 1})
		began(m, 1)
		time.Sleep(time.Hour)
		check("busy for an hour", 200, 200)
		ended(m, watch.Result{Outcome: watch.Done})
		check("a hand is free again", 200, 200)
		time.Sleep(2*time.Minute + time.Second)
		check("idle, and not asking", 503, 200)
		m.Observe(watch.Event{Kind: watch.Polled, Time: time.Now()})
		m.Observe(watch.Event{Kind: watch.Stopping, Time: time.Now()})
		check("stopping", 200, 503)
	})
}

func TestPrometheus(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, monitor.Config{Queue: "a\"b\\c\nd"})
	m.Observe(watch.Event{Kind: watch.Polled, Messages: 3})
	m.Observe(watch.Event{Kind: watch.PollFailed, Err: io.EOF})
	began(m, 1)
	began(m, 1)
	ended(m, watch.Result{Outcome: watch.Failed, Duration: 50 * time.Millisecond, Response: time.Hour, Settle: io.EOF})
	status, got := get(t, m, "/metrics")
	for _, line := range []string{
		`# TYPE starfleet_watch_messages_received_total counter`,
		`starfleet_watch_messages_received_total{queue="a\"b\\c\nd"} 3`,
		`starfleet_watch_receive_errors_total{queue="a\"b\\c\nd"} 1`,
		`starfleet_watch_settle_errors_total{queue="a\"b\\c\nd"} 1`,
		`starfleet_watch_jobs_in_flight{queue="a\"b\\c\nd"} 1`,
		`starfleet_watch_jobs_total{queue="a\"b\\c\nd",outcome="failed"} 1`,
		`starfleet_watch_jobs_total{queue="a\"b\\c\nd",outcome="done"} 0`,
		`starfleet_watch_job_duration_seconds_bucket{queue="a\"b\\c\nd",le="0.01"} 0`,
		`starfleet_watch_job_duration_seconds_bucket{queue="a\"b\\c\nd",le="0.1"} 1`,
		`starfleet_watch_job_duration_seconds_bucket{queue="a\"b\\c\nd",le="+Inf"} 1`,
		`starfleet_watch_job_duration_seconds_sum{queue="a\"b\\c\nd"} 0.05`,
		`starfleet_watch_response_duration_seconds_count{queue="a\"b\\c\nd"} 1`,
	} {
		if !strings.Contains("\n"+got, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if status != http.StatusOK || t.Failed() {
		t.Errorf("status %d:\n%s", status, got)
	}
}

// TestListen: an address without a host is that of loopback, and the server ends with Run.
func TestListen(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0", ":0", "127.0.0.1:0"} {
		m := newMonitor(t, monitor.Config{Queue: "q", Listen: address})
		if !strings.HasPrefix(m.Address(), "127.0.0.1:") {
			t.Errorf("%q: listens at %s", address, m.Address())
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			m.Run(ctx)
			close(done)
		}()
		client := &http.Client{Timeout: time.Minute}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+m.Address()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("status %d", response.StatusCode)
		}
		cancel()
		<-done
		client.CloseIdleConnections()
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			t.Error("it still listens")
		}
	}
	for _, cfg := range []monitor.Config{{}, {Queue: "q", Listen: "x"}, {Queue: "q", Listen: "1:2:3"}, {Queue: "q", Listen: ":99999"}, {Queue: "q", Concurrency: -1}, {Queue: "q", Listen: "192.0.2.1:1"}} {
		if _, err := monitor.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
