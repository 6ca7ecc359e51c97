package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/deploy"
)

// service is a fleet whose ship is a service on Fargate, with other lines for it.
func service(t *testing.T, fargate, queue string) template {
	t.Helper()
	text := with(t, least, "    TemplatePublishers", network+"    TemplatePublishers")
	text = with(t, text, "TemplatePrefix: My/\n  InvocationQueueUrl: auto", "TemplatePrefix: My/\n  InvocationQueueUrl: "+queue)
	return made(t, text+"  Deployment:\n    Fargate: "+fargate+"\n")
}

// TestCase23WatchDefaults: the numbers of a service that says nothing of them.
func TestCase23WatchDefaults(t *testing.T) {
	t.Parallel()
	x := service(t, "{Image: ship}", "auto")
	q := x.of(t, "MyShipQueue")
	if q["VisibilityTimeout"] != 180 || q["MessageRetentionPeriod"] != 1209600 || at(q, "RedrivePolicy", "maxReceiveCount") != 10 {
		t.Errorf("queue %v", q)
	}
	if dead := x.of(t, "MyShipQueueDeadLetters"); dead["MessageRetentionPeriod"] != 1209600 {
		t.Errorf("dead-letter queue %v", dead)
	}
	if log := x.of(t, "MyShipLog"); log["RetentionInDays"] != 14 {
		t.Errorf("log group %v", log)
	}
	task := x.of(t, "MyShipTask")
	container := at(task, "ContainerDefinitions", 0)
	if task["Cpu"] != "256" || task["Memory"] != "512" || at(container, "ReadonlyRootFilesystem") != true || at(container, "Privileged") != false ||
		at(container, "Command", 0) != "watch" || at(container, "StopTimeout") != 120 {
		t.Errorf("task %v", task)
	}
	target := x.of(t, "MyShipScaling")
	if target["MinCapacity"] != 0 || target["MaxCapacity"] != 1 {
		t.Errorf("scaling %v", target)
	}
	up := x.of(t, "MyShipScaleUpAlarm")
	if up["MetricName"] != "ApproximateNumberOfMessagesVisible" || up["Statistic"] != "Maximum" || up["Period"] != 300 || up["Threshold"] != 1 || up["EvaluationPeriods"] != 1 {
		t.Errorf("scale-up %v", up)
	}
}

