package s3state

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/state"
)

// Get reads an entry. One of more than Config.MaxBytes is an error.
func (s *Store) Get(ctx context.Context, key string) (state.Entry, error) {
	object, err := s.object(ctx, key)
	if err != nil {
		return state.Entry{}, err
	}
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(s.bucket), Key: object})
	if err != nil {
		return state.Entry{}, s.explain(key, err)
	}
	defer func() { _ = out.Body.Close() }()
	data, err := s3api.ReadAtMost(out.Body, out.ContentLength, s.maxBytes+1)
	if err != nil {
		return state.Entry{}, s.explain(key, fmt.Errorf("reading it: %w", err))
	}
	if int64(len(data)) > s.maxBytes {
		return state.Entry{}, fmt.Errorf("%s: it has more than %d bytes", s3api.URL(s.bucket, *object), s.maxBytes)
	}
	return state.Entry{Key: key, Data: data, Version: aws.ToString(out.ETag)}, nil
}

// Delete removes an entry.
func (s *Store) Delete(ctx context.Context, key string) error {
	object, err := s.object(ctx, key)
	if err != nil {
		return err
	}
	_, err = s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(s.bucket), Key: object})
	if err != nil && !s3api.Missing(err) {
		return s.explain(key, err)
	}
	return nil
}

// List yields keys, page by page. Objects whose names are no keys are passed over: they are none of the store's.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
			Bucket: aws.String(s.bucket), Prefix: aws.String(s.prefix + prefix), EncodingType: s3types.EncodingTypeUrl,
		}, func(o *s3.ListObjectsV2PaginatorOptions) { o.StopOnDuplicateToken = true })
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", s.explain(prefix, err))
				return
			}
			for _, object := range page.Contents {
				name := aws.ToString(object.Key)
				if page.EncodingType == s3types.EncodingTypeUrl { // not every server that speaks S3 encodes
					if name, err = url.QueryUnescape(name); err != nil {
						yield("", s.explain(prefix, err))
						return
					}
				}
				key := strings.TrimPrefix(name, s.prefix)
				if state.CheckKey(key) == nil && !yield(key, nil) {
					return
				}
			}
		}
	}
}
