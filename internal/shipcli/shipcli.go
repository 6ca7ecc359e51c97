// Package shipcli is the command line that every ship has where it does not run on Lambda: it runs one task, works the ship's queue, checks
// templates, and prints what a Starbase and an editor need to know of the ship.
//
// It knows the ship by callbacks only, so that the package of ships can import it.
package shipcli

import (
	"context"
	"time"

	"github.com/starfleet-go/starfleet/internal/command"
)

// Streams are where the command line reads and writes.
type Streams = command.Streams

// StandardStreams are those of the process.
func StandardStreams() Streams { return command.StandardStreams() }

// UsageError, returned from Ship.Run, is a wrong use of the command line: exit status 2.
type UsageError = command.UsageError

// The fan-out strategies, as Ship.FanOut has them.
const (
	fanOutSingle        = "SINGLE_INVOCATION"
	fanOutAccount       = "ACCOUNT"
	fanOutAccountRegion = "ACCOUNT_REGION"
)

// Ship is a worker ship as its command line sees it.
type Ship struct {
	// Name is the name of the ship; Version that of the SDK that it is built with.
	Name, Version string
	// FanOut is SINGLE_INVOCATION, ACCOUNT or ACCOUNT_REGION.
	FanOut string
	// Manifest is the ship's manifest: JSON.
	Manifest func() ([]byte, error)
	// Schema is the JSON Schema of the ship's payload.
	Schema func() ([]byte, error)
	// Skeleton is a template to start from: YAML.
	Skeleton func() ([]byte, error)
	// Validate checks a template. Its error is schema.Faults where the template is at fault; notes say what could not be checked.
	Validate func(file string, data []byte) (notes []string, err error)
	// Run does one task. The error is that of the task, or what kept it from being run; a *UsageError is the person's.
	Run func(context.Context, RunRequest) (RunResult, error)
	// Watch works the ship's queue until the context ends, or as the request says; a *UsageError is the person's.
	Watch func(context.Context, WatchRequest) error
}

// RunRequest is one task to be done.
type RunRequest struct {
	// File is the name of the payload for messages, Payload its content: a template or the body of a task.
	File    string
	Payload []byte
	// AccountID and Region are where to work, "" when the command line does not say.
	AccountID, Region string
	// Commit lets the ship write.
	Commit bool
	// Index is the file of an account index, "" for none. Config is a configuration's file or folder, "" for none named.
	Index, Config string
	// CallerCredentials has the ship work with the credentials of the caller instead of those of a role assumed in the account.
	CallerCredentials bool
}

// RunResult is what came of a task.
type RunResult struct {
	// Outcome is one word, such as ok, changed, skipped or failed; "" when the task was not run at all.
	Outcome string
	// AccountID and Region are where the task worked in the end, for the report.
	AccountID, Region string
	// Changes are what was changed, or would have been without Commit, a line each.
	Changes []string
	// Notes are said on standard error, such as what could not be checked.
	Notes   []string
	Elapsed time.Duration
}

// done says whether a task of this outcome leaves nothing to do: exit status 0.
func (r RunResult) done() bool {
	switch r.Outcome {
	case "ok", "changed", "skipped":
		return true
	}
	return false
}

// describe says what the ship is, for the help.
func describe(ship *Ship) string {
	works := map[string]string{
		fanOutSingle:        "works once for each template",
		fanOutAccount:       "works once in each account",
		fanOutAccountRegion: "works once in each region of each account",
	}
	return ship.Name + " is a Starfleet worker ship that " + works[ship.FanOut] + ".\n" +
		"On Lambda this program serves the ship's queue; here it is the ship's command line."
}
