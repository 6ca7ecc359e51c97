package s3api

import (
	"bytes"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// ReadAtMost reads a body to its end or to the limit in bytes, whichever comes first. The length that S3 announced, nil when it did not, spares copies;
// the HTTP client sees to it that a body which ends before that length is an error.
func ReadAtMost(body io.Reader, length *int64, limit int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(aws.ToInt64(length), 0), limit)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(body, limit)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
