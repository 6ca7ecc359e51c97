package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/config"
)

// The defaults of a deployment.
var (
	defaultAlarms     = config.Alarms{OldestMessageAge: 72 * time.Hour, MemoryPercent: 90, IndexAge: 48 * time.Hour}
	defaultDeployment = config.FleetDeployment{Name: "starfleet", Memory: 512, MaxConcurrency: 10, LogRetentionDays: 14, Alarms: defaultAlarms}
)

func TestFleetDeploymentKeys(t *testing.T) {
	t.Parallel()
	cases := []keyCase{
		{"Name", "fleet-2", ""},
		{"Name", "Fleet", "is not a name for what is deployed"},
		{"Name", "a-name-of-more-than-20", "is not a name for what is deployed"},
		{"Memory", "127", "must be from 128 to 10240 MiB, is 127"},
		{"Memory", "10241", "must be from 128"},
		{"Memory", "big", "must be an integer"},
		{"MaxConcurrency", "1", "must be from 2 to 1000, is 1"},
		{"MaxConcurrency", "1001", "must be from 2 to 1000"},
		{"MaxConcurrency", "1000", ""},
		{"TemplatePublishers", `[{Prefix: A, Roles: ["arn:aws-cn:iam::123456789012:role/x/y"]}]`, ""},
		{"TemplatePublishers", `[{Prefix: A}]`, "@[0].Roles: required key is missing"},
		{"TemplatePublishers", `[{Prefix: A, Roles: [x]}]`, "@[0].Roles[0]: is not the ARN of a role"},
		{"OperatorRoles", `["arn:aws:iam::123456789012:user/x"]`, "@[0]: is not the ARN of a role"},
		{"Schedules", `{HOURLY: rate(2 hours)}`, ""},
		{"Schedules", `{WEEKLY: rate(2 hours)}`, "@.WEEKLY: is no frequency"},
		{"Schedules", `{HOURLY: rate(0 hours)}`, "@.HOURLY: is not the expression of a schedule"},
		{"Schedules", `{HOURLY: rate(10 hours)}`, ""},
		{"Schedules", `{HOURLY: every hour}`, "@.HOURLY: is not the expression of a schedule"},
		{"Schedules", `[x]`, "must be a mapping"},
		{"PermissionsBoundary", "boundary", "is not the ARN of a policy"},
		{"Tags", "{team: platform}", ""},
		{"Tags", `{"aws:x": y}`, "@.aws:x: is not the key of a tag"},
		{"KmsKey", "create", ""},
		{"KmsKey", "alias/x", "is not the ARN of a key"},
		{"AlarmTopic", "alarms", "is not the ARN of a topic"},
		{"LogRetentionDays", "15", "keeps nothing for 15 days"},
		{"Network", "{Subnets: [subnet-1], SecurityGroups: [x]}", "@.SecurityGroups[0]: is not the id of a security group"},
		{"Network", "{Subnets: [subnet-1]}", "@.SecurityGroups: required key is missing"},
		{"Alarms", "{DeadLetters: 0, Errors: 0, Throttles: 0, MemoryPercent: 0, FanOutIncomplete: 0, IndexAge: 0, OldestMessageAge: 0}", ""},
		{"Alarms", "{DeadLetters: -1}", "@.DeadLetters: must not be negative"},
		{"Alarms", "{MemoryPercent: 99}", ""},
		{"Alarms", "{MemoryPercent: 100}", "@.MemoryPercent: must be from 0 to 99 percent"}, // nothing uses more than all
		{"Alarm", "{}", "unknown key: did you mean Alarms?"},
	}
	runKeyCases(t, "Fleet.Deployment", cases, func(c keyCase) error {
		_, err := load(leastStarfleet, section{"Fleet", [][2]string{{"Deployment", "{" + c.key + ": " + c.value + "}"}}})
		return err
	})
}

func TestDeploymentKeys(t *testing.T) {
	t.Parallel()
	cases := []keyCase{
		{"Commit", "true", ""},
		{"Commit", `"False"`, ""},
		{"Commit", "maybe", "must be true or false"},
		{"Memory", "64", "must be from 128"},
		{"Timeout", "15m", ""},
		{"Timeout", "16m", "must be from 1s to 15m0s, is 16m"},
		{"Timeout", "1500ms", "must be of whole seconds"},
		{"Timeout", "300", "must be a duration"},
		{"MaxConcurrency", "1", "must be from 2 to 1000, is 1"},
		{"Queue", "{BatchSize: 11}", "@.BatchSize: must be from 1 to 10"},
		{"Queue", "{VisibilityTimeout: 13h}", "@.VisibilityTimeout: must be from"},
		{"Queue", "{MaxReceives: 0}", "@.MaxReceives: must be from 1"},
		{"Schedules", "{MyShip/a.yaml: rate(1 day)}", ""},
		{"Schedules", "{MyShip/: rate(1 day)}", "@.MyShip/: is no key of a template"},
		{"Uses", "[index, index]", ""},
		{"Uses", "[indices]", "@[0]: is none of index, halts, secrets, once, progress"},
		{"Buckets", "[Bucket]", "@[0]: is not the name of a bucket"},
		{"AssumeRoles", "['*']", "@[0]: is not the name of a role"},
		{"Fargate", "{Image: ship}", ""},
		{"Fargate", "{CPU: 256}", "@.Image: required key is missing"},
		{"Fargate", "{Image: ship, MinTasks: 3, MaxTasks: 2}", "@.MinTasks: is 3, more than MaxTasks, which is 2"},
		{"Alarms", "{IndexAge: 1h}", "@.IndexAge: unknown key"},
		{"Comit", "true", "unknown key: did you mean Commit?"},
	}
	runKeyCases(t, "MyShip.Deployment", cases, func(c keyCase) error {
		c2, err := load(leastStarfleet, leastShip.with("Deployment", "{"+c.key+": "+c.value+"}"))
		if err != nil {
			return err
		}
		_, err = c2.Ship("MyShip")
		return err
	})
}

