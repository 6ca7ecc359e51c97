package s3templates

import (
	"context"
	"iter"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// List yields the keys that begin with prefix, page by page, in the order of their bytes. An error is the last thing that it yields.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range keys(ctx, s.client, s.bucket, prefix, "") {
			if !yield(key, err) {
				return
			}
		}
	}
}

// keys lists a bucket. With a delimiter it leaves out the keys that have it behind the prefix.
func keys(ctx context.Context, client Client, bucket, prefix, delimiter string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		input := &s3.ListObjectsV2Input{
			Bucket: aws.String(bucket),
			Prefix: aws.String(prefix),
			// A key may hold characters that XML can not; one such key would break the listing of all.
			EncodingType: s3types.EncodingTypeUrl,
		}
		if delimiter != "" {
			input.Delimiter = aws.String(delimiter)
		}
		pages := s3.NewListObjectsV2Paginator(client, input, func(o *s3.ListObjectsV2PaginatorOptions) { o.StopOnDuplicateToken = true })
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", s3api.Explain(bucket, prefix, err))
				return
			}
			for _, object := range page.Contents {
				key, err := decodeKey(aws.ToString(object.Key), page.EncodingType)
				if !yield(key, err) || err != nil {
					return
				}
			}
		}
	}
}

// decodeKey undoes the encoding of a listing, which is the one that the page names: not every server that speaks S3 encodes.
func decodeKey(key string, encoding s3types.EncodingType) (string, error) {
	if encoding != s3types.EncodingTypeUrl {
		return key, nil
	}
	return url.QueryUnescape(key)
}
