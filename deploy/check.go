package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

// Finding is what Check found.
type Finding struct {
	schema.Fault
	// Warning says that it can be deployed, but is likely not what is meant.
	Warning bool `json:"warning"`
}

// Check finds what contradicts itself in a configuration that is to be deployed, and what of it AWS would not take: in the order of the places.
// What New refuses has no Warning. An error means that there is no Configuration.
func Check(cfg Config) ([]Finding, error) {
	if cfg.Configuration == nil {
		return nil, errors.New("deploy: Config.Configuration is nil")
	}
	f, faults := open(cfg)
	findings := f.check()
	for _, fault := range faults {
		findings = append(findings, Finding{Fault: fault})
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return strings.Compare(fmt.Sprintf("%s %08d %08d", a.File, a.Line, a.Column), fmt.Sprintf("%s %08d %08d", b.File, b.Line, b.Column))
	})
	return findings, nil
}

// checker gathers findings.
type checker struct {
	*Fleet
	findings []Finding
}

func (c *checker) fault(problem, hint string, path ...string) {
	c.findings = append(c.findings, Finding{Fault: c.configuration.Fault(problem, hint, path...)})
}

func (c *checker) warning(problem, hint string, path ...string) {
	c.findings = append(c.findings, Finding{Fault: c.configuration.Fault(problem, hint, path...), Warning: true})
}

// Names of keys in paths.
const (
	keyFleet      = "Fleet"
	keyStarfleet  = "STARFLEET"
	keyDeployment = "Deployment"
)

// check finds what contradicts itself.
func (f *Fleet) check() []Finding {
	c := &checker{Fleet: f}
	for _, fault := range f.configuration.Placeholders() {
		c.findings = append(c.findings, Finding{Fault: fault})
	}
	c.fleet()
	c.schedules()
	c.publishers()
	c.queues()
	c.buckets()
	for _, s := range f.ships {
		c.ship(s)
	}
	c.prefixes()
	c.names()
	c.members()
	if len(c.findings) == 0 {
		c.size()
	}
	return c.findings
}

// fleet checks what belongs to no ship.
func (c *checker) fleet() {
	if len(c.configuration.Fleet.Organizations) == 0 {
		c.fault("the fleet has no organization: roles are to be assumed in it alone", "add Organizations with the id of yours, such as [o-a1b2c3d4e5]", keyFleet, "Organizations")
	}
	if c.configuration.DefaultIndex == nil && slices.ContainsFunc(c.ships, func(s *ship) bool { return !s.single() }) {
		c.fault("ships work by account, and there is no account index", "add the section StarfleetDefaultAccountIndex", keyStarfleet, "AccountIndex")
	}
	state, more := c.configuration.Fleet.StateBucket, c.configuration.Fleet.ContinuationQueueURL
	switch {
	case more != "" && state == "":
		c.fault("a continuation queue without a StateBucket has no effect", "add StateBucket", keyFleet, "ContinuationQueueUrl")
	case more == "":
		c.warning("there is no continuation queue: a fan-out has to end within 5 minutes", "add StateBucket and ContinuationQueueUrl: auto", keyFleet, "ContinuationQueueUrl")
	}
	if c.watches() && len(c.settings.Network.Subnets) == 0 {
		c.fault("a ship runs on Fargate, and the fleet has no Network", "add Network with Subnets and SecurityGroups", keyFleet, keyDeployment, "Network")
	}
}

// schedules checks that somebody listens to every timer, and that every template with a schedule is its ship's.
func (c *checker) schedules() {
	for _, frequency := range sortedKeys(c.settings.Schedules) {
		if len(c.listeners(frequency)) == 0 {
			c.fault(fmt.Sprintf("nobody listens to the schedule %s", frequency),
				"delete it, or give a ship EventBridgeTimedFrequency: "+string(frequency)+" and the source EVENTBRIDGE_TIMED_EVENT",
				keyFleet, keyDeployment, "Schedules", string(frequency))
		}
	}
	all := c.sections()
	for _, s := range c.ships {
		for _, key := range sortedKeys(s.Deployment.Schedules) {
			owners := config.Owners(all, key)
			if !slices.ContainsFunc(owners, func(owner *config.Ship) bool { return owner.Name == s.Name }) {
				c.fault(fmt.Sprintf("nobody listens to the schedule of %s: it is no template of this ship", key),
					"name a template under "+s.TemplatePrefix, s.Name, keyDeployment, "Schedules", key)
			}
		}
		if s.Frequency != "" && !s.timed() {
			c.warning("nobody listens to this timer: InvocationSources has no EVENTBRIDGE_TIMED_EVENT", "add the source, or delete the key", s.Name, "EventBridgeTimedFrequency")
		}
	}
}

