// Command accountindexgenerator is the ship's main: on Lambda it serves the ship's queue, elsewhere it is the ship's command line.
//
// Its settings are the section AccountIndexGeneratorShip of the configuration that STARFLEET_CONFIG names. Where that enables Slack, an index that
// lost too much, and any other failure, is told there.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/aws/s3config"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/accountindexgenerator"
)

func main() {
	settings, options, err := configure(os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "accountindexgenerator:", err)
		os.Exit(1)
	}
	starfleet.Run(accountindexgenerator.New(settings, accountindexgenerator.Clients{}), options...)
}

// configure reads the ship's settings. Without a configuration the ship can say what it is, but not run.
func configure(getenv func(string) (string, bool)) (accountindexgenerator.Settings, []starfleet.Option, error) {
	if value, set := getenv(starfleet.EnvironmentConfig); !set || value == "" {
		return accountindexgenerator.Settings{}, nil, nil
	}
	configuration, err := config.Choose("", getenv, nil, func(url string) (fs.FS, error) {
		return s3config.Open(context.Background(), url)
	})
	if err != nil {
		return accountindexgenerator.Settings{}, nil, err
	}
	settings, err := config.Section[accountindexgenerator.Settings](configuration, accountindexgenerator.Name)
	return settings, []starfleet.Option{
		starfleet.WithConfiguration(configuration), starfleet.WithSecretsFrom(secrets.Open), starfleet.WithAlerterFrom(slackalert.Open),
	}, err
}
