package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/deploy"
)

// other is a second ship.
const other = "OtherShip:\n  Enabled: true\n  TemplatePrefix: Other/\n  InvocationQueueUrl: auto\n  InvocationSources: []\n  WorkerRoleToAssume: w\n"

// contradiction is a change of least, and the one thing that is wrong then.
type contradiction struct {
	name, old, replacement string
	place, problem, hint   string // of the finding: line and path, and parts of the rest
	warning                bool
}

var contradictions = []contradiction{
	{name: "a ship without a queue", old: "TemplatePrefix: My/\n  InvocationQueueUrl: auto\n", replacement: "TemplatePrefix: My/\n",
		place: "fleet.yaml:15:3: MyShip.InvocationQueueUrl", problem: "required key is missing", hint: "add it"},
	{name: "a placeholder for a queue", old: "TemplatePrefix: My/\n  InvocationQueueUrl: auto\n", replacement: "TemplatePrefix: My/\n  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/1/replace-me\n",
		place: "fleet.yaml:17:23: MyShip.InvocationQueueUrl", problem: `"replace-me" is a placeholder`, hint: "write the value that is meant"},
	{name: "a placeholder for a bucket", old: "IndexBucket: index-bucket", replacement: "IndexBucket: starfleet-DEPLOYMENT-ACCOUNT-ID",
		place: "fleet.yaml:6:16: StarfleetDefaultAccountIndex.IndexBucket", problem: "is a placeholder", hint: "write the value"},
	{name: "a schedule nobody listens to", old: "    TemplatePublishers", replacement: "    Schedules: {DAILY: rate(1 day)}\n    TemplatePublishers",
		place: "fleet.yaml:13:24: Fleet.Deployment.Schedules.DAILY", problem: "nobody listens to the schedule DAILY", hint: "give a ship EventBridgeTimedFrequency: DAILY"},
	{name: "a schedule of another ship's template", old: "worker\n", replacement: "worker\n  Deployment: {Schedules: {Other/a.yaml: rate(1 day)}}\n",
		place: "fleet.yaml:20:42: MyShip.Deployment.Schedules.Other/a.yaml", problem: "it is no template of this ship", hint: "name a template under My/"},
	{name: "a timer without its source", old: "worker\n", replacement: "worker\n  EventBridgeTimedFrequency: DAILY\n",
		place: "fleet.yaml:20:30: MyShip.EventBridgeTimedFrequency", problem: "nobody listens to this timer", hint: "add the source", warning: true},
	{name: "visibility under six timeouts", old: "worker\n", replacement: "worker\n  Deployment: {Timeout: 5m, Queue: {VisibilityTimeout: 29m}}\n",
		place: "fleet.yaml:20:56: MyShip.Deployment.Queue.VisibilityTimeout", problem: "29m0s, less than six times the Timeout of 5m0s", hint: "at least 30m0s"},
	{name: "a batch that takes longer than the timeout", old: "worker\n", replacement: "worker\n  Deployment: {Timeout: 5m, Queue: {BatchSize: 10, TaskTime: 31s}}\n",
		place: "fleet.yaml:20:48: MyShip.Deployment.Queue.BatchSize", problem: "a batch of 10 tasks of 31s each takes 5m10s, longer than the Timeout of 5m0s", hint: "lower BatchSize"},
	{name: "one task that takes longer than the timeout", old: "worker\n", replacement: "worker\n  Deployment: {Timeout: 1m, Queue: {TaskTime: 2m}}\n",
		place: "fleet.yaml:20:36: MyShip.Deployment.Queue.BatchSize", problem: "takes 2m0s, longer than the Timeout", hint: "raise Timeout"},
	{name: "an unknown prefix", old: "Prefix: My/,", replacement: "Prefix: Mine/,",
		place: "fleet.yaml:13:25: Fleet.Deployment.TemplatePublishers", problem: `unknown prefix "Mine/"`, hint: "My/"},
	{name: "a concurrency of 1", old: "worker\n", replacement: "worker\n  Deployment: {MaxConcurrency: 1}\n",
		place: "fleet.yaml:20:32: MyShip.Deployment.MaxConcurrency", problem: "must be from 2 to 1000, is 1", hint: "Lambda takes no other maximum"},
	{name: "two ships of one prefix", old: other, replacement: strings.Replace(other, "Other/", "My", 1),
		place: "fleet.yaml:22:19: OtherShip.TemplatePrefix", problem: "MyShip has the same TemplatePrefix", hint: "unless that is meant", warning: true},
	{name: "a ship may write templates", old: "role/publisher", replacement: "role/starfleet-my-function",
		place: "fleet.yaml:13:25: Fleet.Deployment.TemplatePublishers", problem: "the ship MyShip may write templates of My/", hint: "write PublishesTemplates: [My/]"},
	{name: "a ship may write templates by the role that it assumes", old: "role/publisher", replacement: "role/worker",
		place: "fleet.yaml:13:25: Fleet.Deployment.TemplatePublishers", problem: "the ship MyShip may write templates of My/, as arn:aws:iam::123456789012:role/worker", hint: "write PublishesTemplates: [My/]"},
	{name: "a ship may write the index", old: "    TemplatePublishers", replacement: "    IndexPublishers: [\"arn:aws:iam::123456789012:role/worker\"]\n    TemplatePublishers",
		place: "fleet.yaml:13:22: Fleet.Deployment.IndexPublishers", problem: "the ship MyShip may write the account index, as arn:aws:iam::123456789012:role/worker", hint: "Buckets"},
	{name: "a ship is an operator", old: "    TemplatePublishers", replacement: "    OperatorRoles: [\"arn:aws:iam::123456789012:role/worker\"]\n    TemplatePublishers",
		place: "fleet.yaml:13:20: Fleet.Deployment.OperatorRoles", problem: "the ship MyShip may send tasks to every ship, and lift halts", hint: "no ship has or assumes"},
	{name: "publishers of an existing bucket", old: "    TemplatePublishers", replacement: "    ExistingTemplateBucket: true\n    TemplatePublishers",
		place: "fleet.yaml:14:25: Fleet.Deployment.TemplatePublishers", problem: "keep nobody out", hint: "the bucket's own policy", warning: true},
	{name: "two roles of one name", old: "worker\n", replacement: "worker\n  AllowedRoles: [fleet/Worker]\n",
		place: "fleet.yaml:19:23: MyShip.WorkerRoleToAssume", problem: "the role worker would have the name of fleet/Worker", hint: "another name"},
	{name: "nobody may write templates", old: `[{Prefix: My/, Roles: ["arn:aws:iam::123456789012:role/publisher"]}]`, replacement: "[]",
		place: "fleet.yaml:13:25: Fleet.Deployment.TemplatePublishers", problem: "nobody may write templates", hint: "add TemplatePublishers"},
	{name: "folders of publishers in each other", old: "Roles: [\"arn:aws:iam::123456789012:role/publisher\"]}", replacement: "Roles: [\"arn:aws:iam::123456789012:role/publisher\"]}, {Prefix: My/own/, Roles: [\"arn:aws:iam::123456789012:role/publisher\"]}",
		place: "fleet.yaml:13:25: Fleet.Deployment.TemplatePublishers", problem: `"My/own/" lies in "My/"`, hint: "apart"},
	{name: "no organization", old: "  Organizations: [o-abcdefghij]\n", replacement: "",
		place: "fleet.yaml:9:3: Fleet.Organizations", problem: "the fleet has no organization", hint: "add Organizations"},
	{name: "a queue of another region", old: "TemplatePrefix: My/\n  InvocationQueueUrl: auto", replacement: "TemplatePrefix: My/\n  InvocationQueueUrl: https://sqs.eu-west-1.amazonaws.com/123456789012/q",
		place: "fleet.yaml:17:23: MyShip.InvocationQueueUrl", problem: "in another region", hint: "write auto"},
	{name: "a queue that is another's dead-letter queue", old: "ContinuationQueueUrl: auto", replacement: "ContinuationQueueUrl: https://sqs.us-east-1.amazonaws.com/123456789012/starfleet-my-dead-letters",
		place: "fleet.yaml:17:23: MyShip.InvocationQueueUrl", problem: "a queue would be called starfleet-my-dead-letters, as that of Fleet.ContinuationQueueUrl", hint: "another name"},
	{name: "no role to assume", old: "  WorkerRoleToAssume: worker\n", replacement: "",
		place: "fleet.yaml:15:3: MyShip.WorkerRoleToAssume", problem: "has no role to assume there", hint: "add WorkerRoleToAssume"},
	{name: "an index bucket that is the templates'", old: "IndexBucket: index-bucket", replacement: "IndexBucket: templates",
		place: "fleet.yaml:6:16: StarfleetDefaultAccountIndex.IndexBucket", problem: "is that of templates or state", hint: "a bucket of its own"},
	{name: "an index of another region", old: "BucketRegion: us-east-1", replacement: "BucketRegion: eu-west-1",
		place: "fleet.yaml:7:17: StarfleetDefaultAccountIndex.BucketRegion", problem: "it is not made", hint: "make it yourself", warning: true},
	{name: "no continuation queue", old: "  ContinuationQueueUrl: auto\n", replacement: "",
		place: "fleet.yaml:9:3: Fleet.ContinuationQueueUrl", problem: "there is no continuation queue", hint: "ContinuationQueueUrl: auto", warning: true},
	{name: "secrets without a secret", old: "worker\n", replacement: "worker\n  Deployment: {Uses: [secrets]}\n",
		place: "fleet.yaml:20:22: MyShip.Deployment.Uses", problem: "STARFLEET has no SecretsManager", hint: "add it"},
	{name: "a service without a network", old: "worker\n", replacement: "worker\n  Deployment: {Fargate: {Image: i}}\n",
		place: "fleet.yaml:13:5: Fleet.Deployment.Network", problem: "a ship runs on Fargate", hint: "add Network"},
}

