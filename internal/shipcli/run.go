package shipcli

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
)

// runCommand runs one task.
type runCommand struct {
	Payload   string `required:"" placeholder:"FILE" help:"The template, or the body of a task; - is standard input."`
	AccountID string `placeholder:"ID" help:"The account to work in. Default: the one that the payload has from the Starbase."`
	Region    string `placeholder:"R" help:"The region to work in. Default: the one that the payload has from the Starbase."`
	Commit    bool   `help:"Write. Without it the ship says what it would change and writes nothing."`
	Index     string `placeholder:"FILE" help:"An account index: the account is checked against the template's selections."`
	Config    string `placeholder:"DIR" help:"The configuration of the fleet: a folder or a file. Default: $$STARFLEET_CONFIG, then the one in the program."`

	UseCallerCredentials bool   `help:"Work with the credentials of the caller instead of a role assumed in the account."`
	Output               string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object on standard output."`
}

// Help is the detailed help.
func (runCommand) Help() string {
	return `Nothing is written unless --commit is given. Credentials come from the environment, as for every AWS SDK; the ship's role is then assumed in the account, unless --use-caller-credentials is given.

The exit status is 0 when the task is done or was skipped, 1 when it failed, was refused by a guard or does not apply to the account, 2 for wrong usage.

Example:

  ${ship} run --payload template.yaml --account-id 111111111111 --region eu-west-1

`
}

// Run does it.
func (r *runCommand) Run(ctx context.Context, c *command.Console, ship *Ship) error {
	if err := r.check(ship); err != nil {
		return err
	}
	file, data, err := c.ReadDocument(r.Payload)
	if err != nil {
		return err
	}
	result, err := ship.Run(ctx, RunRequest{
		File: file, Payload: data, AccountID: r.AccountID, Region: r.Region, Commit: r.Commit,
		Index: r.Index, Config: r.Config, CallerCredentials: r.UseCallerCredentials,
	})
	for _, note := range result.Notes {
		c.Note("%s", note)
	}
	if result.Outcome != "" {
		r.print(c, ship, result, err)
	}
	switch {
	case result.done():
		return nil
	case err != nil:
		return err
	}
	return &command.StatusError{Status: command.StatusFailed}
}

// check refuses flags that do not fit the ship or cannot be right.
func (r *runCommand) check(ship *Ship) error {
	switch {
	case r.AccountID != "" && ship.FanOut == fanOutSingle:
		return command.Usagef("--account-id: %s works once for each template, in no account in particular", ship.Name)
	case r.Region != "" && ship.FanOut != fanOutAccountRegion:
		return command.Usagef("--region: %s does not work by region", ship.Name)
	case r.AccountID != "" && !accountindex.IsAccountID(r.AccountID):
		return command.Usagef("--account-id: %q is no account id: it has 12 digits", r.AccountID)
	case r.Region != "" && !accountindex.IsRegionName(r.Region):
		return command.Usagef("--region: %q is no region name, such as eu-west-1", r.Region)
	}
	return nil
}

// report is the result under `-o json`.
type report struct {
	Ship      string   `json:"ship"`
	AccountID string   `json:"accountId,omitempty"`
	Region    string   `json:"region,omitempty"`
	Commit    bool     `json:"commit"`
	Outcome   string   `json:"outcome"`
	Changes   []string `json:"changes"`
	Error     string   `json:"error,omitempty"`
	Seconds   float64  `json:"seconds"`
}

func (r *runCommand) print(c *command.Console, ship *Ship, result RunResult, err error) {
	seconds := math.Round(result.Elapsed.Seconds()*1000) / 1000
	if !c.JSON {
		r.printText(c, result, seconds)
		return
	}
	out := report{
		Ship: ship.Name, AccountID: result.AccountID, Region: result.Region, Commit: r.Commit,
		Outcome: result.Outcome, Changes: append([]string{}, result.Changes...), Seconds: seconds,
	}
	if err != nil {
		out.Error = err.Error()
	}
	command.WriteJSON(c.Out, out)
}

func (r *runCommand) printText(c *command.Console, result RunResult, seconds float64) {
	verb, mode := "would", "dry run: nothing was written, --commit writes"
	if r.Commit {
		verb, mode = "did", "commit"
	}
	for _, change := range result.Changes {
		_, _ = fmt.Fprintf(c.Out, "%s %s\n", c.OutPaint.Faint(verb+":"), command.Safe(change))
	}
	outcome := c.OutPaint.Green(result.Outcome)
	if !result.done() {
		outcome = c.OutPaint.Red(result.Outcome)
	}
	_, _ = fmt.Fprintf(c.Out, "%s: %s in %s (%s)\n", outcome, count(len(result.Changes)), time.Duration(seconds*float64(time.Second)), mode)
}

func count(changes int) string {
	if changes == 1 {
		return "1 change"
	}
	return fmt.Sprintf("%d changes", changes)
}

// write writes what the ship made for a file, as it is.
func write(w io.Writer, raw []byte) error {
	_, err := w.Write(raw)
	return err
}
