package s3index

import (
	"context"
	"fmt"
	"net/http"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// etagForm is how S3 writes the ETags of its general purpose buckets, without the quotes: the version of an index in a bucket that keeps
// no versions.
var etagForm = regexp.MustCompile(`^[0-9a-f]{32}(-[0-9]+)?$`)

// Keeps says whether the version is one that the bucket keeps: a version id. Where the bucket keeps none the version is an ETag, and only the
// current index can be had.
func (s *Source) Keeps(version string) bool { return version != "" && !etagForm.MatchString(version) }

// Version returns the index of a version, which is the version id, or the ETag where the bucket keeps no versions. The last one that
// was asked for is kept in memory.
func (s *Source) Version(ctx context.Context, version string) (*accountindex.Index, error) {
	if version == "" {
		return nil, fmt.Errorf("%s: %w: the version is empty", s.name(), accountindex.ErrNoVersion)
	}
	for _, known := range []*accountindex.Index{s.last.Load().index, s.earlier.Load()} {
		if known != nil && known.Version() == version {
			return known, nil
		}
	}
	got, err := s.getVersion(ctx, version)
	if err != nil {
		return nil, err
	}
	index, err := s.load(ctx, got)
	if err != nil {
		return nil, err
	}
	if index.Version() != version {
		return nil, fmt.Errorf("%s: %w: asked for %q, S3 gave %q", s.name(), accountindex.ErrNoVersion, version, index.Version())
	}
	s.earlier.Store(index)
	return index, nil
}

func (s *Source) getVersion(ctx context.Context, version string) (object, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	input := &s3.GetObjectInput{Bucket: aws.String(s.cfg.Bucket), Key: aws.String(s.cfg.Key)}
	if s.Keeps(version) {
		input.VersionId = aws.String(version)
	} else {
		input.IfMatch = aws.String(`"` + version + `"`)
	}
	out, err := s.client.GetObject(ctx, input)
	if err == nil {
		return s.read(out)
	}
	gone := s3api.Missing(err) || s3api.Code(err) == "InvalidArgument" || s3api.Status(err) == http.StatusPreconditionFailed
	err = s.explain(err)
	if gone {
		return object{}, fmt.Errorf("%s: %w: %q: %w", s.name(), accountindex.ErrNoVersion, version, err)
	}
	return object{}, err
}
