package main

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet/aws/s3config"
	"github.com/starfleet-go/starfleet/config"
)

//go:embed config
var embedded embed.FS

// manifestFolder is the folder beside the configuration in which the manifests are.
const manifestFolder = "manifests"

// open reads the configuration of the place that STARFLEET_CONFIG names, else the embedded one, and the folder manifests/ of the
// same place, which may be missing.
func open(ctx context.Context, cfg aws.Config, getenv func(string) (string, bool)) (*config.Configuration, fs.FS, error) {
	files, err := fs.Sub(embedded, "config")
	if err != nil {
		return nil, nil, err
	}
	configuration, err := config.Choose("", getenv, files, func(url string) (fs.FS, error) { return openS3(ctx, cfg, url, "") })
	if err != nil {
		return nil, nil, err
	}
	place, _ := getenv(config.Variable)
	var manifests fs.FS
	switch {
	case place == "":
		manifests, err = fs.Sub(files, manifestFolder)
	case strings.HasPrefix(place, "s3://"):
		if manifests, err = openS3(ctx, cfg, place, manifestFolder); errors.Is(err, fs.ErrNotExist) {
			return configuration, noFiles{}, nil
		}
	default:
		if info, err := os.Stat(place); err == nil && !info.IsDir() {
			place = filepath.Dir(place)
		}
		manifests = os.DirFS(filepath.Join(place, manifestFolder))
	}
	return configuration, manifests, err
}

// openS3 reads the files of a folder under s3://BUCKET/PREFIX.
func openS3(ctx context.Context, cfg aws.Config, url, folder string) (fs.FS, error) {
	bucket, prefix, err := s3config.ParseURL(url)
	if err != nil {
		return nil, err
	}
	if folder != "" {
		prefix = strings.TrimPrefix(strings.TrimSuffix(prefix, "/")+"/"+folder, "/")
	}
	return s3config.Files(ctx, s3config.NewClient(cfg, ""), bucket, prefix)
}

// noFiles is a folder without a file.
type noFiles struct{}

// Open finds nothing.
func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
