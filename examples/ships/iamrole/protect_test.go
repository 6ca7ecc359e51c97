package iamrole_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
	"github.com/starfleet-go/starfleet/queue"
)

// named is a template of a role by name, with variables that make any.
func named(name string) string {
	return strings.Replace(strings.Replace(base, "worker-{{var.team}}", name, 1), "Value: blue", "Value: Account", 1)
}

// otherShips are sections with roles, one of them at fault.
const otherShips = `  AllowedRoles: [Careful]
  ProtectedRoles: [break-glass, 'admin-*']
Other:
  WorkerRoleToAssume: arn:{partition}:iam::{account}:role/teams/other-{account}
Broken:
  WorkerRoleToAssume: broken
  AssumeRole: [deep]
Odd:
  WorkerRoleToAssume: odd-{name}-{account_id}-role
  OtherRole: [team/, "half-{x"]
`

// TestProtectedNames: refused before credentials, by the name after variables and without regard to case.
func TestProtectedNames(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"Organizations":           "Organization{{var.team}}AccessRole",
		"Control Tower":           "AWSControlTower{{var.exec}}",
		"stack sets":              "{{var.stack}}-exec-abcdef",
		"service-linked":          "awsservicerolefor{{var.team}}",
		"reserved":                "AWSReservedSSO_{{var.team}}",
		"the ship's own":          "STARFLEET-WORKER-basic-test-role",
		"an allowed one":          "careful",
		"another ship's":          "other-{{var.account_id}}",
		"a broken ship's":         "broken",
		"an odd ship's":           "odd-x-{{var.account_id}}-role",
		"half a placeholder":      "half-{{var.team}}",
		"a ship's own key":        "DEEP",
		"a name of the section":   "break-glass",
		"a pattern":               "admin-{{var.team}}",
		"the function's":          "Function-Role",
		"in the account's name":   "{{var.account_name}}-protected",
		"through a lower-case id": "stacksets-exec-{{var.account_id}}",
	}
	for name, role := range tests {
		for _, deleted := range []string{"", "  deleted: true\n"} {
			t.Run(name+deleted, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.section = strings.Replace(otherShips, "'admin-*'", "'admin-*', account1-protected", 1)
				text := strings.Replace(named(role), "Value: Account}", "Value: Account}, {Key: exec, Value: Execution}, {Key: stack, Value: StackSets}", 1)
				if name == "Organizations" {
					text = strings.Replace(text, "{Key: team, Value: Account}", "{Key: team, Value: account}", 1)
				}
				w.requireRefused(t, w.run(t, text+deleted, true), false)
			})
		}
	}
}

// TestUnknownPlaceholders: a name with one would protect nobody, so that it is a fault in the ship's own section. In that of another ship it stands for
// any characters, and a name without a last part is left out and said: neither stops this ship.
func TestUnknownPlaceholders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x-{account_id}", "{name}", "arn:{partition}:iam::{acount}:role/x", "x-{account", "team/", "{account}/"} {
		_, err := iamrole.New(iamrole.Config{Configuration: original(t, "  ProtectedRoles: ['"+name+"']\n")})
		if err == nil || !strings.Contains(err.Error(), "IamRoleWorkerShip.ProtectedRoles: \""+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t)
	w.section = otherShips
	w.settles(t, base)
	if !strings.Contains(w.log.String(), "protect nothing") || !strings.Contains(w.log.String(), "team/") {
		t.Errorf("log %s", w.log.String())
	}
}

// TestPlaceholderAlone: a name of another section that is nothing else protects all roles, for it may be any.
func TestPlaceholderAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.section = "Odd:\n  WorkerRoleToAssume: 'x/{partition}'\n"
	w.settles(t, base)
	w = newWorld(t)
	w.section = "Odd:\n  WorkerRoleToAssume: '{name}'\n" // whoever that is
	w.requireRefused(t, w.run(t, base, true), false)
}

// TestTheRoleThatIsAssumed is protected too, wherever the ship got it from.
func TestTheRoleThatIsAssumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.caller = "arn:aws:sts::000000000001:assumed-role/Chosen/session"
	w.requireRefused(t, w.run(t, named("chosen"), true), true)
	w.caller = "arn:aws:iam::000000000001:user/somebody"
	if result := w.run(t, named("somebody"), true); result.Err != nil {
		t.Errorf("a user is no role: %v", result.Err)
	}
	w = newWorld(t)
	w.callerFails = errors.New("STS is not there")
	if result := w.run(t, base, true); !errors.Is(result.Err, w.callerFails) || len(w.iam.calls) > 0 {
		t.Errorf("who calls is not known, and the ship went on: %v, %v", result.Err, w.iam.calls)
	}
}

