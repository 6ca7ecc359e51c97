package assume

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// full is a target with everything that a session can have.
var full = Target{
	Partition: "aws", AccountID: "111122223333", RoleName: "team/worker-{account}", Region: "eu-west-1", SessionName: "Ship-run",
	Via:        []string{"arn:{partition}:iam::999999999999:role/hub", "arn:aws:iam::888888888888:role/spoke"},
	ExternalID: "ext", PolicyARNs: []string{"arn:{partition}:iam::aws:policy/ReadOnlyAccess"}, Policy: `{"Statement":[]}`,
	SourceIdentity: "fleet", Tags: map[string]string{"team": "platform", "cost": "1"},
}

// asked are the parameters of a call without those of the protocol.
func asked(form url.Values) map[string]string {
	said := map[string]string{}
	for key := range form {
		if key != "Action" && key != "Version" {
			said[key] = form.Get(key)
		}
	}
	return said
}

// TestNothingIsSaidThatWasNotWanted: a trust policy that does not allow external ids, tags or a source identity denies a call that has one.
func TestNothingIsSaidThatWasNotWanted(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	if _, err := newProvider(t, f.config()).Config(t.Context(), home); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"RoleArn": "arn:aws:iam::111122223333:role/worker", "RoleSessionName": "LogRetention", "DurationSeconds": "3600"}
	if diff := cmp.Diff(want, asked(f.forms[0])); diff != "" {
		t.Error(diff)
	}
}

// TestRoleChain: each role is assumed with the credentials of the one before; the source identity is set by the first, policies, tags and
// external id are those of the last. A role that targets have in common is assumed once.
func TestRoleChain(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{}
	p := newProvider(t, f.config())
	cfg, err := p.Config(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	if got := keyID(t, cfg); got != "ASIA3" {
		t.Errorf("credentials %s, want those of the last role", got)
	}
	hub := map[string]string{"RoleArn": "arn:aws:iam::999999999999:role/hub", "RoleSessionName": "Ship-run", "DurationSeconds": "3600", "SourceIdentity": "fleet"}
	spoke := map[string]string{"RoleArn": "arn:aws:iam::888888888888:role/spoke", "RoleSessionName": "Ship-run", "DurationSeconds": "3600"}
	last := map[string]string{
		"RoleArn": "arn:aws:iam::111122223333:role/team/worker-111122223333", "RoleSessionName": "Ship-run", "DurationSeconds": "3600",
		"ExternalId": "ext", "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "Policy": `{"Statement":[]}`,
		"Tags.member.1.Key": "cost", "Tags.member.1.Value": "1", "Tags.member.2.Key": "team", "Tags.member.2.Value": "platform",
	}
	var got []map[string]string
	for _, form := range f.forms {
		got = append(got, asked(form))
	}
	if diff := cmp.Diff([]map[string]string{hub, spoke, last}, got); diff != "" {
		t.Fatal(diff)
	}
	for i, signer := range []string{ownKeyID, "ASIA1", "ASIA2"} {
		if call := f.seen()[i]; !strings.Contains(call.authorization, "="+signer+"/") || !strings.Contains(call.authorization, "/us-east-1/sts/") {
			t.Errorf("call %d is signed by %q, want %s in the home region", i+1, call.authorization, signer)
		}
	}
	other := full
	other.AccountID = "444455556666"
	if _, err := p.Config(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if n := len(f.seen()); n != 4 {
		t.Errorf("%d calls, want one more: the roles before it are the same", n)
	}
}

// TestDeniedRoleOfTheChainIsNamed: the error names the role that was denied and its account, not the target's.
func TestDeniedRoleOfTheChainIsNamed(t *testing.T) {
	t.Parallel()
	f := &fakeSTS{answer: func(w http.ResponseWriter, n int) bool {
		return n == 2 && fault(w, http.StatusForbidden, "AccessDenied", "no")
	}}
	_, err := newProvider(t, f.config()).Config(t.Context(), full)
	denied, ok := errors.AsType[*DeniedError](err)
	if !ok || denied.Account != "888888888888" || denied.RoleARN != "arn:aws:iam::888888888888:role/spoke" {
		t.Errorf("error %v", err)
	}
	if n := len(f.seen()); n != 2 {
		t.Errorf("%d calls after a denial", n)
	}
}

// TestSessionsAreCachedByAllThatTheyDependOn: whatever is another, the session is another one, and commit is a part of that.
func TestSessionsAreCachedByAllThatTheyDependOn(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*Target){
		"role":            func(t *Target) { t.RoleName = "other" },
		"path":            func(t *Target) { t.RoleName = "path/worker-{account}" },
		"account":         func(t *Target) { t.AccountID = "444455556666" },
		"session name":    func(t *Target) { t.SessionName = "Ship-other" },
		"external id":     func(t *Target) { t.ExternalID = "other" },
		"no external id":  func(t *Target) { t.ExternalID = "" },
		"policies":        func(t *Target) { t.PolicyARNs = []string{"arn:aws:iam::aws:policy/SecurityAudit"} },
		"more policies":   func(t *Target) { t.PolicyARNs = append(t.PolicyARNs[:1:1], "arn:aws:iam::aws:policy/SecurityAudit") },
		"policy":          func(t *Target) { t.Policy = "{}" },
		"source identity": func(t *Target) { t.SourceIdentity = "other" },
		"tags":            func(t *Target) { t.Tags = map[string]string{"team": "platform"} },
		"tag value":       func(t *Target) { t.Tags = map[string]string{"team": "platform", "cost": "2"} },
		"chain":           func(t *Target) { t.Via = t.Via[:1] },
		"no chain":        func(t *Target) { t.Via = nil },
		"order of chain":  func(t *Target) { t.Via = []string{t.Via[1], t.Via[0]} },
		"commit":          func(t *Target) { t.Commit = true },
	}
	for what, change := range changes {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := &fakeSTS{}
			p := newProvider(t, f.config())
			first, err := p.Config(t.Context(), full)
			if err != nil {
				t.Fatal(err)
			}
			target := full
			change(&target)
			second, err := p.Config(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			if keyID(t, first) == keyID(t, second) {
				t.Error("the two targets have one session")
			}
			before := len(f.seen())
			if again, err := p.Config(t.Context(), full); err != nil || keyID(t, again) != keyID(t, first) || len(f.seen()) != before {
				t.Errorf("the first session is lost: %v", err)
			}
		})
	}
}

