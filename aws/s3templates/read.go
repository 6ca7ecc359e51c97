package s3templates

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

// Read fetches one version of a template, the current one when version is "". It reads at most schema.MaxBytes+1 bytes.
func (s *Store) Read(ctx context.Context, key, version string) (starbase.TemplateFile, error) {
	if key == "" {
		return starbase.TemplateFile{}, fmt.Errorf("%w: %s: the key is empty", starbase.ErrNotFound, s3api.URL(s.bucket, key))
	}
	out, err := s.open(ctx, key, version)
	if err != nil {
		return starbase.TemplateFile{}, err
	}
	defer func() { _ = out.Body.Close() }()
	data, err := s3api.ReadAtMost(out.Body, out.ContentLength, schema.MaxBytes+1)
	if err != nil {
		return starbase.TemplateFile{}, s.explain(key, fmt.Errorf("reading it: %w", err))
	}
	return starbase.TemplateFile{Key: key, Version: versionOf(out.VersionId, out.ETag), Data: data}, nil
}

// Current is the version of a template that Read would fetch now.
func (s *Store) Current(ctx context.Context, key string) (string, error) {
	if key == "" {
		return "", fmt.Errorf("%w: %s: the key is empty", starbase.ErrNotFound, s3api.URL(s.bucket, key))
	}
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(key)})
	if err == nil {
		return versionOf(head.VersionId, head.ETag), nil
	}
	if !s3api.Missing(err) {
		return "", s.explain(key, err)
	}
	// The answer to a HEAD has no body, so that a bucket which does not exist looks like a deleted template. A GET tells them apart.
	out, err := s.open(ctx, key, "")
	if err != nil {
		return "", err
	}
	_ = out.Body.Close()
	return versionOf(out.VersionId, out.ETag), nil
}

// etagForm is how S3 writes the ETags of its general purpose buckets, without the quotes.
var etagForm = regexp.MustCompile(`^[0-9a-f]{32}(-[0-9]+)?$`)

// open asks for a version of an object: by version id and, when there is no such version, by ETag; what looks like an ETag the other way round.
// Both ask S3 to answer with nothing else, so the order is one of cost only.
func (s *Store) open(ctx context.Context, key, version string) (*s3.GetObjectOutput, error) {
	current := s3.GetObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(key)}
	if version == "" {
		out, err := s.client.GetObject(ctx, &current)
		if err != nil {
			return nil, s.explain(key, err)
		}
		return out, nil
	}
	etag := strings.Trim(version, `"`)
	byVersion, byETag := current, current
	byVersion.VersionId = aws.String(version)
	byETag.IfMatch = aws.String(`"` + etag + `"`)
	attempts := []s3.GetObjectInput{byVersion, byETag}
	if etagForm.MatchString(etag) || etag != version {
		attempts = []s3.GetObjectInput{byETag, byVersion}
	}
	for _, input := range attempts {
		out, err := s.client.GetObject(ctx, &input)
		if err == nil {
			return out, nil
		}
		if !noSuchVersion(err) {
			return nil, s.explain(key, err)
		}
	}
	return nil, fmt.Errorf("%w: %s: there is no version %q of it (any more)", starbase.ErrNotFound, s3api.URL(s.bucket, key), version)
}

// noSuchVersion says whether an error is S3's word that there is no such version, or that the text is no version id at all.
func noSuchVersion(err error) bool {
	return s3api.Missing(err) || s3api.Code(err) == "InvalidArgument" || s3api.Status(err) == http.StatusPreconditionFailed
}

// versionOf is the version under which an object is known: its version id, or its ETag where the bucket keeps no versions.
func versionOf(id, etag *string) string {
	if v := aws.ToString(id); v != "" && v != "null" {
		return v
	}
	return strings.Trim(aws.ToString(etag), `"`)
}