// sections are those of all ships, of the disabled and the faulty too: their templates are their own.
func (c *checker) sections() []*config.Ship {
	all := slices.Clone(c.faulty)
	for _, s := range c.ships {
		all = append(all, s.Ship)
	}
	for _, name := range c.disabled {
		if s, err := c.configuration.Ship(name); err == nil {
			all = append(all, s)
		}
	}
	return all
}

// queues checks that all queues are of one place, the fleet's region.
func (c *checker) queues() {
	c.queue(c.configuration.Starfleet.FanOutQueueURL, keyStarfleet, "FanOutQueueUrl")
	c.queue(c.configuration.Fleet.ContinuationQueueURL, keyFleet, "ContinuationQueueUrl")
	if c.fanOut().fifo() {
		c.fault("S3 cannot tell a FIFO queue of changes", "name a queue that does not end in .fifo", keyStarfleet, "FanOutQueueUrl")
	}
	for _, s := range c.ships {
		c.queue(s.InvocationQueueURL, s.Name, "InvocationQueueUrl")
	}
	c.queuesApart()
}

// place is a queue and where the configuration names it.
type place struct {
	name queueName
	url  string
	path []string
}

// queuesApart checks that no two queues, dead-letter queues among them, would have one name, and that all are of one account.
func (c *checker) queuesApart() {
	all := []place{{c.fanOut(), c.configuration.Starfleet.FanOutQueueURL, []string{keyStarfleet, "FanOutQueueUrl"}}}
	if more := c.continuation(); more != "" {
		all = append(all, place{more, c.configuration.Fleet.ContinuationQueueURL, []string{keyFleet, "ContinuationQueueUrl"}})
	}
	for _, s := range c.ships {
		all = append(all, place{s.queue, s.InvocationQueueURL, []string{s.Name, "InvocationQueueUrl"}})
	}
	seen := map[queueName]string{c.scheduleDeadLetters(): "the dead-letter queue of schedules"}
	if c.settings.ExistingTemplateBucket {
		seen[c.ruleDeadLetters()] = "the dead-letter queue of the template bucket's rule"
	}
	account := ""
	for _, q := range all {
		for _, name := range []queueName{q.name, q.name.deadLetters()} {
			if other, twice := seen[name]; twice {
				c.fault(fmt.Sprintf("a queue would be called %s, as that of %s", name, other), "give it another name, or write auto", q.path...)
			}
			seen[name] = strings.Join(q.path, ".")
		}
		switch found := accountOf(q.url); {
		case found == "" || found == account:
		case account == "":
			account = found
		default:
			c.fault(fmt.Sprintf("the queue is in account %s, others in %s: all are made in one", found, account), "write auto, or the URL of a queue of that account", q.path...)
		}
	}
}

// accountOf is the account in the URL of a queue, "" when it has none.
func accountOf(url string) string {
	parts := strings.Split(strings.TrimRight(url, "/"), "/")
	if len(parts) < 2 || !accountindex.IsAccountID(parts[len(parts)-2]) {
		return ""
	}
	return parts[len(parts)-2]
}

func (c *checker) queue(url string, path ...string) {
	name := string(named(url))
	switch {
	case url == "" || config.Unresolved(url):
	case strings.EqualFold(name, "replace-me"): // found as a placeholder
	case len(named(url).deadLetters()) > 80:
		c.fault(fmt.Sprintf("the name of the dead-letter queue would be %s, of more than 80 characters", named(url).deadLetters()), "give the queue a shorter name", path...)
	case strings.HasPrefix(url, "https://sqs.") && !strings.HasPrefix(url, "https://sqs."+c.configuration.Starfleet.DeploymentRegion+"."):
		c.fault("the queue is in another region than STARFLEET.DeploymentRegion, where all queues are made", "write auto, or the URL of a queue of that region", path...)
	}
}

