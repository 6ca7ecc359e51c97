// Command githubsync is the ship's main: on Lambda it serves the ship's queue, elsewhere it is the ship's command line.
//
// Its settings are the section GitHubSyncWorkerShip of the configuration that STARFLEET_CONFIG names, and its credentials for GitHub the section
// GitHubSyncWorker of the secret that STARFLEET.SecretsManager names there.
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
	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
)

func main() {
	ship, options, err := configure(os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "githubsync:", err)
		os.Exit(1)
	}
	starfleet.Run(ship, options...)
}

// configure makes the ship of the configuration. Without one the ship can say what it is, but not run.
func configure(getenv func(string) (string, bool)) (*githubsync.Ship, []starfleet.Option, error) {
	place, set := getenv(starfleet.EnvironmentConfig)
	if !set || place == "" {
		ship, err := githubsync.New(githubsync.Config{})
		return ship, nil, err
	}
	configuration, err := config.Choose("", getenv, nil, func(url string) (fs.FS, error) {
		return s3config.Open(context.Background(), url)
	})
	if err != nil {
		return nil, nil, err
	}
	cfg, err := githubsync.FromConfiguration(configuration, place)
	if err != nil {
		return nil, nil, err
	}
	ship, err := githubsync.New(cfg)
	return ship, []starfleet.Option{
		starfleet.WithConfiguration(configuration),
		starfleet.WithSecretsFrom(secrets.Open), starfleet.WithAlerterFrom(slackalert.Open),
	}, err
}
