package cli

import (
	"context"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/command"
)

// Streams are where the command line reads and writes.
type Streams = command.Streams

// StandardStreams are those of the process.
func StandardStreams() Streams { return command.StandardStreams() }

// programName is what the program is called in messages, whatever its file is named.
const programName = "starfleet"

// statusIncomplete is the exit status of `task` when sending began and not every task was sent.
const statusIncomplete = 3

// grammar is the command line for kong.
type grammar struct {
	Validate   validateCommand   `cmd:"" help:"Check payload templates."`
	Plan       planCommand       `cmd:"" help:"Say which accounts and regions a template resolves to, and why. Sends nothing."`
	Task       taskCommand       `cmd:"" help:"Resolve a template and send its tasks to the queue of its ship."`
	Watch      watchCommand      `cmd:"" help:"Work a queue: run a command for each message."`
	Schema     schemaCommand     `cmd:"" help:"Print the JSON Schema of a ship's payload, or a template to start from."`
	Manifest   manifestCommands  `cmd:"" help:"Show and check the manifests of ships."`
	Index      indexCommands     `cmd:"" help:"Look into an account index."`
	Halt       haltCommand       `cmd:"" help:"Hold the fleet, a ship or an account up for a while. Loses nothing."`
	Resume     resumeCommand     `cmd:"" help:"Lift a halt."`
	Halted     haltedCommand     `cmd:"" help:"List what is halted."`
	Runs       runsCommands      `cmd:"" help:"Say what became of the runs of the Starbase."`
	Init       initCommand       `cmd:"" help:"Make the module of a new ship, which builds and passes its test at once."`
	Progress   progressCommands  `cmd:"" help:"Count the parts of a job, each once."`
	Dlq        dlqCommands       `cmd:"" help:"Look at dead letters, replay them, delete them."`
	Deploy     deployCommands    `cmd:"" help:"Write what deploys the fleet, and check and compare it."`
	Version    versionCommand    `cmd:"" help:"Print the versions of starfleet and of Go."`
	Completion completionCommand `cmd:"" help:"Print a script by which a shell completes commands and flags."`
}

// description is what the program says of itself.
const description = `Starfleet does work across every account and region of an AWS Organization: templates say what and where, ships do it.

Examples:

  starfleet validate --config config templates/*/*.yaml
  starfleet plan --config config --index accountIndex.json templates/LogRetention/prod.yaml
  starfleet task --config config --index accountIndex.json templates/LogRetention/prod.yaml

`

// program is the whole command line.
func program() commandLine {
	return commandLine{
		Name:        programName,
		Description: description,
		Grammar:     &grammar{},
		Vars:        map[string]string{"version": starfleet.Version},
	}
}

// Main runs the command line and returns the exit status: 0 done, 1 something is at fault, 2 wrong usage, and 3 from
// `task` when not everything was sent. SIGINT and SIGTERM end what is under way.
func Main(ctx context.Context, args []string, s Streams, getenv func(string) (string, bool)) int {
	return program().Main(ctx, args, s, getenv)
}
