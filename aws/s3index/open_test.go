package s3index_test

import (
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3fake"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/config"
)

const (
	fleetSection = "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: b\n  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/1/q\n"
	indexSection = "StarfleetDefaultAccountIndex:\n  IndexBucket: " + bucket + "\n  BucketRegion: us-west-2\n"
)

func open(t *testing.T, text string) accountindex.Source {
	t.Helper()
	c, err := config.Load(fstest.MapFS{"fleet.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	source, err := s3index.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestOpenWhereThereIsNoIndex(t *testing.T) {
	t.Parallel()
	if source, err := s3index.Open(nil); source != nil || err != nil {
		t.Errorf("without a configuration: %v, error %v", source, err)
	}
	for name, text := range map[string]string{
		"no section":    fleetSection,
		"another index": fleetSection + "  AccountIndex: OurOwnIndex\n" + indexSection,
	} {
		if source := open(t, text); source != nil {
			t.Errorf("%s: %v", name, source)
		}
	}
}

// TestOpenReads: the program's own credentials are looked up when the index is first asked for, and not before.
func TestOpenReads(t *testing.T) {
	server := s3fake.New(t)
	server.Create(bucket, s3fake.Enabled)
	server.Put(bucket, key, indexFile(3))
	source, strict := open(t, fleetSection+indexSection), open(t, fleetSection+indexSection+"Fleet:\n  Organizations: [o-zzzzzzzzzz]\n")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": aws.ToString(server.Config().BaseEndpoint), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
	} {
		t.Setenv(name, value)
	}
	for range 2 {
		if x, err := source.Index(t.Context()); err != nil || x.Len() != 3 {
			t.Fatalf("index %v, error %v", x, err)
		}
	}
	if _, err := strict.Index(t.Context()); err == nil {
		t.Error("Fleet.Organizations does not count")
	}
}
