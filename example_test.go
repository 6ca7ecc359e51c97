package starfleet_test

import (
	"context"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
)

// The set-up that the examples share.

// retentionPayload makes one task for each region of each account.
type retentionPayload struct {
	starfleet.AccountRegionPayload
	Days int `json:"Days" jsonschema:"required,minimum=1,maximum=3653"`
}

// noEnvironment keeps an example's ship from reading the variables of whoever runs it.
func noEnvironment() starfleet.Option {
	return starfleet.WithEnvironment(func(string) (string, bool) { return "", false })
}

// exampleIndex has three accounts, one of them suspended.
func exampleIndex() *accountindex.Index {
	account := func(id, name string, state accountindex.State) accountindex.Account {
		return accountindex.Account{
			ID: id, Name: name, ARN: "arn:aws:organizations::999999999999:account/o-example123/" + id, State: state,
			Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: "ROOT"}},
			Regions: []string{"eu-west-1", "us-east-1"}, Tags: map[string]string{},
		}
	}
	index, err := accountindex.New([]accountindex.Account{
		account("111111111111", "Web", accountindex.Active),
		account("222222222222", "Search", accountindex.Active),
		account("333333333333", "Old Shop", accountindex.Suspended),
	}, nil, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), accountindex.LoadOptions{})
	if err != nil {
		panic(err)
	}
	return index
}

func retentionShip(execute func(context.Context, *starfleet.Invocation[retentionPayload]) error) starfleet.Ship[retentionPayload] {
	return starfleet.ShipFunc("Retention", execute)
}
