package iamrole_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/queue"
)

// limitedTag is a template with one tag that is limited.
func limitedTag(limits string) string {
	return base + "    tags:\n      - key: limited\n        value: here\n        " + limits + "\n"
}

// TestLimits: where an entry applies. A list that comes to nobody applies nowhere; in the original it applies everywhere.
func TestLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limits string
		want   bool
	}{
		"the account by name":                   {"StarfleetIncludeAccounts: {ByNames: [account 1]}", true},
		"all":                                   {"StarfleetIncludeAccounts: {AllAccounts: true}", true},
		"another account":                       {"StarfleetIncludeAccounts: {ByIds: ['000000000002']}", false},
		"a name that nobody has":                {"StarfleetIncludeAccounts: {ByNames: [Nobody]}", false},
		"a tag that nobody has":                 {"StarfleetIncludeAccounts: {ByTags: [{Name: Nothing, Value: here}]}", false},
		"an expression that is true nowhere":    {"StarfleetIncludeAccounts: {ByExpression: 'id == \"x\"'}", false},
		"an expression":                         {"StarfleetIncludeAccounts: {ByExpression: 'inOU(\"/SomeOU\")'}", true},
		"all but the account":                   {"StarfleetExcludeAccounts: {ByNames: [Account 1]}", false},
		"all but another":                       {"StarfleetExcludeAccounts: {ByNames: [Account 2]}", true},
		"the exclusion wins":                    {"StarfleetIncludeAccounts: {ByNames: [Account 1]}\n        StarfleetExcludeAccounts: {ByOrgUnits: [SomeOU]}", false},
		"not yet expired":                       {"expires_at: '2026-06-01T12:00:01Z'", true},
		"just expired":                          {"expires_at: '2026-06-01T12:00:00Z'", false},
		"expired, in UTC without a zone":        {"expires_at: '2026-06-01T12:00'", false},
		"not yet expired, without a zone":       {"expires_at: '2026-06-01 12:01'", true},
		"a date":                                {"expires_at: '2026-06-02'", true},
		"the date of today":                     {"expires_at: '2026-06-01'", false},
		"in New York it is not that late":       {"expires_at: '2026-06-01T12:00:00-04:00'", true},
		"expired where it would be nobody's":    {"StarfleetIncludeAccounts: {ByNames: [Nobody]}\n        expires_at: '2027-01-01'", false},
		"expired although the account is meant": {"StarfleetIncludeAccounts: {ByNames: [Account 1]}\n        expires_at: '2026-01-01'", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.settles(t, limitedTag(test.limits))
			if _, got := w.iam.roles["worker-blue"].tags["limited"]; got != test.want {
				t.Errorf("applies: %t, want %t", got, test.want)
			}
			if strings.Contains(name, "nobody has") && !strings.Contains(w.log.String(), "applies nowhere") {
				t.Errorf("no warning in %s", w.log.String())
			}
		})
	}
}

// TestUndecidedLimits: where the index cannot say whether an entry applies, nothing is done, and it is tried again.
func TestUndecidedLimits(t *testing.T) {
	t.Parallel()
	tagless := accountindex.Account{
		ID: account1, Name: "Account 1", ARN: "arn:aws:organizations::000000000020:account/o-abcdefghi/" + account1, State: accountindex.Active,
		Regions: []string{"us-east-1"}, Parents: []accountindex.Parent{{ID: "r-abcd", Name: "ROOT"}},
	}
	tagged := tagless
	tagged.ID, tagged.Name, tagged.ARN, tagged.Tags = account10, "Account 10", strings.Replace(tagless.ARN, account1, account10, 1), map[string]string{"a": "b"}
	tests := map[string]struct {
		limits string
		index  *accountindex.Index
		want   string
	}{
		"a mistyped exclusion":        {"StarfleetExcludeAccounts: {ByNames: [Acount 1]}", sampleIndex(t), "Acount 1"},
		"tags that could not be read": {"StarfleetExcludeAccounts: {ByTags: [{Name: a, Value: b}]}", indexOf(t, tagless, tagged), "cannot say"},
		"a mistyped tag":              {"StarfleetExcludeAccounts: {ByTags: [{Name: Key1, Value: vaule1}]}", sampleIndex(t), "vaule1"},
		"an expression of nobody":     {"StarfleetExcludeAccounts: {ByExpression: 'name == \"Acount 1\"'}", sampleIndex(t), "Acount 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.index = test.index
			result := w.run(t, limitedTag(test.limits), true)
			fault := new(iamrole.TemplateError)
			if !errors.As(result.Err, &fault) || !strings.Contains(result.Err.Error(), test.want) || queue.DispositionOf(result.Err).Action != queue.Retry ||
				queue.DispositionOf(result.Err).After != 5*time.Minute {
				t.Errorf("got %v", result.Err)
			}
			if w.entered+len(w.iam.calls)+len(result.Changes) > 0 {
				t.Errorf("entered %d times, called %v", w.entered, w.iam.calls)
			}
		})
	}
}

