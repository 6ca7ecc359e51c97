//go:build peers

package s3templates_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/starfleet-go/starfleet/aws/s3templates"
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
	for name, versioning := range map[string]s3types.BucketVersioningStatus{
		"versioned": s3types.BucketVersioningStatusEnabled, "never versioned": "", "suspended": s3types.BucketVersioningStatusSuspended,
	} {
		t.Run(name, func(t *testing.T) {
			starfleettest.ExerciseTemplateStore(t, func(t *testing.T) starfleettest.TemplateFixture {
				return ministackFixture(t, cfg, versioning)
			})
		})
	}
}

// ministackFixture is a store over a new bucket.
func ministackFixture(t *testing.T, cfg aws.Config, versioning s3types.BucketVersioningStatus) starfleettest.TemplateFixture {
	t.Helper()
	client := s3templates.NewClient(cfg, "")
	bucket := aws.String("templates-" + strings.ToLower(rand.Text()))
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
	must(err)
	if versioning != "" {
		_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
			Bucket: bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: versioning},
		})
		must(err)
	}
	store, err := s3templates.New(s3templates.Config{AWS: cfg, Bucket: *bucket})
	must(err)
	return starfleettest.TemplateFixture{
		Store: store,
		Put: func(key string, data []byte) {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String(key), Body: bytes.NewReader(data)})
			must(err)
		},
		Delete: func(key string) {
			_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String(key)})
			must(err)
		},
		Versioned: versioning == s3types.BucketVersioningStatusEnabled,
	}
}
