// Package starfleet is an SDK for doing work across every account and region of an AWS Organization.
//
// A worker ship does one kind of work in one account, or one region of it: implement [Ship] and call [Run] in a Lambda main.
// A payload template, a YAML file, says what the work is and where it applies. The Starbase (package starbase) takes a template when it changes
// or when a timer fires, resolves the accounts and regions from the account index (package accountindex), and puts one
// task for each on the ship's queue.
//
//	type RetentionPayload struct {
//		starfleet.AccountRegionPayload // one task for each region of each account
//		RetentionDays int `json:"RetentionDays" jsonschema:"required,minimum=1,maximum=3653"`
//	}
//
// Dry run is the default everywhere: a ship may write only when its deployment says STARFLEET_COMMIT=true, its command line
// --commit, or its main WithCommit(true). Nothing in a template or a message can ask for it.
package starfleet

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// Run is the main of a ship. On Lambda it serves the ship's queue, and does not return. Off Lambda it is the ship's command line
// (run, watch, validate, schema, manifest, version; see --help) and ends the process with its exit status.
// A ship that is wired wrongly ends the process at start, with the reason: see [NewHandler].
func Run[P Payload](ship Ship[P], options ...Option) {
	os.Exit(run(context.Background(), ship, options))
}

func run[P Payload](ctx context.Context, ship Ship[P], options []Option) int {
	if !onLambda(os.LookupEnv) {
		return commandLine(ctx, ship, options)
	}
	handler, err := NewHandler(ship, options...)
	if err == nil {
		_, err = handler.settlerFor(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	lambda.StartWithOptions(handler, lambda.WithContext(ctx))
	return 0
}
