package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/deploy"
	"github.com/starfleet-go/starfleet/internal/command"
)

// deployCommands are the commands about the deployment of a fleet.
type deployCommands struct {
	Render  deployRenderCommand  `cmd:"" help:"Write templates that deploy the fleet."`
	Check   deployCheckCommand   `cmd:"" help:"Find what contradicts itself before it is deployed."`
	Diff    deployDiffCommand    `cmd:"" help:"Compare a deployed stack with what would be deployed."`
	Package deployPackageCommand `cmd:"" help:"Build the zips of the functions."`
}

// Help is the detailed help.
func (deployCommands) Help() string {
	return `Nothing here changes anything in AWS: aws, sam or a pipeline applies what is written.

Examples:

  starfleet deploy check --config config
  starfleet deploy render --config config --out build
  starfleet deploy package --config config --out build/artifacts
  starfleet deploy diff --config config --stack starfleet

`
}

// fleetFlags say of which fleet.
type fleetFlags struct {
	Config string `placeholder:"DIR" help:"The configuration of the fleet: a folder, a file or s3://BUCKET/PREFIX; manifests lie in its folder manifests, as *.json. Default: $$STARFLEET_CONFIG."`
}

// open reads the configuration and all manifests beside it.
func (f *fleetFlags) open(ctx context.Context, c *command.Console) (*workspace, deploy.Config, error) {
	flags := shipFlags{Config: f.Config}
	w, err := flags.open(ctx, c)
	if err != nil {
		return nil, deploy.Config{}, err
	}
	if w.configuration == nil {
		return nil, deploy.Config{}, &command.UsageError{Problem: "which fleet?", Hint: "name its configuration with --config DIR"}
	}
	if len(w.unread) > 0 {
		return nil, deploy.Config{}, w.unread
	}
	manifests := make([]starfleet.Manifest, 0, len(w.manifests))
	for _, m := range w.manifests {
		manifests = append(manifests, m.Manifest)
	}
	slices.SortFunc(manifests, func(a, b starfleet.Manifest) int { return cmp.Compare(a.Name, b.Name) })
	return w, deploy.Config{Configuration: w.configuration, Manifests: manifests}, nil
}

// fleet is the fleet, when nothing is wrong with it.
func (f *fleetFlags) fleet(ctx context.Context, c *command.Console) (*workspace, *deploy.Fleet, error) {
	w, cfg, err := f.open(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	fleet, err := deploy.New(cfg)
	return w, fleet, err
}

// deployRenderCommand writes templates.
type deployRenderCommand struct {
	fleetFlags
	Format string `enum:"sam,cloudformation,terraform" default:"sam" help:"sam, cloudformation or terraform."`
	Out    string `required:"" placeholder:"DIR" help:"The folder that the files are written to. Files of the same names are replaced."`
}

// Help is the detailed help.
func (deployRenderCommand) Help() string {
	return `Writes the template of the fleet, whose name is printed first, and those of the roles in the other accounts: a plain one for the management account, and a StackSet. The same configuration gives the same files.

Example:

  starfleet deploy render --config config --out build

`
}

// Run does it.
func (r *deployRenderCommand) Run(ctx context.Context, c *command.Console) error {
	_, fleet, err := r.fleet(ctx, c)
	if err != nil {
		return err
	}
	files, err := fleet.Render(deploy.Format(r.Format))
	if err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(r.Out, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(c.Out, command.Safe(path))
	}
	for _, name := range fleet.Disabled() {
		c.Note("%s is not deployed: its section says Enabled: false", name)
	}
	return nil
}

// deployCheckCommand checks a fleet.
type deployCheckCommand struct {
	fleetFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object a finding on standard output, {file,line,column,path,problem,hint,warning}."`
}

// Help is the detailed help.
func (deployCheckCommand) Help() string {
	return `Finds what contradicts itself in the configuration, and what of the templates AWS would not take. Warnings are told and change nothing; anything else is exit status 1.

Example:

  starfleet deploy check --config config

`
}

// errFindings ends a check that found something.
var errFindings = errors.New("the fleet cannot be deployed like this")

// Run does it.
func (k *deployCheckCommand) Run(ctx context.Context, c *command.Console) error {
	w, cfg, err := k.open(ctx, c)
	if err != nil {
		return err
	}
	findings, err := deploy.Check(cfg)
	if err != nil {
		return err
	}
	failed := false
	for _, finding := range findings {
		failed = failed || !finding.Warning
		switch {
		case c.JSON:
			command.WriteJSON(c.Out, finding)
		case finding.Warning:
			_, _ = fmt.Fprintf(c.Out, "%s: %s\n", c.OutPaint.Yellow("warning"), command.Safe(finding.Error()))
		default:
			_, _ = fmt.Fprintf(c.Out, "%s: %s\n", c.OutPaint.Red("error"), command.Safe(finding.Error()))
		}
	}
	switch {
	case failed && c.JSON:
		return &command.StatusError{Status: command.StatusFailed}
	case failed:
		return errFindings
	case !c.JSON:
		_, _ = fmt.Fprintf(c.Out, "%s: %s\n", command.Safe(strings.TrimSuffix(w.place, "/")), c.OutPaint.Green("ok"))
	}
	return nil
}