// TestCase24WatchFIFO: FIFO queues have their names and deduplication by content, and a service comes up by a tenth of its most.
func TestCase24WatchFIFO(t *testing.T) {
	t.Parallel()
	x := service(t, "{Image: ship}", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs.fifo")
	for id, name := range map[string]string{"MyShipQueue": "jobs.fifo", "MyShipQueueDeadLetters": "jobs-dead-letters.fifo"} {
		if q := x.of(t, id); q["QueueName"] != name || q["FifoQueue"] != true || q["ContentBasedDeduplication"] != true {
			t.Errorf("%s is %v", id, q)
		}
	}
	for most, want := range map[int]int{4: 1, 50: 5, 244: 24, 2000: 100} {
		x := service(t, fmt.Sprintf("{Image: ship, MaxTasks: %d}", most), "auto")
		if got := at(x.of(t, "MyShipScaleUp"), "StepScalingPolicyConfiguration", "StepAdjustments", 0, "ScalingAdjustment"); got != want {
			t.Errorf("at most %d containers: %v come at once, want %d", most, got, want)
		}
	}
	if topics := x.kind("AWS::SNS::Topic"); len(topics) > 0 {
		t.Errorf("topics %v", topics)
	}
}

// TestWatchTemporaryFolder: /tmp may be written to, though nothing else may. (ecs-watchbot mounts it read-only.)
func TestWatchTemporaryFolder(t *testing.T) {
	t.Parallel()
	mount := at(service(t, "{Image: ship}", "auto").of(t, "MyShipTask"), "ContainerDefinitions", 0, "MountPoints", 0)
	if at(mount, "ContainerPath") != "/tmp" || at(mount, "ReadOnly") != false {
		t.Errorf("mount %v", mount)
	}
}

// TestWatchScalesDownWhenNothingIsLeft: not while a message is in work, and only after two periods without any. (ecs-watchbot goes by an average that races
// with pick-up.)
func TestWatchScalesDownWhenNothingIsLeft(t *testing.T) {
	t.Parallel()
	alarm := service(t, "{Image: ship, MinTasks: 2, MaxTasks: 9}", "auto").of(t, "MyShipScaleDownAlarm")
	if at(alarm, "Metrics", 2, "Expression") != "visible + inwork" || alarm["EvaluationPeriods"] != 2 || alarm["DatapointsToAlarm"] != 2 || alarm["Threshold"] != 0 ||
		alarm["ComparisonOperator"] != "LessThanOrEqualToThreshold" || at(alarm, "Metrics", 0, "MetricStat", "Stat") != "Maximum" {
		t.Errorf("alarm %v", alarm)
	}
}

// TestProgressTable: its role may use it (ecs-watchbot grants nothing), its key is id, and records end.
func TestProgressTable(t *testing.T) {
	t.Parallel()
	x := rendered(t, fleetOf(t, fleets["full"]), deploy.SAM, "template.yaml")
	table := x.of(t, "ProgressTable")
	if at(table, "KeySchema", 0, "AttributeName") != "id" || at(table, "TimeToLiveSpecification", "AttributeName") != "expires" || table["BillingMode"] != "PAY_PER_REQUEST" {
		t.Errorf("table %v", table)
	}
	granted := bySid(at(x.of(t, "CatalogueShipRole"), "Policies", 0, "PolicyDocument"), "Table")
	if diff := cmp.Diff(progress, texts(granted["Action"])); diff != "" {
		t.Errorf("actions on the table (-want +got):\n%s", diff)
	}
	environment := at(x.of(t, "CatalogueShipTask"), "ContainerDefinitions", 0, "Environment")
	if !strings.Contains(fmt.Sprint(environment), "ProgressTable.Arn") {
		t.Errorf("the service is not told of the table: %v", environment)
	}
}

// TestImageOfAService: ECS may pull the one repository of ECR, and none where the image is from elsewhere.
func TestImageOfAService(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/ship:1":                "arn:${AWS::Partition}:ecr:eu-central-1:123456789012:repository/team/ship",
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/ship@sha256:" + "0a1b2c3d": "arn:${AWS::Partition}:ecr:cn-north-1:123456789012:repository/ship",
		"123456789012.dkr-ecr.us-east-1.on.aws/ship":                                 "arn:${AWS::Partition}:ecr:us-east-1:123456789012:repository/ship",
		"public.ecr.aws/team/ship:1":                                                 "",
		"ship":                                                                       "",
	} {
		own := at(service(t, `{Image: "`+image+`"}`, "auto").of(t, "ExecutionRole"), "Policies", 0, "PolicyDocument")
		pull, registry := bySid(own, "Image"), bySid(own, "Registry")
		if (pull != nil) != (want != "") || (registry != nil) != (want != "") {
			t.Errorf("%s: pulls %v, registry %v", image, pull, registry)
		} else if want != "" && fmt.Sprint(pull["Resource"]) != "["+want+"]" {
			t.Errorf("%s: pulls %v, want %s", image, pull["Resource"], want)
		}
	}
}

// TestTwoServices: nothing of two of them has one name. (Two watchbots of a stack collide.)
func TestTwoServices(t *testing.T) {
	t.Parallel()
	text := with(t, least, "    TemplatePublishers", network+"    TemplatePublishers") + watching +
		"Other:\n  Enabled: true\n  TemplatePrefix: Other/\n  InvocationQueueUrl: auto\n  InvocationSources: []\n  WorkerRoleToAssume: w" + watching
	x := made(t, text, "Other")
	for _, kind := range []struct{ name, key string }{
		{"AWS::ECS::Service", "ServiceName"}, {"AWS::ECS::TaskDefinition", "Family"}, {"AWS::SQS::Queue", "QueueName"}, {"AWS::CloudWatch::Alarm", "AlarmName"},
		{"AWS::Logs::LogGroup", "LogGroupName"}, {"AWS::IAM::Role", "RoleName"},
	} {
		seen := map[any]string{}
		for id, properties := range x.kind(kind.name) {
			if other, twice := seen[properties[kind.key]]; twice {
				t.Errorf("%s and %s are both %v", id, other, properties[kind.key])
			}
			seen[properties[kind.key]] = id
		}
		if len(seen) < 2 {
			t.Errorf("%d of %s", len(seen), kind.name)
		}
	}
}
