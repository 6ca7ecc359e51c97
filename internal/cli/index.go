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
	if f.Index == command.StandardInput {
		data, err := io.ReadAll(c.In)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return accountindex.Load("<stdin>", data, indexChecks(configuration, checks))
	}
	source, err := f.source(ctx, configuration, checks)
	if err != nil || source == nil {
		return nil, err
	}
	return source.Index(ctx)
}

// indexChecks are those that the configuration asks for, or else others.
func indexChecks(configuration *config.Configuration, checks accountindex.LoadOptions) accountindex.LoadOptions {
	if configuration == nil {
		return checks
	}
	return accountindex.LoadOptions{Organizations: configuration.Fleet.Organizations, AssumeActive: configuration.Fleet.AssumeActive}
}

// source is where the index is, for whoever asks for it again and again: the place of the flag, else that of the configuration. It is nil when neither
// names one.
func (f *indexFlags) source(ctx context.Context, configuration *config.Configuration, checks accountindex.LoadOptions) (accountindex.Source, error) {
	checks = indexChecks(configuration, checks)
	switch {
	case strings.HasPrefix(f.Index, "s3://"):
		bucket, key, err := s3index.ParseURL(f.Index)
		if err != nil {
			return nil, command.Usagef("--index: %v", err)
		}
		return s3IndexSource(ctx, s3index.Config{Bucket: bucket, Key: key, Load: checks})
	case f.Index != "":
		return &accountindex.File{Name: f.Index, Options: checks}, nil
	case configuration == nil || configuration.DefaultIndex == nil || configuration.Starfleet.AccountIndex != config.DefaultAccountIndexName:
		return nil, nil
	}
	index := configuration.DefaultIndex
	return s3IndexSource(ctx, s3index.Config{Bucket: index.IndexBucket, Key: index.IndexObjectPath, Region: index.BucketRegion, Load: checks})
}

func s3IndexSource(ctx context.Context, from s3index.Config) (accountindex.Source, error) {
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return nil, err
	}
	from.AWS = cfg
	return s3index.New(from)
}

// errNoIndex is the wrong usage of a command that needs an index and was given none.
func errNoIndex() error {
	return &command.UsageError{
		Problem: "which account index?",
		Hint:    "name it with --index FILE or --index s3://BUCKET/KEY, or a configuration that has StarfleetDefaultAccountIndex with --config DIR",
	}
}
