package deploy

import (
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/config"
)

// namespace is that of the metrics that Starbase and watchers write.
const namespace = "Starfleet"

// The metrics that alarms read, by the names under which they are written.
const (
	metricFailed       = "TasksFailed"   // of the Starbase, by fleet and ship
	metricIndexAge     = "IndexAge"      // of the Starbase, in seconds, by fleet
	metricWorkerErrors = "WorkerErrors"  // of a watcher, by fleet and ship
	metricMemory       = "MaxMemoryUsed" // of a function, in MB: the platform's report of each invocation, counted by a filter of the log
)

// memoryNamespace is that of the memory of one function: filters set no dimension that the log line does not have.
func memoryNamespace(name string) string { return namespace + "/" + name }

// alarm is one that rings when a value is above its threshold.
type alarm struct {
	id, name, description string
	namespace, metric     string
	statistic             string
	period                time.Duration
	dimensions            list
	threshold             any
}

// addAlarm makes an alarm. A metric that nobody wrote is no reason to ring.
func (f *Fleet) addAlarm(s *stack, a alarm) {
	properties := object{
		"AlarmName": f.settings.Name + "-" + a.name, "AlarmDescription": a.description,
		"Namespace": a.namespace, "MetricName": a.metric, "Statistic": a.statistic, "Period": seconds(a.period), "EvaluationPeriods": 1,
		"Threshold": a.threshold, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
	}
	if len(a.dimensions) > 0 {
		properties["Dimensions"] = a.dimensions
	}
	if f.settings.AlarmTopic != "" {
		properties["AlarmActions"] = list{f.settings.AlarmTopic}
	}
	s.add(a.id, "AWS::CloudWatch::Alarm", properties)
}

// addAlarms makes the alarms of the Starbase and of the ships.
func (f *Fleet) addAlarms(s *stack) {
	thresholds := f.settings.Alarms
	f.addQueueAlarms(s, "FanOut", "fan-out", f.fanOut(), thresholds)
	if name := f.continuation(); name != "" {
		f.addQueueAlarms(s, "Continuation", "continuation", name, thresholds)
	}
	if len(f.schedules()) > 0 {
		f.addDeadLetterAlarm(s, "Schedule", "schedule", f.scheduleDeadLetters(), thresholds.DeadLetters)
	}
	if f.settings.ExistingTemplateBucket {
		f.addDeadLetterAlarm(s, "TemplateRule", "templates", f.ruleDeadLetters(), thresholds.DeadLetters)
	}
	f.addFunctionAlarms(s, "Starbase", "starbase", f.starbase(), f.settings.Memory, thresholds)
	f.addStarbaseAlarms(s, thresholds)
	for _, ship := range f.ships {
		of := ship.Deployment.Alarms
		f.addQueueAlarms(s, ship.id, ship.short, ship.queue, of)
		switch {
		case !ship.ours():
		case ship.watched():
			f.addServiceAlarms(s, ship)
		default:
			f.addFunctionAlarms(s, ship.id, ship.short, ship.name, ship.Deployment.Memory, of)
		}
	}
}

func (f *Fleet) addQueueAlarms(s *stack, id, short string, name queueName, of config.Alarms) {
	f.addAlarm(s, alarm{
		id: id + "OldestMessageAlarm", name: short + "-oldest-message", namespace: "AWS/SQS", metric: "ApproximateAgeOfOldestMessage",
		description: fmt.Sprintf("A message of the queue %s is older than %s: its work is not done", name, of.OldestMessageAge),
		statistic:   "Maximum", period: 5 * time.Minute, threshold: seconds(of.OldestMessageAge), dimensions: list{dimension("QueueName", string(name))},
	})
	f.addDeadLetterAlarm(s, id, short, name.deadLetters(), of.DeadLetters)
}

func (f *Fleet) addDeadLetterAlarm(s *stack, id, short string, name queueName, most int) {
	f.addAlarm(s, alarm{
		id: id + "DeadLettersAlarm", name: short + "-dead-letters", namespace: "AWS/SQS", metric: "ApproximateNumberOfMessagesVisible",
		description: fmt.Sprintf("More than %d dead letters in %s: work that nobody does any more", most, name),
		statistic:   "Maximum", period: time.Minute, threshold: most, dimensions: list{dimension("QueueName", string(name))},
	})
}

