package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/accountalias"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
	"github.com/starfleet-go/starfleet/local"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

var update = flag.Bool("update", false, "write the manifests of the linked ships")

// generated is when the index was made, and when the fleet of the tests begins.
var generated = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func loadConfiguration(t *testing.T) *config.Configuration {
	t.Helper()
	configuration, err := config.Open("config")
	if err != nil {
		t.Fatal(err)
	}
	return configuration
}

func loadFleet(t *testing.T) *starbase.Fleet {
	t.Helper()
	fleet, err := newFleet(os.DirFS("config/manifests"))
	if err != nil {
		t.Fatal(err)
	}
	return fleet
}

// index is a small organization of the configuration's id.
func index(t *testing.T) *accountindex.Index {
	t.Helper()
	root := accountindex.Parent{ID: "r-a1b2", Name: "ROOT", Type: "ROOT"}
	unit := func(name string) accountindex.Parent {
		return accountindex.Parent{ID: "ou-a1b2-0000000" + name, Name: name, Type: "ORGANIZATIONAL_UNIT"}
	}
	account := func(id, name string, tags map[string]string, parents ...accountindex.Parent) accountindex.Account {
		if tags == nil {
			tags = map[string]string{}
		}
		return accountindex.Account{
			ID: id, Name: name, ARN: "arn:aws:organizations::000000000001:account/o-a1b2c3d4e5/" + id, Email: name + "@example.com",
			State: accountindex.Active, Parents: append(parents, root), Regions: []string{"eu-west-1", "us-east-1"}, Tags: tags,
		}
	}
	workloads, sandbox := unit("Workloads"), unit("Sandbox")
	closed := account("000000000007", "closed", nil, workloads)
	closed.State = accountindex.Suspended
	x, err := accountindex.New([]accountindex.Account{
		account("000000000001", "management", nil),
		account("000000000002", "payments", nil, workloads),
		account("000000000003", "checkout", nil, unit("Prod"), workloads),
		account("000000000004", "archive", map[string]string{"log-retention": "exempt"}, workloads),
		account("000000000005", "vault", map[string]string{"starfleet": "never-touch"}, workloads),
		account("000000000006", "play", nil, sandbox),
		closed,
		account("111122223333", "fleet", nil, workloads),
	}, nil, generated, accountindex.LoadOptions{Organizations: []string{"o-a1b2c3d4e5"}})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestManifestsAreCurrent holds the manifests beside the configuration, which the command line reads, against the linked ships.
// Write them anew with -update.
func TestManifestsAreCurrent(t *testing.T) {
	t.Parallel()
	aliases, err := starfleet.ManifestOf(accountalias.New(nil))
	if err != nil {
		t.Fatal(err)
	}
	logs, err := starfleet.ManifestOf(loggroupretention.New(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []starfleet.Manifest{aliases, logs} {
		want, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("config", "manifests", m.Name+".json")
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the ship's command `manifest` prints; go test -update writes it (-want +got):\n%s", file, diff)
		}
	}
}

// TestConfiguration: every ship of the fleet has a section without a fault, and every section belongs to a ship.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	configuration, fleet := loadConfiguration(t), loadFleet(t)
	want := []string{"AccountAliasShip", "AccountIndexGeneratorShip", "LogGroupRetentionShip"}
	if diff := cmp.Diff(want, fleet.Names()); diff != "" {
		t.Errorf("ships (-want +got):\n%s", diff)
	}
	for _, name := range fleet.Names() {
		if _, err := configuration.Ship(name); err != nil {
			t.Error(err)
		}
	}
	for _, section := range configuration.Unclaimed(fleet.Names()) {
		t.Error(section)
	}
	if _, err := newIndex(aws.Config{Region: "us-east-1", Credentials: aws.AnonymousCredentials{}}, configuration, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}

// TestTemplates checks each template as the Starbase does, that editors find its schema, and plans it.
func TestTemplates(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"AccountAlias/all.yaml": {"000000000002", "000000000003", "000000000004"},
		"LogGroupRetention/workloads.yaml": {
			"000000000002/eu-west-1", "000000000002/us-east-1", "000000000003/eu-west-1", "000000000003/us-east-1",
		},
	}
	got := map[string][]string{}
	configuration, fleet, x := loadConfiguration(t), loadFleet(t), index(t)
	for key, data := range templates(t) {
		checkModeline(t, key, data)
		owners := owners(t, configuration, fleet, key)
		if len(owners) != 1 {
			t.Fatalf("template %s belongs to %d ships", key, len(owners))
		}
		template, err := fleet.ParseTemplate(owners[0].Name, key, data)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := starbase.Prepare(t.Context(), starbase.Order{
			Template: template, Index: x, Fleet: configuration.Fleet, Ship: owners[0],
			ScopeToRegions: configuration.Starfleet.ScopeToRegions, Now: func() time.Time { return generated },
		})
		if err != nil {
			t.Fatal(err)
		}
		for target := range plan.Resolution().All() {
			got[key] = append(got[key], strings.TrimSuffix(target.AccountID+"/"+target.Region, "/"))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

// templates are the files of the folder templates, by key.
func templates(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS("templates"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join("templates", path))
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates, error %v", len(files), err)
	}
	return files
}

// checkModeline: the first line names a schema that exists.
func checkModeline(t *testing.T, key string, data []byte) {
	t.Helper()
	line, _, _ := strings.Cut(string(data), "\n")
	reference := strings.TrimPrefix(line, schema.Modeline(""))
	if _, err := os.Stat(filepath.Join("templates", filepath.Dir(key), reference)); err != nil || reference == line {
		t.Errorf("template %s does not begin with the line by which editors find its schema: %q", key, line)
	}
}

func owners(t *testing.T, configuration *config.Configuration, fleet *starbase.Fleet, key string) []*config.Ship {
	t.Helper()
	var ships []*config.Ship
	for _, name := range fleet.Names() {
		ship, err := configuration.Ship(name)
		if err != nil {
			t.Fatal(err)
		}
		ships = append(ships, ship)
	}
	return config.Owners(ships, key)
}

// TestTheWholeInOneProcess runs Starbase and ships as they are deployed, in dry run, over accounts that lack everything.
func TestTheWholeInOneProcess(t *testing.T) {
	t.Parallel()
	fleet, err := local.New(local.Config{
		Configuration: loadConfiguration(t), Templates: os.DirFS("templates"), Index: accountindex.Static{X: index(t)}, Start: generated,
	})
	if err != nil {
		t.Fatal(err)
	}
	cloud := starfleet.WithAWSConfig(func(_ context.Context, to starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: to.Region}, nil
	})
	if err := errors.Join(
		local.Add(fleet, loggroupretention.New(func(aws.Config) loggroupretention.Client { return emptyLogs{} }), cloud),
		local.Add(fleet, accountalias.New(func(aws.Config) accountalias.Client { return emptyIAM{} }), cloud),
	); err != nil {
		t.Fatal(err)
	}
	report, err := fleet.Run(t.Context(), local.Timer(config.Daily), local.Changed("AccountAlias/all.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Errorf("not everything was done: %+v", report.DeadLetters)
	}
	got := map[string]int{}
	for _, run := range report.Runs {
		got[run.Ship] = run.Count(starfleet.OutcomeChanged)
	}
	if diff := cmp.Diff(map[string]int{"LogGroupRetentionShip": 4, "AccountAliasShip": 3}, got); diff != "" {
		t.Errorf("tasks with changes, by ship (-want +got):\n%s", diff)
	}
}

// An account with one log group without a retention, and no alias. A write would be a panic.
type (
	emptyLogs struct{ loggroupretention.Client }
	emptyIAM  struct{ accountalias.Client }
)

func (emptyLogs) DescribeLogGroups(context.Context, *cloudwatchlogs.DescribeLogGroupsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	return &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: []types.LogGroup{{LogGroupName: aws.String("/app")}}}, nil
}

func (emptyIAM) ListAccountAliases(context.Context, *iam.ListAccountAliasesInput, ...func(*iam.Options)) (*iam.ListAccountAliasesOutput, error) {
	return &iam.ListAccountAliasesOutput{}, nil
}

// TestNewStarbase wires the Starbase and gives it an event that leads to no call.
func TestNewStarbase(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}}
	base, err := newStarbase(t.Context(), cfg, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	const event = `{"Records":[{"messageId":"m","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:111122223333:starbase-fan-out",` +
		`"body":"{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"starfleet-templates-111122223333\"}"}]}`
	answer, err := base.Invoke(t.Context(), []byte(event))
	if err != nil || string(answer) != `{"batchItemFailures":[]}` {
		t.Errorf("got %s, error %v", answer, err)
	}
	if _, err := base.Invoke(t.Context(), []byte(`{"hello":"world"}`)); err == nil {
		t.Error("an event of unknown shape was taken")
	}
}

func TestManifestsAtFault(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("config/manifests/AccountIndexGeneratorShip.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"not a manifest": {fstest.MapFS{"a.json": {Data: []byte(`{}`)}}, "manifests/a.json"},
		"one ship in two manifests": {
			fstest.MapFS{"a.json": {Data: good}, "b.json": {Data: good}}, "AccountIndexGeneratorShip is in the fleet already",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newFleet(test.files); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %s", err, test.want)
			}
		})
	}
}

