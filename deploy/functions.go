package deploy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
)

// What runs the functions: the bootstraps of `starfleet deploy package`.
const (
	runtimeName  = "provided.al2023"
	architecture = "arm64"
)

// configFolder is where a function finds its configuration: beside the bootstrap.
const configFolder = "config"

// queuesBase is what the URLs of queues that are auto begin with.
const queuesBase = sub("https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}")

func logGroup(name string) string { return "/aws/lambda/" + name }

// functionSpec is a function.
type functionSpec struct {
	id, name, description string
	artefact              artefact
	memory                int
	timeout               time.Duration
	variables             object
}

// addFunctions makes the functions of the Starbase and of the ships, each with its log group and its mappings.
func (f *Fleet) addFunctions(s *stack) {
	f.addFunction(s, functionSpec{
		id: "Starbase", name: f.starbase(), description: "The Starbase: tasks the ships of the fleet",
		artefact: "starbase", memory: f.settings.Memory, timeout: starbaseTimeout, variables: object{},
	})
	f.addMapping(s, "StarbaseFanOut", "Starbase", "FanOutQueue", 1, f.settings.MaxConcurrency)
	if f.continuation() != "" {
		f.addMapping(s, "StarbaseContinuation", "Starbase", "ContinuationQueue", 1, f.settings.MaxConcurrency)
	}
	for _, ship := range f.ships {
		if !ship.ours() || ship.watched() {
			continue
		}
		f.addFunction(s, functionSpec{
			id: ship.id, name: ship.name, description: "Worker ship " + ship.Name,
			artefact: artefact(ship.short), memory: ship.Deployment.Memory, timeout: ship.Deployment.Timeout,
			variables: f.shipVariables(ship),
		})
		f.addMapping(s, ship.id, ship.id, ship.id+"Queue", ship.Deployment.Queue.BatchSize, ship.Deployment.MaxConcurrency)
	}
}

// shipVariables are those of a ship. It writes only where its section says so.
func (f *Fleet) shipVariables(s *ship) object {
	commit := "false"
	if s.Deployment.Commit {
		commit = "true"
	}
	variables := object{starfleet.EnvironmentCommit: commit}
	if s.uses(config.UsesOnce) || s.uses(config.UsesProgress) {
		variables[variableTable] = att{"ProgressTable", "Arn"}
	}
	return variables
}

// variableTable is where a ship's main finds the table of the fleet: the name that ecs-watchbot gave it.
const variableTable = "ProgressTable"

func (f *Fleet) addFunction(s *stack, spec functionSpec) {
	f.addLogGroup(s, spec.id, logGroup(spec.name))
	variables := object{config.Variable: configFolder, config.VariableQueues: queuesBase}
	maps.Copy(variables, spec.variables)
	properties := object{
		"FunctionName": spec.name, "Description": spec.description, "Runtime": runtimeName, "Architectures": list{architecture},
		"Handler": "bootstrap", "Code": spec.artefact, "Role": att{spec.id + "Role", "Arn"},
		"MemorySize": spec.memory, "Timeout": seconds(spec.timeout),
		"Environment": object{"Variables": variables},
		// In JSON, so that the platform's own report of each invocation can be counted.
		"LoggingConfig": object{"LogFormat": "JSON", "LogGroup": ref(spec.id + "Log")},
	}
	f.tag(properties)
	s.add(spec.id+"Function", "AWS::Lambda::Function", properties)
}

func (f *Fleet) addLogGroup(s *stack, id, name string) {
	properties := object{"LogGroupName": name, "RetentionInDays": f.settings.LogRetentionDays}
	f.tag(properties)
	s.add(id+"Log", "AWS::Logs::LogGroup", properties)
}

// addMapping lets a function work a queue. It reports the messages of a batch that failed, so that the others are not delivered again.
func (f *Fleet) addMapping(s *stack, id, function, queue string, batch, concurrency int) {
	properties := object{
		"FunctionName": ref(function + "Function"), "EventSourceArn": att{queue, "Arn"}, "Enabled": true, "BatchSize": batch,
		"FunctionResponseTypes": list{"ReportBatchItemFailures"},
		"ScalingConfig":         object{"MaximumConcurrency": concurrency},
	}
	s.add(id+"Mapping", "AWS::Lambda::EventSourceMapping", properties)
}

// schedule is a timer.
type schedule struct {
	id, name, expression, description, input string
}

// rates are the expressions of the frequencies that the configuration gives no other.
var rates = map[config.Frequency]string{
	config.FiveMinutes: "rate(5 minutes)", config.FifteenMinutes: "rate(15 minutes)", config.ThirtyMinutes: "rate(30 minutes)",
	config.Hourly: "rate(1 hour)", config.SixHourly: "rate(6 hours)", config.TwelveHourly: "rate(12 hours)", config.Daily: "rate(1 day)",
}

// listeners are the ships that a timer tasks.
func (f *Fleet) listeners(frequency config.Frequency) []*ship {
	var listening []*ship
	for _, s := range f.ships {
		if s.Frequency == frequency && s.timed() {
			listening = append(listening, s)
		}
	}
	return listening
}

func (s *ship) timed() bool { return slices.Contains(s.Sources, config.SourceTimer) }

// schedules are the timers that somebody listens to, and those of single templates.
func (f *Fleet) schedules() []schedule {
	var all []schedule
	for _, frequency := range config.Frequencies() {
		if len(f.listeners(frequency)) == 0 {
			continue
		}
		expression, own := f.settings.Schedules[frequency]
		if !own {
			expression = rates[frequency]
		}
		name := strings.ToLower(strings.ReplaceAll(string(frequency), "_", "-"))
		all = append(all, schedule{
			id: "Schedule" + camel(name), name: f.settings.Name + "-" + name, expression: expression,
			description: "Tasks the ships whose EventBridgeTimedFrequency is " + string(frequency),
			input:       `{"name":"` + string(frequency) + `","scheduled_time":"<aws.scheduler.scheduled-time>"}`,
		})
	}
	for _, s := range f.ships {
		for i, key := range sortedKeys(s.Deployment.Schedules) {
			number := strconv.Itoa(i + 1)
			all = append(all, schedule{
				id: s.id + "Schedule" + number, name: s.name + "-" + number, expression: s.Deployment.Schedules[key],
				description: "Tasks " + key, input: `{"worker_ship":` + quoted(s.Name) + `,"template_prefix":` + quoted(key) + `}`,
			})
		}
	}
	return all
}

// addSchedules makes the timers. What cannot be sent within an hour goes to the dead-letter queue of the schedules.
func (f *Fleet) addSchedules(s *stack) {
	for _, timer := range f.schedules() {
		properties := object{
			"Name": timer.name, "Description": timer.description, "ScheduleExpression": timer.expression, "State": "ENABLED",
			"FlexibleTimeWindow": object{"Mode": "OFF"},
			"Target": object{
				"Arn": att{"FanOutQueue", "Arn"}, "RoleArn": att{"SchedulerRole", "Arn"}, "Input": timer.input,
				"DeadLetterConfig": object{"Arn": att{"ScheduleDeadLetters", "Arn"}},
				"RetryPolicy":      object{"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
			},
		}
		s.add(timer.id, "AWS::Scheduler::Schedule", properties)
	}
}

// camel is a name with hyphens as a part of a logical id.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
