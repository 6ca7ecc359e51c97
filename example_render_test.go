package starfleet_test

import (
	"context"
	"fmt"

	"github.com/starfleet-go/starfleet"
)

// A template and an account index give the tasks, in a stable order.
func ExampleRender() {
	manifest, err := starfleet.ManifestOf(retentionShip(nil))
	if err != nil {
		panic(err)
	}
	template, err := starfleet.ParseTemplate(manifest, "keep.yaml", []byte(`
TemplateName: keep-90
TemplateDescription: Keep logs for 90 days
IncludeAccounts: {AllAccounts: true}
IncludeRegions: [ALL]
ExcludeRegions: [eu-west-1]
Days: 90
`))
	if err != nil {
		panic(err)
	}
	resolution, err := exampleIndex().Resolve(context.Background(), template.Query())
	if err != nil {
		panic(err)
	}
	for task, err := range starfleet.Render(template, resolution, starfleet.RunInfo{RunID: "run-1"}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(task.Label())
	}
	for decision := range resolution.Explain() {
		fmt.Printf("%s: %s\n", decision.Account.Name, decision.Reason)
	}
	// Output:
	// 111111111111 us-east-1
	// 222222222222 us-east-1
	// Web: included
	// Search: included
	// Old Shop: not-active
}

// All faults of a template come at once, each with its place and, where there is one, the way out.
func ExampleParseTemplate() {
	manifest, err := starfleet.ManifestOf(retentionShip(nil))
	if err != nil {
		panic(err)
	}
	_, err = starfleet.ParseTemplate(manifest, "keep.yaml", []byte(`TemplateName: keep-90
IncludeAccounts:
  ByIds: [111111111111]
ExcludeAcounts: {ByNames: [Web]}
IncludeRegions: [us-east-1, ALL]
Days: 9000
`))
	fmt.Println(err)
	// Output:
	// keep.yaml:1:1: TemplateDescription: is required
	// keep.yaml:3:11: IncludeAccounts.ByIds[0]: must be a string, not the integer 111111111111: quote the account id: "111111111111"
	// keep.yaml:4:1: ExcludeAcounts: unknown key: did you mean ExcludeAccounts?
	// keep.yaml:5:29: IncludeRegions[1]: ALL stands alone: remove the other regions, or ALL
	// keep.yaml:6:7: Days: must be at most 3653, not the integer 9000
}
