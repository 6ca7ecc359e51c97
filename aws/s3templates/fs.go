package s3templates

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

// The bounds of what FS holds in memory. A folder of configuration has a handful of files of some KiB; beyond these the prefix is surely not the
// one that was meant.
const (
	MaxFiles      = 1000
	MaxTotalBytes = 16 << 20
)

// FS reads the files directly under a prefix, a folder of configuration, into memory and returns them as a file system
// of one folder. It is a copy: what is uploaded later is not seen. Prefixes end at a "/", which need not be written; keys with a
// further "/" behind it are left out, as sub-folders are in a folder of configuration.
//
// It fails when there are no such files (fs.ErrNotExist), more than MaxFiles of them, or more than MaxTotalBytes in them.
func FS(ctx context.Context, client Client, bucket, prefix string) (fs.FS, error) {
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	var names []string
	for key, err := range keys(ctx, client, bucket, prefix, "/") {
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

// OpenConfig is FS for an s3:// URL, with the standard AWS configuration of the process: what starfleet.WithConfigOpener takes.
func OpenConfig(ctx context.Context, url string) (fs.FS, error) {
	bucket, prefix, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: AWS configuration: %w", url, err)
	}
	return FS(ctx, NewClient(cfg, ""), bucket, prefix)
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
