package starbase_test

import (
	"context"
	"fmt"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/starbase"
)

// A template becomes tasks: the same ones that the command line's plan shows and that the Starbase sends.
func ExamplePrepare() {
	account := func(id, name string) accountindex.Account {
		return accountindex.Account{
			ID: id, Name: name, State: accountindex.Active, Regions: []string{"eu-west-1", "us-east-1"}, Tags: map[string]string{},
			ARN:     "arn:aws:organizations::100000000001:account/o-a1b2c3d4e5/" + id,
			Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: accountindex.TypeRoot}},
		}
	}
	index, err := accountindex.New([]accountindex.Account{
		account("100000000001", "Management"), account("210987654321", "Payments"), account("310987654321", "Search"),
	}, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	manifest, err := starfleet.BaseManifest("LogRetention", starfleet.PerAccountRegion)
	if err != nil {
		fmt.Println(err)
		return
	}
	template, err := starfleet.ParseTemplate(manifest, "prod.yaml", []byte(`
TemplateName: prod
TemplateDescription: Keep logs for 30 days
IncludeAccounts: {AllAccounts: true}
IncludeRegions: [ALL]
RetentionDays: 30
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := starbase.Prepare(context.Background(), starbase.Order{
		Template: template,
		Index:    index,
		Fleet:    config.Fleet{NeverTouch: accountindex.Selection{Exclusion: accountindex.Exclusion{ByNames: []string{"Search"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for task, err := range plan.Tasks(starfleet.RunInfo{RunID: "example"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(task.Label())
	}
	// Output:
	// 210987654321 eu-west-1
	// 210987654321 us-east-1
}
