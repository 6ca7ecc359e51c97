package deploy

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// region stands for that of the deployment in the body of the dashboard.
const region = "${AWS::Region}"

// widget is one graph: each item of metrics is a metric in CloudWatch's notation.
type widget struct {
	title   string
	metrics [][]any
}

// addDashboard makes the one dashboard of the fleet: what was sent, done, failed and is in work, of all ships and ship by ship.
func (f *Fleet) addDashboard(s *stack) {
	widgets := []widget{
		{"Tasks sent", f.perShip("NumberOfMessagesSent", "Sum", queueName.itself)},
		{"Tasks done", f.done()},
		{"Tasks failed (dead letters)", f.perShip("ApproximateNumberOfMessagesVisible", "Maximum", queueName.deadLetters)},
		{"Tasks in flight", f.perShip("ApproximateNumberOfMessagesNotVisible", "Maximum", queueName.itself)},
		{"Tasks waiting", f.perShip("ApproximateNumberOfMessagesVisible", "Maximum", queueName.itself)},
		{"Oldest task", f.perShip("ApproximateAgeOfOldestMessage", "Maximum", queueName.itself)},
		{"Tasks resolved and not sent", f.notSent()},
		{"Fan-outs waiting and failed", f.fanOuts()},
	}
	for _, ship := range f.ships {
		q := string(ship.queue)
		widgets = append(widgets, widget{ship.Name, [][]any{
			{"AWS/SQS", "NumberOfMessagesSent", "QueueName", q, object{"label": "sent", "stat": "Sum"}},
			{"AWS/SQS", "NumberOfMessagesDeleted", "QueueName", q, object{"label": "settled", "stat": "Sum"}},
			{"AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", q, object{"label": "in flight", "stat": "Maximum"}},
			{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", string(ship.queue.deadLetters()), object{"label": "failed", "stat": "Maximum"}},
		}})
	}
	s.add("Dashboard", "AWS::CloudWatch::Dashboard", object{"DashboardName": f.settings.Name, "DashboardBody": sub(dashboardBody(widgets))})
}

func (q queueName) itself() queueName { return q }

// perShip is one metric of a queue of each ship.
func (f *Fleet) perShip(metric, statistic string, of func(queueName) queueName) [][]any {
	var metrics [][]any
	for _, ship := range f.ships {
		metrics = append(metrics, []any{"AWS/SQS", metric, "QueueName", string(of(ship.queue)), object{"label": ship.Name, "stat": statistic}})
	}
	return metrics
}

// done is what left each queue without going to the dead-letter queue: a task that fails for good is sent there and then deleted. A queue to which
// nothing was sent has no value, and a difference with it would have none.
func (f *Fleet) done() [][]any {
	var metrics [][]any
	for i, ship := range f.ships {
		number := strconv.Itoa(i)
		deleted, dead := "deleted"+number, "dead"+number
		metrics = append(metrics,
			[]any{object{"expression": deleted + " - FILL(" + dead + ", 0)", "label": ship.Name, "id": "done" + number}},
			[]any{"AWS/SQS", "NumberOfMessagesDeleted", "QueueName", string(ship.queue), object{"id": deleted, "stat": "Sum", "visible": false}},
			[]any{"AWS/SQS", "NumberOfMessagesSent", "QueueName", string(ship.queue.deadLetters()), object{"id": dead, "stat": "Sum", "visible": false}})
	}
	return metrics
}

func (f *Fleet) notSent() [][]any {
	var metrics [][]any
	for _, ship := range f.ships {
		metrics = append(metrics, []any{
			namespace, metricFailed, "Fleet", f.configuration.Starfleet.TemplateBucket, "Ship", ship.Name, object{"label": ship.Name, "stat": "Sum"},
		})
	}
	return metrics
}

func (f *Fleet) fanOuts() [][]any {
	names := []queueName{f.fanOut(), f.fanOut().deadLetters()}
	if more := f.continuation(); more != "" {
		names = append(names, more, more.deadLetters())
	}
	var metrics [][]any
	for _, name := range names {
		metrics = append(metrics, []any{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", string(name), object{"label": string(name), "stat": "Maximum"}})
	}
	return metrics
}

// dashboardBody lays the widgets out, two in a row.
func dashboardBody(widgets []widget) string {
	items := list{}
	for i, w := range widgets {
		items = append(items, object{
			"type": "metric", "x": 12 * (i % 2), "y": 6 * (i / 2), "width": 12, "height": 6,
			"properties": object{"title": w.title, "region": region, "view": "timeSeries", "period": 300, "metrics": w.metrics},
		})
	}
	return mustJSON(object{"widgets": items})
}

// mustJSON is a value of strings, numbers, lists and objects as JSON, its keys sorted.
func mustJSON(value any) string {
	data, err := json.Marshal(value, json.Deterministic(true), jsontext.EscapeForHTML(false))
	if err != nil {
		panic("deploy: " + err.Error()) // no such value fails
	}
	return string(data)
}

// quoted is a text as JSON.
func quoted(text string) string { return mustJSON(text) }
