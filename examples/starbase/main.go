// Command starbase is a Starbase to copy: a Lambda that tasks the ships that it links and those whose manifests lie beside its
// configuration.
//
// Change config/ and fleet.go, and leave the rest. The configuration that STARFLEET_CONFIG names (a file, a folder, or an s3:// prefix) stands
// above the embedded one. One function can serve both the timers and the fan-out queue, or two functions of the same code one each.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/alert/slackalert"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/aws/s3state"
	"github.com/starfleet-go/starfleet/aws/s3templates"
	"github.com/starfleet-go/starfleet/aws/secrets"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
	"github.com/starfleet-go/starfleet/state"
)

func main() {
	ctx := context.Background()
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err == nil {
		var base *starbase.Starbase
		if base, err = newStarbase(ctx, cfg, os.LookupEnv); err == nil {
			lambda.StartWithOptions(base, lambda.WithContext(ctx))
		}
	}
	fmt.Fprintln(os.Stderr, "starbase:", err)
	os.Exit(1)
}

// newStarbase wires a Starbase to AWS. It fails on a configuration, or a manifest beside it, at fault; a manifest at fault under
// Fleet.ManifestPrefix stops its own ship alone.
func newStarbase(ctx context.Context, cfg aws.Config, getenv func(string) (string, bool)) (*starbase.Starbase, error) {
	configuration, manifests, err := open(ctx, cfg, getenv)
	if err != nil {
		return nil, err
	}
	if err := configuration.CheckQueues(); err != nil {
		return nil, err
	}
	logger := newLogger(configuration)
	cfg.Region = configuration.Starfleet.DeploymentRegion
	templates, err := s3templates.New(s3templates.Config{AWS: cfg, Bucket: configuration.Starfleet.TemplateBucket})
	if err != nil {
		return nil, err
	}
	fleet, err := newFleet(manifests)
	if err != nil {
		return nil, err
	}
	if err := loadManifests(ctx, fleet, templates, configuration.Fleet.ManifestPrefix, logger); err != nil {
		return nil, err
	}
	index, err := newIndex(cfg, configuration, logger)
	if err != nil {
		return nil, err
	}
	store, err := newState(cfg, configuration)
	if err != nil {
		return nil, err
	}
	queues := sqsqueue.NewClient(cfg, 0)
	settler, err := sqsqueue.NewSettler(queues)
	if err != nil {
		return nil, err
	}
	alerter, err := newAlerter(configuration)
	if err != nil {
		return nil, err
	}
	return starbase.New(starbase.Config{
		Fleet: fleet, Configuration: configuration, Templates: templates, Index: index, State: store, Settler: settler, Alerter: alerter, Logger: logger,
		OpenQueue: func(_ context.Context, url string) (queue.Sender, error) { return sqsqueue.NewSender(queues, url) },
	})
}

// newLogger writes JSON lines to standard error, from STARFLEET.LogLevel on.
func newLogger(c *config.Configuration) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Starfleet.LogLevel}
	return slog.New(starfleet.NewLogHandler(slog.NewJSONHandler(os.Stderr, options)))
}

// newAlerter is Slack when STARFLEET.SlackEnabled is true, with the token of the secret that STARFLEET.SecretsManager names.
func newAlerter(c *config.Configuration) (alert.Alerter, error) {
	source, err := secrets.Open(c)
	if err != nil {
		return nil, err
	}
	return slackalert.Open(c, source)
}

// newState is where halts, summaries of runs, and fan-outs that take long are kept: the bucket Fleet.StateBucket, nil without one.
func newState(cfg aws.Config, c *config.Configuration) (state.Store, error) {
	if c.Fleet.StateBucket == "" {
		return nil, nil
	}
	return s3state.New(s3state.Config{AWS: cfg, Bucket: c.Fleet.StateBucket, Prefix: c.Fleet.StatePrefix})
}

// newIndex is the account index of the section StarfleetDefaultAccountIndex.
func newIndex(cfg aws.Config, c *config.Configuration, logger *slog.Logger) (*s3index.Source, error) {
	section := c.DefaultIndex
	if c.Starfleet.AccountIndex != config.DefaultAccountIndexName || section == nil {
		return nil, fmt.Errorf("account index %q: this Starbase reads the one of the section %s, which the configuration has to have",
			c.Starfleet.AccountIndex, config.DefaultAccountIndexName)
	}
	source := s3index.Config{AWS: cfg, Region: section.BucketRegion, Bucket: section.IndexBucket, Key: section.IndexObjectPath, Logger: logger}
	source.Load.Organizations, source.Load.AssumeActive = c.Fleet.Organizations, c.Fleet.AssumeActive
	return s3index.New(source)
}
