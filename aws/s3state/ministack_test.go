//go:build peers

package s3state_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/aws/s3state"
	"github.com/starfleet-go/starfleet/starfleettest"
	"github.com/starfleet-go/starfleet/state"
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
	starfleettest.ExerciseState(t, func(t *testing.T) state.Store {
		name := "state-" + strings.ToLower(rand.Text())
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
		store, err := s3state.New(s3state.Config{AWS: cfg, Bucket: name, Prefix: "production"})
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}
