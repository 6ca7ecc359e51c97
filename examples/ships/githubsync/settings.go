package githubsync

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/starfleet-go/starfleet/config"
)

// Limits of a repository where the ship's section says no other.
const (
	DefaultMaxArchiveMiB   = 256    // of the archive as it is downloaded
	DefaultMaxExtractedMiB = 1024   // of all files of the archive, with those that are not selected
	DefaultMaxFiles        = 50_000 // entries of the archive, folders too
	// DefaultGitHubAPIURL is where GitHub is.
	DefaultGitHubAPIURL = "https://api.github.com"
)

// Settings are the ship's own keys of its section in the configuration: config.Section[Settings] decodes them.
type Settings struct {
	// AllowTemplateBucket lets templates write into the fleet's template bucket: then who can push to such a repository decides what all ships do.
	// Default false.
	AllowTemplateBucket bool `json:"AllowTemplateBucket,omitempty"`
	// GitHubAPIURL (key GitHubApiUrl) is the address of the API of a GitHub Enterprise, such as https://github.example.com/api/v3. It gets what the
	// secret has, so that it is here and not in templates. https, or http on loopback. Default DefaultGitHubAPIURL.
	GitHubAPIURL string `json:"GitHubApiUrl,omitempty"`
	// MaxArchiveMiB is the size of an archive at most. Default DefaultMaxArchiveMiB.
	MaxArchiveMiB int64 `json:"MaxArchiveMiB,omitempty" jsonschema:"minimum=1,maximum=1048576"`
	// MaxExtractedMiB is the size of all files of an archive together at most. Default DefaultMaxExtractedMiB.
	MaxExtractedMiB int64 `json:"MaxExtractedMiB,omitempty" jsonschema:"minimum=1,maximum=1048576"`
	// MaxFiles is how many entries, files and folders, an archive has at most, extracted or not. It bounds the memory that they take. Default DefaultMaxFiles.
	MaxFiles int `json:"MaxFiles,omitempty" jsonschema:"minimum=1,maximum=10000000"`
}

// FromConfiguration is a Config of what the fleet's configuration says: the ship's settings and the fleet's own buckets. The error is that of
// config.Section. place is where the configuration was read from, such as STARFLEET_CONFIG has it: a bucket in an s3:// URL is the fleet's own too.
func FromConfiguration(c *config.Configuration, place string) (Config, error) {
	settings, err := config.Section[Settings](c, Name)
	if err != nil {
		return Config{}, err
	}
	protected := map[string]string{}
	if c.DefaultIndex != nil {
		protected[c.DefaultIndex.IndexBucket] = "the account index, which says what every template selects"
	}
	if c.Fleet.StateBucket != "" {
		protected[c.Fleet.StateBucket] = "the fleet's state"
	}
	if rest, ok := strings.CutPrefix(place, "s3://"); ok {
		bucket, _, _ := strings.Cut(rest, "/")
		protected[bucket] = "the fleet's configuration"
	}
	return Config{Settings: settings, TemplateBucket: c.Starfleet.TemplateBucket, Protected: protected}, nil
}

// allowed refuses the buckets from which the fleet itself is steered.
func (s *Ship) allowed(bucket string) error {
	if s.cfg.TemplateBucket == "" {
		return fmt.Errorf("the ship does not know which bucket has the fleet's templates, so it writes to none: give it the fleet's configuration, with the section %s (%s)",
			Name, config.Variable)
	}
	if what, ok := s.cfg.Protected[bucket]; ok {
		return &BucketError{Bucket: bucket, Reason: "it has " + what}
	}
	if bucket == s.cfg.TemplateBucket && !s.cfg.Settings.AllowTemplateBucket {
		return &BucketError{Bucket: bucket, Reason: "it has the fleet's templates, and who writes there acts in every account. " +
			"AllowTemplateBucket: true in the section " + Name + " allows it"}
	}
	return nil
}

// BucketError is a bucket that the ship must not write to.
type BucketError struct{ Bucket, Reason string }

// Error names the bucket and says why.
func (e *BucketError) Error() string {
	return "repositories are not written to bucket " + e.Bucket + ": " + e.Reason
}

// parseAPIURL checks the address of the API. What is sent there opens repositories.
func parseAPIURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("GitHubApiUrl %q is no address such as https://github.example.com/api/v3", text)
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("GitHubApiUrl has to begin with https://")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
