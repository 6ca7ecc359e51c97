package cli

import (
	"fmt"
	"runtime"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/internal/command"
)

// versionCommand prints versions.
type versionCommand struct{}

// Help is the detailed help.
func (versionCommand) Help() string {
	return `Example:

  starfleet version

`
}

// Run does it.
func (versionCommand) Run(c *command.Console) error {
	_, err := fmt.Fprintf(c.Out, "%s %s (%s %s/%s)\n", programName, starfleet.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
