package starfleet_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/queue"
)

// Middleware wraps every task, after the guards and before the ship.
func ExampleMiddleware() {
	notOnFriday := func(next starfleet.ExecuteFunc) starfleet.ExecuteFunc {
		return func(ctx context.Context, inv *starfleet.Invocation[any]) error {
			if inv.Commit {
				return starfleet.Skip("no changes on a Friday")
			}
			return next(ctx, inv)
		}
	}
	ship := retentionShip(func(context.Context, *starfleet.Invocation[retentionPayload]) error {
		fmt.Println("the ship runs")
		return nil
	})
	handler, err := starfleet.NewHandler(ship, noEnvironment(), starfleet.WithCommit(true),
		starfleet.WithLogger(slog.New(slog.DiscardHandler)), starfleet.WithMiddleware(notOnFriday))
	if err != nil {
		panic(err)
	}
	fmt.Println(handler.Handle(context.Background(), queue.Message{ID: "1", Body: `{"TemplateName": "t", "TemplateDescription": "d",
		"IncludeAccounts": {"AllAccounts": true}, "IncludeRegions": ["ALL"], "Days": 90,
		"StarbaseAssignedAccount": "111111111111", "StarbaseAssignedRegion": "us-east-1"}`}))
	// Output: skipped: no changes on a Friday
}
