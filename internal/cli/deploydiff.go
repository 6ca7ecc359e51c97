package cli

import (
	"context"
	"fmt"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/starfleet-go/starfleet/aws/cfnstack"
	"github.com/starfleet-go/starfleet/deploy"
	"github.com/starfleet-go/starfleet/internal/command"
)

// deployDiffCommand compares a stack.
type deployDiffCommand struct {
	fleetFlags
	Format   string `enum:"sam,cloudformation" default:"sam" help:"What the stack was deployed from: sam or cloudformation."`
	Stack    string `xor:"deployed" required:"" placeholder:"NAME" help:"The stack, in the fleet's region; its template is read from CloudFormation."`
	Template string `xor:"deployed" required:"" placeholder:"FILE" help:"In place of a stack: its template, as a file; - is standard input."`
	Output   string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object a change, {kind,resource,type,path,old,new}."`
}

// Help is the detailed help.
func (deployDiffCommand) Help() string {
	return `Says what would change. A ship that begins to write, or ends, is told first, on a line of its own that begins with commit. Where the code of functions lies is left out. Changes that were made past CloudFormation are not seen.

Example:

  starfleet deploy diff --config config --stack starfleet

`
}

// Run does it.
func (d *deployDiffCommand) Run(ctx context.Context, c *command.Console) error {
	w, fleet, err := d.fleet(ctx, c)
	if err != nil {
		return err
	}
	files, err := fleet.Render(deploy.Format(d.Format))
	if err != nil {
		return err
	}
	var deployed []byte
	if d.Template != "" {
		_, deployed, err = c.ReadDocument(d.Template)
	} else {
		deployed, err = stackTemplate(ctx, d.Stack, w.configuration.Starfleet.DeploymentRegion)
	}
	if err != nil {
		return err
	}
	changes, err := deploy.Diff(deployed, files[0].Data)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if c.JSON {
			command.WriteJSON(c.Out, change)
			continue
		}
		_, _ = fmt.Fprintln(c.Out, paintChange(c.OutPaint, change))
	}
	if len(changes) == 0 && !c.JSON {
		_, _ = fmt.Fprintln(c.Out, "nothing would change")
	}
	return nil
}

// stackTemplate reads the template of a stack.
func stackTemplate(ctx context.Context, stack, region string) ([]byte, error) {
	cfg, err := awsDefaults(ctx, awsconfig.WithRegion(region))
	if err != nil {
		return nil, err
	}
	return cfnstack.Template(ctx, cfnstack.NewClient(cfg), stack)
}

// paintChange is a change as a line.
func paintChange(paint command.Paint, change deploy.Change) string {
	line := command.Safe(change.String())
	switch change.Kind {
	case deploy.CommitChanged:
		return paint.Bold(line)
	case deploy.Added:
		return paint.Green(line)
	case deploy.Removed:
		return paint.Red(line)
	default:
		return line
	}
}