// Defaults that depend on other keys, and thresholds of the fleet that hold for ships.
func TestDeploymentDefaults(t *testing.T) {
	t.Parallel()
	fleet := section{"Fleet", [][2]string{{"Deployment", "{Alarms: {DeadLetters: 3, Errors: 4}}"}}}
	c := mustLoad(t, leastStarfleet, fleet,
		leastShip.with("Deployment", "{Timeout: 2m, Alarms: {Errors: 0}}"),
		section{"Watched", leastShip.with("InvocationQueueUrl", "auto").with("Deployment", "{Fargate: {Image: i}}").keys})
	ship, err := c.Ship("MyShip")
	if err != nil {
		t.Fatal(err)
	}
	if d := ship.Deployment; d.Queue.VisibilityTimeout != 12*time.Minute || d.Queue.MaxReceives != 5 || d.Alarms.DeadLetters != 3 || d.Alarms.Errors != 0 {
		t.Errorf("deployment is %+v", d)
	}
	watched, err := c.Ship("Watched")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Deployment{
		Memory: 512, Timeout: 5 * time.Minute, MaxConcurrency: 10, Fargate: &config.Fargate{Image: "i", CPU: 256, MaxTasks: 1, Command: []string{"watch", "--emf"}},
		Queue:  config.QueueDeployment{BatchSize: 1, VisibilityTimeout: 3 * time.Minute, MaxReceives: 10},
		Alarms: config.Alarms{OldestMessageAge: 72 * time.Hour, DeadLetters: 3, Errors: 4, MemoryPercent: 90, IndexAge: 48 * time.Hour},
	}
	if diff := cmp.Diff(want, watched.Deployment); diff != "" {
		t.Errorf("deployment on Fargate (-want +got):\n%s", diff)
	}
}

// Queues that are auto have URLs of their own with STARFLEET_QUEUES, and are told apart without it.
func TestAutoQueues(t *testing.T) {
	t.Parallel()
	text := leastStarfleet.with("FanOutQueueUrl", "auto").String() +
		section{"Fleet", [][2]string{{"StateBucket", "state"}, {"ContinuationQueueUrl", "auto"}, {"Deployment", "{Name: fleet}"}}}.String() +
		section{"LogGroupRetentionShip", leastShip.with("InvocationQueueUrl", "auto").keys}.String() +
		section{"IAMRole", leastShip.with("InvocationQueueUrl", "auto").keys}.String()
	dir := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(dir, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]string{
		"": "auto:fleet-fan-out auto:fleet-continuation auto:fleet-log-group-retention auto:fleet-iam-role",
		"https://sqs.us-east-1.amazonaws.com/123456789012": "https://sqs.us-east-1.amazonaws.com/123456789012/fleet-fan-out https://sqs.us-east-1.amazonaws.com/123456789012/fleet-continuation " +
			"https://sqs.us-east-1.amazonaws.com/123456789012/fleet-log-group-retention https://sqs.us-east-1.amazonaws.com/123456789012/fleet-iam-role",
	} {
		c, err := config.Choose(dir, func(name string) (string, bool) { return base, name == config.VariableQueues }, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{c.Starfleet.FanOutQueueURL, c.Fleet.ContinuationQueueURL}
		for _, name := range c.Sections() {
			ship, err := c.Ship(name)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ship.InvocationQueueURL)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", base, diff)
		}
		if err := c.CheckQueues(); (err != nil) != (base == "") {
			t.Errorf("%q: CheckQueues says %v", base, err)
		}
	}
	if _, err := config.Choose(dir, func(string) (string, bool) { return "http://example.com", true }, nil, nil); err == nil {
		t.Error("a base that is not encrypted is no error")
	}
}

// Two ships whose queues would have one name are told, and so is one that would have the Starbase's.
func TestAutoQueuesOfOneName(t *testing.T) {
	t.Parallel()
	auto := leastShip.with("InvocationQueueUrl", "auto").keys
	c := mustLoad(t, leastStarfleet.with("FanOutQueueUrl", "auto"), section{"Foo", auto}, section{"FooShip", auto}, section{"FanOutShip", auto})
	for name, other := range map[string]string{"Foo": "FooShip", "FooShip": "Foo", "FanOutShip": "STARFLEET"} {
		_, err := c.Ship(name)
		wantFault(t, err, name+".InvocationQueueUrl", "is also "+other)
	}
}