// TestContradictions: each is told with its file, line and hint, alone, and New refuses what is no warning.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for _, c := range contradictions {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := least
			var ships []string
			if c.old == other {
				text, ships = least+other, []string{"OtherShip"}
			}
			cfg := configured(t, with(t, text, c.old, c.replacement), ships...)
			findings, err := deploy.Check(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if len(findings) != 1 {
				t.Fatalf("%d findings, want one: %v", len(findings), findings)
			}
			said := findings[0].Error()
			if !strings.HasPrefix(said, c.place+": ") || !strings.Contains(findings[0].Problem, c.problem) || !strings.Contains(findings[0].Hint, c.hint) || findings[0].Hint == "" || findings[0].Warning != c.warning {
				t.Errorf("found (warning: %t)\n%s\nwant %s: %s: %s", findings[0].Warning, said, c.place, c.problem, c.hint)
			}
			if _, err := deploy.New(cfg); (err == nil) != c.warning {
				t.Errorf("New says %v", err)
			}
		})
	}
}

// TestNoManifest: a ship without a manifest is told, and one that is disabled is left alone.
func TestNoManifest(t *testing.T) {
	t.Parallel()
	_, err := deploy.New(configured(t, least+other))
	if err == nil || !strings.HasPrefix(err.Error(), "fleet.yaml:21:3: OtherShip: the ship has no manifest") || !strings.Contains(err.Error(), "manifests/OtherShip.json") {
		t.Errorf("got %v", err)
	}
	f, err := deploy.New(configured(t, least+strings.Replace(other, "Enabled: true", "Enabled: false", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Disabled(); len(got) != 1 || got[0] != "OtherShip" {
		t.Errorf("disabled %v", got)
	}
}

// TestSyncOfTemplates: a ship whose work is to write files from a repository into buckets is refused the template bucket, unless its own section names the
// folders; then the bucket lets it write those alone.
func TestSyncOfTemplates(t *testing.T) {
	t.Parallel()
	section := "SyncShip:\n  Enabled: true\n  TemplatePrefix: Sync/\n  InvocationQueueUrl: auto\n  InvocationSources: [S3]\n  Deployment: "
	sync, err := starfleet.BaseManifest("SyncShip", starfleet.SingleInvocation)
	if err != nil {
		t.Fatal(err)
	}
	sync.Permissions = starfleet.Permissions{Read: []string{"s3:ListBucket"}, Write: []string{"s3:DeleteObject", "s3:PutObject"}}
	build := func(deployment string) (*deploy.Fleet, error) {
		cfg := configured(t, least+section+deployment+"\n")
		cfg.Manifests = append(cfg.Manifests, sync)
		return deploy.New(cfg)
	}
	if _, err := build("{Buckets: [templates]}"); err == nil || !strings.Contains(err.Error(), "SyncShip.Deployment.Buckets: the ship works in the template bucket") {
		t.Errorf("the template bucket: %v", err)
	}
	if _, err := build("{}"); err == nil || !strings.Contains(err.Error(), "has actions of S3, and the ship has no Buckets") {
		t.Errorf("no bucket: %v", err)
	}
	if _, err := build("{Buckets: [state]}"); err == nil || !strings.Contains(err.Error(), "SyncShip.Deployment.Buckets: the ship works in the bucket of the state") {
		t.Errorf("the state's bucket: %v", err)
	}
	f, err := build("{Buckets: [mirror], PublishesTemplates: [My/]}")
	if err != nil {
		t.Fatal(err)
	}
	x := rendered(t, f, deploy.SAM, "template.yaml")
	writers := texts(at(bySid(x.of(t, "TemplateBucketPolicy")["PolicyDocument"], "PublishersOnly1"), "Condition", "ArnNotEquals", "aws:PrincipalArn"))
	if len(writers) != 2 || !strings.HasSuffix(writers[1], ":role/starfleet-sync-function") {
		t.Errorf("writers of My/: %v", writers)
	}
	publish := bySid(at(x.of(t, "SyncShipRole"), "Policies", 0, "PolicyDocument"), "Publish")
	if got := texts(publish["Resource"]); len(got) != 1 || got[0] != "arn:${AWS::Partition}:s3:::templates/My/*" {
		t.Errorf("the ship may write %v", got)
	}
}

// TestRolesOfShips: who publishes or operates is no ship by whatever role it has, assumes, may choose, or passes through: by name with the path, in any
// account that it may be of.
func TestRolesOfShips(t *testing.T) {
	t.Parallel()
	const section = "  AllowedRoles: [\"arn:{partition}:iam::{account}:role/fleet/own-{account}\"]\n  WorkerRoleChain: [\"arn:aws:iam::210987654321:role/hub\"]\n"
	for role, refused := range map[string]bool{
		"123456789012:role/starfleet-my-function":       true,
		"123456789012:role/fleet/own-123456789012":      true,
		"210987654321:role/hub":                         true,
		"123456789012:role/Worker":                      true,
		"123456789012:role/hub":                         false,
		"123456789012:role/fleet/worker":                false,
		"123456789012:role/fleet/own-210987654321":      false,
		"123456789012:role/team/starfleet-my-function":  false,
		"123456789012:role/other-starfleet-my-function": false,
	} {
		for _, key := range []string{"TemplatePublishers", "IndexPublishers", "OperatorRoles"} {
			text := with(t, least, "    TemplatePublishers", "    "+key+": [\"arn:aws:iam::"+role+"\"]\n    TemplatePublishers")
			if key == "TemplatePublishers" {
				text = with(t, least, "123456789012:role/publisher", role)
			}
			if _, err := deploy.New(configured(t, text+section)); (err != nil) != refused {
				t.Errorf("%s has %s: %v", key, role, err)
			}
		}
	}
	published := with(t, least, "role/publisher", "role/worker") + "  Deployment: {PublishesTemplates: [My/]}\n"
	if _, err := deploy.New(configured(t, published)); err != nil {
		t.Errorf("the ship's section says that it publishes: %v", err)
	}
}

// TestNames: what would have the name of something else is refused.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"StarbaseShip": "would be called starfleet-starbase, which is the fleet's own",
		"M-YShip":      "",
		"My":           "is also My",
		"My-Ship":      "two resources would have the id MyShip",
	} {
		text := least + strings.Replace(other, "OtherShip:", name+":", 1)
		if name == "My-Ship" {
			text = strings.Replace(text, "Other/\n  InvocationQueueUrl: auto", "Other/\n  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/123456789012/q", 1)
		}
		_, err := deploy.New(configured(t, text, name))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

// TestNil: a fleet without a configuration is an error.
func TestNil(t *testing.T) {
	t.Parallel()
	if _, err := deploy.New(deploy.Config{}); err == nil {
		t.Error("New takes no configuration")
	}
	if _, err := deploy.Check(deploy.Config{}); err == nil {
		t.Error("Check takes no configuration")
	}
	f := fleetOf(t, fleets["examples"])
	if _, err := f.Render("pulumi"); err == nil || !strings.Contains(err.Error(), `no format "pulumi"`) {
		t.Errorf("got %v", err)
	}
}

// TestQueuesOfOneAccount: all queues are made in the account of the deployment, so that their URLs cannot name two.
func TestQueuesOfOneAccount(t *testing.T) {
	t.Parallel()
	text := with(t, least, "FanOutQueueUrl: auto", "FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/123456789012/fan-out")
	text = with(t, text, "My/\n  InvocationQueueUrl: auto", "My/\n  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/210987654321/my")
	_, err := deploy.New(configured(t, text))
	if err == nil || !strings.HasPrefix(err.Error(), "fleet.yaml:17:23: MyShip.InvocationQueueUrl: the queue is in account 210987654321, others in 123456789012") {
		t.Errorf("got %v", err)
	}
}

// TestSizes: what AWS would not take of the roles in other accounts for its length.
func TestSizes(t *testing.T) {
	t.Parallel()
	build := func(ships, actions int, section string) error {
		text, names := least, []string{}
		for i := range ships {
			name := fmt.Sprintf("Ship%c", 'A'+i)
			names = append(names, name)
			text += strings.NewReplacer("OtherShip", name, "Other/", name+"/", "WorkerRoleToAssume: w", fmt.Sprintf(section, i)).Replace(other)
		}
		cfg := configured(t, text, names...)
		for i := range cfg.Manifests {
			for n := range actions {
				cfg.Manifests[i].Permissions.Read = append(cfg.Manifests[i].Permissions.Read, fmt.Sprintf("iam:ListSomethingOfThatKind%03d", n))
			}
		}
		_, err := deploy.New(cfg)
		return err
	}
	const own, shared = "WorkerRoleToAssume: role-%d", "WorkerRoleToAssume: worker\n  WorkerRoleExternalId: external-id-of-%d"
	if err := build(2, 250, own); err != nil {
		t.Errorf("three ships: %v", err)
	}
	if err := build(4, 250, own); err == nil || !strings.Contains(err.Error(), "bytes, and a StackSet takes 51200") {
		t.Errorf("five ships: %v", err)
	}
	if err := build(3, 0, shared); err != nil {
		t.Errorf("a role of four ships: %v", err)
	}
	if err := build(9, 0, shared); err == nil || !strings.Contains(err.Error(), "the trust policy of RoleWorker has") {
		t.Errorf("a role of ten ships: %v", err)
	}
	if err := build(9, 0, "WorkerRoleToAssume: worker # %d"); err != nil { // they are in one statement
		t.Errorf("a role of ten ships that differ in nothing: %v", err)
	}
}

// TestRoleOfAPythonShip: a ship that shares it is warned of, as the role is there already.
func TestRoleOfAPythonShip(t *testing.T) {
	t.Parallel()
	for role, warned := range map[string]bool{"worker": true, "w": false} {
		cfg := configured(t, least+strings.Replace(other, "WorkerRoleToAssume: w", "WorkerRoleToAssume: "+role, 1), "OtherShip")
		cfg.Manifests[1].Runtime = starfleet.RuntimePython
		findings, err := deploy.Check(cfg)
		if err != nil || (len(findings) == 1) != warned {
			t.Errorf("%s: %v, %v", role, findings, err)
		}
		for _, finding := range findings {
			if said := finding.Error(); !finding.Warning || !strings.Contains(said, "the role worker is there already where MyShip works") {
				t.Errorf("found %s", said)
			}
		}
	}
}

// TestPythonShips: they get a queue alone, so that what would have no effect is refused.
func TestPythonShips(t *testing.T) {
	t.Parallel()
	for deployment, refused := range map[string]bool{"{}": false, "{Commit: true}": true, "{Fargate: {Image: i}}": true, "{Buckets: [index-bucket]}": true, "{PublishesTemplates: [My/]}": true} {
		cfg := configured(t, least+"  Deployment: "+deployment+"\n")
		cfg.Manifests[0].Runtime = starfleet.RuntimePython
		f, err := deploy.New(cfg)
		if (err != nil) != refused {
			t.Errorf("%s: %v", deployment, err)
		}
		if err == nil && len(f.Artefacts()) != 1 {
			t.Errorf("%s: artefacts %v", deployment, f.Artefacts())
		}
		if err == nil { // no template without a resource, which CloudFormation refuses
			if files, err := f.Render(deploy.SAM); err != nil || len(files) != 1 {
				t.Errorf("%d files are rendered, though no ship gets a role: %v", len(files), err)
			}
		}
	}
}
