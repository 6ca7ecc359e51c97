package awsconfig_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write schema.json")

// handler is the ship as Run would serve it, without an environment.
func handler(t testing.TB, options ...starfleet.Option) *starfleet.Handler {
	t.Helper()
	options = append([]starfleet.Option{starfleet.WithEnvironment(func(string) (string, bool) { return "", false })}, options...)
	h, err := starfleet.NewHandler(awsconfig.New(nil), options...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSchemaIsCurrent holds schema.json, which editors read, against the payload type. Write it anew with -update.
func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := handler(t).Manifest().Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.json is not that of the payload type; go test -update writes it (-want +got):\n%s", diff)
	}
}

// parse reads a template as a Starbase does: by its schema, and by the payload's own check.
func parse(t testing.TB, file, text string) (*starfleet.Template, error) {
	t.Helper()
	made, err := handlers()
	if err != nil {
		t.Fatal(err)
	}
	h := made[[2]bool{}]
	template, err := starfleet.ParseTemplate(h.Manifest(), file, []byte(text))
	if err == nil {
		err = h.CheckPayload(template.Document())
	}
	return template, err
}

func TestTemplateIsValid(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), schema.Modeline("schema.json")+"\n") {
		t.Error("template.yaml does not begin with the line by which editors find its schema")
	}
	template, err := parse(t, "template.yaml", string(data))
	if err != nil {
		t.Fatal(err)
	}
	if template.Strategy() != starfleet.PerAccountRegion {
		t.Errorf("strategy %s", template.Strategy())
	}
}

// TestSamples: a template and the section as deployments of the Python Starfleet have them.
func TestSamples(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/aws_config_template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template, err := parse(t, "aws_config.yaml", string(data))
	if err != nil {
		t.Fatal(err)
	}
	var p awsconfig.Payload
	if err := template.Document().Decode(&p); err != nil {
		t.Fatal(err)
	}
	first := p.AccountOverrideConfigurations[0]
	if first.DeliveryChannelDetails.SnsTopicArn != "arn:aws:sns:us-west-1:000000000001:topic/sometopic" || first.RetentionPeriodInDays != 30 ||
		len(p.AccountOverrideConfigurations[1].RecorderConfiguration.RecordingGroup.RecordSpecificResources) != 2 ||
		!p.DefaultConfiguration.RecorderConfiguration.RecordingEnabled {
		t.Errorf("read as %+v", p)
	}
	if section := sampleConfiguration(t, "").section; section.WorkerRoleToAssume != "starfleet-worker-basic-test-role" || len(section.OwnKeys) > 0 {
		t.Errorf("section %+v", section)
	}
}

type loadedConfiguration struct {
	*config.Configuration
	section *config.Ship
}

// sampleConfiguration is the sample's section, with more keys of the section where there are some.
func sampleConfiguration(t *testing.T, more string) loadedConfiguration {
	t.Helper()
	section, err := os.ReadFile("testdata/aws_config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(fstest.MapFS{"ship.yaml": {Data: append(section, more...)}, "base.yaml": {Data: []byte(
		"STARFLEET:\n  DeploymentRegion: us-east-2\n  TemplateBucket: template-bucket\n  FanOutQueueUrl: https://sqs.amazonaws.com/fanout-queue\n")}})
	if err != nil {
		t.Fatal(err)
	}
	ship, err := c.Ship(awsconfig.Name)
	if err != nil {
		t.Fatal(err)
	}
	return loadedConfiguration{c, ship}
}

const (
	head = "TemplateName: T\nTemplateDescription: D\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [ALL]\n"
	body = `  DeliveryChannelDetails: {BucketName: the-bucket, S3DeliveryFrequency: One_Hour}
  RecorderConfiguration:
    ConfigRoleName: path/Role
    RecordingGroup: {RecordEverything: {RecordGlobalsInTheseRegions: []}}
  RetentionPeriodInDays: 30
`
	good     = head + "DefaultConfiguration:\n" + body
	override = good + "AccountOverrideConfigurations:\n- IncludeAccounts: {ByIds: ['111122223333']}\n  IncludeRegions: [us-west-1]\n" + body
)

