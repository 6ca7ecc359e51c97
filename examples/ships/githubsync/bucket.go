package githubsync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/starfleet-go/starfleet"
)

// checksumKey is the metadata in which the ship notes the SHA-256 of what it uploads.
const checksumKey = "starfleet-sha256"

// Client is what the ship needs of S3. Implementations are safe for concurrent use.
type Client interface {
	// ListObjectsV2 lists one page of objects.
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	// HeadObject has the metadata of one object.
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	// PutObject writes one object.
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	// DeleteObjects deletes up to 1,000 objects. What failed is in the output.
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

var _ Client = (*s3.Client)(nil)

// NewClient is the client of the AWS SDK for a bucket's region. It retries what AWS throttles, as the SDK does by default.
func NewClient(cfg aws.Config, region string) Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.Region = region })
}

// bucket is the place of a template. Names in it are without the prefix.
type bucket struct {
	client       Client
	name, prefix string
}

// object is what a listing says of one.
type object struct {
	size int64
	etag string
}

// list hands over what is under the prefix, by name, a page at a time.
func (b bucket) list(ctx context.Context, found func(name string, o object)) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{
		Bucket: &b.name, Prefix: &b.prefix,
		EncodingType: types.EncodingTypeUrl, // a key may hold characters that XML can not
	}, func(o *s3.ListObjectsV2PaginatorOptions) { o.StopOnDuplicateToken = true })
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return b.explain("list", b.prefix, err)
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			if page.EncodingType == types.EncodingTypeUrl {
				if key, err = url.QueryUnescape(key); err != nil {
					return fmt.Errorf("list s3://%s/%s: %w", b.name, b.prefix, err)
				}
			}
			if name, ok := strings.CutPrefix(key, b.prefix); ok {
				found(name, object{size: aws.ToInt64(o.Size), etag: strings.Trim(aws.ToString(o.ETag), `"`)})
			}
		}
	}
	return nil
}

// checksum is the one that the ship noted when it uploaded an object, "" when there is none.
func (b bucket) checksum(ctx context.Context, name string) (string, error) {
	key := b.prefix + name
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key})
	var missing *types.NotFound
	switch {
	case errors.As(err, &missing): // deleted since it was listed
		return "", nil
	case err != nil:
		return "", b.explain("look at", key, err)
	}
	return out.Metadata[checksumKey], nil
}

// put uploads one file. The bucket's owner owns it, as far as the bucket has access control lists.
func (b bucket) put(ctx context.Context, name string, content *spooled) error {
	key := b.prefix + name
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, Body: content.file, ContentLength: &content.size,
		ContentType: aws.String(contentType(name)), ACL: types.ObjectCannedACLBucketOwnerFullControl,
		Metadata: map[string]string{checksumKey: content.sha256},
	})
	if err != nil {
		return b.explain("upload", key, err)
	}
	return nil
}

// maxDeletes is how many objects one request deletes at most: a quota of S3.
const maxDeletes = 1000

// delete deletes up to maxDeletes objects, and returns those that are gone, with a *DeleteError for the others.
func (b bucket) delete(ctx context.Context, names []string) (gone []string, err error) {
	in := &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Quiet: aws.Bool(true)}}
	for _, name := range names {
		in.Delete.Objects = append(in.Delete.Objects, types.ObjectIdentifier{Key: aws.String(b.prefix + name)})
	}
	out, err := b.client.DeleteObjects(ctx, in)
	if err != nil {
		return nil, b.explain("delete objects of", b.prefix, err)
	}
	kept, failure := map[string]bool{}, &DeleteError{Bucket: b.name}
	for _, fault := range out.Errors {
		key := aws.ToString(fault.Key)
		kept[key] = true
		failure.Failed = append(failure.Failed, fmt.Sprintf("%s (%s)", key, aws.ToString(fault.Code)))
	}
	for _, name := range names {
		if !kept[b.prefix+name] {
			gone = append(gone, name)
		}
	}
	if len(failure.Failed) > 0 {
		return gone, failure
	}
	return gone, nil
}

// explain says what failed. A bucket that is not there, or elsewhere, is a permanent error.
func (b bucket) explain(doing, key string, err error) error {
	err = fmt.Errorf("%s s3://%s/%s: %w", doing, b.name, key, err)
	var (
		missing *types.NoSuchBucket
		answer  *awshttp.ResponseError
		api     smithy.APIError
	)
	elsewhere := errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusMovedPermanently ||
		errors.As(err, &api) && (api.ErrorCode() == "AuthorizationHeaderMalformed" || api.ErrorCode() == "IllegalLocationConstraintException")
	if elsewhere || errors.As(err, &missing) {
		return starfleet.Permanent(fmt.Errorf("look at BucketName and BucketRegion: %w", err))
	}
	return err
}
