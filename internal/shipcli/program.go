package shipcli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/starfleet-go/starfleet/internal/command"
)

// The command line of ships is made of cobra, and that of operators of kong: kong finds methods by name, which makes the linker keep every method
// of every AWS client that a ship links.

// run is one run of the command line.
type run struct {
	*command.Console
	ship *Ship
	// reached says that the arguments were understood: what fails from then on is no wrong usage.
	reached bool
}

// Main runs the command line of a ship and returns the exit status: 0 done or skipped, 1 failed, refused or not
// applicable, 2 wrong usage. SIGINT and SIGTERM end the context of the task.
func Main(ctx context.Context, args []string, s Streams, getenv func(string) (string, bool), ship Ship) int {
	ctx, stop := command.WithSignals(ctx)
	defer stop()
	r := &run{Console: command.NewConsole(ship.Name, s, getenv), ship: &ship}
	root := r.root()
	root.SetArgs(append([]string{}, args...)) // for nil cobra takes those of the process
	selected, err := root.ExecuteContextC(ctx)
	path := selected.CommandPath()
	if err != nil && !r.reached {
		problem := strings.Join(strings.Fields(err.Error()), " ") // cobra's suggestions are on lines of their own
		return r.Finish(path, &command.UsageError{Problem: problem})
	}
	return r.Finish(path, err)
}

// root is the whole command line.
func (r *run) root() *cobra.Command {
	root := &cobra.Command{
		Use:               r.ship.Name,
		Long:              describe(r.ship),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetOut(r.Out)
	root.SetErr(r.Err)
	commands := []*cobra.Command{r.runCommand(), r.watchCommand(), r.validateCommand(), r.schemaCommand(), r.manifestCommand(), r.versionCommand()}
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name()
	}
	root.AddCommand(commands...)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(r.Out, c, commands) })
	root.RunE = func(*cobra.Command, []string) error {
		return fmt.Errorf("a command is missing: one of %s", strings.Join(names, ", "))
	}
	return root
}

// command makes a subcommand whose run does do once the arguments were understood.
func (r *run) command(use, short, details string, arguments cobra.PositionalArgs, do func(ctx context.Context, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: strings.ReplaceAll(details, "${ship}", r.ship.Name), Args: arguments, DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			r.reached = true
			if output := c.Flag("output"); output != nil {
				r.JSON = output.Value.String() == outputJSON
			}
			return do(c.Context(), args)
		},
	}
}

// The forms of output.
const (
	outputText = "text"
	outputJSON = "json"
)

// outputFlag is the value of -o: text or json.
type outputFlag string

// addOutput gives a command the flag -o.
func addOutput(c *cobra.Command, help string) {
	value := outputFlag(outputText)
	c.Flags().VarP(&value, "output", "o", help)
}

// String implements pflag.Value.
func (o *outputFlag) String() string { return string(*o) }

// Type implements pflag.Value: what stands behind the flag in the help.
func (*outputFlag) Type() string { return "FORM" }

// Set implements pflag.Value.
func (o *outputFlag) Set(value string) error {
	if !slices.Contains([]string{outputText, outputJSON}, value) {
		return fmt.Errorf("%q is neither text nor json", value)
	}
	*o = outputFlag(value)
	return nil
}

// helpWidth is where the descriptions of flags are wrapped, in columns.
const helpWidth = 100

// writeHelp writes what a command is for, and its flags; for the program itself its commands, in their order, which cobra does not keep.
func writeHelp(w io.Writer, c *cobra.Command, commands []*cobra.Command) {
	use := c.UseLine()
	if c.HasSubCommands() {
		use = c.CommandPath() + " COMMAND"
	}
	_, _ = fmt.Fprintf(w, "Usage: %s\n", use)
	for _, text := range []string{c.Short, c.Long} {
		if text != "" {
			_, _ = fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(text))
		}
	}
	if flags := c.NonInheritedFlags().FlagUsagesWrapped(helpWidth); flags != "" {
		_, _ = fmt.Fprintf(w, "\nFlags:\n%s", flags)
	}
	if !c.HasSubCommands() {
		return
	}
	_, _ = io.WriteString(w, "\nCommands:\n")
	for _, sub := range commands {
		_, _ = fmt.Fprintf(w, "  %-10s  %s\n", sub.Name(), sub.Short)
	}
	_, _ = fmt.Fprintf(w, "\n%s COMMAND --help says more of a command.\n", c.CommandPath())
}