// TestRoleTemplates: name and ARN templates lead into the account, in its partition.
func TestRoleTemplates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ partition, region, role, arn string }{
		{"aws", "us-east-1", "arn:{partition}:iam::{account}:role/team/worker", "arn:aws:iam::111122223333:role/team/worker"},
		{"aws-us-gov", "us-gov-west-1", "arn:{partition}:iam::{account}:role/team/worker", "arn:aws-us-gov:iam::111122223333:role/team/worker"},
		{"aws-cn", "cn-north-1", "arn:{partition}:iam::{account}:role/{partition}/w-{account}", "arn:aws-cn:iam::111122223333:role/aws-cn/w-111122223333"},
		{"aws", "us-east-1", "arn:aws:iam::111122223333:role/worker", "arn:aws:iam::111122223333:role/worker"},
		{"aws", "us-east-1", "/team/worker", "arn:aws:iam::111122223333:role/team/worker"},
	} {
		t.Run(c.partition+" "+c.role, func(t *testing.T) {
			t.Parallel()
			f := &fakeSTS{}
			cfg := f.config()
			cfg.HomeRegion = c.region
			target := Target{Partition: c.partition, AccountID: "111122223333", RoleName: c.role, PolicyARNs: []string{"arn:{partition}:iam::aws:policy/ReadOnlyAccess"},
				Via: []string{"arn:{partition}:iam::999999999999:role/hub"}}
			if _, err := newProvider(t, cfg).Config(t.Context(), target); err != nil {
				t.Fatal(err)
			}
			if got := f.seen()[0].roleARN; got != "arn:"+c.partition+":iam::999999999999:role/hub" {
				t.Errorf("went by %s", got)
			}
			if got := f.seen()[1].roleARN; got != c.arn {
				t.Errorf("assumed %s, want %s", got, c.arn)
			}
			if got := f.forms[1].Get("PolicyArns.member.1.arn"); got != "arn:"+c.partition+":iam::aws:policy/ReadOnlyAccess" {
				t.Errorf("policy %s", got)
			}
		})
	}
}

// TestARoleIsAlwaysOneOfTheTarget: whatever the template says, a target that is let through leads into its own account.
func TestARoleIsAlwaysOneOfTheTarget(t *testing.T) {
	t.Parallel()
	pieces := []string{"arn:", "aws", "aws-cn", ":", "::", "iam", "sts", "{partition}", "{account}", "444455556666", "111122223333", "role/", "/", "worker", "{", "}", " ", "%", "é"}
	let := 0
	rapid.Check(t, func(t *rapid.T) {
		target := Target{Partition: "aws", AccountID: "111122223333"}
		if rapid.Bool().Draw(t, "whole") {
			target.RoleName = "arn:{partition}:iam::{account}:role/"
		}
		target.RoleName += strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		if target.check("us-east-1") != nil {
			return
		}
		let++
		parsed, err := arn.Parse(target.RoleARN())
		if err != nil || parsed.Partition != "aws" || parsed.Service != "iam" || parsed.AccountID != target.AccountID || !strings.HasPrefix(parsed.Resource, "role/") ||
			strings.ContainsAny(target.RoleARN(), "{} ") {
			t.Errorf("%q leads to %q", target.RoleName, target.RoleARN())
		}
	})
	if let == 0 {
		t.Error("no template was let through, so nothing was tested")
	}
}
