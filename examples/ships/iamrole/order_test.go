package iamrole_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
)

// TestNeverMoreThanBeforeAndAfter is the promise of the order of writes, at each point of an update and of the attempt after one that was cut off:
// nobody may do what they may neither before nor after. Where both boundary and trust policy are exchanged, for which IAM has two calls, those who are
// trusted before may do what the role does after. Where neither is, nobody lacks either what they may do both before and after, unless a policy gains
// and loses in one write.
func TestNeverMoreThanBeforeAndAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var made, cutOff int
	rapid.Check(t, func(r *rapid.T) {
		before, after := drawRole(r), drawRole(r)
		switch rapid.IntRange(0, 6).Draw(r, "what is the same") {
		case 0:
			after.Trust = before.Trust
		case 1:
			after.Boundary = before.Boundary
		case 2:
			after.Trust, after.Boundary = before.Trust, before.Boundary
		case 3:
			after.Inline, after.Managed = before.Inline, before.Managed
		case 4: // the role is new: nobody may do anything with it
			before = modelRole{}
		}
		w.iam = newFakeIAM()
		if before.Trust != nil {
			w.iam = newFakeIAM(before.stored())
		}
		trust, boundary := exchanges(before.Trust, after.Trust), before.Boundary != "" && after.Boundary != "" && before.Boundary != after.Boundary
		inOneWrite := false
		for name, list := range before.Inline {
			gains, loses := allowsDiffer(after.Inline[name], list), allowsDiffer(list, after.Inline[name])
			inOneWrite = inOneWrite || gains && loses
		}
		var broken string
		w.iam.after = func(role *storedRole) {
			now := modelOf(role)
			for _, principal := range principals {
				for _, action := range actions {
					was, is, will := before.allows(principal, action), now.allows(principal, action), after.allows(principal, action)
					switch excused := trust && boundary && before.trusts(principal) && after.permits(action); {
					case is && !was && !will && !excused:
						broken += fmt.Sprintf("from %+v\nto %+v\nat %+v\n%c may do %c after %v\n", before, after, now, principal, action, w.iam.writes)
					case was && will && !is && !trust && !boundary && !inOneWrite:
						broken += fmt.Sprintf("from %+v\nto %+v\nat %+v\n%c may not do %c after %v\n", before, after, now, principal, action, w.iam.writes)
					}
				}
			}
		}
		made++
		if w.iam.cut = rapid.IntRange(0, 8).Draw(r, "cut"); w.run(t, after.template(), true).Err != nil {
			cutOff++
		}
		if result := w.run(t, after.template(), true); result.Err != nil || broken != "" {
			r.Fatal(result.Err, broken)
		}
		if result := w.run(t, after.template(), true); result.Outcome != starfleet.OutcomeOK {
			r.Fatalf("left to do: %v", result.Changes)
		}
		if got := modelOf(w.iam.roles["worker-blue"]); sorted(got) != sorted(after) {
			r.Fatalf("got %+v, want %+v", got, after)
		}
	})
	if cutOff == 0 || cutOff == made {
		t.Errorf("%d of %d were cut off", cutOff, made)
	}
}

