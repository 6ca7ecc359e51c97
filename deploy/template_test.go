package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/deploy"
)

const (
	starbaseRole = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/starfleet-starbase-function"
	shipRole     = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/starfleet-my-function"
)

// TestQueues: all are kept for 14 days, have a dead-letter queue that takes from them alone, encryption, and no sender but the listed ones, over TLS.
func TestQueues(t *testing.T) {
	t.Parallel()
	x := made(t, with(t, least, "    TemplatePublishers", "    OperatorRoles: [\"arn:aws:iam::123456789012:role/operator\"]\n    TemplatePublishers"))
	const operator = "arn:aws:iam::123456789012:role/operator"
	senders := map[string][]string{
		"FanOutQueue":                  {starbaseRole, operator},
		"FanOutQueueDeadLetters":       {starbaseRole, operator},
		"ContinuationQueue":            {starbaseRole, operator},
		"ContinuationQueueDeadLetters": {starbaseRole, operator},
		"MyShipQueue":                  {starbaseRole, shipRole, operator},
		"MyShipQueueDeadLetters":       {shipRole, operator},
	}
	queues := x.kind("AWS::SQS::Queue")
	if len(queues) != len(senders) {
		t.Errorf("%d queues, want %d", len(queues), len(senders))
	}
	for id, want := range senders {
		q := x.of(t, id)
		if q["MessageRetentionPeriod"] != 14*24*3600 || q["SqsManagedSseEnabled"] != true {
			t.Errorf("%s is %v", id, q)
		}
		if x.Resources[id].DeletionPolicy != "RetainExceptOnCreate" {
			t.Errorf("%s goes with its ship, and the messages in it", id)
		}
		if base, dead := strings.CutSuffix(id, "DeadLetters"); dead {
			if got := at(x.of(t, base), "RedrivePolicy", "deadLetterTargetArn"); got != id+".Arn" {
				t.Errorf("dead letters of %s go to %v", base, got)
			}
			if got := at(q, "RedriveAllowPolicy", "redrivePermission"); got != "byQueue" {
				t.Errorf("%s takes from %v", id, got)
			}
		} else if at(q, "RedrivePolicy", "maxReceiveCount") != 5 || q["VisibilityTimeout"] != 1800 {
			t.Errorf("%s is %v", id, q)
		}
		if x.Resources[id+"Policy"].DeletionPolicy != "RetainExceptOnCreate" {
			t.Errorf("the policy of %s goes before its queue", id)
		}
		document := x.of(t, id+"Policy")["PolicyDocument"]
		only := bySid(document, "SendersOnly")
		if only["Effect"] != "Deny" || only["Principal"] != "*" || at(only, "Condition", "Bool", "aws:PrincipalIsAWSService") != "false" {
			t.Errorf("%s: %v", id, only)
		}
		if diff := cmp.Diff(want, texts(at(only, "Condition", "ArnNotEquals", "aws:PrincipalArn"))); diff != "" {
			t.Errorf("senders of %s (-want +got):\n%s", id, diff)
		}
		if tls := bySid(document, "TLSOnly"); tls["Effect"] != "Deny" || at(tls, "Condition", "Bool", "aws:SecureTransport") != "false" {
			t.Errorf("%s: %v", id, tls)
		}
		if service := bySid(document, "Service"); (service != nil) != (id == "FanOutQueue") {
			t.Errorf("services that may send to %s: %v", id, service)
		}
	}
	service := bySid(x.of(t, "FanOutQueuePolicy")["PolicyDocument"], "Service")
	if at(service, "Principal", "Service") != "s3.amazonaws.com" || at(service, "Condition", "ArnEquals", "aws:SourceArn") != "arn:${AWS::Partition}:s3:::templates" ||
		at(service, "Condition", "StringEquals", "aws:SourceAccount") != "${AWS::AccountId}" {
		t.Errorf("S3 may send: %v", service)
	}
}

