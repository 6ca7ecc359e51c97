package iamrole_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starfleettest"
)

const trustEC2 = `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// full has all that a role can have.
const full = base + `    description: For {{var.team}}
    max_session_duration: 7200
    path: /teams/
    permissions_boundary: {policy_arn: 'arn:aws:iam::{{var.account_id}}:policy/boundary'}
    managed_policies:
      - policy_arn: arn:aws:iam::aws:policy/ReadOnlyAccess
      - policy_arn: arn:aws:iam::aws:policy/SecurityAudit
    inline_policies:
      - policy_name: own-{{var.account_name}}
        version: '2012-10-17'
        statement:
          - {effect: deny, action: ['s3:Put*', 's3:Delete*'], resource: '*', condition: {Bool: {'aws:SecureTransport': false}}}
          - {effect: Allow, not_action: 'iam:*', not_resource: 'arn:aws:s3:::{{var.team}}/*', sid: Some}
    tags:
      - {key: owner, value: '{{var.team}}'}
`

func TestCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	result := w.settles(t, full)
	if diff := cmp.Diff([]string{"create role", "put inline policy", "attach managed policy", "attach managed policy", "put inline policy"}, whats(result)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	got := w.iam.roles["worker-blue"]
	if got == nil || got.path != "/teams/" || got.description != "For blue" || got.session != 7200 || got.boundary != "arn:aws:iam::000000000001:policy/boundary" {
		t.Fatalf("role %+v", got)
	}
	want := map[string]string{"owner": "blue", iamrole.OwnershipTag: iamrole.Name}
	if diff := cmp.Diff(want, got.tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if names := slices.Collect(maps.Keys(got.inline)); !slices.Equal(names, []string{"own-Account1"}) {
		t.Errorf("inline policies %v: the account's name is reduced to what IAM takes", names)
	}
	const document = `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Deny","Action":["s3:Put*","s3:Delete*"],"Resource":["*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}},` +
		`{"Sid":"Some","Effect":"Allow","NotAction":["iam:*"],"NotResource":["arn:aws:s3:::blue/*"]}]}`
	if diff := cmp.Diff(document, got.inline["own-Account1"]); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

// TestTemplateOfTheOriginal: its own sample, on its own index. The inline policy is for SomeNestedOU without Account 10.
func TestTemplateOfTheOriginal(t *testing.T) {
	t.Parallel()
	text := readFile(t, "testdata/iam_role.yaml")
	for account, inline := range map[string][]string{account1: nil, account10: nil, account11: {"SomePolicyIn-Account11"}} {
		w := newWorld(t)
		w.account = account
		w.settles(t, text)
		got := w.iam.roles["starfleetiambictesting"]
		if names := slices.Collect(maps.Keys(got.inline)); !slices.Equal(names, inline) {
			t.Errorf("account %s has the inline policies %v, want %v", account, names, inline)
		}
		if got.description != "Starfleet iambic test role with variable some_value" || got.tags["some_other_key"] != "some_other_value" {
			t.Errorf("role %+v", got)
		}
	}
}

// TestUpdate: each thing that drifted is put right, and nothing else is written.
func TestUpdate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		drift func(*storedRole)
		want  []string
	}{
		"the description": {func(r *storedRole) { r.description = "other" }, []string{"UpdateRole worker-blue"}},
		"the session":     {func(r *storedRole) { r.session = 3600 }, []string{"UpdateRole worker-blue"}},
		"the boundary":    {func(r *storedRole) { r.boundary = "" }, []string{"PutRolePermissionsBoundary worker-blue arn:aws:iam::000000000001:policy/boundary"}},
		"the trust policy": {
			func(r *storedRole) { r.trust = strings.Replace(r.trust, "ec2", "lambda", 1) }, []string{"UpdateAssumeRolePolicy worker-blue"},
		},
		"a tag more":         {func(r *storedRole) { r.tags["x"] = "y" }, []string{"UntagRole worker-blue"}},
		"a tag less":         {func(r *storedRole) { delete(r.tags, "owner") }, []string{"TagRole worker-blue"}},
		"another value":      {func(r *storedRole) { r.tags["owner"] = "red" }, []string{"TagRole worker-blue"}},
		"the ownership":      {func(r *storedRole) { delete(r.tags, iamrole.OwnershipTag) }, []string{"TagRole worker-blue"}},
		"a tag of AWS":       {func(r *storedRole) { r.tags["aws:cloudformation:stack-name"] = "x" }, nil},
		"a policy more":      {func(r *storedRole) { r.managed = append(r.managed, "arn:x") }, []string{"DetachRolePolicy worker-blue arn:x"}},
		"a policy less":      {func(r *storedRole) { r.managed = r.managed[1:] }, []string{"AttachRolePolicy worker-blue arn:aws:iam::aws:policy/ReadOnlyAccess"}},
		"an own policy more": {func(r *storedRole) { r.inline["x"] = trustEC2 }, []string{"DeleteRolePolicy worker-blue x"}},
		"an own policy less": {func(r *storedRole) { clear(r.inline) }, []string{"PutRolePolicy worker-blue own-Account1"}},
		"a statement": {
			func(r *storedRole) {
				r.inline["own-Account1"] = strings.Replace(r.inline["own-Account1"], "Deny", "Allow", 1)
			}, []string{"PutRolePolicy worker-blue own-Account1"},
		},
		"the version": {
			func(r *storedRole) {
				r.inline["own-Account1"] = strings.Replace(r.inline["own-Account1"], "2012", "2008", 1)
			}, []string{"PutRolePolicy worker-blue own-Account1"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if result := w.run(t, full, true); result.Err != nil {
				t.Fatal(result.Err)
			}
			test.drift(w.iam.roles["worker-blue"])
			w.iam.writes = nil
			w.settles(t, full)
			if diff := cmp.Diff(test.want, w.iam.writes); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSemanticComparison: documents that mean the same are the same.
func TestSemanticComparison(t *testing.T) {
	t.Parallel()
	const text = base + `    inline_policies:
      - policy_name: p
        statement:
          - {effect: Allow, action: [b, a, a], resource: ['*'], condition: {StringEquals: {k: [y, x]}, Bool: {z: 'true'}}}
          - {effect: Deny, action: c, resource: '*'}