func (f *Fleet) addFunctionAlarms(s *stack, id, short, name string, memory int, of config.Alarms) {
	function := list{dimension("FunctionName", name)}
	f.addAlarm(s, alarm{
		id: id + "ErrorsAlarm", name: short + "-errors", namespace: "AWS/Lambda", metric: "Errors", statistic: "Sum", period: 5 * time.Minute,
		description: fmt.Sprintf("More than %d failed invocations of %s in 5 minutes", of.Errors, name), threshold: of.Errors, dimensions: function,
	})
	f.addAlarm(s, alarm{
		id: id + "ThrottlesAlarm", name: short + "-throttles", namespace: "AWS/Lambda", metric: "Throttles", statistic: "Sum", period: 5 * time.Minute,
		description: fmt.Sprintf("More than %d throttled invocations of %s in 5 minutes", of.Throttles, name), threshold: of.Throttles, dimensions: function,
	})
	s.add(id+"MemoryFilter", "AWS::Logs::MetricFilter", object{
		"LogGroupName": ref(id + "Log"), "FilterPattern": `{ $.type = "platform.report" }`,
		"MetricTransformations": list{object{
			"MetricNamespace": memoryNamespace(name), "MetricName": metricMemory, "MetricValue": "$.record.metrics.maxMemoryUsedMB",
		}},
	})
	f.addAlarm(s, alarm{
		id: id + "MemoryAlarm", name: short + "-memory", namespace: memoryNamespace(name), metric: metricMemory, statistic: "Maximum", period: 5 * time.Minute,
		description: fmt.Sprintf("%s used more than %d %% of its %d MiB", name, of.MemoryPercent, memory), threshold: memory * of.MemoryPercent / 100,
	})
}

func (f *Fleet) addStarbaseAlarms(s *stack, of config.Alarms) {
	fleet := f.configuration.Starfleet.TemplateBucket
	for _, ship := range f.ships {
		f.addAlarm(s, alarm{
			id: ship.id + "FanOutAlarm", name: ship.short + "-fan-out-incomplete", namespace: namespace, metric: metricFailed, statistic: "Sum",
			period: 5 * time.Minute, threshold: of.FanOutIncomplete, dimensions: list{dimension("Fleet", fleet), dimension("Ship", ship.Name)},
			description: fmt.Sprintf("More than %d tasks of %s were resolved and not sent in 5 minutes", of.FanOutIncomplete, ship.Name),
		})
	}
	f.addAlarm(s, alarm{
		id: "IndexAgeAlarm", name: "index-age", namespace: namespace, metric: metricIndexAge, statistic: "Maximum", period: 5 * time.Minute,
		description: fmt.Sprintf("The account index is older than %s: the index generator does not run", of.IndexAge),
		threshold:   seconds(of.IndexAge), dimensions: list{dimension("Fleet", fleet)},
	})
}

// addServiceAlarms makes those of a service: messages that failed, and memory over ten minutes, as a container that
// uses more than it has is killed.
func (f *Fleet) addServiceAlarms(s *stack, ship *ship) {
	of := ship.Deployment.Alarms
	f.addAlarm(s, alarm{
		id: ship.id + "ErrorsAlarm", name: ship.short + "-errors", namespace: namespace, metric: metricWorkerErrors, statistic: "Sum", period: 5 * time.Minute,
		description: fmt.Sprintf("More than %d messages of %s failed in 5 minutes", of.Errors, ship.name), threshold: of.Errors,
		dimensions: list{dimension("Fleet", f.configuration.Starfleet.TemplateBucket), dimension("Ship", ship.Name)},
	})
	f.addAlarm(s, alarm{
		id: ship.id + "MemoryAlarm", name: ship.short + "-memory", namespace: "AWS/ECS", metric: "MemoryUtilization", statistic: "Maximum", period: 10 * time.Minute,
		description: fmt.Sprintf("%s used more than %d %% of its %d MiB", ship.name, of.MemoryPercent, ship.Deployment.Memory), threshold: of.MemoryPercent,
		dimensions: list{dimension("ClusterName", f.settings.Name), dimension("ServiceName", ship.name)},
	})
}
