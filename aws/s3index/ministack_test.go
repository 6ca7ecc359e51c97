//go:build peers

package s3index_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// TestMinistackConformance runs the conformance suite against the S3 of ministack, which .ci/ministack.sh starts.
func TestMinistackConformance(t *testing.T) {
	endpoint := os.Getenv("STARFLEET_TEST_MINISTACK_URL")
	if endpoint == "" {
		t.Fatal("STARFLEET_TEST_MINISTACK_URL has no address of ministack: run .ci/ministack.sh")
	}
	cfg := aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	client := s3api.NewClient(cfg, "")
	starfleettest.ExerciseSource(t, func(t *testing.T, file []byte) starfleettest.SourceFixture {
		bucket := aws.String("index-" + strings.ToLower(rand.Text()))
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
		must(err)
		write := func(file []byte) {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String(key), Body: bytes.NewReader(file)})
			must(err)
		}
		if file != nil {
			write(file)
		}
		source, err := s3index.New(s3index.Config{AWS: cfg, Bucket: *bucket})
		must(err)
		return starfleettest.SourceFixture{
			Source: source,
			Write:  write,
			Remove: func() {
				_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String(key)})
				must(err)
			},
		}
	})
}