`
	trust := `{"Statement":{"Action":["sts:AssumeRole"],"Principal":{"Service":["ec2.amazonaws.com"]},"Effect":"Allow","Sid":""}}`
	inline := ` { "Version" : "2008-10-17", "Statement" : [ {"Effect":"Deny","Resource":["*"],"Action":["c"]},
		{"Effect":"Allow","Resource":"*","Action":["a","b"],"Condition":{"Bool":{"z":true},"StringEquals":{"k":["x","y"]}}} ] }`
	w := newWorld(t, &storedRole{name: "worker-blue", trust: trust, inline: map[string]string{"p": inline}, tags: map[string]string{iamrole.OwnershipTag: iamrole.Name}})
	if result := w.run(t, text, true); result.Outcome != starfleet.OutcomeOK {
		t.Errorf("changed %v, error %v", result.Changes, result.Err)
	}
}

// TestAlerts: the right word, the difference, and one title for all accounts; nothing without commit (settles sees to that).
func TestAlerts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tell := func(text, title, body string, lines ...string) {
		t.Helper()
		result := w.settles(t, text)
		if len(result.Alerts) != 1 || result.Alerts[0].Priority != alert.Important || result.Alerts[0].Title != title ||
			!strings.HasPrefix(result.Alerts[0].Text, body) {
			t.Fatalf("alerts %+v", result.Alerts)
		}
		for _, line := range lines {
			if !strings.Contains(result.Alerts[0].Text, "\n"+line) {
				t.Errorf("no line %q in %s", line, result.Alerts[0].Text)
			}
		}
	}
	const place = "Role worker-blue in account 000000000001 (Account 1) was "
	tell(base, "IAM role worker-{{var.team}}: created", place+"created.\n", "+ path: /", "+ trust policy: {", "+ tag starfleet:ship: IamRoleWorkerShip")
	tell(base+"    description: x\n", "IAM role worker-{{var.team}}: updated", place+"updated.\n", "- description: \n+ description: x")
	tell(base+"  deleted: true\n", "IAM role worker-{{var.team}}: deleted", place+"deleted.\n", "- description: x")
}

// TestPartitions: ARNs are those of the account's partition.
func TestPartitions(t *testing.T) {
	t.Parallel()
	const text = base + `    managed_policies: [{policy_arn: 'arn:aws:iam::aws:policy/A'}]
    permissions_boundary: {policy_arn: 'arn:{{var.partition}}:iam::{{var.account_id}}:policy/b'}
    inline_policies: [{policy_name: p, statement: {effect: Deny, action: a, resource: 'arn:{{var.partition}}:s3:::x'}}]
