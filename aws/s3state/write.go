package s3state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/state"
)

// How often, and after what pause at first, a conditional write is tried again that S3 refused because another was under way.
const (
	conflictAttempts = 6
	conflictPause    = 50 * time.Millisecond
)

// Create writes an entry that must not be there.
func (s *Store) Create(ctx context.Context, key string, data []byte) (string, error) {
	version, err := s.write(ctx, key, data, func(in *s3.PutObjectInput) { in.IfNoneMatch = aws.String("*") })
	if s3api.Status(err) == http.StatusPreconditionFailed {
		return "", fmt.Errorf("%w: %w", state.ErrExists, err)
	}
	return version, err
}

// Replace writes an entry that must be there in the version.
func (s *Store) Replace(ctx context.Context, key string, data []byte, version string) (string, error) {
	if version == "" {
		return "", fmt.Errorf("%w: no version is none of %s", state.ErrConflict, s3api.URL(s.bucket, s.prefix+key))
	}
	newVersion, err := s.write(ctx, key, data, func(in *s3.PutObjectInput) { in.IfMatch = aws.String(version) })
	if s3api.Status(err) == http.StatusPreconditionFailed || errors.Is(err, state.ErrNotFound) {
		return "", fmt.Errorf("%w: %w", state.ErrConflict, err)
	}
	return newVersion, err
}

// Put writes an entry.
func (s *Store) Put(ctx context.Context, key string, data []byte) (string, error) {
	return s.write(ctx, key, data, func(*s3.PutObjectInput) {})
}

// write writes an object under a condition. While S3 answers that another write is under way it waits: only then can it say which was first.
func (s *Store) write(ctx context.Context, key string, data []byte, condition func(*s3.PutObjectInput)) (string, error) {
	object, err := s.object(ctx, key)
	if err != nil {
		return "", err
	}
	wait := conflictPause
	for attempt := 1; ; attempt++ {
		in := &s3.PutObjectInput{
			Bucket: aws.String(s.bucket), Key: object, Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
			ContentType: aws.String("application/json"),
		}
		condition(in)
		out, err := s.client.PutObject(ctx, in)
		switch {
		case err == nil:
			return aws.ToString(out.ETag), nil
		case s3api.Status(err) != http.StatusConflict || attempt == conflictAttempts:
			return "", s.explain(key, err)
		}
		if err := s.pause(ctx, wait); err != nil {
			return "", err
		}
		wait *= 2
	}
}
