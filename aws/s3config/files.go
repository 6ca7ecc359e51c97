package s3config

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// IAMActions are the IAM actions that this package uses. s3:ListBucket is for more than listing: without it S3 says AccessDenied of an object
// that is not there.
var IAMActions = []string{"s3:GetObject", "s3:ListBucket"}

// Client is what this package needs of S3. It is safe for concurrent use.
type Client interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// NewClient makes a client for buckets of one region, that of cfg when region is empty. It addresses an endpoint
// on localhost path-style, as local stand-ins of S3 want it.
func NewClient(cfg aws.Config, region string) *s3.Client { return s3api.NewClient(cfg, region) }

// ParseURL takes s3://BUCKET/PREFIX apart. The prefix may be empty.
func ParseURL(url string) (bucket, prefix string, err error) { return s3api.ParseURL(url) }

// The bounds of what Files holds in memory. A folder of configuration has a handful of files of some KiB; beyond these the prefix is surely not the
// one that was meant.
const (
	MaxFiles      = 1000
	MaxTotalBytes = 16 << 20
)

// Files reads the files directly under a prefix, a folder of configuration, into memory and returns them as a file system
// of one folder. It is a copy: what is uploaded later is not seen. Prefixes end at a "/", which need not be written; keys with a
// further "/" behind it are left out, as sub-folders are in a folder of configuration.
//
// It fails when there are no such files (fs.ErrNotExist), more than MaxFiles of them, or more than MaxTotalBytes in them.
func Files(ctx context.Context, client Client, bucket, prefix string) (fs.FS, error) {
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	var names []string
	for key, err := range s3api.Keys(ctx, client, bucket, prefix, "/") {
		if err != nil {
			return nil, err
		}
		if key == prefix { // how consoles store an empty folder
			continue
		}
		if name := strings.TrimPrefix(key, prefix); !fs.ValidPath(name) || name == "." {
			return nil, fmt.Errorf("%s: %q is no name of a file", s3api.URL(bucket, prefix), name)
		}
		if names = append(names, strings.TrimPrefix(key, prefix)); len(names) > MaxFiles {
			return nil, fmt.Errorf("%s: there are more than %d files: give the prefix of the folder of configuration", s3api.URL(bucket, prefix), MaxFiles)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: %w: there are no files directly under this prefix", s3api.URL(bucket, prefix), fs.ErrNotExist)
	}
	folder, left := memoryFS{}, int64(MaxTotalBytes)
	for _, name := range names {
		f, err := readFile(ctx, client, bucket, prefix+name, left)
		if err != nil {
			return nil, err
		}
		f.name = name
		left -= int64(len(f.data))
		folder[name] = f
	}
	return folder, nil
}

// Open is Files for an s3:// URL, with the standard AWS configuration of the process: what starfleet.WithConfigOpener takes.
func Open(ctx context.Context, url string) (fs.FS, error) {
	bucket, prefix, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: AWS configuration: %w", url, err)
	}
	return Files(ctx, NewClient(cfg, ""), bucket, prefix)
}

// readFile reads an object of at most limit bytes.
func readFile(ctx context.Context, client Client, bucket, key string, limit int64) (memoryFile, error) {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return memoryFile{}, s3api.Explain(bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }()
	data, err := s3api.ReadAtMost(out.Body, out.ContentLength, limit+1)
	if err != nil {
		return memoryFile{}, s3api.Explain(bucket, key, fmt.Errorf("reading it: %w", err))
	}
	if int64(len(data)) > limit {
		return memoryFile{}, fmt.Errorf("%s: the files under this prefix have more than %d bytes: give the prefix of the folder of configuration", s3api.URL(bucket, key), MaxTotalBytes)
	}
	return memoryFile{data: data, modified: aws.ToTime(out.LastModified)}, nil
}
