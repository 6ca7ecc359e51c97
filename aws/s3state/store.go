package s3state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/state"
)

// IAMActions are the IAM actions that a Store uses. Without s3:ListBucket S3 says AccessDenied of an entry that is not there.
var IAMActions = []string{"s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"}

// ReaderIAMActions are those of a Store that is only read, as by ships that obey halts.
var ReaderIAMActions = []string{"s3:GetObject", "s3:ListBucket"}

// DefaultMaxBytes is the largest entry that is read where a Config is silent: that of the account index, which may be kept here while a
// fan-out goes on.
const DefaultMaxBytes = 512 << 20

// Client is what this package needs of S3. It is safe for concurrent use.
type Client interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

var (
	_ Client      = (*s3.Client)(nil)
	_ state.Store = (*Store)(nil)
)

// ParseURL takes s3://BUCKET/PREFIX apart. The prefix may be empty.
func ParseURL(url string) (bucket, prefix string, err error) { return s3api.ParseURL(url) }

// Config is what a Store is made of.
type Config struct {
	// Bucket is the name of the state bucket. Required.
	Bucket string

	// Prefix is the folder in the bucket that holds the entries; a "/" is added at its end. Default: none.
	Prefix string

	// AWS has the credentials with which the bucket is used. Required unless Client is set.
	AWS aws.Config

	// Region is that of the bucket. Default: the region of AWS.
	Region string

	// Client stands in for S3. Default: a client of AWS in Region.
	Client Client

	// MaxBytes is the largest entry that is read. Default: DefaultMaxBytes.
	MaxBytes int64
}

// Store is a state.Store over one folder of one bucket.
type Store struct {
	client   Client
	bucket   string
	prefix   string
	maxBytes int64
	pause    func(context.Context, time.Duration) error
}

// New makes a Store. It makes no call. All faults of the Config are reported at once.
func New(cfg Config) (*Store, error) {
	var faults []error
	if cfg.Bucket == "" {
		faults = append(faults, errors.New("s3state: Config.Bucket is empty: give the name of the state bucket"))
	}
	if cfg.Prefix != "" {
		cfg.Prefix = strings.TrimSuffix(cfg.Prefix, "/")
		if err := state.CheckKey(cfg.Prefix); err != nil {
			faults = append(faults, fmt.Errorf("s3state: Config.Prefix: %w", err))
		}
		cfg.Prefix += "/"
	}
	if cfg.MaxBytes < 0 {
		faults = append(faults, fmt.Errorf("s3state: Config.MaxBytes is %d: it can not be negative", cfg.MaxBytes))
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	if cfg.Client == nil {
		if cfg.Region == "" && cfg.AWS.Region == "" {
			faults = append(faults, errors.New("s3state: Config.Region is empty, and so is the region of Config.AWS: give the region of the bucket"))
		}
		cfg.Client = s3api.NewClient(cfg.AWS, cfg.Region)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Store{client: cfg.Client, bucket: cfg.Bucket, prefix: cfg.Prefix, maxBytes: cfg.MaxBytes, pause: pause}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// object is the key of the object of an entry.
func (s *Store) object(ctx context.Context, key string) (*string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := state.CheckKey(key); err != nil {
		return nil, err
	}
	return aws.String(s.prefix + key), nil
}

const denied = "allow s3:GetObject, s3:PutObject and s3:DeleteObject on the objects of the state bucket and s3:ListBucket on the bucket" +
	" (without the last, S3 says AccessDenied of an object that is not there), and its KMS key if it has one"

// explain says what a failed call on an entry means.
func (s *Store) explain(key string, err error) error {
	err = s3api.ExplainCall(s.bucket, s.prefix+key, denied, err)
	if s3api.Missing(err) {
		return fmt.Errorf("%w: %w", state.ErrNotFound, err)
	}
	return err
}
