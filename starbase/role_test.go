package starbase_test

import (
	"errors"
	"strings"
	"testing"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// rolePayload is a payload by which a template chooses the role.
type rolePayload struct {
	starfleet.AccountPayload
	Role string `json:"Role,omitempty"`
}

func (p rolePayload) RoleToAssume() string {
	if p.Role == "panic" {
		panic("no role")
	}
	return p.Role
}

// A template that chooses a role which the ship's section does not allow tasks nobody: it is dead-lettered before the index is asked.
func TestTemplateChoosesAmongAllowedRoles(t *testing.T) {
	t.Parallel()
	const roles = "WorkerRoleToAssume: worker\nAllowedRoles: [team/auditor]"
	for _, test := range []struct {
		role, section string
		allowed       bool
	}{
		{"", roles, true},
		{"worker", roles, true},
		{"team/auditor", roles, true},
		{"admin", roles, false},
		{"auditor", roles, false},
		{"Worker", roles, false},
		{"panic", roles, false},
		{"worker", "MaxTargets: 50", false},
		{"", "MaxTargets: 50", true},
	} {
		t.Run(test.role+" "+test.section, func(t *testing.T) {
			t.Parallel()
			fleet := starbase.NewFleet()
			if err := starbase.Register(fleet, ship[rolePayload]("Role")); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, setup{fleet: fleet, configuration: configuration(t, section("Role", "Role/", "S3", test.section))})
			w.templates.put("Role/t.yaml", accountTemplate("t", everyone+"Role: \""+test.role+"\"\n"))
			err := w.handle(fanOutBody("Role", "Role/t.yaml"))
			if test.allowed {
				w.must(err)
				if w.sent() != 19 {
					t.Errorf("%d tasks", w.sent())
				}
				return
			}
			wantDisposition(t, err, queue.DeadLetter)
			refused, ok := errors.AsType[*starfleet.RefusedError](err)
			if !ok || refused.Guard != "AllowedRoles" || w.sent() != 0 || !strings.Contains(w.log(), "AllowedRoles") {
				t.Errorf("%d sent, error %v", w.sent(), err)
			}
		})
	}
}
