//go:build peers

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/s3templates"
	templates "github.com/starfleet-go/starfleet/deploy"
)

// retentionShip is what an update adds to the example fleet: the ship of the README.
const retentionShip = `Retention:
  Enabled: true
  TemplatePrefix: Retention/
  InvocationQueueUrl: auto
  InvocationSources: [S3]
  WorkerRoleToAssume: starfleet-retention
`

const retentionTemplate = `TemplateName: audit-trail-90
TemplateDescription: Keep the audit trail's log group for 90 days
IncludeAccounts:
  ByNames: [payments]
IncludeRegions: [us-east-1]
LogGroup: /audit/trail
Days: 90
`

// mains are the programs of the artefacts.
var mains = map[string]string{
	"starbase": starbaseMain, "log-group-retention": shipMain, "account-alias": aliasMain, "retention": firstMain,
}

// TestDeployFleet: the example fleet, rendered as SAM, expanded and linted, becomes a stack that works: a template that is put in its bucket is
// done by the ship's function, in a dry run; a poisoned task is in the dead-letter queue with its error; an update adds a ship and lets
// the other write; and no function calls anything that its role does not have.
func TestDeployFleet(t *testing.T) {
	d, client := exampleDeployment(t)
	recorders := map[string]*recorder{}
	folder := copyExample(t)

	stack := folder.expand(t, home, "v1")
	stack.point(t, recorders)
	d.createArtefacts(t)
	d.uploadArtefacts(t, folder, "v1", mains, recorders)
	d.apply(t, client, stack, true)
	d.put(t, d.files, "accountIndex.json", d.index(t))
	for _, place := range d.everywhere() {
		createLogGroup(t, place, "/app")
		createLogGroup(t, place, "/audit/trail")
	}

	d.put(t, d.templates, templateKey, []byte(template))
	d.waitForWork(t, "S3-workloads-")
	d.checkWork(t, "S3-workloads-", starfleet.OutcomeChanged, false)
	elsewhere := slices.DeleteFunc(d.everywhere(), func(place target) bool { return place.account == home }) // whose own logs expire
	if got := retentions(t, elsewhere); len(got) > 0 {
		t.Errorf("retentions after a dry run: %v", got)
	}
	d.poison(t)

	d.grow(t, client, folder, recorders)
	for name, r := range recorders {
		checkRecorded(t, stack, name, r)
	}
}

// exampleDeployment is the example fleet in its account.
func exampleDeployment(t *testing.T) (*deployment, *cloudformation.Client) {
	t.Helper()
	o := newOrganization()
	o.fleet = home
	cfg := awsConfig(t, home, region)
	d := &deployment{
		organization: o, s3: s3templates.NewClient(cfg, ""), sqs: sqs.NewFromConfig(cfg), lambda: lambda.NewFromConfig(cfg),
		logs: cloudwatchlogs.NewFromConfig(cfg), templates: "starfleet-templates-" + home, files: "starfleet-account-index-" + home,
		starbase: "starfleet-starbase", ship: "starfleet-log-group-retention",
	}
	t.Cleanup(func() { d.printLogs(t) })
	d.fanOut, d.tasks = d.queueOf(t, "starbase-fan-out"), d.queueOf(t, "starfleet-log-group-retention")
	return d, cloudformation.NewFromConfig(cfg)
}

func (d *deployment) queueOf(t *testing.T, name string) queuePair {
	t.Helper()
	at := endpoint(t) + "/" + home + "/" + name
	return queuePair{url: at, arn: d.arn(name), deadLetters: at + "-dead-letters"}
}

// poison sends a task that can never be done.
func (d *deployment) poison(t *testing.T) {
	t.Helper()
	body := task(d.fleet, region, "")
	id := d.send(t, d.tasks.url, body)[0]
	d.checkDeadLetters(t, d.tasks, map[string]dead{
		id: {body, "RefusedError", "refused by Fleet.NeverTouch: account " + d.fleet + " is never touched"},
	})
}

