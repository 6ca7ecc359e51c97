package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// alarms are the alarms of a template by their names, each as its metric and threshold.
func (x template) alarms() map[string]string {
	found := map[string]string{}
	for _, a := range x.kind("AWS::CloudWatch::Alarm") {
		if a["Metrics"] == nil {
			found[a["AlarmName"].(string)] = fmt.Sprintf("%v %v %v %v > %v", a["Namespace"], a["MetricName"], a["Statistic"], a["Period"], a["Threshold"])
		}
	}
	return found
}

// TestAlarms: what rings, with the defaults.
func TestAlarms(t *testing.T) {
	t.Parallel()
	want := map[string]string{"starfleet-index-age": "Starfleet IndexAge Maximum 300 > 172800", "starfleet-my-fan-out-incomplete": "Starfleet TasksFailed Sum 300 > 0"}
	for _, q := range []string{"fan-out", "continuation", "my"} {
		want["starfleet-"+q+"-oldest-message"] = "AWS/SQS ApproximateAgeOfOldestMessage Maximum 300 > 259200"
		want["starfleet-"+q+"-dead-letters"] = "AWS/SQS ApproximateNumberOfMessagesVisible Maximum 60 > 0"
	}
	for name, memory := range map[string]int{"starbase": 460, "my": 230} {
		want["starfleet-"+name+"-errors"] = "AWS/Lambda Errors Sum 300 > 0"
		want["starfleet-"+name+"-throttles"] = "AWS/Lambda Throttles Sum 300 > 0"
		want["starfleet-"+name+"-memory"] = fmt.Sprintf("Starfleet/starfleet-%s MaxMemoryUsed Maximum 300 > %d", name, memory)
	}
	x := made(t, least)
	if diff := cmp.Diff(want, x.alarms()); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	for id, a := range x.kind("AWS::CloudWatch::Alarm") {
		if a["EvaluationPeriods"] != 1 || a["ComparisonOperator"] != "GreaterThanThreshold" || a["TreatMissingData"] != "notBreaching" || a["AlarmActions"] != nil {
			t.Errorf("%s is %v", id, a)
		}
	}
}

// TestAlarmThresholds: thresholds of the fleet hold for ships that set none, 0 is a threshold, and actions go to the topic.
func TestAlarmThresholds(t *testing.T) {
	t.Parallel()
	text := with(t, least, "    TemplatePublishers", "    AlarmTopic: arn:aws:sns:us-east-1:123456789012:alarms\n"+
		"    Alarms: {OldestMessageAge: 0s, DeadLetters: 5, Errors: 6, Throttles: 7, MemoryPercent: 50, FanOutIncomplete: 8, IndexAge: 0s}\n    TemplatePublishers")
	x := made(t, text+"  Deployment: {Alarms: {DeadLetters: 0, Errors: 0, MemoryPercent: 0}}\n")
	got := x.alarms()
	for name, threshold := range map[string]string{
		"starfleet-fan-out-oldest-message": "0", "starfleet-fan-out-dead-letters": "5", "starfleet-starbase-errors": "6", "starfleet-starbase-throttles": "7",
		"starfleet-starbase-memory": "256", "starfleet-my-fan-out-incomplete": "8", "starfleet-index-age": "0",
		"starfleet-my-dead-letters": "0", "starfleet-my-errors": "0", "starfleet-my-memory": "0", "starfleet-my-throttles": "7", "starfleet-my-oldest-message": "0",
	} {
		if !strings.HasSuffix(got[name], "> "+threshold) {
			t.Errorf("%s rings at %q, want %s", name, got[name], threshold)
		}
	}
	for id, a := range x.kind("AWS::CloudWatch::Alarm") {
		if at(a, "AlarmActions", 0) != "arn:aws:sns:us-east-1:123456789012:alarms" {
			t.Errorf("%s tells %v", id, a["AlarmActions"])
		}
	}
}

// TestWatchAlarms: those of a service: its failures by the metric that it writes, not by a text in its log (the filter of ecs-watchbot matches no line), one
// breach rings, and memory can reach its threshold.
func TestWatchAlarms(t *testing.T) {
	t.Parallel()
	x := service(t, "{Image: ship}", "auto")
	got := x.alarms()
	for name, want := range map[string]string{
		"starfleet-my-errors": "Starfleet WorkerErrors Sum 300 > 0", "starfleet-my-memory": "AWS/ECS MemoryUtilization Maximum 600 > 90",
		"starfleet-my-dead-letters":   "AWS/SQS ApproximateNumberOfMessagesVisible Maximum 60 > 0",
		"starfleet-my-oldest-message": "AWS/SQS ApproximateAgeOfOldestMessage Maximum 300 > 259200",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for id, f := range x.kind("AWS::Logs::MetricFilter") {
		if f["FilterPattern"] != `{ $.type = "platform.report" }` {
			t.Errorf("%s counts lines by %v", id, f["FilterPattern"])
		}
	}
}

// TestDashboard: one a fleet, with what was sent, done, failed and is in flight for every ship.
func TestDashboard(t *testing.T) {
	t.Parallel()
	x := rendered(t, fleetOf(t, fleets["full"]), "sam", "template.yaml")
	dashboards := x.kind("AWS::CloudWatch::Dashboard")
	if len(dashboards) != 1 {
		t.Fatalf("%d dashboards", len(dashboards))
	}
	var body struct {
		Widgets []struct {
			Properties struct {
				Title   string  `json:"title"`
				Metrics [][]any `json:"metrics"`
			} `json:"properties"`
		} `json:"widgets"`
	}
	if err := json.Unmarshal([]byte(dashboards["Dashboard"]["DashboardBody"].(string)), &body); err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, w := range body.Widgets {
		if w.Properties.Title == "Tasks done" && at(w.Properties.Metrics[0][0], "expression") != "deleted0 - FILL(dead0, 0)" {
			t.Errorf("done is %v, which is nothing while no task fails", w.Properties.Metrics[0])
		}
		lines[w.Properties.Title] = len(w.Properties.Metrics)
	}
	const ships = 6
	for title, want := range map[string]int{
		"Tasks sent": ships, "Tasks done": 3 * ships, "Tasks failed (dead letters)": ships, "Tasks in flight": ships,
		"HardeningShip": 4, "ChainedShip": 4, "CatalogueShip": 4, "IndexShip": 4, "SyncShip": 4, "PythonShip": 4,
	} {
		if lines[title] != want {
			t.Errorf("%q has %d metrics, want %d", title, lines[title], want)
		}
	}
}