// TestOrder are the writes of some updates, in full.
func TestOrder(t *testing.T) {
	t.Parallel()
	allow := func(on string) []modelStatement { return []modelStatement{{"Allow", on}} }
	deny := func(on string) []modelStatement { return []modelStatement{{"Deny", on}} }
	tests := map[string]struct {
		before, after modelRole
		want          string
	}{
		"a Deny gets another name": {
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"all": allow("abc"), "guard-v1": deny("a")}},
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"all": allow("abc"), "guard-v2": deny("a")}},
			"PutRolePolicy guard-v2, DeleteRolePolicy guard-v1",
		},
		"a managed policy, which may deny, is replaced": {
			modelRole{Trust: allow("s"), Managed: []string{"a"}}, modelRole{Trust: allow("s"), Managed: []string{"b"}},
			"AttachRolePolicy M-b, DetachRolePolicy M-a",
		},
		"by an inline one": {
			modelRole{Trust: allow("s"), Managed: []string{"a"}}, modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"p": deny("a")}},
			"PutRolePolicy p, DetachRolePolicy M-a",
		},
		"more are trusted, with less": {
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"x": allow("abc")}},
			modelRole{Trust: slices.Concat(allow("s"), allow("t")), Inline: map[string][]modelStatement{"x": allow("a")}},
			"PutRolePolicy x, UpdateAssumeRolePolicy",
		},
		"fewer are trusted, with more": {
			modelRole{Trust: slices.Concat(allow("s"), allow("t")), Inline: map[string][]modelStatement{"x": allow("a")}},
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"x": allow("abc")}},
			"UpdateAssumeRolePolicy, PutRolePolicy x",
		},
		"others are trusted, with other rights": {
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"x": allow("a")}},
			modelRole{Trust: allow("t"), Inline: map[string][]modelStatement{"x": allow("b")}},
			"DeleteRolePolicy x, UpdateAssumeRolePolicy, PutRolePolicy x",
		},
		"the boundary is replaced": {
			modelRole{Trust: allow("s"), Boundary: "a", Managed: []string{"abc"}}, modelRole{Trust: allow("s"), Boundary: "ab", Managed: []string{"a"}},
			"DetachRolePolicy M-abc, PutRolePermissionsBoundary B-ab, AttachRolePolicy M-a",
		},
		"boundary and trust are replaced": {
			modelRole{Trust: allow("s"), Boundary: "a", Managed: []string{"abc"}}, modelRole{Trust: allow("t"), Boundary: "b", Managed: []string{"abc"}},
			"PutRolePermissionsBoundary B-b, UpdateAssumeRolePolicy",
		},
		"there was no boundary": {
			modelRole{Trust: allow("s"), Managed: []string{"a"}}, modelRole{Trust: allow("s"), Boundary: "ab", Managed: []string{"b"}},
			"PutRolePermissionsBoundary B-ab, AttachRolePolicy M-b, DetachRolePolicy M-a",
		},
		"there will be none": {
			modelRole{Trust: allow("s"), Boundary: "ab", Managed: []string{"b"}}, modelRole{Trust: allow("s"), Managed: []string{"a"}},
			"AttachRolePolicy M-a, DetachRolePolicy M-b, DeleteRolePermissionsBoundary",
		},
		"a new role": {
			modelRole{}, modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"a-allow": allow("ab"), "z-deny": deny("b")}},
			"CreateRole, PutRolePolicy z-deny, PutRolePolicy a-allow",
		},
		"a name in another case": {
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"P": allow("a")}},
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"p": allow("b"), "q": allow("a")}},
			"PutRolePolicy P, PutRolePolicy q",
		},
		"one policy alone, at once": {
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"p": slices.Concat(allow("a"), deny("b"))}},
			modelRole{Trust: allow("s"), Inline: map[string][]modelStatement{"p": slices.Concat(allow("b"), deny("a"))}},
			"PutRolePolicy p",
		},
		"more policies than a role can have": {
			modelRole{Trust: allow("s"), Managed: strings.Split("0123456789", "")}, modelRole{Trust: allow("s"), Managed: strings.Split("123456789X", "")},
			"DetachRolePolicy M-0, AttachRolePolicy M-X",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.before.Trust != nil {
				role := test.before.stored()
				role.tags = map[string]string{iamrole.OwnershipTag: iamrole.Name}
				w = newWorld(t, role)
			}
			w.settles(t, test.after.template())
			got := strings.NewReplacer(" worker-blue", "", policyARN, "").Replace(strings.Join(w.iam.writes, ", "))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrderOfTags: the role is known as the ship's first, and gets its other tags, which policies may look at, last.
func TestOrderOfTags(t *testing.T) {
	t.Parallel()
	full := map[string]string{"gone": "x"}
	for i := range 49 {
		full[fmt.Sprint("k", i)] = "v"
	}
	for name, test := range map[string]struct {
		tags map[string]string
		want []string
	}{
		"other tags": {map[string]string{"gone": "x"}, []string{"TagRole", "UpdateRole", "UntagRole", "TagRole"}},
		"no room":    {full, []string{"UntagRole", "TagRole", "UpdateRole", "TagRole"}},
		"the key in another case": {
			map[string]string{"Starfleet:Ship": "x", "gone": "x"}, []string{"UntagRole", "TagRole", "UpdateRole", "UntagRole", "TagRole"},
		},
		"owned": {map[string]string{iamrole.OwnershipTag: iamrole.Name}, []string{"UpdateRole", "TagRole"}},
	} {
		w := newWorld(t, &storedRole{name: "worker-blue", trust: trustEC2, description: "old", tags: test.tags})
		w.settles(t, base+"    tags: [{key: team, value: blue}]\n")
		if got := strings.ReplaceAll(strings.Join(w.iam.writes, ","), " worker-blue", ""); got != strings.Join(test.want, ",") {
			t.Errorf("%s: wrote %s", name, got)
		}
	}
}

// TestVersionsDoNotMix: statements of two versions of the policy language do not come into one document, nor do two with one Sid.
func TestVersionsDoNotMix(t *testing.T) {
	t.Parallel()
	const guard = `{"Version":"%s","Statement":[{"Sid":"Guard","Effect":"Deny","Action":"a","Resource":"*"}]}`
	const want = base + `    managed_policies: [{policy_arn: 'arn:aws:iam::aws:policy/A'}]
    inline_policies: [{policy_name: p, version: '2012-10-17', statement: {sid: Guard, effect: Deny, action: b, resource: '*'}}]
`
	for version, puts := range map[string]int{"2012-10-17": 2, "2008-10-17": 1} {
		w := newWorld(t, &storedRole{name: "worker-blue", trust: trustEC2, inline: map[string]string{"p": fmt.Sprintf(guard, version)}})
		w.iam.after = func(r *storedRole) {
			if strings.Count(r.inline["p"], `"Sid"`) > 1 || strings.Contains(r.inline["p"], `["b"]`) && !strings.Contains(r.inline["p"], "2012") {
				t.Errorf("wrote %s", r.inline["p"])
			}
		}
		w.settles(t, want)
		if got := strings.Count(strings.Join(w.iam.writes, ","), "PutRolePolicy worker-blue p"); got != puts {
			t.Errorf("%s: wrote %v", version, w.iam.writes)
		}
	}
}

// TestRevokedSessions: the policy by which the console revokes sessions stays, until the role goes.
func TestRevokedSessions(t *testing.T) {
	t.Parallel()
	const name = "AWSRevokeOlderSessions"
	revoke := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-05-01T00:00:00Z"}}}]}`
	w := newWorld(t, &storedRole{
		name: "worker-blue", trust: trustEC2, inline: map[string]string{name: revoke, "gone": revoke}, tags: map[string]string{iamrole.OwnershipTag: iamrole.Name},
	})
	w.settles(t, base)
	if got := w.iam.roles["worker-blue"].inline; len(got) != 1 || got[name] != revoke || !strings.Contains(w.log.String(), name) {
		t.Errorf("inline policies %v, log %s", got, w.log.String())
	}
	w.settles(t, base+"  deleted: true\n")
	if len(w.iam.roles) > 0 {
		t.Errorf("wrote %v", w.iam.writes)
	}
}
