package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/schema"
)

// FleetDeployment is the key Deployment of the section Fleet: what the deployment of the whole fleet is like. Package deploy writes templates
// from it; nothing reads it at run time but Name, from which the names of queues that are auto are made.
type FleetDeployment struct {
	// Name begins the names of functions, roles and queues that are auto: 1 to 20 lower-case letters, digits and hyphens. Default "starfleet".
	Name string
	// Main is the Go package of the Starbase, as `go build` takes it. Default "": `starfleet deploy package` does not build it.
	Main string
	// Memory is that of the Starbase in MiB, 128 to 10240. Default 512.
	Memory int
	// MaxConcurrency is how many invocations of the Starbase work one of its queues at once, 2 to 1000. Default 10.
	MaxConcurrency int
	// Publishers (key TemplatePublishers) are who may write templates. Default none: nobody may.
	Publishers []Publisher
	// IndexPublishers are the ARNs of roles that may write the account index, beside the ships that have its bucket. Default none.
	IndexPublishers []string
	// ExistingTemplateBucket says that the template bucket is there already and is not to be made: it tells of changes by EventBridge. Default
	// false.
	ExistingTemplateBucket bool
	// OperatorRoles are the ARNs of the roles of people who send tasks, replay dead letters and halt ships. Default none.
	OperatorRoles []string
	// Schedules are the expressions, cron(...) or rate(...), of timers that are not to have their own, by frequency. Default none.
	Schedules map[Frequency]string
	// PermissionsBoundary is the ARN of the policy that bounds every role. Default none.
	PermissionsBoundary string
	// Tags are those of everything that can have some. Default none.
	Tags map[string]string
	// Key (key KmsKey) encrypts queues, buckets and tables: the ARN of a key, or "create" for one of the stack's own. Default "": AWS's own keys.
	Key string
	// AlarmTopic is the ARN of the SNS topic that alarms tell. Default none: they are seen in the console alone.
	AlarmTopic string
	// LogRetentionDays is how long logs are kept, one of the numbers of days that CloudWatch Logs knows. Default 14.
	LogRetentionDays int
	// Network is where services on Fargate run. Required where a ship has Fargate.
	Network Network
	// Alarms are the thresholds of the Starbase, and of the ships that set none.
	Alarms Alarms
}

// Publisher is who may write the templates of one folder.
type Publisher struct {
	// Prefix is the folder, or the key of one template. Required.
	Prefix string
	// Roles are the ARNs of the roles. Required.
	Roles []string
}

// Network is the place of services on Fargate.
type Network struct {
	// Subnets and SecurityGroups are their ids. Required, both.
	Subnets, SecurityGroups []string
}

// Alarms are thresholds: an alarm rings when a value is above its own. 0 rings at the first.
type Alarms struct {
	// OldestMessageAge of a queue. Default 72h.
	OldestMessageAge time.Duration
	// DeadLetters is how many are visible in a dead-letter queue. Default 0.
	DeadLetters int
	// Errors are the failed invocations of a function in 5 minutes, or the failed messages of a watcher. Default 0.
	Errors int
	// Throttles are those of a function in 5 minutes. Default 0.
	Throttles int
	// MemoryPercent is how much of its memory a function or a service used, 0 to 99, since nothing uses more than all of it. Default 90.
	MemoryPercent int
	// FanOutIncomplete is how many tasks of fan-outs were not sent, in 5 minutes. For the Starbase alone. Default 0.
	FanOutIncomplete int
	// IndexAge of the account index when a fan-out reads it. For the Starbase alone. Default 48h.
	IndexAge time.Duration
}