// TestUnmatchedExclusions: what an exclusion names has to be there, whatever the fleet's configuration says of the templates' own.
func TestUnmatchedExclusions(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"warn", "ignore"} {
		w := newWorld(t)
		w.section = "Fleet:\n  UnmatchedExclude: " + policy + "\n"
		for _, exclude := range []string{"ByNames: [Acount 1]", "ByTags: [{Name: key1, Value: vaule1}]"} {
			result := w.run(t, limitedTag("StarfleetExcludeAccounts: {"+exclude+"}"), true)
			if fault := new(iamrole.TemplateError); !errors.As(result.Err, &fault) || len(w.iam.calls) > 0 {
				t.Errorf("%s, %s: %v", policy, exclude, result.Err)
			}
		}
	}
}

// TestNoIndex: no retry makes one.
func TestNoIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.index = nil
	result := w.run(t, limitedTag("StarfleetIncludeAccounts: {ByNames: [x]}"), true)
	if queue.DispositionOf(result.Err).Action != queue.DeadLetter || !strings.Contains(result.Err.Error(), "has no account index") || len(w.iam.calls) > 0 {
		t.Errorf("got %v", result.Err)
	}
}

// TestCutOffWhileDeciding: a task that runs out of time says nothing of the template.
func TestCutOffWhileDeciding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	inv := &starfleet.Invocation[iamrole.Payload]{Payload: payload(t, limitedTag("StarfleetIncludeAccounts: {AllAccounts: true}")), AccountID: account1, Index: w.index}
	err := w.ship(t).Execute(ctx, inv)
	if got := queue.DispositionOf(err); !errors.Is(err, context.Canceled) || got.Action != queue.Retry || got.After != 0 {
		t.Errorf("%+v: %v", got, err)
	}
}

// TestFaultsInOneAccount: what only the account shows. No retry cures it, and nothing is written.
func TestFaultsInOneAccount(t *testing.T) {
	t.Parallel()
	const policy = "    inline_policies: [{policy_name: p, statement: {effect: Allow, action: a, resource: '*'}}, {policy_name: 'p', statement: {effect: Deny, action: a, resource: '*'}}]\n"
	const conditioned = "    inline_policies: [{policy_name: p, statement: {effect: Allow, action: a, resource: '*', condition: "
	tests := map[string]struct{ text, want string }{
		"two tags":                {base + "    tags: [{key: a, value: b}, {key: a, value: c}]\n", `two tags "a"`},
		"two policies":            {base + policy, `two policies "p"`},
		"two descriptions":        {base + "    description: [{description: a}, {description: b}]\n", "2 entries apply"},
		"a trust policy for none": {strings.Replace(base, "      statement: [{", "      statement: [{StarfleetIncludeAccounts: {ByNames: [Nobody]}, ", 1), "nobody could assume the role"},
		"a name too long":         {strings.Replace(base, "worker-{{var.team}}", strings.Repeat("{{var.account_id}}", 6), 1), "no name of a role"},
		"a path":                  {base + "    path: 'x{{var.team}}'\n", "no path"},
		"a protected path":        {base + "    path: '/aws-{{var.team}}/'\n", "never touched"},
		"the ownership tag":       {base + "    tags: [{key: 'starfleet:{{var.team}}', value: b}]\n", "ship's own tag"},
		"an ARN":                  {base + "    managed_policies: [{policy_arn: ReadOnlyAccess}]\n", "not the ARN of a policy"},
		"another account's":       {base + "    managed_policies: [{policy_arn: 'arn:aws:iam::000000000002:policy/x'}]\n", "another account"},
		"another partition's":     {base + "    permissions_boundary: {policy_arn: 'arn:aws-cn:iam::aws:policy/x'}\n", "partition aws-cn"},
		"a sid":                   {base + "    inline_policies: [{policy_name: p, statement: {effect: Allow, sid: 'a{{var.dash}}', action: a, resource: '*'}}]\n", "other characters"},
		"a policy's name":         {base + "    inline_policies: [{policy_name: 'a{{var.sign}}b', statement: {effect: Allow, action: a, resource: '*'}}]\n", "no name of a policy"},
		"two tags but for case":   {base + "    tags: [{key: a, value: b}, {key: A, value: c}]\n", `two tags "A"`},
		"too many tags":           {base + "    tags: [" + fiftyTags() + "]\n", "50 at most"},
		"a long tag":              {base + "    tags: [{key: a, value: '" + strings.Repeat("{{var.long}}", 5) + "'}]\n", "256"},
		"a character of a tag":    {base + "    tags: [{key: a, value: 'b;c'}]\n", "characters that IAM does not take"},
		"a character":             {base + "    description: 'a{{var.sign}}'\n", "characters that IAM does not take"},
		"two names but for case":  {base + strings.Replace(policy, "'p'", "'P'", 1), `two policies "P"`},
		"two keys of a condition": {base + conditioned + "{StringEquals: {'aws:X': a, 'aws:{{var.x}}': b}}}}]\n", `"aws:x" stands twice`},
		"two operators":           {base + conditioned + "{Bool: {a: b}, '{{var.bool}}': {c: d}}}}]\n", `"bool" stands twice`},
		"AWS's own policy":        {base + "    inline_policies: [{policy_name: 'AWSRevoke{{var.older}}', statement: {effect: Deny, action: a, resource: '*'}}]\n", "AWS's own"},
		"a long description":      {base + "    description: " + strings.Repeat("x", 1001) + "\n", "more than 1000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			value := map[string]string{"a protected path": "Reserved", "the ownership tag": "Ship"}[name]
			if value == "" {
				value = "blue"
			}
			text := strings.Replace(test.text, "Value: blue}", "Value: "+value+"}, {Key: dash, Value: '-'}, {Key: sign, Value: Ł}, {Key: x, Value: x}, {Key: bool, Value: bool}, {Key: older, Value: OlderSessions}, "+
				"{Key: long, Value: "+strings.Repeat("x", 64)+"}", 1)
			result := w.run(t, text, true)
			if result.Err == nil || !strings.Contains(result.Err.Error(), test.want) || !strings.Contains(result.Err.Error(), account1) ||
				queue.DispositionOf(result.Err).Action != queue.DeadLetter {
				t.Errorf("got %v, want it to say %s", result.Err, test.want)
			}
			if len(w.iam.calls) > 0 {
				t.Errorf("called %v", w.iam.calls)
			}
		})
	}
}

