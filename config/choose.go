package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// Variable is the environment variable that says where the configuration is: a file, a folder, or s3://BUCKET/PREFIX.
const Variable = "STARFLEET_CONFIG"

// ErrNotConfigured says that neither flag nor environment nor program has a configuration.
var ErrNotConfigured = errors.New("no configuration: name a file or a folder with --config or " + Variable)

// Choose loads the configuration from the first place that is given: flag, the variable STARFLEET_CONFIG (empty
// counts as not set), then the file system that the program embeds. A nil getenv or embedded counts as not given.
// A place of the form s3://BUCKET/PREFIX goes to openS3, which answers with the files under the prefix; a program
// without the S3 adapter passes nil, and gets an error for such a place.
//
// Errors are those of Open and Load: schema.Faults as they are, others with the name of the flag or the variable
// that named the place; ErrNotConfigured when there is none.
//
// Where the variable STARFLEET_QUEUES is set, the URLs of queues that are auto are made of it: see [AutoQueue].
func Choose(flag string, getenv func(string) (string, bool), embedded fs.FS, openS3 func(url string) (fs.FS, error)) (*Configuration, error) {
	c, err := choose(flag, getenv, embedded, openS3)
	if err != nil || getenv == nil {
		return c, err
	}
	if base, ok := getenv(VariableQueues); ok && base != "" {
		if err := checkQueueURL(base + "/queue"); err != nil {
			return nil, fmt.Errorf("%s: %w: it is what URLs of queues begin with, such as https://sqs.us-east-1.amazonaws.com/123456789012", VariableQueues, err)
		}
		c.base = strings.TrimRight(base, "/")
		c.resolveFleetQueues()
	}
	return c, nil
}

func choose(flag string, getenv func(string) (string, bool), embedded fs.FS, openS3 func(url string) (fs.FS, error)) (*Configuration, error) {
	if flag != "" {
		return openNamed("--config", flag, openS3)
	}
	if getenv != nil {
		if place, ok := getenv(Variable); ok && place != "" {
			return openNamed(Variable, place, openS3)
		}
	}
	if embedded != nil {
		return Load(embedded)
	}
	return nil, ErrNotConfigured
}

// openNamed opens a place that a flag or a variable names.
func openNamed(by, place string, openS3 func(string) (fs.FS, error)) (*Configuration, error) {
	c, err := openPlace(place, openS3)
	if faults, ok := errors.AsType[schema.Faults](err); ok {
		return nil, faults // each line of it starts with its own place
	}
	if err != nil {
		return nil, fmt.Errorf("configuration of %s: %w", by, err)
	}
	return c, nil
}

// openPlace opens a file, a folder or an address of S3.
func openPlace(place string, openS3 func(string) (fs.FS, error)) (*Configuration, error) {
	if !isS3(place) {
		return Open(place)
	}
	if openS3 == nil {
		return nil, fmt.Errorf("%s: this program is built without the S3 adapter: name a file or a folder, or use a program that links it", place)
	}
	fsys, err := openS3(place)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", place, err)
	}
	folder := strings.TrimSuffix(place, "/")
	return loadFolder(fsys, folder, func(name string) string { return folder + "/" + name })
}

// isS3 says whether a place is an address of S3 rather than a local path.
func isS3(place string) bool {
	return strings.HasPrefix(place, "s3://")
}
