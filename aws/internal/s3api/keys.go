package s3api

import (
	"context"
	"iter"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Keys lists a bucket, page by page, in the order of the bytes of its keys. An error is the last thing that it yields. With a delimiter it leaves out the keys that have it behind the prefix.
func Keys(ctx context.Context, client s3.ListObjectsV2APIClient, bucket, prefix, delimiter string) iter.Seq2[string, error] {
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
				yield("", Explain(bucket, prefix, err))
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
