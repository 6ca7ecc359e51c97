package accountindex_test

import (
	"context"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

// Resolve a selection, and say why.
func ExampleIndex_Resolve() {
	account := func(id, name, ou string, state accountindex.State) accountindex.Account {
		return accountindex.Account{
			ID: id, Name: name, State: state,
			ARN:     "arn:aws:organizations::100000000000:account/o-a1b2c3d4e5/" + id,
			Parents: []accountindex.Parent{{ID: "ou-ab12-" + ou, Name: ou}, {ID: "r-ab12", Name: "ROOT"}},
			Regions: []string{"eu-west-1", "us-east-1"},
		}
	}
	index, err := accountindex.New([]accountindex.Account{
		account("100000000001", "Payments", "Prod", accountindex.Active),
		account("100000000002", "Vault", "Prod", accountindex.Active),
		account("100000000003", "Old", "Prod", accountindex.Suspended),
		account("100000000004", "Playground", "Dev", accountindex.Active),
	}, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	resolution, err := index.Resolve(context.Background(), accountindex.Query{
		Include:        accountindex.Selection{Exclusion: accountindex.Exclusion{ByOrgUnits: []string{"/Prod"}}},
		Exclude:        accountindex.Exclusion{ByNames: []string{"vault"}},
		PerRegion:      true,
		IncludeRegions: []string{accountindex.AllRegions},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for target := range resolution.All() {
		fmt.Println(target.AccountID, target.Region)
	}
	for d := range resolution.Explain() {
		fmt.Printf("%-10s %-12s %s\n", d.Account.Name, d.Reason, d.Rule)
	}
	// Output:
	// 100000000001 eu-west-1
	// 100000000001 us-east-1
	// Payments   included     IncludeAccounts.ByOrgUnits[0] "/Prod" (/Prod)
	// Vault      excluded     ExcludeAccounts.ByNames[0] "vault"
	// Old        not-active   the state of the account is SUSPENDED
	// Playground not-included no selector of IncludeAccounts matches
}
