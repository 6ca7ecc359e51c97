package starfleet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/queue"
)

// rolePayload is a payload by which a template chooses the role.
type rolePayload struct {
	starfleet.AccountPayload
	Role string `json:"Role,omitempty"`
}

func (p *rolePayload) RoleToAssume() string {
	if p.Role == "panic" {
		panic("no role")
	}
	return p.Role
}

func roleTask(role string) queue.Message {
	return message(`{"TemplateName":"t","TemplateDescription":"d","IncludeAccounts":{"AllAccounts":true},"Role":"` + role + `","StarbaseAssignedAccount":"111111111111"}`)
}

// TestRoleOfATemplate: a template chooses among the roles that the configuration allows, and no other; a refused choice asks for no credentials.
func TestRoleOfATemplate(t *testing.T) {
	for _, test := range []struct{ role, want string }{
		{"", "arn:aws:iam::111111111111:role/worker"},
		{"worker", "arn:aws:iam::111111111111:role/worker"},
		{"team/auditor", "arn:aws:iam::111111111111:role/team/auditor"},
		{"arn:{partition}:iam::{account}:role/by-{account}", "arn:aws:iam::111111111111:role/by-111111111111"},
		{"admin", ""},
		{"auditor", ""},
		{"Worker", ""},
		{"panic", ""},
	} {
		t.Run(test.role, func(t *testing.T) {
			server := newSTS(t)
			ran := false
			ship := starfleet.ShipFunc("Ship", func(ctx context.Context, inv *starfleet.Invocation[rolePayload]) error {
				ran = true
				_, err := inv.AWSConfig(ctx)
				return err
			})
			handler, err := starfleet.NewHandler(ship, environment(), quiet(),
				configured("us-east-1", `, WorkerRoleToAssume: worker, AllowedRoles: [team/auditor, "arn:{partition}:iam::{account}:role/by-{account}"]`))
			if err != nil {
				t.Fatal(err)
			}
			err = handler.Handle(t.Context(), roleTask(test.role))
			if test.want != "" {
				if err != nil || len(server.forms) != 1 || server.forms[0].Get("RoleArn") != test.want {
					t.Errorf("assumed %v, error %v", server.roles, err)
				}
				return
			}
			refused, ok := errors.AsType[*starfleet.RefusedError](err)
			if !ok || refused.Guard != "AllowedRoles" || ran || len(server.roles) > 0 {
				t.Errorf("ran %t, assumed %v, error %v", ran, server.roles, err)
			}
		})
	}
}