// buckets checks that no bucket is two things.
func (c *checker) buckets() {
	templates, state := c.configuration.Starfleet.TemplateBucket, c.configuration.Fleet.StateBucket
	if index := c.configuration.DefaultIndex; index != nil {
		if index.IndexBucket == templates || index.IndexBucket == state {
			c.fault("the bucket of the index is that of templates or state: who may write the one could write the other", "name a bucket of its own", "StarfleetDefaultAccountIndex", "IndexBucket")
		}
		if !c.ownsIndex() {
			c.warning("the bucket of the index is in another region: it is not made, nor is its policy", "make it yourself, or use DeploymentRegion", "StarfleetDefaultAccountIndex", "BucketRegion")
		}
	}
}

// ship checks one ship.
func (c *checker) ship(s *ship) {
	d := s.Deployment
	path := func(keys ...string) []string { return append([]string{s.Name, keyDeployment}, keys...) }
	if !s.watched() {
		if least := 6 * d.Timeout; s.ours() && d.Queue.VisibilityTimeout < least {
			c.fault(fmt.Sprintf("messages are hidden for %s, less than six times the Timeout of %s: they would come back while they are worked on", d.Queue.VisibilityTimeout, d.Timeout),
				fmt.Sprintf("at least %s, or leave it out", least), path("Queue", "VisibilityTimeout")...)
		}
		if total := time.Duration(d.Queue.BatchSize) * d.Queue.TaskTime; total > d.Timeout {
			c.fault(fmt.Sprintf("a batch of %d tasks of %s each takes %s, longer than the Timeout of %s", d.Queue.BatchSize, d.Queue.TaskTime, total, d.Timeout),
				"lower BatchSize, or raise Timeout", path("Queue", "BatchSize")...)
		}
	} else {
		c.service(s, path)
	}
	if s.uses(config.UsesSecrets) && c.configuration.Starfleet.Secrets == nil {
		c.fault("the ship uses secrets, and STARFLEET has no SecretsManager", "add it, or take secrets out of Uses", path("Uses")...)
	}
	if s.uses(config.UsesHalts) && c.configuration.Fleet.StateBucket == "" {
		c.fault("the ship uses halts, and Fleet has no StateBucket", "add it, or take halts out of Uses", path("Uses")...)
	}
	if !s.ours() {
		if d.Commit || d.Fargate != nil || len(d.Buckets) > 0 || len(d.PublishesTemplates) > 0 {
			c.fault("a ship of Python gets its queue alone: Commit, Fargate, Buckets and PublishesTemplates would be for a role that nobody makes",
				"set Commit and Fargate where the ship is deployed, and name its role among the publishers", path()...)
		}
		return
	}
	if !s.single() {
		if len(s.roles) == 0 {
			c.fault("the ship works in other accounts and has no role to assume there", "add WorkerRoleToAssume", s.Name, "WorkerRoleToAssume")
		}
		for _, key := range []struct {
			name string
			set  bool
		}{{"AssumeRoles", len(d.AssumeRoles) > 0}, {"Buckets", len(d.Buckets) > 0}} {
			if key.set {
				c.fault(key.name+" is for ships that run once for a template: this one works with the role that it assumes", "delete it", path(key.name)...)
			}
		}
		return
	}
	if len(d.Buckets) == 0 && slices.ContainsFunc(s.ownActions(), func(action string) bool { return strings.HasPrefix(action, "s3:") }) {
		c.fault("the ship's manifest has actions of S3, and the ship has no Buckets: it would be denied", "name the buckets that it works with", path("Buckets")...)
	}
	if slices.Contains(d.Buckets, c.configuration.Starfleet.TemplateBucket) {
		c.fault("the ship works in the template bucket: whoever decides what it writes there decides what ships do in every account",
			"if that is meant, name the folders in PublishesTemplates in place of the bucket", path("Buckets")...)
	}
	if state := c.configuration.Fleet.StateBucket; state != "" && slices.Contains(d.Buckets, state) {
		c.fault("the ship works in the bucket of the state: it would lift halts, and decide where fan-outs go on", "name another bucket; to read halts, write halts in Uses", path("Buckets")...)
	}
}

