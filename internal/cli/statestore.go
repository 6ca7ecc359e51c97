package cli

import (
	"context"
	"strings"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/starfleet-go/starfleet/aws/s3state"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/state"
)

// stateFlags say where the state of the fleet is kept.
type stateFlags struct {
	State  string `placeholder:"URL" help:"Where the state of the fleet is kept: s3://BUCKET/PREFIX. Default: Fleet.StateBucket and Fleet.StatePrefix of the configuration."`
	Config string `placeholder:"DIR" help:"The configuration of the fleet: a folder, a file or s3://BUCKET/PREFIX. Default: $$STARFLEET_CONFIG."`
}

// open opens the state store. The AWS configuration is the environment's, and the region that of the fleet where the configuration names the bucket.
func (f *stateFlags) open(ctx context.Context, c *command.Console) (state.Store, error) {
	from := s3state.Config{}
	var options []func(*awsconfig.LoadOptions) error
	switch {
	case f.State != "":
		bucket, prefix, err := s3state.ParseURL(f.State)
		if err != nil {
			return nil, command.Usagef("--state: %v", err)
		}
		from.Bucket, from.Prefix = bucket, strings.TrimSuffix(prefix, "/")
		if from.Prefix != "" {
			if err := state.CheckKey(from.Prefix); err != nil {
				return nil, command.Usagef("--state: %s", strings.TrimPrefix(err.Error(), "state: "))
			}
		}
	default:
		flags := shipFlags{Config: f.Config}
		w, err := flags.open(ctx, c)
		if err != nil {
			return nil, err
		}
		if w.configuration == nil || w.configuration.Fleet.StateBucket == "" {
			return nil, &command.UsageError{
				Problem: "where is the state of the fleet?",
				Hint:    "name it with --state s3://BUCKET/PREFIX, or a configuration that has Fleet.StateBucket with --config DIR",
			}
		}
		from.Bucket, from.Prefix = w.configuration.Fleet.StateBucket, w.configuration.Fleet.StatePrefix
		options = append(options, awsconfig.WithRegion(w.configuration.Starfleet.DeploymentRegion))
	}
	cfg, err := awsDefaults(ctx, options...)
	if err != nil {
		return nil, err
	}
	from.AWS = cfg
	return s3state.New(from)
}