// TestRoleOfATemplateWithoutConfiguration: with nothing that allows it, a choice is refused.
func TestRoleOfATemplateWithoutConfiguration(t *testing.T) {
	t.Parallel()
	ship := starfleet.ShipFunc("Ship", func(context.Context, *starfleet.Invocation[rolePayload]) error { return nil })
	handler, err := starfleet.NewHandler(ship, environment(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*starfleet.RefusedError](handler.Handle(t.Context(), roleTask("worker"))); !ok {
		t.Error("a role is chosen that no configuration allows")
	}
	if err := handler.Handle(t.Context(), roleTask("")); err != nil {
		t.Errorf("error %v", err)
	}
}

type wrongRolePayload struct{ starfleet.AccountPayload }

func (wrongRolePayload) RoleToAssume() (string, error) { return "", nil }

// TestRoleToAssumeOfAnotherType: a method that would never be called is found at start.
func TestRoleToAssumeOfAnotherType(t *testing.T) {
	t.Parallel()
	ship := starfleet.ShipFunc("Ship", func(context.Context, *starfleet.Invocation[wrongRolePayload]) error { return nil })
	if _, err := starfleet.NewHandler(ship, environment()); err == nil || !strings.Contains(err.Error(), "RoleToAssume") {
		t.Errorf("error %v", err)
	}
}

// TestSessionKeysReachSTS: every key of the configuration is said to STS, and none that is not set.
func TestSessionKeysReachSTS(t *testing.T) {
	for _, test := range []struct {
		name, keys string
		want       []map[string]string
	}{
		{"none", ", WorkerRoleToAssume: worker", []map[string]string{
			{"RoleArn": "arn:aws:iam::111111111111:role/worker", "RoleSessionName": "Ship-run", "DurationSeconds": "3600"},
		}},
		{"all", `, WorkerRoleToAssume: worker, WorkerRoleSessionName: fixed, WorkerRoleChain: ["arn:{partition}:iam::999999999999:role/hub"], ` +
			`WorkerRoleExternalId: ext, WorkerRoleSourceIdentity: fleet, WorkerRoleSessionTags: {team: a}, WorkerRoleSessionDuration: 15m`, []map[string]string{
			{"RoleArn": "arn:aws:iam::999999999999:role/hub", "RoleSessionName": "fixed", "DurationSeconds": "900", "SourceIdentity": "fleet"},
			{"RoleArn": "arn:aws:iam::111111111111:role/worker", "RoleSessionName": "fixed", "DurationSeconds": "900", "ExternalId": "ext",
				"Tags.member.1.Key": "team", "Tags.member.1.Value": "a"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newSTS(t)
			handler := newHandler(t, asksForCredentials, configured("us-east-1", test.keys), starfleet.WithCommit(true))
			m := message(goodTask)
			m.Attributes[starfleet.AttributeRunID] = "run"
			if err := handler.Handle(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			var got []map[string]string
			for _, form := range server.forms {
				said := map[string]string{}
				for key := range form {
					if key != "Action" && key != "Version" {
						said[key] = form.Get(key)
					}
				}
				got = append(got, said)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSessionNameIsShipAndRun: cut to the 64 characters that STS takes, and the same for the tasks of a run.
func TestSessionNameIsShipAndRun(t *testing.T) {
	server := newSTS(t)
	handler := newHandler(t, asksForCredentials, configured("us-east-1", ", WorkerRoleToAssume: worker"))
	m := message(goodTask)
	m.Attributes[starfleet.AttributeRunID] = "bucket/Ship/a.yaml#" + strings.Repeat("v", 100)
	for range 2 {
		if err := handler.Handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if len(server.forms) != 1 {
		t.Fatalf("%d calls for one run in one account", len(server.forms))
	}
	if name := server.forms[0].Get("RoleSessionName"); len(name) != 64 || !strings.HasPrefix(name, "Ship-bucket-Ship-a.yaml-vvv") {
		t.Errorf("session name %q", name)
	}
}

// TestSessionOfMoreThanAnHour: AWS refuses it where a role assumes a role, so the ship does not start.
func TestSessionOfMoreThanAnHour(t *testing.T) {
	t.Parallel()
	ship := starfleet.ShipFunc("Ship", asksForCredentials)
	_, err := starfleet.NewHandler(ship, environment(), configured("us-east-1", ", WorkerRoleToAssume: worker, WorkerRoleSessionDuration: 2h"))
	if err == nil || !strings.Contains(err.Error(), "Ship.WorkerRoleSessionDuration: must be from 15m to 1h") {
		t.Errorf("error %v", err)
	}
}

// TestDenialByAYoungAccount: for a day after an account has joined, a denied role is tried again later; then it is a failure like any other. A time
// that nobody can read makes no account young.
func TestDenialByAYoungAccount(t *testing.T) {
	now := time.Date(2026, 5, 2, 12, 0, 0, 0, time.UTC)
	for joined, young := range map[string]bool{
		"2026-05-02T11:00:00Z":                 true,
		"2026-05-01T12:00:01.5+00:00":          true,
		"2026-05-02 13:59:59.123456+02:00":     true,
		"2026-05-01 12:00:01":                  true,
		"2026-05-02":                           true,
		"2026-05-02T12:05:00Z":                 true, // a clock that is off
		"2026-05-01T12:00:00Z":                 false,
		"2024-01-01 04:05:06.789000+00:00":     false,
		"2030-01-01T00:00:00Z":                 false,
		"yesterday":                            false,
		"":                                     false,
		"2026-05-02 11:00:00.000001 +0000 UTC": true,
	} {
		t.Run(joined, func(t *testing.T) {
			newSTS(t)
			account := accountindex.Account{
				ID: "222222222222", Name: "Two", ARN: "arn:aws:organizations::999999999999:account/o-abcdefghij/222222222222", State: accountindex.Active, JoinedTimestamp: joined,
				Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}}, Regions: []string{"us-east-1"}, Tags: map[string]string{},
			}
			x, err := accountindex.New([]accountindex.Account{account}, nil, time.Time{}, accountindex.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var result starfleet.Result
			handler := newHandler(t, asksForCredentials, configured("us-east-1", ", WorkerRoleToAssume: worker"), starfleet.WithIndex(accountindex.Static{X: x}),
				starfleet.WithClock(func() time.Time { return now }), starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { result = r }))
			err = handler.Handle(t.Context(), message(`{"TemplateName":"t","TemplateDescription":"d","IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],"Days":1,`+
				`"StarbaseAssignedAccount":"222222222222","StarbaseAssignedRegion":"us-east-1"}`))
			denied, ok := errors.AsType[*assume.DeniedError](err)
			if !ok || denied.Account != "222222222222" || result.Outcome != starfleet.OutcomeDenied {
				t.Fatalf("outcome %s, error %v", result.Outcome, err)
			}
			later, ok := errors.AsType[*starfleet.RetryAfterError](err)
			if ok != young || ok && later.After != 30*time.Minute {
				t.Errorf("young %t, error %v", ok, err)
			}
		})
	}
}