// TestPythonTemplate: the ship that is known by its manifest alone takes the template of the Python Starfleet, with keys that the manifest
// does not list.
func TestPythonTemplate(t *testing.T) {
	t.Parallel()
	const text = "TemplateName: T\nTemplateDescription: D\nAccountInventoryBucket: bucket\nInventoryBucketRegion: us-east-2\nSomethingNewer: true\n"
	template, err := loadFleet(t).ParseTemplate("AccountIndexGeneratorShip", "t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if template.Strategy() != starfleet.SingleInvocation || !slices.Contains(loadFleet(t).Names(), template.Ship()) {
		t.Errorf("ship %s, strategy %s", template.Ship(), template.Strategy())
	}
}

// TestNewAlerter: SlackEnabled decides, and nothing is asked for before there is something to tell.
func TestNewAlerter(t *testing.T) {
	t.Parallel()
	const text = "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: b\n  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/1/q\n" +
		"  SecretsManager: {SecretId: fleet, SecretRegion: us-east-1}\n  SlackEnabled: "
	for value, want := range map[string]bool{"true": true, "false": false} {
		c, err := config.Load(fstest.MapFS{"fleet.yaml": {Data: []byte(text + value)}})
		if err != nil {
			t.Fatal(err)
		}
		alerter, err := newAlerter(c)
		if _, slack := alerter.(*slackalert.Slack); err != nil || slack != want {
			t.Errorf("SlackEnabled %s: %T, error %v", value, alerter, err)
		}
	}
}
