// Command iamrole is the ship's main: on Lambda it serves the ship's queue, elsewhere it is the ship's command line.
//
// The configuration that STARFLEET_CONFIG names has the ship's section, the roles of all ships, which it never touches, and the account index.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/aws/s3config"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
)

func main() {
	ship, options, err := configure(os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "iamrole:", err)
		os.Exit(1)
	}
	starfleet.Run(ship, options...)
}

// configure makes the ship. Without a configuration it can say what it is, but not run.
func configure(getenv func(string) (string, bool)) (*iamrole.Ship, []starfleet.Option, error) {
	if value, set := getenv(starfleet.EnvironmentConfig); !set || value == "" {
		ship, err := iamrole.New(iamrole.Config{})
		return ship, nil, err
	}
	configuration, err := config.Choose("", getenv, nil, func(url string) (fs.FS, error) {
		return s3config.Open(context.Background(), url)
	})
	if err != nil {
		return nil, nil, err
	}
	ship, err := iamrole.New(iamrole.Config{Configuration: configuration, OwnARN: ownARN(configuration)})
	return ship, []starfleet.Option{
		starfleet.WithConfiguration(configuration), starfleet.WithIndexFrom(s3index.Open),
		starfleet.WithSecretsFrom(secrets.Open), starfleet.WithAlerterFrom(slackalert.Open),
	}, err
}

// ownARN is the role of the program itself: that of a function, a container or an instance, or of those who run the command line.
func ownARN(c *config.Configuration) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(c.Starfleet.DeploymentRegion))
		if err != nil {
			return "", err
		}
		return iamrole.CallerARN(ctx, cfg)
	}
}
