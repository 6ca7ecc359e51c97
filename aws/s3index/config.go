package s3index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// What a Config that is silent means.
const (
	DefaultKey      = "accountIndex.json" // as the Python Starfleet has it
	DefaultMaxAge   = time.Minute
	DefaultMaxStale = time.Hour
	DefaultMaxBytes = 512 << 20 // more than twenty times the index of 10,000 accounts in 17 regions
)

// IAMActions are the IAM actions that a Source uses. Without s3:ListBucket S3 says AccessDenied of an index that is not there.
var IAMActions = []string{
	"s3:GetObject",
	"s3:GetObjectVersion", // by a Starbase whose fan-out goes on in a later invocation
	"s3:ListBucket",
}

// Client is what this package needs of S3. It is safe for concurrent use.
type Client interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

var _ Client = (*s3.Client)(nil)

// ParseURL takes s3://BUCKET/KEY apart. An empty key is DefaultKey.
func ParseURL(url string) (bucket, key string, err error) {
	bucket, key, err = s3api.ParseURL(url)
	if err != nil {
		return "", "", err
	}
	return bucket, cmp.Or(key, DefaultKey), nil
}

// Config is what a Source is made of.
type Config struct {
	// Bucket and Key name the object. Bucket is required. Default of Key: DefaultKey.
	Bucket, Key string

	// AWS has the credentials with which the object is read. Required unless Client is set.
	AWS aws.Config

	// Region is that of the bucket, which need not be the fleet's. Default: the region of AWS.
	Region string

	// Client stands in for S3. Default: a client of AWS in Region.
	Client Client

	// Load are the checks that the index has to pass. Its Version is set from the object.
	Load accountindex.LoadOptions

	// MaxAge is how long an index is used before S3 is asked whether it changed. Default: DefaultMaxAge.
	MaxAge time.Duration

	// MaxStale is how long after S3's last answer the last good index is used while S3 fails. Default: DefaultMaxStale.
	MaxStale time.Duration

	// MaxBytes is the largest object that is read. Default: DefaultMaxBytes.
	MaxBytes int64

	// Logger is told of each index loaded and of each time that S3 was asked in vain. Default: none.
	Logger *slog.Logger

	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	c.Key = cmp.Or(c.Key, DefaultKey)
	c.Region = cmp.Or(c.Region, c.AWS.Region)
	c.MaxAge = cmp.Or(c.MaxAge, DefaultMaxAge)
	c.MaxStale = cmp.Or(c.MaxStale, DefaultMaxStale)
	c.MaxBytes = cmp.Or(c.MaxBytes, DefaultMaxBytes)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) validate() error {
	var faults []error
	if c.Bucket == "" {
		faults = append(faults, errors.New("s3index: Config.Bucket is empty: give the name of the bucket that the index generator writes to"))
	}
	if c.Client == nil && c.Region == "" {
		faults = append(faults, errors.New("s3index: Config.Region is empty, and so is the region of Config.AWS: give the region of the bucket"))
	}
	if c.MaxAge < 0 {
		faults = append(faults, fmt.Errorf("s3index: Config.MaxAge is %v: it can not be negative", c.MaxAge))
	}
	if c.MaxStale < 0 {
		faults = append(faults, fmt.Errorf("s3index: Config.MaxStale is %v: it can not be negative", c.MaxStale))
	}
	if c.MaxBytes < 0 {
		faults = append(faults, fmt.Errorf("s3index: Config.MaxBytes is %d: it can not be negative", c.MaxBytes))
	}
	return errors.Join(faults...)
}
