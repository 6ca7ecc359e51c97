package iamrole_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write schema.json")

// linked is the ship as Run would serve it, without an environment.
var linked = sync.OnceValues(func() (*starfleet.Handler, error) {
	ship, err := iamrole.New(iamrole.Config{})
	if err != nil {
		return nil, err
	}
	return starfleet.NewHandler(ship, starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
})

func handler(t testing.TB) *starfleet.Handler {
	t.Helper()
	h, err := linked()
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

func readFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// validated is what `validate` and the Starbase say of a template.
func validated(t testing.TB, file, text string) error {
	t.Helper()
	h := handler(t)
	template, err := starfleet.ParseTemplate(h.Manifest(), file, []byte(text))
	if err != nil {
		return err
	}
	return h.CheckPayload(template.Document())
}

func TestTemplateIsValid(t *testing.T) {
	t.Parallel()
	text := readFile(t, "template.yaml")
	if !strings.HasPrefix(text, schema.Modeline("schema.json")+"\n") {
		t.Error("template.yaml does not begin with the line by which editors find its schema")
	}
	if err := validated(t, "template.yaml", text); err != nil {
		t.Error(err)
	}
	if strategy := handler(t).Manifest().FanOut; strategy != starfleet.PerAccount {
		t.Errorf("strategy %s", strategy)
	}
}

// TestFilesOfTheOriginal: its template and its configuration load as they are.
func TestFilesOfTheOriginal(t *testing.T) {
	t.Parallel()
	if err := validated(t, "iam_role.yaml", readFile(t, "testdata/iam_role.yaml")); err != nil {
		t.Error(err)
	}
	if configuration := original(t, ""); !slices.Contains(configuration.Roles(), "starfleet-worker-basic-test-role") {
		t.Errorf("roles %v", configuration.Roles())
	}
}

// original is the configuration of the original's samples, and more.
func original(t testing.TB, more string) *config.Configuration {
	t.Helper()
	const starfleet = "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: templates\n  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/000000000000/fan-out\n"
	configuration, err := config.Load(fstest.MapFS{
		"starfleet.yaml": {Data: []byte(starfleet)}, "iam_role_worker.yaml": {Data: []byte(readFile(t, "testdata/iam_role_worker.yaml") + more)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return configuration
}

// base is a template that nothing is wrong with; the cases put something into it.
const base = `TemplateName: T
TemplateDescription: D
IncludeAccounts: {AllAccounts: true}
IambicVariables: [{Key: team, Value: blue}]
IambicRoleTemplate:
  properties:
    role_name: 'worker-{{var.team}}'
    assume_role_policy_document:
      statement: [{effect: Allow, action: 'sts:AssumeRole', principal: {service: ec2.amazonaws.com}}]
`

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	const policy = base + "    inline_policies:\n      - policy_name: p\n        statement: "
	tests := map[string]struct{ text, want string }{
		"no name":                    {strings.Replace(base, "role_name: 'worker-{{var.team}}'", "description: x", 1), "role_name"},
		"no trust policy":            {base[:strings.Index(base, "    assume_role")], "assume_role_policy_document"},
		"an unknown key":             {base + "    permission_boundary: {policy_arn: x}\n", "did you mean permissions_boundary?"},
		"a key of iambic's limits":   {base + "    tags: [{key: a, value: b, included_accounts: ['*']}]\n", "included_accounts: unknown key"},
		"limits of the whole":        {base + "  StarfleetIncludeAccounts: {AllAccounts: true}\n", "StarfleetIncludeAccounts: unknown key"},
		"iambic_managed":             {base + "  iambic_managed: enforced\n", "iambic_managed: unknown key"},
		"a version in a statement":   {policy + "[{effect: Allow, action: a, resource: '*', version: '2012-10-17'}]\n", "version: unknown key"},
		"a selection of nobody":      {base + "    tags: [{key: a, value: b, StarfleetIncludeAccounts: {}}]\n", "selects no account"},
		"a selection of null":        {base + "    tags: [{key: a, value: b, StarfleetIncludeAccounts: null}]\n", "StarfleetIncludeAccounts"},
		"a selection of no names":    {base + "    tags: [{key: a, value: b, StarfleetIncludeAccounts: {ByNames: []}}]\n", "selects no account"},
		"an exclusion of nobody":     {base + "    tags: [{key: a, value: b, StarfleetExcludeAccounts: {ByIds: []}}]\n", "excludes no account"},
		"all and some":               {base + "    tags: [{key: a, value: b, StarfleetIncludeAccounts: {AllAccounts: true, ByNames: [x]}}]\n", "beside another selector"},
		"all excluded":               {base + "    tags: [{key: a, value: b, StarfleetExcludeAccounts: {AllAccounts: true}}]\n", "AllAccounts"},
		"an unknown selector":        {base + "    tags: [{key: a, value: b, StarfleetIncludeAccounts: {ByName: [x]}}]\n", "did you mean ByNames?"},
		"an id that is none":         {base + "    tags: [{key: a, value: b, StarfleetIncludeAccounts: {ByIds: ['123']}}]\n", "no account id of 12 digits"},
		"an expression":              {base + "    tags: [{key: a, value: b, StarfleetExcludeAccounts: {ByExpression: 'nam == 1'}}]\n", "ByExpression"},
		"an effect":                  {policy + "[{effect: Permit, action: a, resource: '*'}]\n", "effect"},
		"no action":                  {policy + "[{effect: Allow, resource: '*'}]\n", "one of action and not_action"},
		"two actions":                {policy + "[{effect: Allow, action: a, not_action: b, resource: '*'}]\n", "one of action and not_action"},
		"no resource":                {policy + "[{effect: Allow, action: a}]\n", "one of resource and not_resource"},
		"a principal":                {policy + "[{effect: Allow, action: a, resource: '*', principal: '*'}]\n", "has no principal"},
		"a principal's kind":         {policy + "[{effect: Allow, action: a, resource: '*', principal: {AWS: x}}]\n", "did you mean aws?"},
		"a resource of trust":        {strings.Replace(base, "action:", "resource: '*', action:", 1), "has no resource"},
		"trust in nobody":            {strings.Replace(base, ", principal: {service: ec2.amazonaws.com}", "", 1), "one of principal and not_principal"},
		"a date of the past":         {base + "    tags: [{key: a, value: b, expires_at: in 3 days}]\n", `"in 3 days" is no time`},
		"an unquoted date":           {base + "    tags: [{key: a, value: b, expires_at: 2026-01-01}]\n", "expires_at"},
		"an unknown variable":        {base + "    description: '{{var.taem}}'\n", "did you mean team?"},
		"an unknown variable, far":   {base + "    description: '{{var.zzz}}'\n", "there is no variable zzz"},
		"a filter":                   {base + "    description: '{{var.team|upper}}'\n", "more than a variable"},
		"a bare name":                {base + "    description: '{{team}}'\n", "more than a variable"},
		"a statement of Jinja":       {base + "    description: '{% if x %}'\n", "tag of Jinja"},
		"a comment of Jinja":         {base + "    description: '{# x #}'\n", "tag of Jinja"},
		"no end":                     {base + "    description: '{{var.team'\n", "no }} after it"},
		"a variable in a condition":  {policy + "[{effect: Allow, action: a, resource: '*', condition: {StringEquals: {'{{var.no}}': x}}}]\n", "no variable no"},
		"a variable of the account":  {strings.Replace(base, "Key: team", "Key: account_id", 1), "a template cannot set it"},
		"a variable's name":          {strings.Replace(base, "Key: team", "Key: my-team", 1), "is no name"},
		"two variables of a name":    {strings.Replace(base, "[{Key: team", "[{Key: team, Value: x}, {Key: team", 1), "two variables team"},
		"nothing left of a variable": {strings.Replace(base, "Value: blue", "Value: '*/*'", 1), "nothing is used"},
		"a tag of AWS":               {base + "    tags: [{key: 'aws:x', value: b}]\n", "AWS keeps for itself"},
		"the ownership tag":          {base + "    tags: [{key: 'Starfleet:Ship', value: b}]\n", "ship's own tag"},
		"a path":                     {base + "    path: teams\n", "is no path"},
		"a session":                  {base + "    max_session_duration: 60\n", "max_session_duration"},
		"the type of the template":   {base + "  template_type: NOQ::AWS::IAM::Group\n", "template_type"},
		"a protected role":           {strings.Replace(base, "worker-{{var.team}}", "organizationaccountaccessrole", 1), "never touched"},
		"the path of a service":      {base + "    path: /aws-service-role/x.amazonaws.com/\n", "never touched"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := validated(t, "t.yaml", test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to name %s", err, test.want)
			}
		})
	}
}

// TestTemplateForms: what iambic lets people write in two ways.
func TestTemplateForms(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"the least":            base,
		"effects":              strings.Replace(base, "effect: Allow", "effect: allow", 1),
		"descriptions":         base + "    description: [{description: x, StarfleetIncludeAccounts: {ByNames: [a]}}, {description: y, StarfleetExcludeAccounts: {ByNames: [a]}}]\n",
		"sessions":             base + "    max_session_duration: [{max_session_duration: 7200}]\n",
		"paths":                base + "    path: [{file_path: '/{{var.team}}/'}]\n",
		"boundaries":           base + "    permissions_boundary: [{policy_arn: 'arn:aws:iam::aws:policy/x'}]\n",
		"a statement":          base + "    inline_policies: [{policy_name: p, statement: {effect: Deny, action: [a, b], resource: '*'}}]\n",
		"everyone":             strings.Replace(base, "{service: ec2.amazonaws.com}", "'*'", 1),
		"values":               base + "    inline_policies: [{policy_name: p, statement: {effect: Deny, action: a, resource: '*', condition: {Bool: {'aws:x': true}, NumericEquals: {'aws:y': [1, '2']}}}}]\n",
		"deleted":              base + "  deleted: true\n",
		"deleted in some":      base + "  deleted: [{deleted: true, StarfleetIncludeAccounts: {ByNames: [a]}}]\n",
		"what iambic has more": base + "  template_type: NOQ::AWS::IAM::Role\n  identifier: '{{not read}}'\n  owner: me\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := validated(t, "t.yaml", text); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNewClient drives the SDK's own client against a server on loopback: what is asked, and that a document arrives decoded.
func TestNewClient(t *testing.T) {
	t.Parallel()
	var form url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.PostForm
		_, _ = w.Write([]byte(`<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><RoleName>r</RoleName><Path>/</Path></Role></GetRoleResult></GetRoleResponse>`))
	}))
	defer server.Close()
	client := iamrole.NewClient(aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
	out, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("r")})
	if err != nil {
		t.Fatal(err)
	}
	if form.Get("Action") != "GetRole" || form.Get("RoleName") != "r" || *out.Role.RoleName != "r" {
		t.Errorf("asked %v, got %+v", form, out.Role)
	}
}
