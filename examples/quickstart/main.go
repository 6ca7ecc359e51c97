// The quickstart runs the main job of Starfleet without AWS: an organization, two ships, their templates, a timer and a
// changed template; Starbase, queues and ships in one process, in dry run.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"time"

	"golang.org/x/term"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/local"
)

//go:embed organization.json config/*.yaml templates
var files embed.FS

// begin is the time at which the simulation starts: run ids follow from it, so that each run of the quickstart prints the same.
var begin = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings as parameters. It returns the exit status: 0 when all is done, 1 when a task or the
// quickstart failed, 2 for wrong usage.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(progress)
	fail := flags.Bool("fail", false, "let one account throttle once and one refuse: a retry, a dead letter, exit status 1")
	latency := flags.Duration("latency", 15*time.Millisecond, "how long each call to the simulated AWS takes")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(progress, "quickstart: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	ok, err := quickstart(ctx, newCloud(*latency, *fail), out, newProgress(progress, isTerminal(progress)))
	if err != nil {
		_, _ = fmt.Fprintf(progress, "quickstart: %v\n", err)
		return 1
	}
	if !ok {
		return 1
	}
	return 0
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// quickstart is the main job: load, run two triggers, report.
func quickstart(ctx context.Context, c *cloud, out io.Writer, p *progress) (ok bool, err error) {
	data, err := files.ReadFile("organization.json")
	if err != nil {
		return false, err
	}
	index, err := accountindex.Load("organization.json", data, accountindex.LoadOptions{})
	if err != nil {
		return false, err
	}
	configurationFiles, err := fs.Sub(files, "config")
	if err != nil {
		return false, err
	}
	configuration, err := config.Load(configurationFiles)
	if err != nil {
		return false, err
	}
	templates, err := fs.Sub(files, "templates")
	if err != nil {
		return false, err
	}
	fleet, err := local.New(local.Config{
		Configuration: configuration, Templates: templates, Index: accountindex.Static{X: index}, Start: begin,
		OnRun: p.run, OnResult: p.result,
	})
	if err != nil {
		return false, err
	}
	if err := errors.Join(local.Add(fleet, passwordPolicyShip{c}), local.Add(fleet, ebsEncryptionShip{c})); err != nil {
		return false, err
	}
	triggers := []local.Trigger{local.Timer("HOURLY"), local.Changed("EbsEncryption/workloads.yaml")}
	report, err := fleet.Run(ctx, triggers...)
	p.end()
	if err != nil {
		return false, err
	}
	w := newPrinter(out)
	w.organization(index)
	w.triggers(triggers)
	for _, run := range report.Runs {
		w.run(run)
	}
	w.deadLetters(report.DeadLetters)
	w.grid(index, report.Runs)
	w.next(report.OK())
	return report.OK(), w.err
}