// Deployment is the key Deployment of a ship's section: what the ship's deployment is like. Package deploy writes templates from it; nothing
// reads it at run time.
type Deployment struct {
	// Main is the Go package of the ship, as `go build` takes it. Default "": `starfleet deploy package` does not build it.
	Main string
	// Commit sets STARFLEET_COMMIT: the ship writes. Default false: every task is a dry run.
	Commit bool
	// Memory in MiB, 128 to 10240; on Fargate at least 512. Default 256; on Fargate 512.
	Memory int
	// Timeout of the function, 1s to 15m. Default 5m.
	Timeout time.Duration
	// MaxConcurrency is how many invocations work the queue at once, 2 to 1000. Default 10.
	MaxConcurrency int
	// Queue is what the ship's queue is like.
	Queue QueueDeployment
	// Schedules are the expressions, cron(...) or rate(...), by which single templates are tasked, by their keys. Default none.
	Schedules map[string]string
	// Uses are what the ship's main is wired with: index, halts, secrets, once, progress. Default none.
	Uses []string
	// AssumeRoles are the names of roles that a ship that runs once for a template assumes by itself, in any account of the organization. Default
	// none.
	AssumeRoles []string
	// Buckets are those that a ship that runs once for a template reads and writes. Default none.
	Buckets []string
	// PublishesTemplates are the folders of the template bucket that the ship writes. Default none. Whoever decides what the ship writes there
	// decides what other ships do.
	PublishesTemplates []string
	// Fargate runs the ship as a service in place of a function. Default nil.
	Fargate *Fargate
	// Alarms are the ship's thresholds. Default: those of the fleet.
	Alarms Alarms
}

// QueueDeployment is what a ship's queue is like.
type QueueDeployment struct {
	// BatchSize is how many messages an invocation gets, 1 to 10. Default 1.
	BatchSize int
	// TaskTime is how long one task takes at most. Default 0: not known.
	TaskTime time.Duration
	// VisibilityTimeout is how long a message is hidden. Default six times the ship's Timeout; on Fargate 3m, which the watcher extends.
	VisibilityTimeout time.Duration
	// MaxReceives is how often a message is received before it is dead-lettered, 1 to 1000. Default 5; on Fargate 10.
	MaxReceives int
}

// Fargate is what a ship's service on ECS is like.
type Fargate struct {
	// Image is that of the container. Required.
	Image string
	// CPU in units of 1/1024. Default 256.
	CPU int
	// MinTasks and MaxTasks bound how many containers run. Defaults 0 and 1.
	MinTasks, MaxTasks int
	// Command is what the container runs, in place of the image's own. Default "watch --emf": the ship's own watcher, with metrics.
	Command []string
}

// CreateKey is the KmsKey of a fleet whose stack has a key of its own.
const CreateKey = "create"

// The services of the fleet that a ship's main may be wired with.
const (
	UsesIndex   = "index"
	UsesHalts   = "halts"
	UsesSecrets = "secrets"
	UsesOnce    = "once" // idempotency, in the table of the fleet
	// UsesProgress is the progress of jobs of many parts, in the same table.
	UsesProgress = "progress"
)

// The bounds of the Lambda and SQS APIs.
const (
	minMemory, maxMemory           = 128, 10240
	maxTimeout                     = 15 * time.Minute
	minConcurrency, maxConcurrency = 2, 1000
	maxBatch                       = 10
	maxVisibility                  = 12 * time.Hour
	maxMaxReceives                 = 1000
)

// logRetentions are the days that PutRetentionPolicy of CloudWatch Logs takes.
var logRetentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

