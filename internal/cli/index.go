package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/command"
)

// load reads the account index by which accounts are resolved: the one of the flag, else that of the configuration. It is nil when neither names one.
func (f *indexFlags) load(ctx context.Context, c *command.Console, configuration *config.Configuration) (*accountindex.Index, error) {
	return f.read(ctx, c, configuration, accountindex.LoadOptions{})
}

// look is load for a command that only looks into the index: without a configuration all organizations of a file are shown.
func (f *indexFlags) look(ctx context.Context, c *command.Console, configuration *config.Configuration) (*accountindex.Index, error) {
	return f.read(ctx, c, configuration, accountindex.LoadOptions{AnyOrganizations: true})
}

// read reads the index with the checks that the configuration asks for, or else those.
func (f *indexFlags) read(ctx context.Context, c *command.Console, configuration *config.Configuration, checks accountindex.LoadOptions) (*accountindex.Index, error) {
	if configuration != nil {
		checks = accountindex.LoadOptions{Organizations: configuration.Fleet.Organizations, AssumeActive: configuration.Fleet.AssumeActive}
	}
	switch {
	case f.Index == command.StandardInput:
		data, err := io.ReadAll(c.In)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return accountindex.Load("<stdin>", data, checks)
	case strings.HasPrefix(f.Index, "s3://"):
		bucket, key, err := s3index.ParseURL(f.Index)
		if err != nil {
			return nil, command.Usagef("--index: %v", err)
		}
		return loadS3Index(ctx, s3index.Config{Bucket: bucket, Key: key, Load: checks})
	case f.Index != "":
		file := accountindex.File{Name: f.Index, Options: checks}
		return file.Index(ctx)
	case configuration == nil || configuration.DefaultIndex == nil || configuration.Starfleet.AccountIndex != config.DefaultAccountIndexName:
		return nil, nil
	}
	index := configuration.DefaultIndex
	return loadS3Index(ctx, s3index.Config{Bucket: index.IndexBucket, Key: index.IndexObjectPath, Region: index.BucketRegion, Load: checks})
}

func loadS3Index(ctx context.Context, from s3index.Config) (*accountindex.Index, error) {
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return nil, err
	}
	from.AWS = cfg
	source, err := s3index.New(from)
	if err != nil {
		return nil, err
	}
	return source.Index(ctx)
}

// errNoIndex is the wrong usage of a command that needs an index and was given none.
func errNoIndex() error {
	return &command.UsageError{
		Problem: "which account index?",
		Hint:    "name it with --index FILE or --index s3://BUCKET/KEY, or a configuration that has StarfleetDefaultAccountIndex with --config DIR",
	}
}
