package s3templates

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/starbase"
)

// IAMActions are the IAM actions that a Store uses. s3:ListBucket is for more than listing: without it S3 says
// AccessDenied of an object that is not there.
var IAMActions = []string{"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}

// Client is what this package needs of S3. It is safe for concurrent use.
type Client interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

var (
	_ Client                 = (*s3.Client)(nil)
	_ starbase.TemplateStore = (*Store)(nil)
)

// NewClient makes a client for buckets of one region, that of cfg when region is empty. It addresses an endpoint
// on localhost path-style, as local stand-ins of S3 want it.
func NewClient(cfg aws.Config, region string) *s3.Client { return s3api.NewClient(cfg, region) }

// Config is what a Store is made of.
type Config struct {
	// Bucket is the name of the template bucket. Required.
	Bucket string

	// AWS has the credentials with which the bucket is read. Required unless Client is set.
	AWS aws.Config

	// Region is that of the bucket. Default: the region of AWS.
	Region string

	// Client stands in for S3. Default: NewClient(AWS, Region).
	Client Client
}

// Store is a starbase.TemplateStore over one bucket.
type Store struct {
	client Client
	bucket string
}

// New makes a Store. It makes no call.
func New(cfg Config) (*Store, error) {
	var faults []error
	if cfg.Bucket == "" {
		faults = append(faults, errors.New("s3templates: Config.Bucket is empty: give the name of the template bucket"))
	}
	if cfg.Client == nil {
		if cfg.Region == "" && cfg.AWS.Region == "" {
			faults = append(faults, errors.New("s3templates: Config.Region is empty, and so is the region of Config.AWS: give the region of the bucket"))
		}
		cfg.Client = NewClient(cfg.AWS, cfg.Region)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Store{client: cfg.Client, bucket: cfg.Bucket}, nil
}

// explain says what a failed call on a template means.
func (s *Store) explain(key string, err error) error {
	err = s3api.Explain(s.bucket, key, err)
	if s3api.Missing(err) {
		return fmt.Errorf("%w: %w", starbase.ErrNotFound, err)
	}
	return err
}