// ownActions are all that its manifest lists.
func (s *ship) ownActions() []string {
	return slices.Concat(s.manifest.Permissions.Read, s.manifest.Permissions.Write)
}

// fargateMemory are the least and the most MiB for each number of CPU units, and the step between them, as the ECS task definition reference has them.
var fargateMemory = map[int][3]int{256: {512, 2048, 512}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024}, 4096: {8192, 30720, 1024}}

// service checks a ship that runs on Fargate.
func (c *checker) service(s *ship, path func(...string) []string) {
	cpu, memory := s.Deployment.Fargate.CPU, s.Deployment.Memory
	bounds, known := fargateMemory[cpu]
	switch {
	case !known:
		c.fault(fmt.Sprintf("Fargate has no %d units of CPU", cpu), "256, 512, 1024, 2048 or 4096", path("Fargate", "CPU")...)
	case memory < bounds[0] || memory > bounds[1] || memory%bounds[2] != 0 && memory != bounds[0]:
		c.fault(fmt.Sprintf("Fargate has no %d MiB for %d units of CPU", memory, cpu), fmt.Sprintf("%d to %d MiB in steps of %d", bounds[0], bounds[1], bounds[2]), path("Memory")...)
	}
}

// prefixes warns of ships that share a folder: a template there tasks them all.
func (c *checker) prefixes() {
	for i, s := range c.ships {
		prefix, _ := s.ListPrefix()
		for _, other := range c.ships[i+1:] {
			if at, _ := other.ListPrefix(); at == prefix {
				c.warning(fmt.Sprintf("%s has the same TemplatePrefix: a template there tasks both", s.Name), "give each ship a folder of its own, unless that is meant", other.Name, "TemplatePrefix")
			}
		}
	}
}

// reserved are the names of what the fleet itself has.
var reserved = []string{"starbase", "scheduler", "execution", "progress", "templates", "fan-out", "continuation", "schedule", "schedule-dead-letters"}

// names checks that nothing has the name of something else, and that no name is too long.
func (c *checker) names() {
	seen := map[string]string{}
	for _, s := range c.ships {
		switch other, twice := seen[s.short]; {
		case slices.Contains(reserved, s.short):
			c.fault(fmt.Sprintf("what is made for the ship would be called %s, which is the fleet's own", s.name), "give the ship another name", s.Name)
		case twice:
			c.fault(fmt.Sprintf("what is made for the ship would be called %s, as that of %s", s.name, other), "give one of them another name", s.Name)
		case len(s.role()) > 64:
			c.fault(fmt.Sprintf("the name of the ship's role would be %s, of more than 64 characters", s.role()), "give the fleet or the ship a shorter name", s.Name)
		}
		seen[s.short] = s.Name
	}
}

// The limits of a template of CloudFormation.
const (
	maxResources     = 500
	maxTemplateBytes = 1 << 20
	maxBodyBytes     = 51200 // of a StackSet's TemplateBody
)

// size checks that AWS takes the templates.
func (c *checker) size() {
	home := c.home()
	for _, s := range []*stack{home, c.Fleet.members()} {
		for _, problem := range s.lint() {
			c.fault(problem, "", keyFleet)
		}
	}
	if n := len(home.resources); n > maxResources {
		c.fault(fmt.Sprintf("the template would have %d resources, and CloudFormation takes %d", n, maxResources), "deploy two fleets, each with a part of the ships", keyFleet)
	}
	if n := len(writeTemplate(c.Fleet.members(), CloudFormation)); n > maxBodyBytes {
		c.fault(fmt.Sprintf("the template of the roles in other accounts would have %d bytes, and a StackSet takes %d", n, maxBodyBytes), "deploy two fleets, each with a part of the ships", keyFleet)
	}
	if n := len(writeTemplate(home, CloudFormation)); n > maxTemplateBytes {
		c.fault(fmt.Sprintf("the template would have %d bytes, and CloudFormation takes %d", n, maxTemplateBytes), "deploy two fleets, each with a part of the ships", keyFleet)
	}
}