// grow updates the stack: one more ship, and the other may write.
func (d *deployment) grow(t *testing.T, client *cloudformation.Client, folder stackFolder, recorders map[string]*recorder) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(folder.config, "retention.yaml"), []byte(retentionShip), 0o600))
	must(t, os.WriteFile(filepath.Join(folder.config, "manifests", "Retention.json"), output(t, firstMain, "manifest"), 0o600))
	file := filepath.Join(folder.config, "configuration.yaml")
	text, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, []byte(strings.Replace(string(text), "    MaxConcurrency: 50\n", "    MaxConcurrency: 50\n    Commit: true\n", 1)), 0o600))

	stack := folder.expand(t, home, "v2")
	stack.point(t, recorders)
	d.uploadArtefacts(t, folder, "v2", mains, recorders)
	d.apply(t, client, stack, false)
	for name := range recorders {
		d.settled(t, name)
	}
	d.put(t, d.templates, "LogGroupRetention/again.yaml", []byte(template))
	d.waitForWork(t, "S3-again-")
	d.checkWork(t, "S3-again-", starfleet.OutcomeChanged, true)
	d.put(t, d.templates, "Retention/trail.yaml", []byte(retentionTemplate))
	d.eventuallyLogged(t, d.starbase, func() error {
		for _, l := range d.lines(t, "starfleet-retention", loggedTask) {
			if l.Account == d.payments && l.Region == region && l.Outcome == starfleet.OutcomeChanged && !l.Commit {
				return nil
			}
		}
		d.nudge(t, "starfleet-retention")
		return fmt.Errorf("the new ship has not done its task")
	})
	d.noDeadLetters(t, d.fanOut)
	checkRecorded(t, stack, "starfleet-retention", recorders["starfleet-retention"])
}

// checkRecorded: a function called nothing that its role does not have, and neither did the roles that it assumed.
func checkRecorded(t *testing.T, stack stackTemplate, name string, r *recorder) {
	t.Helper()
	var granted []string
	for _, resource := range stack.Resources {
		if resource.Type == "AWS::IAM::Role" && resource.Properties["RoleName"] == name+"-function" {
			granted = actionsOf(resource.Properties)
		}
	}
	own, elsewhere := r.recorded()
	t.Logf("%s called %v, and in other accounts %v", name, own, elsewhere)
	for _, action := range own {
		if len(granted) > 0 && !slices.Contains(granted, action) {
			t.Errorf("%s called %s, which its role does not have: %v", name, action, granted)
		}
	}
	if name == "starfleet-log-group-retention" {
		if diff := cmp.Diff([]string{"logs:DescribeLogGroups", "logs:PutRetentionPolicy"}, elsewhere); diff != "" {
			t.Errorf("actions in other accounts (-manifest +recorded):\n%s", diff)
		}
	}
}

// actionsOf are the actions that a role's policies allow.
func actionsOf(properties map[string]any) []string {
	var actions []string
	for _, p := range properties["Policies"].([]any) {
		document := p.(map[string]any)["PolicyDocument"].(map[string]any)
		for _, s := range document["Statement"].([]any) {
			for _, action := range s.(map[string]any)["Action"].([]any) {
				actions = append(actions, action.(string))
			}
		}
	}
	return actions
}

// TestDeployLint: what is rendered as plain CloudFormation, and the roles of the other accounts, have no finding of cfn-lint, of either fleet. What SAM expands
// to is held against it where it is deployed.
func TestDeployLint(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{exampleConfig, "../../deploy/testdata/full"} {
		f := stackFolder{config: dir, out: t.TempDir()}
		lint(t, f.render(t, templates.CloudFormation)...)
	}
}

// unsupported are the kinds that ministack does not make; neither does it make alarms that compute. The tests of package deploy hold their properties against what they are to be, and
// cfn-lint against AWS's schemas.
var unsupported = []string{"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"}

// TestDeployEveryOption: the fleet with every option becomes a stack, but for what ministack does not make.
func TestDeployEveryOption(t *testing.T) {
	const account = "123456789012"
	cfg := awsConfig(t, account, region)
	d := &deployment{organization: newOrganization(), s3: s3templates.NewClient(cfg, "")}
	d.fleet = account
	f := stackFolder{config: "../../deploy/testdata/full", out: t.TempDir()}
	stack := f.expand(t, account, "full")
	kinds := stack.kinds()
	for _, kind := range unsupported {
		if !slices.Contains(kinds, kind) {
			t.Errorf("the fleet has no %s", kind)
		}
	}
	for id, r := range stack.Resources {
		if slices.Contains(unsupported, r.Type) || r.Properties["Metrics"] != nil {
			delete(stack.Resources, id)
		}
	}
	delete(stack.Resources["CatalogueShipScaleUpAlarm"].Properties, "AlarmActions") // a policy of scaling
	d.createArtefacts(t)
	for _, a := range f.fleet(t).Artefacts() {
		d.put(t, artefacts(account), "full/artifacts/"+a.Name+".zip", pack(t, starbaseMain, nil))
	}
	d.apply(t, cloudformation.NewFromConfig(cfg), stack, true)
}
