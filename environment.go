package starfleet

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/starfleet-go/starfleet/config"
)

// The environment variables that this package reads.
const (
	EnvironmentCommit = "STARFLEET_COMMIT" // "true" in any case lets a ship write; everything else is a dry run
	EnvironmentConfig = config.Variable    // a file or folder of configuration YAML, or s3:// with WithConfigOpener
	environmentLambda = "AWS_LAMBDA_RUNTIME_API"
)

// commitFrom is the commit gate: the exact word, in any case. "1", "yes" and " true" are dry runs.
func commitFrom(getenv func(string) (string, bool)) bool {
	value, _ := getenv(EnvironmentCommit)
	return strings.EqualFold(value, "true")
}

func onLambda(getenv func(string) (string, bool)) bool {
	address, _ := getenv(environmentLambda)
	return address != ""
}

// chooseConfiguration: a flag stands above the variable, the variable above the embedded files. Nil without any.
func chooseConfiguration(s *settings) (*config.Configuration, error) {
	if s.configuration != nil && s.configPath == "" {
		return s.configuration, nil
	}
	var openS3 func(string) (fs.FS, error)
	if s.openConfig != nil {
		openS3 = func(url string) (fs.FS, error) { return s.openConfig(context.Background(), url) }
	}
	configuration, err := config.Choose(s.configPath, s.getenv, s.embeddedConfig, openS3)
	if errors.Is(err, config.ErrNotConfigured) {
		return nil, nil
	}
	return configuration, err
}

// ConfigOpener opens the configuration under an s3:// prefix as files.
type ConfigOpener func(ctx context.Context, url string) (fs.FS, error)

// WithConfigOpener lets STARFLEET_CONFIG be an s3:// prefix. It is an option so that S3 is linked only where it is used:
// s3config.Open fits.
func WithConfigOpener(open ConfigOpener) Option {
	return option("WithConfigOpener", open == nil, func(s *settings) { s.openConfig = open })
}

// withRequestID lets log lines carry Lambda's request id.
func withRequestID(ctx context.Context) context.Context {
	if lambda, ok := lambdacontext.FromContext(ctx); ok {
		return withLogAttrs(ctx, taskAttrs(0, "request", lambda.AwsRequestID)...)
	}
	return ctx
}
