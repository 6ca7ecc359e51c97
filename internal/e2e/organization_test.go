//go:build peers

package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

// target is one region of one account.
type target struct{ account, region string }

// organization is a small one. Each test has its own, with account ids that no other has, so that tests may run side by side.
type organization struct {
	management, payments, checkout, archive, sandbox, closed string

	fleet string // the account in which Starbase and ships are deployed
}

var organizations atomic.Int64

// firstOrganization differs from run to run, so that a ministack may serve several.
var firstOrganization = 1000 + rand.Int64N(8000)

func newOrganization() organization {
	n := firstOrganization + organizations.Add(1)
	id := func(i int) string { return fmt.Sprintf("%04d%08d", n, i) }
	return organization{
		management: id(1), payments: id(2), checkout: id(3), archive: id(4), sandbox: id(5), closed: id(6), fleet: id(9),
	}
}

// everywhere is every region of every account.
func (o organization) everywhere() []target {
	var all []target
	for _, account := range []string{o.management, o.payments, o.checkout, o.archive, o.sandbox, o.closed, o.fleet} {
		all = append(all, target{account, region}, target{account, otherRegion})
	}
	return all
}

// workloads are the targets of the template.
func (o organization) workloads() []target {
	return []target{{o.payments, otherRegion}, {o.payments, region}, {o.checkout, region}}
}

// index is the account index.
func (o organization) index(t *testing.T) []byte {
	t.Helper()
	root := accountindex.Parent{ID: "r-a1b2", Name: "ROOT", Type: "ROOT"}
	unit := func(name string) accountindex.Parent {
		return accountindex.Parent{ID: "ou-a1b2-0000000" + name, Name: name, Type: "ORGANIZATIONAL_UNIT"}
	}
	account := func(id, name string, parents ...accountindex.Parent) accountindex.Account {
		return accountindex.Account{
			ID: id, Name: name, ARN: "arn:aws:organizations::" + o.management + ":account/o-a1b2c3d4e5/" + id, Email: name + "@example.com",
			State: accountindex.Active, Parents: append(parents, root), Regions: []string{otherRegion, region}, Tags: map[string]string{},
		}
	}
	archive := account(o.archive, "archive", unit("Workloads"))
	archive.Tags["log-retention"] = "exempt"
	checkout := account(o.checkout, "checkout", unit("Prod"), unit("Workloads"))
	checkout.Regions = []string{region}
	closed := account(o.closed, "closed", unit("Workloads"))
	closed.State = accountindex.Suspended
	x, err := accountindex.New([]accountindex.Account{
		account(o.management, "management"),
		account(o.payments, "payments", unit("Workloads")),
		checkout, archive, closed,
		account(o.sandbox, "play", unit("Sandbox")),
		account(o.fleet, "fleet", unit("Workloads")),
	}, nil, time.Now(), accountindex.LoadOptions{})
	must(t, err)
	return x.AppendFile(nil)
}

// templateKey is where the template is in its bucket.
const templateKey = "LogGroupRetention/workloads.yaml"

const template = `TemplateName: WorkloadLogRetention
TemplateDescription: Log groups of workloads that never expire get a retention of 90 days
IncludeAccounts:
  ByOrgUnits:
    - /Workloads
ExcludeAccounts:
  ByTags:
    - Name: log-retention
      Value: exempt
IncludeRegions:
  - ALL
RetentionInDays: 90
ExcludeLogGroupNamePrefixes:
  - /audit/
`
