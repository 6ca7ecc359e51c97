// Command starfleet is the operator's command line: it checks payload templates, says which accounts and regions they resolve to
// and why, and sends their tasks. Its commands tell what they do by --help.
package main

import (
	"context"
	"os"

	"github.com/starfleet-go/starfleet/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.StandardStreams(), os.LookupEnv))
}
