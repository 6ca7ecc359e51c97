package cli

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/internal/scaffold"
)

// initCommand makes the module of a new ship.
type initCommand struct {
	Dir    string `arg:"" help:"The folder of the module: a new or an empty one."`
	Module string `placeholder:"PATH" help:"The path of the module; its last element names the ship. Default: example.com/ and the name of the folder."`
	FanOut string `placeholder:"STRATEGY" enum:"SINGLE_INVOCATION,ACCOUNT,ACCOUNT_REGION" default:"ACCOUNT_REGION" help:"What the ship gets a task for: SINGLE_INVOCATION, a template; ACCOUNT, each account; ACCOUNT_REGION, each region of each account. Default: ACCOUNT_REGION."`
	SDK    string `name:"sdk" placeholder:"CHECKOUT" help:"A local checkout of the SDK to build with. Default: the version of the SDK that this starfleet is from."`
}

// Help is the detailed help.
func (initCommand) Help() string {
	return `The module has a small ship that works: its payload and work, its main, a template with its schema, a test, a configuration, and a Makefile that builds it for Lambda. It is the start of yours.

A folder that has anything in it but .git is refused, and what fails half way leaves nothing behind.

Examples:

  starfleet init log-retention
  starfleet init . --module github.com/acme/ships/log-retention --fan-out ACCOUNT
  starfleet init log-retention --sdk ~/src/starfleet

`
}

// Run does it.
func (i *initCommand) Run(ctx context.Context, c *command.Console) error {
	made, err := i.module()
	if err != nil {
		return err
	}
	if err := made.Write(ctx, i.Dir); err != nil {
		return err
	}
	if i.SDK == "" && buildVersion() == "" {
		c.Note("this starfleet is a development build and names no release of the SDK: go mod tidy takes the latest; --sdk CHECKOUT builds with a checkout")
	}
	i.print(c, made)
	return nil
}

// module makes the module, which is not on disk yet.
func (i *initCommand) module() (*scaffold.Module, error) {
	cfg := scaffold.Config{ModulePath: i.Module, FanOut: starfleet.FanOutStrategy(i.FanOut), SDKVersion: buildVersion()}
	if cfg.ModulePath == "" {
		dir, err := filepath.Abs(i.Dir)
		if err != nil {
			return nil, err
		}
		cfg.ModulePath = path.Join("example.com", filepath.Base(dir))
	}
	if i.SDK != "" {
		checkout, err := filepath.Abs(i.SDK)
		if err != nil {
			return nil, err
		}
		cfg.Checkout = checkout
	}
	made, err := scaffold.New(cfg)
	if err == nil {
		return made, nil
	}
	var problems []string
	for _, fault := range command.Faults(err) {
		problems = append(problems, flagOf.Replace(fault.Error()))
	}
	return nil, &command.UsageError{Problem: strings.Join(problems, "; ")}
}

// flagOf names the flag that a field of scaffold.Config comes from.
var flagOf = strings.NewReplacer("ModulePath: ", "--module: ", "Checkout: ", "--sdk: ", "FanOut: ", "--fan-out: ")

// print says what was made, and how to go on.
func (i *initCommand) print(c *command.Console, made *scaffold.Module) {
	_, _ = fmt.Fprintf(c.Out, "%s %s, a ship for %s, in %s\n\n", c.OutPaint.Green("made"), made.Ship, strategyWords[i.FanOut], command.Safe(i.Dir))
	for _, f := range made.Files {
		_, _ = fmt.Fprintf(c.Out, "  %-18s  %s\n", f.Name, c.OutPaint.Faint(f.About))
	}
	_, _ = fmt.Fprintf(c.Out, "\n%s\n", c.OutPaint.Bold("next"))
	for _, next := range i.next() {
		_, _ = fmt.Fprintf(c.Out, "  %s\n", command.Safe(next))
	}
}

var strategyWords = map[string]string{
	string(starfleet.SingleInvocation): "the organization as a whole",
	string(starfleet.PerAccount):       "each account",
	string(starfleet.PerAccountRegion): "each region of each account",
}

// next are the next three commands.
func (i *initCommand) next() []string {
	var commands []string
	if filepath.Clean(i.Dir) != "." {
		commands = append(commands, "cd "+shellWord(i.Dir))
	}
	if i.SDK == "" {
		commands = append(commands, "go mod tidy")
	}
	return append(commands, "go test ./...", "go run . validate template.yaml", "make build")[:3]
}

// plainWord needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[\w.,/:+@%][\w.,/:+@%-]*$`)

// shellWord is the text as one word of a POSIX shell, which cd takes for a folder.
func shellWord(text string) string {
	if strings.HasPrefix(text, "-") {
		text = "./" + text
	}
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// release is the version of a released program, such as v1.2.3, which the linker sets; "" in what others build.
var release string

// buildVersion is the version of the SDK that the program was built from, "" for one that nobody else can get.
func buildVersion() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(release, info)
}

// versionOf finds the version. What go install PACKAGE@VERSION has built comes with the sum of its module. A build in a checkout has a version
// only when a tag is its commit: others are made up of the commit, which may be nowhere else.
func versionOf(release string, info *debug.BuildInfo) string {
	if release != "" || info == nil {
		return release
	}
	m := info.Main
	switch {
	case m.Replace != nil || m.Path != scaffold.SDKPath || !semver.IsValid(m.Version):
		return ""
	case m.Sum != "":
		return m.Version
	case module.IsPseudoVersion(m.Version) || semver.Build(m.Version) != "":
		return ""
	}
	return m.Version
}