func TestTemplateForms(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"the least": good,
		"null where there is none": strings.Replace(good, "BucketName: the-bucket", "BucketName: the-bucket, BucketKeyPrefix: null, S3KmsKeyArn: null, SnsTopicArn: null",
			1),
		"globals everywhere": strings.Replace(good, "Regions: []", "Regions: [ALL]", 1),
		"globals nowhere":    strings.Replace(good, "Regions: []", "Regions: [NONE, NONE]", 1),
		"an override":        override,
		"no overrides":       good + "AccountOverrideConfigurations: []\n",
		"another partition":  strings.Replace(override, "[us-west-1]", "[cn-north-1, us-gov-west-1]", 1),
		"a key of another partition": strings.Replace(good, "BucketName: the-bucket",
			"BucketName: the-bucket, S3KmsKeyArn: 'arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1'", 1),
	} {
		if _, err := parse(t, "t.yaml", text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	swap := func(text, old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the text has no %q", old)
		}
		i := strings.LastIndex(text, old) // of an override, where there is one
		return text[:i] + with + text[i+len(old):]
	}
	const group = "RecordingGroup: {RecordEverything: {RecordGlobalsInTheseRegions: []}}"
	tests := map[string]struct{ text, want string }{
		"no default":              {head, "DefaultConfiguration"},
		"no channel":              {swap(good, "  DeliveryChannelDetails: {BucketName: the-bucket, S3DeliveryFrequency: One_Hour}\n", ""), "DeliveryChannelDetails"},
		"a frequency":             {swap(good, "One_Hour", "Hourly"), "S3DeliveryFrequency"},
		"a bucket's URL":          {swap(good, "the-bucket", "s3://the-bucket/x"), "BucketName"},
		"too few days":            {swap(good, "Days: 30", "Days: 29"), "RetentionPeriodInDays"},
		"too many days":           {swap(good, "Days: 30", "Days: 2558"), "RetentionPeriodInDays"},
		"half a day":              {swap(good, "Days: 30", "Days: 30.5"), "RetentionPeriodInDays"},
		"a role's ARN":            {swap(good, "path/Role", "arn:aws:iam::999999999999:role/Admin"), "ConfigRoleName"},
		"a role's leading slash":  {swap(good, "path/Role", "/Role"), "ConfigRoleName"},
		"a line break in a role":  {swap(good, "path/Role", `"Role\nX"`), "ConfigRoleName"},
		"a topic that is none":    {swap(good, "BucketName: the-bucket", "BucketName: the-bucket, SnsTopicArn: topic"), "SnsTopicArn"},
		"a key that is a topic":   {swap(good, "BucketName: the-bucket", "BucketName: the-bucket, S3KmsKeyArn: 'arn:aws:sns:x'"), "S3KmsKeyArn"},
		"an empty name":           {swap(good, "BucketName: the-bucket", "BucketName: the-bucket, PreferredName: ''"), "PreferredName"},
		"the documented misnomer": {swap(good, "RetentionPeriodInDays", "RetentionConfigInDays"), "RetentionPeriodInDays"},
		"no group":                {swap(good, group, "RecordingGroup: {}"), "0 of RecordEverything"},
		"two groups": {
			swap(good, group, "RecordingGroup: {RecordEverything: {RecordGlobalsInTheseRegions: []}, RecordSpecificResources: ['AWS::S3::Bucket']}"), "2 of RecordEverything",
		},
		"an empty list of types":  {swap(good, group, "RecordingGroup: {RecordSpecificResources: []}"), "RecordSpecificResources"},
		"a type that is none":     {swap(good, group, "RecordingGroup: {RecordEverythingExcept: [S3]}"), "RecordEverythingExcept"},
		"no regions for globals":  {swap(good, group, "RecordingGroup: {RecordEverything: {}}"), "RecordGlobalsInTheseRegions"},
		"ALL and a region":        {swap(good, "Regions: []", "Regions: [ALL, us-east-1]"), "ALL stands alone"},
		"NONE and ALL":            {swap(good, "Regions: []", "Regions: [NONE, ALL]"), "NONE stands alone"},
		"all":                     {swap(good, "Regions: []", "Regions: [all]"), `"all" is no region name`},
		"an unknown key":          {good + "Recorders: 1\n", "Recorders"},
		"an unknown key below":    {swap(good, "ConfigRoleName", "RoleName: x\n    ConfigRoleName"), "RoleName"},
		"an override of the root": {override + "  OperateInOrgRoot: true\n", "OperateInOrgRoot"},
		"an override of nobody":   {swap(override, "{ByIds: ['111122223333']}", "{}"), "AccountOverrideConfigurations[0].IncludeAccounts selects no account"},
		"an override of all and one": {
			swap(override, "{ByIds: ['111122223333']}", "{AllAccounts: true, ByIds: ['111122223333']}"), "cannot stand beside AllAccounts",
		},
		"an override's expression": {swap(override, "{ByIds: ['111122223333']}", "{ByExpression: 'nme == 1'}"), "AccountOverrideConfigurations[0].IncludeAccounts.ByExpression"},
		"an override's OU name": {
			swap(override, "{ByIds: ['111122223333']}", "{ByOrgUnits: [x, "+strings.Repeat("n", 129)+"]}"), "AccountOverrideConfigurations[0].IncludeAccounts.ByOrgUnits[1] has 129",
		},
		"an override's OU id": {
			swap(override, "[us-west-1]\n", "[us-west-1]\n  ExcludeAccounts: {ByOrgUnits: [ou-"+strings.Repeat("1", 66)+"]}\n"), "AccountOverrideConfigurations[0].ExcludeAccounts.ByOrgUnits[0] has 69",
		},
		"an unquoted id":           {swap(override, "'111122223333'", "111122223333"), "quote the account id"},
		"an override of no region": {swap(override, "[us-west-1]", "[]"), "IncludeRegions"},
		"an override of ALL and a region": {
			swap(override, "[us-west-1]", "[ALL, us-west-1]"), "AccountOverrideConfigurations[0].IncludeRegions[0]: ALL stands alone",
		},
		"an override without ALL":  {swap(override, "[us-west-1]", "[us-west-1]\n  ExcludeRegions: [ALL]"), `"ALL" is no region name`},
		"an override's own faults": {swap(override, group, "RecordingGroup: {}"), "AccountOverrideConfigurations[0].RecorderConfiguration.RecordingGroup: 0 of"},
		"a merge that is none":     {swap(override, "  RetentionPeriodInDays: 30\n", ""), "AccountOverrideConfigurations[0].RetentionPeriodInDays"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(t, "t.yaml", test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to name %s", err, test.want)
			}
		})
	}
}