// TestFunctions: runtime, architecture, timeouts, batches, partial failures, concurrency, and dry run unless the ship's section says otherwise.
func TestFunctions(t *testing.T) {
	t.Parallel()
	text := least + "  Deployment: {Timeout: 2m, MaxConcurrency: 1000, Memory: 2048}\n" +
		"Writer:\n  Enabled: true\n  TemplatePrefix: Writer/\n  InvocationQueueUrl: auto\n  InvocationSources: []\n  WorkerRoleToAssume: w\n  Deployment: {Commit: true}\n"
	x := made(t, text, "Writer")
	for id, want := range map[string]map[string]any{
		"StarbaseFunction": {"Timeout": 300, "MemorySize": 512},
		"MyShipFunction":   {"Timeout": 120, "MemorySize": 2048},
		"WriterFunction":   {"Timeout": 300, "MemorySize": 256},
	} {
		f := x.of(t, id)
		if f["Timeout"] != want["Timeout"] || f["MemorySize"] != want["MemorySize"] || f["Runtime"] != "provided.al2023" || at(f, "Architectures", 0) != "arm64" || f["Handler"] != "bootstrap" {
			t.Errorf("%s is %v", id, f)
		}
	}
	for id, want := range map[string]any{"StarbaseFunction": nil, "MyShipFunction": "false", "WriterFunction": "true"} {
		if got := at(x.of(t, id), "Environment", "Variables", "STARFLEET_COMMIT"); got != want {
			t.Errorf("%s has STARFLEET_COMMIT=%v, want %v", id, got, want)
		}
	}
	for id, concurrency := range map[string]int{"StarbaseFanOutMapping": 10, "StarbaseContinuationMapping": 10, "MyShipMapping": 1000, "WriterMapping": 10} {
		m := x.of(t, id)
		if m["BatchSize"] != 1 || at(m, "FunctionResponseTypes", 0) != "ReportBatchItemFailures" || at(m, "ScalingConfig", "MaximumConcurrency") != concurrency {
			t.Errorf("%s is %v", id, m)
		}
	}
	if got := x.of(t, "MyShipQueue")["VisibilityTimeout"]; got != 720 {
		t.Errorf("visibility %v, want six times the timeout", got)
	}
}

// TestBuckets: versioned, encrypted, closed to the public, kept when the stack goes, and each written to by its own writers alone.
func TestBuckets(t *testing.T) {
	t.Parallel()
	x := made(t, least)
	buckets := x.kind("AWS::S3::Bucket")
	if len(buckets) != 3 {
		t.Fatalf("%d buckets", len(buckets))
	}
	for id, b := range buckets {
		if at(b, "VersioningConfiguration", "Status") != "Enabled" || at(b, "PublicAccessBlockConfiguration", "BlockPublicPolicy") != true ||
			at(b, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm") != "AES256" {
			t.Errorf("%s is %v", id, b)
		}
		if x.Resources[id].DeletionPolicy != "RetainExceptOnCreate" {
			t.Errorf("%s goes with the stack", id)
		}
		if tls := bySid(x.of(t, id+"Policy")["PolicyDocument"], "TLSOnly"); tls == nil || tls["Effect"] != "Deny" {
			t.Errorf("%s: %v", id, tls)
		}
		if notified := b["NotificationConfiguration"] != nil; notified != (id == "TemplateBucket") {
			t.Errorf("%s notifies: %t", id, notified)
		}
	}
	document := x.of(t, "TemplateBucketPolicy")["PolicyDocument"]
	only, beside := bySid(document, "PublishersOnly1"), bySid(document, "NobodyBeside")
	if only["Effect"] != "Deny" || texts(only["Resource"])[0] != "arn:${AWS::Partition}:s3:::templates/My/*" ||
		texts(at(only, "Condition", "ArnNotEquals", "aws:PrincipalArn"))[0] != "arn:aws:iam::123456789012:role/publisher" {
		t.Errorf("publishers: %v", only)
	}
	if beside["Effect"] != "Deny" || beside["Condition"] != nil || texts(beside["NotResource"])[0] != "arn:${AWS::Partition}:s3:::templates/My/*" || beside["Resource"] != nil {
		t.Errorf("beside the folders: %v", beside)
	}
	state := bySid(x.of(t, "StateBucketPolicy")["PolicyDocument"], "StateWritersOnly")
	if diff := cmp.Diff([]string{starbaseRole}, texts(at(state, "Condition", "ArnNotEquals", "aws:PrincipalArn"))); diff != "" {
		t.Errorf("who writes the state (-want +got):\n%s", diff)
	}
	if index := bySid(x.of(t, "IndexBucketPolicy")["PolicyDocument"], "IndexWritersOnly"); index["Condition"] != nil || index["Effect"] != "Deny" {
		t.Errorf("who writes the index, where nobody is named: %v", index)
	}
}