func fiftyTags() string {
	tags := make([]string, 50)
	for i := range tags {
		tags[i] = fmt.Sprintf("{key: k%d, value: v}", i)
	}
	return strings.Join(tags, ", ")
}

// TestPolicyOfNoStatement: a policy of which no statement applies is not there.
func TestPolicyOfNoStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settles(t, base+"    inline_policies: [{policy_name: p, statement: {effect: Deny, action: a, resource: '*', StarfleetExcludeAccounts: {ByIds: ['"+account1+"']}}}]\n")
	if got := w.iam.roles["worker-blue"].inline; len(got) > 0 {
		t.Errorf("inline policies %v", got)
	}
}

// TestExpiredRole: from expires_at on the role of the template is deleted, in UTC; a role that the ship does not own stays.
func TestExpiredRole(t *testing.T) {
	t.Parallel()
	const text = base + "  expires_at: '2026-06-01T18:00:00'\n"
	w := newWorld(t)
	w.settles(t, text)
	w.now = time.Date(2026, 6, 1, 17, 59, 59, 0, time.UTC)
	if w.settles(t, strings.Replace(text, "blue", "red", 1)); w.iam.roles["worker-blue"] == nil {
		t.Error("deleted too early")
	}
	w.now = time.Date(2026, 6, 1, 14, 0, 0, 0, time.FixedZone("New York", -4*3600))
	if w.settles(t, text); w.iam.roles["worker-blue"] != nil {
		t.Error("not deleted")
	}
	w = newWorld(t, &storedRole{name: "worker-blue", trust: trustEC2})
	w.now = time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	if result := w.run(t, text, true); len(w.iam.writes) > 0 || result.Err == nil {
		t.Errorf("wrote %v, error %v", w.iam.writes, result.Err)
	}
}

// TestDeletedInSomeAccounts: an entry of the list is limited as all are.
func TestDeletedInSomeAccounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		deleted string
		gone    bool
	}{
		{"[{deleted: true, StarfleetIncludeAccounts: {ByNames: [Account 1]}}]", true},
		{"[{deleted: true, StarfleetIncludeAccounts: {ByNames: [Nobody]}}]", false},
		{"[{deleted: true, StarfleetExcludeAccounts: {ByNames: [Account 1]}}]", false},
		{"[{deleted: false}]", false},
		{"false", false},
	} {
		w := newWorld(t)
		w.settles(t, base)
		w.settles(t, base+"  deleted: "+test.deleted+"\n")
		if gone := w.iam.roles["worker-blue"] == nil; gone != test.gone {
			t.Errorf("deleted: %s: gone %t", test.deleted, gone)
		}
	}
}

// TestVariables: what the account gives, and what it cannot.
func TestVariables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.settles(t, strings.Replace(base, "Value: blue", "Value: 'b l/u:e'", 1)+"    tags: [{key: '{{ var.account_id }}', value: 'x{{var.account_name}}{{var.partition}}=:'}]\n")
	if got := w.iam.roles["worker-blue"]; got == nil || got.tags[account1] != "xAccount1aws=:" {
		t.Errorf("role %+v", got)
	}
	if !strings.Contains(w.log.String(), "variable=team") {
		t.Error("no warning of a value that is not used as it is")
	}

	w = newWorld(t)
	w.index = nil
	result := w.run(t, base+"    description: '{{var.account_name}}'\n", true)
	if result.Outcome != starfleet.OutcomeFailed || !strings.Contains(result.Err.Error(), "give the ship an account index") || len(w.iam.calls) > 0 {
		t.Errorf("without an index: %v", result.Err)
	}
	if w.settles(t, base); w.iam.roles["worker-blue"] == nil {
		t.Error("a template that needs no index has no role without one")
	}
}