// TestOwnRoleUnknown: while nobody can say which role the function has, nothing is done.
func TestOwnRoleUnknown(t *testing.T) {
	t.Parallel()
	w, asked, fails := newWorld(t), 0, errors.New("not yet")
	ship, err := iamrole.New(iamrole.Config{
		Configuration: original(t, ""), NewClient: func(aws.Config) iamrole.Client { return w.iam },
		Caller: func(context.Context, aws.Config) (string, error) { return w.caller, nil },
		OwnARN: func(context.Context) (string, error) {
			if asked++; asked == 1 {
				return "", fails
			}
			return "arn:aws:iam::000000000020:role/path/worker-blue", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	run := func() error {
		inv := &starfleet.Invocation[iamrole.Payload]{Payload: payload(t, base), AccountID: account1, Commit: true}
		return ship.Execute(t.Context(), inv)
	}
	if err := run(); !errors.Is(err, fails) {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if refused := new(starfleet.RefusedError); !errors.As(run(), &refused) {
			t.Error("the role of the function was not refused")
		}
	}
	if asked != 2 || len(w.iam.calls) > 0 {
		t.Errorf("asked %d times, called %v", asked, w.iam.calls)
	}
}

// TestProtectedByWhatIsThere: the path and the trust policy that a role has, whatever its name.
func TestProtectedByWhatIsThere(t *testing.T) {
	t.Parallel()
	linked := strings.Replace(trustEC2, `{"Service":"ec2.amazonaws.com"}`, `{"AWS":"arn:aws:iam::000000000001:role/aws-service-role/x.amazonaws.com/y"}`, 1)
	for name, role := range map[string]*storedRole{
		"service-linked": {path: "/aws-service-role/x.amazonaws.com/", trust: trustEC2},
		"reserved":       {path: "/aws-reserved/sso.amazonaws.com/", trust: trustEC2},
		"trust":          {trust: linked},
	} {
		for _, deleted := range []string{"", "  deleted: true\n"} {
			role := *role
			role.name, role.tags = "worker-blue", map[string]string{iamrole.OwnershipTag: iamrole.Name}
			w := newWorld(t, &role)
			t.Log(name)
			w.requireRefused(t, w.run(t, base+deleted, true), true)
		}
	}
	w := newWorld(t)
	w.requireRefused(t, w.run(t, strings.Replace(base, "{service: ec2.amazonaws.com}", "{aws: 'arn:aws:iam::000000000001:role/aws-service-role/x/y'}", 1), true), false)
}

// TestImmutable: neither path nor name is changed, and no role is made anew.
func TestImmutable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role     *storedRole
		text     string
		property string
	}{
		"the path": {&storedRole{name: "worker-blue", path: "/old/", trust: trustEC2}, base + "    path: /new/\n", "path"},
		"the case": {&storedRole{name: "Worker-Blue", trust: trustEC2}, base, "name"},
	}
	for name, test := range tests {
		w := newWorld(t, test.role)
		for _, commit := range []bool{false, true} {
			result := w.run(t, test.text, commit)
			immutable, ok := errors.AsType[*iamrole.ImmutableError](result.Err)
			if !ok || immutable.Property != test.property || queue.DispositionOf(result.Err).Action != queue.DeadLetter || len(w.iam.writes)+len(result.Changes) > 0 {
				t.Errorf("%s: %v, wrote %v", name, result.Err, w.iam.writes)
			}
		}
	}
	w := newWorld(t, &storedRole{name: "worker-blue", path: "/old/", trust: trustEC2})
	w.settles(t, base) // which says nothing of the path
	if path := w.iam.roles["worker-blue"].path; path != "/old/" {
		t.Errorf("path %s", path)
	}
}

// TestDelete: with the ownership tag alone, in the order that IAM asks for, and the instance profiles stay.
func TestDelete(t *testing.T) {
	t.Parallel()
	const text = base + "  deleted: true\n"
	role := func(tags map[string]string) *storedRole {
		return &storedRole{
			name: "worker-blue", trust: trustEC2, tags: tags, profiles: []string{"p1", "p2"}, managed: []string{"arn:a", "arn:b"},
			inline: map[string]string{"i": trustEC2}, boundary: "arn:c",
		}
	}
	for name, tags := range map[string]map[string]string{
		"none": nil, "of another": {iamrole.OwnershipTag: "OtherShip"}, "in another case": {"Starfleet:Ship": iamrole.Name},
	} {
		w := newWorld(t, role(tags))
		for _, commit := range []bool{false, true} {
			result := w.run(t, text, commit)
			notOwned := new(iamrole.NotOwnedError)
			if !errors.As(result.Err, &notOwned) || queue.DispositionOf(result.Err).Action != queue.DeadLetter || len(w.iam.writes)+len(result.Changes) > 0 {
				t.Errorf("tag %s: %v, wrote %v", name, result.Err, w.iam.writes)
			}
		}
	}
	w := newWorld(t, role(map[string]string{iamrole.OwnershipTag: iamrole.Name}))
	w.settles(t, text)
	want := "RemoveRoleFromInstanceProfile worker-blue p2,RemoveRoleFromInstanceProfile worker-blue p1,DeleteRolePolicy worker-blue i," +
		"DetachRolePolicy worker-blue arn:a,DetachRolePolicy worker-blue arn:b,DeleteRole worker-blue"
	if got := strings.Join(w.iam.writes, ","); got != want || len(w.iam.roles) > 0 {
		t.Errorf("wrote %s", got)
	}
}