// TestPublishersOfOtherAccounts: they are allowed what they need and no more: their folders, the list of those, and the one key of the index. The principals
// are accounts, so that no role has to be there before the policy.
func TestPublishersOfOtherAccounts(t *testing.T) {
	t.Parallel()
	const publisher, indexer = "arn:aws:iam::210987654321:role/publisher", "arn:aws:iam::310987654321:role/team/indexer"
	text := with(t, least, "arn:aws:iam::123456789012:role/publisher", publisher)
	text = with(t, text, "    TemplatePublishers", "    KmsKey: create\n    IndexPublishers: [\""+indexer+"\"]\n    TemplatePublishers")
	x := made(t, text)
	templates, index, key := x.of(t, "TemplateBucketPolicy")["PolicyDocument"], x.of(t, "IndexBucketPolicy")["PolicyDocument"], x.of(t, "Key")["KeyPolicy"]
	for _, want := range []struct {
		document           any
		sid                string
		resource           string
		actions            []string
		accounts, roles    []string
		operator, key, own string
	}{
		{templates, "Publishers1", "arn:${AWS::Partition}:s3:::templates/My/*", []string{"s3:DeleteObject", "s3:PutObject"}, []string{"arn:aws:iam::210987654321:root"}, []string{publisher}, "", "", ""},
		{templates, "PublishersList1", "arn:${AWS::Partition}:s3:::templates", []string{"s3:ListBucket"}, []string{"arn:aws:iam::210987654321:root"}, []string{publisher}, "StringLike", "s3:prefix", "[My/*]"},
		{index, "IndexPublishersObjects", "arn:${AWS::Partition}:s3:::index-bucket/accountIndex.json", []string{"s3:GetObject", "s3:PutObject"}, []string{"arn:aws:iam::310987654321:root"}, []string{indexer}, "", "", ""},
		{index, "IndexPublishersBucket", "arn:${AWS::Partition}:s3:::index-bucket", []string{"s3:ListBucket"}, []string{"arn:aws:iam::310987654321:root"}, []string{indexer}, "", "", ""},
		{key, "Publishers", "*", []string{"kms:Decrypt", "kms:GenerateDataKey"}, []string{"arn:aws:iam::210987654321:root", "arn:aws:iam::310987654321:root"}, []string{publisher, indexer},
			"StringLike", "kms:ViaService", "s3.${AWS::Region}.amazonaws.com*"},
	} {
		s := bySid(want.document, want.sid)
		if s == nil || s["Effect"] != "Allow" {
			t.Errorf("%s is %v", want.sid, s)
			continue
		}
		got := [][]string{texts(s["Action"]), texts(at(s, "Principal", "AWS")), texts(at(s, "Condition", "ArnEquals", "aws:PrincipalArn")), texts(s["Resource"])}
		if diff := cmp.Diff([][]string{want.actions, want.accounts, want.roles, {want.resource}}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.sid, diff)
		}
		if want.operator != "" && fmt.Sprint(at(s, "Condition", want.operator, want.key)) != want.own {
			t.Errorf("%s has the conditions %v", want.sid, s["Condition"])
		}
	}
}

