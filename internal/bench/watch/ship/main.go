// Ship is the ship of the measurement: its tasks are decoded, checked and guarded, and it does nothing.
package main

import (
	"context"

	starfleet "github.com/starfleet-go/starfleet"
)

type payload struct {
	starfleet.AccountRegionPayload
	Days int `json:"Days" jsonschema:"required,minimum=1"`
}

func main() {
	starfleet.Run(starfleet.ShipFunc("Bench", func(context.Context, *starfleet.Invocation[payload]) error { return nil }))
}