`
	for partition, region := range map[string]string{"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"} {
		w := newWorld(t)
		w.index = partitionIndex(t, partition, region)
		w.settles(t, text)
		got := w.iam.roles["worker-blue"]
		arn := "arn:" + partition + ":iam::"
		if got.boundary != arn+account1+":policy/b" || !slices.Equal(got.managed, []string{arn + "aws:policy/A"}) ||
			!strings.Contains(got.inline["p"], `"arn:`+partition+`:s3:::x"`) {
			t.Errorf("%s: role %+v", partition, got)
		}
	}
}

// TestPermissionsAreTheCallsMade holds the list against a recording of the calls.
func TestPermissionsAreTheCallsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settles(t, full)
	const other = base + "    path: /teams/\n"
	w.settles(t, other)                         // takes away
	w.iam.roles["worker-blue"].trust = trustEC2 // the same
	w.iam.roles["worker-blue"].tags["x"] = "y"
	w.settles(t, strings.Replace(full, "ec2", "lambda", 1))
	w.iam.roles["worker-blue"].boundary = ""
	w.settles(t, full)
	w.iam.roles["worker-blue"].profiles = []string{"a", "b"}
	w.settles(t, base+"  deleted: true\n")
	slices.Sort(w.iam.calls)
	p := w.ship(t).Permissions()
	want := slices.Sorted(slices.Values(slices.Concat(p.Read, p.Write)))
	if diff := cmp.Diff(want, slices.Compact(w.iam.calls)); diff != "" {
		t.Errorf("(-permissions +calls):\n%s", diff)
	}
}

// TestWithoutAConfiguration: a ship that does not know whom to leave alone does nothing.
func TestWithoutAConfiguration(t *testing.T) {
	t.Parallel()
	fake := newFakeIAM()
	ship, err := iamrole.New(iamrole.Config{NewClient: func(aws.Config) iamrole.Client { return fake }})
	if err != nil {
		t.Fatal(err)
	}
	result := starfleettest.Execute(t, ship, payload(t, base), &starfleettest.ExecuteOptions{Commit: true})
	if queue.DispositionOf(result.Err).Action != queue.DeadLetter || !strings.Contains(result.Err.Error(), "STARFLEET_CONFIG") || len(fake.calls) > 0 {
		t.Errorf("error %v, calls %v", result.Err, fake.calls)
	}
}

// payload is what a template says; one at fault fails the test.
func payload(t testing.TB, text string) iamrole.Payload {
	t.Helper()
	doc, err := schema.Parse("t.yaml", []byte(text))
	var p iamrole.Payload
	if err == nil {
		err = doc.Decode(&p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPayloadRoundTrip: what a template says is the same when it was written and read again, whatever form it had, as when a Starbase sends it on.
func TestPayloadRoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{full, readFile(t, "template.yaml"), readFile(t, "testdata/iam_role.yaml"), base + "  deleted: true\n"} {
		want := payload(t, text)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := validated(t, "t.json", string(data)); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		if diff := cmp.Diff(want, payload(t, string(data)), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
