package starfleet_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
)

// A handler does one task at a time; the ship sees a typed payload.
func ExampleNewHandler() {
	ship := retentionShip(func(_ context.Context, inv *starfleet.Invocation[retentionPayload]) error {
		inv.Change("set retention", "days", inv.Payload.Days)
		fmt.Printf("%s in %s %s, commit %t\n", inv.Payload.TemplateName, inv.AccountID, inv.Region, inv.Commit)
		return nil
	})
	handler, err := starfleet.NewHandler(ship, noEnvironment(), starfleet.WithLogger(slog.New(slog.DiscardHandler)),
		starfleet.WithObserver(func(_ context.Context, r starfleet.Result) { fmt.Println("outcome:", r.Outcome) }))
	if err != nil {
		panic(err)
	}
	err = handler.Handle(context.Background(), queue.Message{ID: "1", Body: `{
		"TemplateName": "keep-90", "TemplateDescription": "Keep logs for 90 days",
		"IncludeAccounts": {"AllAccounts": true}, "IncludeRegions": ["ALL"], "Days": 90,
		"StarbaseAssignedAccount": "111111111111", "StarbaseAssignedRegion": "us-east-1"}`})
	fmt.Println("error:", err)
	// Output:
	// keep-90 in 111111111111 us-east-1, commit false
	// outcome: changed
	// error: <nil>
}
