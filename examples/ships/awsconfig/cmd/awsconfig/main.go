// Command awsconfig is the ship's main: on Lambda it serves the ship's queue, elsewhere it is the ship's command line.
//
// It reads the account index of its configuration, which overrides need, and tells what it changed and what failed by way of Slack where the
// configuration has it.
package main

import (
	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/examples/ships/awsconfig"
)

func main() {
	starfleet.Run(awsconfig.New(awsconfig.NewClient),
		starfleet.WithIndexFrom(s3index.Open), starfleet.WithSecretsFrom(secrets.Open), starfleet.WithAlerterFrom(slackalert.Open))
}