var (
	fleetNamePattern  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,18}[a-z0-9]$|^[a-z]$`)
	roleARN           = tailed{512, regexp.MustCompile(`^arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:role/([\w+=,.@/-]+)$`)}
	keyARN            = regexp.MustCompile(`^(create|arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)$`)
	topicARN          = tailed{256, regexp.MustCompile(`^arn:aws(?:-[a-z]+)*:sns:[a-z0-9-]+:[0-9]{12}:([\w-]+)$`)}
	expressionPattern = tailed{200, regexp.MustCompile(`^(?:rate\([1-9][0-9]* (?:minutes?|hours?|days?)\)|cron\(([^()\r\n]+)\))$`)}
	bucketPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	subnetPattern     = regexp.MustCompile(`^subnet-[0-9a-f]+$`)
	groupPattern      = regexp.MustCompile(`^sg-[0-9a-f]+$`)
	imagePattern      = regexp.MustCompile(`^[\w./:@-]+$`)
)

func defaultAlarms() Alarms {
	return Alarms{OldestMessageAge: 72 * time.Hour, MemoryPercent: 90, IndexAge: 48 * time.Hour}
}

func defaultFleetDeployment() FleetDeployment {
	return FleetDeployment{Name: "starfleet", Memory: 512, MaxConcurrency: 10, LogRetentionDays: 14, Alarms: defaultAlarms()}
}

// within reads the mapping of a key. Without it the fallback is given.
func within[T any](r *reader, n *schema.Node, fallback T, decode func(*reader) T) T {
	if n == nil {
		return fallback
	}
	sub := newReader(r.doc, n, r.faults)
	if sub == nil {
		return fallback
	}
	defer sub.close()
	return decode(sub)
}

// decodeFleetDeployment decodes the key Deployment of the section Fleet.
func decodeFleetDeployment(r *reader) FleetDeployment {
	fallback := defaultFleetDeployment()
	name := r.matching(fleetNamePattern, "a name for what is deployed", "1 to 20 lower-case letters, digits and hyphens, such as starfleet")
	role := r.matching(roleARN, "the ARN of a role", "such as arn:aws:iam::111122223333:role/templates")
	return FleetDeployment{
		Name:                   or(r.optional("Name"), name, fallback.Name),
		Main:                   or(r.optional("Main"), r.text, ""),
		Memory:                 or(r.optional("Memory"), r.between(minMemory, maxMemory, "MiB"), fallback.Memory),
		MaxConcurrency:         or(r.optional("MaxConcurrency"), r.concurrency, fallback.MaxConcurrency),
		Publishers:             list(r, r.publisher)(r.optional("TemplatePublishers")),
		IndexPublishers:        list(r, role)(r.optional("IndexPublishers")),
		ExistingTemplateBucket: r.flag(r.optional("ExistingTemplateBucket")),
		OperatorRoles:          list(r, role)(r.optional("OperatorRoles")),
		Schedules:              schedules(r, r.optional("Schedules"), r.frequencyKey),
		PermissionsBoundary: or(r.optional("PermissionsBoundary"),
			r.matching(policyPattern, "the ARN of a policy", "such as arn:aws:iam::111122223333:policy/boundary"), ""),
		Tags:             or(r.optional("Tags"), r.deploymentTags, nil),
		Key:              or(r.optional("KmsKey"), r.matching(keyARN, "the ARN of a key", "or write create, for a key of the fleet's own"), ""),
		AlarmTopic:       or(r.optional("AlarmTopic"), r.matching(topicARN, "the ARN of a topic", "such as arn:aws:sns:us-east-1:111122223333:alarms"), ""),
		LogRetentionDays: or(r.optional("LogRetentionDays"), r.logRetention, fallback.LogRetentionDays),
		Network:          within(r, r.optional("Network"), Network{}, decodeNetwork),
		Alarms:           within(r, r.optional("Alarms"), fallback.Alarms, func(sub *reader) Alarms { return decodeAlarms(sub, fallback.Alarms, true) }),
	}
}

// decodeDeployment decodes the key Deployment of a ship's section.
func decodeDeployment(r *reader, fleet Alarms) Deployment {
	fargate := within(r, r.optional("Fargate"), nil, decodeFargate)
	fallback := Deployment{Memory: 256, Timeout: 5 * time.Minute, MaxConcurrency: 10, Alarms: fleet}
	if fargate != nil {
		fallback.Memory = 512
	}
	d := Deployment{
		Main:           or(r.optional("Main"), r.text, ""),
		Commit:         r.flag(r.optional("Commit")),
		Memory:         or(r.optional("Memory"), r.between(minMemory, maxMemory, "MiB"), fallback.Memory),
		Timeout:        or(r.optional("Timeout"), r.timeout, fallback.Timeout),
		MaxConcurrency: or(r.optional("MaxConcurrency"), r.concurrency, fallback.MaxConcurrency),
		Schedules:      schedules(r, r.optional("Schedules"), r.templateKey),
		Uses:           list(r, oneOf(r, []string{UsesIndex, UsesHalts, UsesSecrets, UsesOnce, UsesProgress}))(r.optional("Uses")),
		AssumeRoles:    list(r, r.role)(r.optional("AssumeRoles")),
		Buckets:        list(r, r.matching(bucketPattern, "the name of a bucket", ""))(r.optional("Buckets")),

		PublishesTemplates: list(r, r.text)(r.optional("PublishesTemplates")),
		Fargate:            fargate,
		Alarms:             within(r, r.optional("Alarms"), fleet, func(sub *reader) Alarms { return decodeAlarms(sub, fleet, false) }),
	}
	d.Queue = within(r, r.optional("Queue"), defaultQueue(d), func(sub *reader) QueueDeployment { return decodeQueue(sub, d) })
	return d
}

// defaultQueue is the queue of a deployment that says nothing of it.
func defaultQueue(d Deployment) QueueDeployment {
	if d.Fargate != nil {
		return QueueDeployment{BatchSize: 1, VisibilityTimeout: 3 * time.Minute, MaxReceives: 10}
	}
	return QueueDeployment{BatchSize: 1, VisibilityTimeout: 6 * d.Timeout, MaxReceives: 5}
}

func decodeQueue(r *reader, d Deployment) QueueDeployment {
	fallback := defaultQueue(d)
	return QueueDeployment{
		BatchSize:         or(r.optional("BatchSize"), r.between(1, maxBatch, "messages"), fallback.BatchSize),
		TaskTime:          or(r.optional("TaskTime"), r.duration, 0),
		VisibilityTimeout: or(r.optional("VisibilityTimeout"), r.visibility, fallback.VisibilityTimeout),
		MaxReceives:       or(r.optional("MaxReceives"), r.between(1, maxMaxReceives, "receives"), fallback.MaxReceives),
	}
}

func decodeFargate(r *reader) *Fargate {
	f := &Fargate{
		Image:    r.matching(imagePattern, "the name of an image", "such as 111122223333.dkr.ecr.us-east-1.amazonaws.com/ship:1.0.0")(r.required("Image")),
		CPU:      or(r.optional("CPU"), r.between(256, 16384, "units"), 256),
		MinTasks: or(r.optional("MinTasks"), r.between(0, 10000, "containers"), 0),
		MaxTasks: or(r.optional("MaxTasks"), r.between(1, 10000, "containers"), 1),
		Command:  or(r.optional("Command"), list(r, r.text), []string{"watch", "--emf"}),
	}
	if f.MinTasks > f.MaxTasks {
		r.fault(r.node.Get("MinTasks"), fmt.Sprintf("is %d, more than MaxTasks, which is %d", f.MinTasks, f.MaxTasks), "")
	}
	return f
}

func decodeNetwork(r *reader) Network {
	return Network{
		Subnets:        list(r, r.matching(subnetPattern, "the id of a subnet", "such as subnet-0a1b2c3d"))(r.required("Subnets")),
		SecurityGroups: list(r, r.matching(groupPattern, "the id of a security group", "such as sg-0a1b2c3d"))(r.required("SecurityGroups")),
	}
}

// decodeAlarms reads thresholds. Those of the Starbase are asked for only where they have an effect.
func decodeAlarms(r *reader, fallback Alarms, starbase bool) Alarms {
	a := Alarms{
		OldestMessageAge: or(r.optional("OldestMessageAge"), r.duration, fallback.OldestMessageAge),
		DeadLetters:      or(r.optional("DeadLetters"), r.threshold, fallback.DeadLetters),
		Errors:           or(r.optional("Errors"), r.threshold, fallback.Errors),
		Throttles:        or(r.optional("Throttles"), r.threshold, fallback.Throttles),
		MemoryPercent:    or(r.optional("MemoryPercent"), r.between(0, 99, "percent"), fallback.MemoryPercent),
		FanOutIncomplete: fallback.FanOutIncomplete, IndexAge: fallback.IndexAge,
	}
	if starbase {
		a.FanOutIncomplete = or(r.optional("FanOutIncomplete"), r.threshold, fallback.FanOutIncomplete)
		a.IndexAge = or(r.optional("IndexAge"), r.duration, fallback.IndexAge)
	}
	return a
}

// between reads an integer within bounds.
func (r *reader) between(least, most int, unit string) func(*schema.Node) int {
	return func(n *schema.Node) int {
		value, ok := r.integer(n)
		if ok && (value < least || value > most) {
			r.fault(n, fmt.Sprintf("must be from %d to %d %s, is %d", least, most, unit, value), "")
		}
		return value
	}
}

// threshold reads an integer of 0 or more.
func (r *reader) threshold(n *schema.Node) int {
	value, ok := r.integer(n)
	if ok && value < 0 {
		r.fault(n, fmt.Sprintf("must not be negative, is %d", value), "0 rings at the first")
	}
	return value
}

// concurrency reads the MaximumConcurrency of a mapping.
func (r *reader) concurrency(n *schema.Node) int {
	value, ok := r.integer(n)
	if ok && (value < minConcurrency || value > maxConcurrency) {
		r.fault(n, fmt.Sprintf("must be from %d to %d, is %d", minConcurrency, maxConcurrency, value),
			"Lambda takes no other maximum for a queue; for one task at a time name the queue NAME.fifo, whose groups are worked in order")
	}
	return value
}

// timeout reads that of a function.
func (r *reader) timeout(n *schema.Node) time.Duration { return r.period(n, time.Second, maxTimeout) }

// visibility reads the visibility timeout of a queue.
func (r *reader) visibility(n *schema.Node) time.Duration {
	return r.period(n, time.Second, maxVisibility)
}

// period reads a duration of whole seconds within bounds.
func (r *reader) period(n *schema.Node, least, most time.Duration) time.Duration {
	before := len(*r.faults)
	d := r.duration(n)
	switch {
	case len(*r.faults) > before:
	case d < least || d > most:
		r.fault(n, fmt.Sprintf("must be from %s to %s, is %s", least, most, n.Text()), "")
	case d%time.Second != 0:
		r.fault(n, fmt.Sprintf("must be of whole seconds, is %s", n.Text()), "")
	}
	return d
}

// logRetention reads a number of days that CloudWatch Logs takes.
func (r *reader) logRetention(n *schema.Node) int {
	value, ok := r.integer(n)
	if ok && !slices.Contains(logRetentions, value) {
		r.fault(n, fmt.Sprintf("CloudWatch Logs keeps nothing for %d days", value), fmt.Sprintf("one of %v", logRetentions))
	}
	return value
}

// publisher reads one item of TemplatePublishers.
func (r *reader) publisher(n *schema.Node) Publisher {
	return within(r, n, Publisher{}, func(sub *reader) Publisher {
		role := sub.matching(roleARN, "the ARN of a role", "such as arn:aws:iam::111122223333:role/templates")
		p := Publisher{Prefix: sub.text(sub.required("Prefix")), Roles: list(sub, role)(sub.required("Roles"))}
		if !strings.HasSuffix(p.Prefix, extension) {
			p.Prefix = asFolder(p.Prefix)
		}
		return p
	})
}

// deploymentTags reads the tags of resources.
func (r *reader) deploymentTags(n *schema.Node) map[string]string {
	if n.Kind != schema.Map {
		r.wrongKind(n, "a mapping")
		return nil
	}
	tags := map[string]string{}
	for key, value := range n.Entries() {
		if !tagKeyPattern.MatchString(key) || strings.HasPrefix(strings.ToLower(key), "aws:") {
			r.fault(value, fmt.Sprintf("%q is not the key of a tag", key), "1 to 128 letters, digits, spaces and characters of _.:/=+@-, not aws: at the beginning")
		}
		tags[key] = r.text(value)
	}
	return tags
}

// schedules reads a mapping of what is tasked to the expression of its schedule.
func schedules[K ~string](r *reader, n *schema.Node, key func(*schema.Node, string) K) map[K]string {
	if n == nil {
		return nil
	}
	if n.Kind != schema.Map {
		r.wrongKind(n, "a mapping to expressions such as cron(0 6 * * ? *)")
		return nil
	}
	all := map[K]string{}
	for name, value := range n.Entries() {
		all[key(value, name)] = r.matching(expressionPattern, "the expression of a schedule", "such as rate(1 hour) or cron(0 6 * * ? *)")(value)
	}
	return all
}

// frequencyKey is the frequency of that name.
func (r *reader) frequencyKey(n *schema.Node, name string) Frequency {
	f, err := ParseFrequency(name)
	if err != nil {
		r.fault(n, err.Error(), "")
	}
	return f
}

// templateKey is the key of a template.
func (r *reader) templateKey(n *schema.Node, name string) string {
	if !IsTemplate(name) {
		r.fault(n, fmt.Sprintf("%q is no key of a template: it does not end in .yaml", name), "name one template; a folder is tasked by EventBridgeTimedFrequency")
	}
	return name
}

// deployment reads the key Deployment of a ship's section.
func (c *Configuration) deployment(r *reader) Deployment {
	empty := &reader{doc: r.doc, node: &schema.Node{Kind: schema.Map}, faults: new(schema.Faults)}
	alarms := c.Fleet.Deployment.Alarms
	return within(r, r.optional("Deployment"), decodeDeployment(empty, alarms), func(sub *reader) Deployment { return decodeDeployment(sub, alarms) })
}