// TestExistingTemplateBucket: it is not made, and a rule alone tells of it.
func TestExistingTemplateBucket(t *testing.T) {
	t.Parallel()
	x := made(t, with(t, least, `    TemplatePublishers: [{Prefix: My/, Roles: ["arn:aws:iam::123456789012:role/publisher"]}]`, "    ExistingTemplateBucket: true"))
	if _, there := x.Resources["TemplateBucket"]; there {
		t.Error("the bucket is made")
	}
	rule := x.of(t, "TemplateRule")
	if at(rule, "EventPattern", "detail", "bucket", "name", 0) != "templates" || at(rule, "EventPattern", "source", 0) != "aws.s3" || at(rule, "Targets", 0, "Arn") != "FanOutQueue.Arn" {
		t.Errorf("the rule is %v", rule)
	}
	if at(rule, "Targets", 0, "DeadLetterConfig", "Arn") != "TemplateRuleDeadLetters.Arn" || x.of(t, "TemplateRuleDeadLetters")["QueueName"] != "starfleet-templates-dead-letters" {
		t.Errorf("what the rule cannot send is lost: %v", rule)
	}
	may := bySid(x.of(t, "TemplateRuleDeadLettersPolicy")["PolicyDocument"], "Service")
	if at(may, "Principal", "Service") != "events.amazonaws.com" || at(may, "Condition", "ArnEquals", "aws:SourceArn") != "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/starfleet-templates" {
		t.Errorf("EventBridge may send dead letters: %v", may)
	}
	if got, want := x.alarms()["starfleet-templates-dead-letters"], "AWS/SQS ApproximateNumberOfMessagesVisible Maximum 60 > 0"; got != want {
		t.Errorf("the alarm of its dead letters is %q, want %q", got, want)
	}
	service := bySid(x.of(t, "FanOutQueuePolicy")["PolicyDocument"], "Service")
	if at(service, "Principal", "Service") != "events.amazonaws.com" || !strings.HasSuffix(at(service, "Condition", "ArnEquals", "aws:SourceArn").(string), ":rule/starfleet-templates") {
		t.Errorf("EventBridge may send: %v", service)
	}
}

