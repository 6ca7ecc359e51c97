package s3index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
)

// requestTimeout ends a request that S3 does not answer, so that the last good index can stand in before a Lambda's time is over. The index of
// 100,000 accounts, some 200 MB, takes a few seconds.
const requestTimeout = 2 * time.Minute

// ErrTooLarge is returned (wrapped) when the object has more than Config.MaxBytes bytes.
var ErrTooLarge = errors.New("account index is too large")

// object is what a request brought.
type object struct {
	unchanged     bool // it is still the one of the ETag asked with
	data          []byte
	etag, version string
}

// get asks for the object, or whether it is still the one of an ETag.
func (s *Source) get(ctx context.Context, etag string) (object, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	input := &s3.GetObjectInput{Bucket: aws.String(s.cfg.Bucket), Key: aws.String(s.cfg.Key)}
	if etag != "" {
		input.IfNoneMatch = aws.String(etag)
	}
	out, err := s.client.GetObject(ctx, input)
	if s3api.Status(err) == http.StatusNotModified {
		return object{unchanged: true}, nil
	}
	if err != nil {
		return object{}, s.explain(err)
	}
	return s.read(out)
}

// read reads the object of an answer.
func (s *Source) read(out *s3.GetObjectOutput) (object, error) {
	defer func() { _ = out.Body.Close() }()
	if size := aws.ToInt64(out.ContentLength); size > s.cfg.MaxBytes {
		return object{}, s.tooLarge()
	}
	data, err := s3api.ReadAtMost(out.Body, out.ContentLength, s.cfg.MaxBytes+1)
	if err != nil {
		return object{}, &brokenBodyError{s.explain(err)}
	}
	if int64(len(data)) > s.cfg.MaxBytes {
		return object{}, s.tooLarge()
	}
	got := object{data: data, etag: aws.ToString(out.ETag), version: aws.ToString(out.VersionId)}
	got.version = got.versionOrETag()
	return got, nil
}

// versionOrETag names the object's state: by its version where the bucket has versions, else by its ETag.
func (o object) versionOrETag() string {
	if o.version == "null" {
		o.version = ""
	}
	return cmp.Or(o.version, strings.Trim(o.etag, `"`))
}

func (s *Source) explain(err error) error {
	err = s3api.Explain(s.cfg.Bucket, s.cfg.Key, err)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no account index yet: run the index generator, or correct the bucket and the path of the index: %w", err)
	}
	return err
}

func (s *Source) tooLarge() error {
	return fmt.Errorf("%s: %w: it has more than %d bytes: look whether it is the index, and raise MaxBytes if it is", s.name(), ErrTooLarge, s.cfg.MaxBytes)
}

// brokenBodyError is an answer that broke off: it began well, so that another may end well.
type brokenBodyError struct{ error }

func (e *brokenBodyError) Unwrap() error { return e.error }

// passing says whether an error is of a kind that may be over soon, by the SDK's own judgement of what is worth a retry.
func passing(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	if _, broken := errors.AsType[*brokenBodyError](err); broken || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err).Bool()
}
