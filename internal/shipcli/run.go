package shipcli

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/command"
)

const runDetails = `
Nothing is written unless --commit is given. Credentials come from the environment, as for every AWS
SDK; the ship's role is then assumed in the account, unless --use-caller-credentials is given.

The exit status is 0 when the task is done or was skipped, 1 when it failed, was refused by a guard or
does not apply to the account, 2 for wrong usage.

Example:

    ${ship} run --payload template.yaml --account-id 111111111111 --region eu-west-1`

// runCommand runs one task.
func (r *run) runCommand() *cobra.Command {
	var payload string
	request := RunRequest{}
	c := r.command("run --payload FILE [flags]", "Run the ship once, here and now: a dry run unless --commit is given.", runDetails, cobra.NoArgs,
		func(ctx context.Context, _ []string) error { return r.runTask(ctx, payload, request) })
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&payload, "payload", "", "the template, or the body of a task: a `FILE`; - is standard input")
	flags.StringVar(&request.AccountID, "account-id", "", "the `ID` of the account to work in; default: the one that the payload has from the Starbase")
	flags.StringVar(&request.Region, "region", "", "the `REGION` to work in; default: the one that the payload has from the Starbase")
	flags.BoolVar(&request.Commit, "commit", false, "write; without it the ship says what it would change and writes nothing")
	flags.StringVar(&request.Index, "index", "", "an account index, a `FILE`: the account is checked against the template's selections")
	flags.StringVar(&request.Config, "config", "", "the configuration of the fleet, a folder or a file: a `PATH`; default: $STARFLEET_CONFIG, then the one in the program")
	flags.BoolVar(&request.CallerCredentials, "use-caller-credentials", false, "work with the credentials of the caller instead of a role assumed in the account")
	addOutput(c, "text, or json: one object on standard output")
	_ = c.MarkFlagRequired("payload") // fails for a flag that is not there alone
	return c
}

// runTask does it.
func (r *run) runTask(ctx context.Context, payload string, request RunRequest) (err error) {
	if err := checkTarget(r.ship, request); err != nil {
		return err
	}
	if request.File, request.Payload, err = r.ReadDocument(payload); err != nil {
		return err
	}
	result, err := r.ship.Run(ctx, request)
	for _, note := range result.Notes {
		r.Note("%s", note)
	}
	if result.Outcome != "" {
		r.print(request.Commit, result, err)
	}
	switch {
	case result.done():
		return nil
	case err != nil:
		return err
	}
	return &command.StatusError{Status: command.StatusFailed}
}

// checkTarget refuses flags that do not fit the ship or cannot be right.
func checkTarget(ship *Ship, r RunRequest) error {
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

func (r *run) print(commit bool, result RunResult, err error) {
	seconds := math.Round(result.Elapsed.Seconds()*1000) / 1000
	if !r.JSON {
		r.printText(commit, result, seconds)
		return
	}
	out := report{
		Ship: r.ship.Name, AccountID: result.AccountID, Region: result.Region, Commit: commit,
		Outcome: result.Outcome, Changes: append([]string{}, result.Changes...), Seconds: seconds,
	}
	if err != nil {
		out.Error = err.Error()
	}
	command.WriteJSON(r.Out, out)
}

func (r *run) printText(commit bool, result RunResult, seconds float64) {
	verb, mode := "would", "dry run: nothing was written, --commit writes"
	if commit {
		verb, mode = "did", "commit"
	}
	for _, change := range result.Changes {
		_, _ = fmt.Fprintf(r.Out, "%s %s\n", r.OutPaint.Faint(verb+":"), command.Safe(change))
	}
	outcome := r.OutPaint.Green(result.Outcome)
	if !result.done() {
		outcome = r.OutPaint.Red(result.Outcome)
	}
	_, _ = fmt.Fprintf(r.Out, "%s: %s in %s (%s)\n", outcome, count(len(result.Changes)), time.Duration(seconds*float64(time.Second)), mode)
}

func count(changes int) string {
	if changes == 1 {
		return "1 change"
	}
	return fmt.Sprintf("%d changes", changes)
}