// TestSchedules: one for each frequency that a ship listens to, and for single templates, to the fan-out queue, with a dead-letter queue of their own.
func TestSchedules(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(with(t, least, "    TemplatePublishers", "    Schedules: {DAILY: \"cron(0 6 * * ? *)\"}\n    TemplatePublishers"))
	text.WriteString("  Deployment: {Schedules: {My/now.yaml: rate(2 hours)}}\n")
	frequencies := []string{"FIVE_MIN", "FIFTEEN_MIN", "THIRTY_MIN", "HOURLY", "SIX_HOURLY", "TWELVE_HOURLY", "DAILY"}
	var ships []string
	for _, f := range frequencies {
		ships = append(ships, "On"+f)
		text.WriteString("On" + f + ":\n  Enabled: true\n  TemplatePrefix: " + f + "/\n  InvocationQueueUrl: auto\n  InvocationSources: [EVENTBRIDGE_TIMED_EVENT]\n" +
			"  EventBridgeTimedFrequency: " + f + "\n  WorkerRoleToAssume: w\n")
	}
	x := made(t, text.String(), ships...)
	got := map[string][2]any{}
	for id, s := range x.kind("AWS::Scheduler::Schedule") {
		got[id] = [2]any{s["ScheduleExpression"], at(s, "Target", "Input")}
		if at(s, "Target", "Arn") != "FanOutQueue.Arn" || at(s, "Target", "DeadLetterConfig", "Arn") != "ScheduleDeadLetters.Arn" || at(s, "Target", "RoleArn") != "SchedulerRole.Arn" {
			t.Errorf("%s is %v", id, s)
		}
	}
	event := func(name string) string {
		return `{"name":"` + name + `","scheduled_time":"<aws.scheduler.scheduled-time>"}`
	}
	want := map[string][2]any{
		"ScheduleFiveMin": {"rate(5 minutes)", event("FIVE_MIN")}, "ScheduleFifteenMin": {"rate(15 minutes)", event("FIFTEEN_MIN")},
		"ScheduleThirtyMin": {"rate(30 minutes)", event("THIRTY_MIN")}, "ScheduleHourly": {"rate(1 hour)", event("HOURLY")},
		"ScheduleSixHourly": {"rate(6 hours)", event("SIX_HOURLY")}, "ScheduleTwelveHourly": {"rate(12 hours)", event("TWELVE_HOURLY")},
		"ScheduleDaily":   {"cron(0 6 * * ? *)", event("DAILY")},
		"MyShipSchedule1": {"rate(2 hours)", `{"worker_ship":"MyShip","template_prefix":"My/now.yaml"}`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schedules (-want +got):\n%s", diff)
	}
	roles := texts(at(bySid(x.of(t, "FanOutQueuePolicy")["PolicyDocument"], "SendersOnly"), "Condition", "ArnNotEquals", "aws:PrincipalArn"))
	if !slices.Contains(roles, "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/starfleet-scheduler") {
		t.Errorf("the scheduler may not send: %v", roles)
	}
	if _, there := made(t, least).Resources["SchedulerRole"]; there {
		t.Error("a role for schedules without a schedule")
	}
}

// TestCustomerKey: with a key of the fleet's own everything is encrypted with it, and S3 may use it to tell of changes.
func TestCustomerKey(t *testing.T) {
	t.Parallel()
	x := rendered(t, fleetOf(t, fleets["full"]), deploy.SAM, "template.yaml")
	for id, q := range x.kind("AWS::SQS::Queue") {
		if q["KmsMasterKeyId"] != "Key.Arn" {
			t.Errorf("%s is encrypted with %v", id, q["KmsMasterKeyId"])
		}
	}
	for id, b := range x.kind("AWS::S3::Bucket") {
		if at(b, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "KMSMasterKeyID") != "Key.Arn" {
			t.Errorf("%s is %v", id, b)
		}
	}
	grant := bySid(x.of(t, "Key")["KeyPolicy"], "Notifications")
	if at(grant, "Principal", "Service") != "s3.amazonaws.com" || at(grant, "Condition", "ArnEquals", "aws:SourceArn") != "arn:${AWS::Partition}:s3:::full-templates" {
		t.Errorf("grant of S3: %v", grant)
	}
	for id, r := range x.kind("AWS::IAM::Role") {
		if strings.HasPrefix(id, "Execution") {
			continue
		}
		if key := bySid(at(r, "Policies", 0, "PolicyDocument"), "Key"); key == nil {
			t.Errorf("%s cannot use the key", id)
		}
	}
}

// TestStackSet: the roles go to all accounts of a unit, new ones too, with the same template that is written for the management account.
func TestStackSet(t *testing.T) {
	t.Parallel()
	f := fleetOf(t, fleets["examples"])
	files, err := f.Render(deploy.SAM)
	if err != nil {
		t.Fatal(err)
	}
	set := rendered(t, f, deploy.SAM, "member-roles-stackset.yaml").of(t, "Roles")
	if set["PermissionModel"] != "SERVICE_MANAGED" || at(set, "AutoDeployment", "Enabled") != true || set["TemplateBody"] != string(files[1].Data) || files[1].Name != "member-roles.yaml" {
		t.Errorf("the set is %v", set)
	}
	if at(set, "StackInstancesGroup", 0, "DeploymentTargets", "OrganizationalUnitIds", 0) != "OrganizationalUnit" {
		t.Errorf("targets %v", set["StackInstancesGroup"])
	}
}
