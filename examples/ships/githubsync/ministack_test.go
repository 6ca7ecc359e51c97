//go:build peers

package githubsync_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
)

// TestMinistackGitHubSync syncs into the S3 of ministack, which .ci/ministack.sh starts, by the SDK's own client: names that have to be escaped, an
// object that was uploaded in parts, and more deletions than one listing has on a page.
func TestMinistackGitHubSync(t *testing.T) {
	t.Parallel()
	endpoint := os.Getenv("STARFLEET_TEST_MINISTACK_URL")
	if endpoint == "" {
		t.Fatal("STARFLEET_TEST_MINISTACK_URL has no address of ministack: run .ci/ministack.sh")
	}
	files := map[string]string{
		"README.txt": "read me\n", "a b+c&ü.json": "{}", "site/photo.jpg": strings.Repeat("x", 3<<20), "empty": "",
	}
	w := newWorld(t).with(files)
	w.config.NewClient = nil
	w.aws = aws.Config{Region: "eu-west-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	client := githubsync.NewClient(w.aws, "us-east-2").(*s3.Client)
	bucket := "githubsync-" + strings.ToLower(rand.Text())
	b := &peerBucket{t: t, client: client, name: bucket}
	b.create()
	b.putInParts("web/README.txt", files["README.txt"])
	b.put("web/site/old/a b+c&ü", "x")
	b.put("web/drafts/kept", "x")
	b.put("web-old/kept", "x")

	p := payload(deleting, func(p *githubsync.Payload) {
		p.BucketName, p.KeyPrefix, p.ExcludeRepoPaths = bucket, "web/", []string{"^drafts/"}
	})
	before := b.types()
	dry := w.must(w.run(p, false))
	if diff := cmp.Diff(before, b.types()); diff != "" || len(dry.Changes) != 5 {
		t.Errorf("a dry run: changes %v, objects (-before +after):\n%s", changes(dry), diff)
	}
	done := w.must(w.run(p, true))
	if diff := cmp.Diff(changes(dry), changes(done)); diff != "" {
		t.Errorf("the dry run foretold something else (-dry run +commit):\n%s", diff)
	}
	got := b.types()
	delete(got, "web/drafts/kept")
	delete(got, "web-old/kept")
	want := map[string]string{
		"web/README.txt": "text/plain", "web/a b+c&ü.json": "application/json", "web/site/photo.jpg": "image/jpeg", "web/empty": "binary/octet-stream",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(before) != 4 || len(b.types()) != 6 {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	b.putInParts("web/README.txt", files["README.txt"]) // uploaded again once, and then known
	for _, uploads := range []int{1, 0} {
		if again := w.must(w.run(p, true)); len(again.Changes) != uploads {
			t.Errorf("changes %v", changes(again))
		}
	}
}

// peerBucket is a bucket of the peer.
type peerBucket struct {
	t      *testing.T
	client *s3.Client
	name   string
}

func (b *peerBucket) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *peerBucket) create() {
	b.t.Helper()
	_, err := b.client.CreateBucket(b.t.Context(), &s3.CreateBucketInput{
		Bucket: &b.name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "us-east-2"},
	})
	b.must(err)
}

func (b *peerBucket) put(key, content string) {
	b.t.Helper()
	_, err := b.client.PutObject(b.t.Context(), &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: strings.NewReader(content)})
	b.must(err)
}

func (b *peerBucket) putInParts(key, content string) {
	b.t.Helper()
	upload, err := b.client.CreateMultipartUpload(b.t.Context(), &s3.CreateMultipartUploadInput{Bucket: &b.name, Key: &key})
	b.must(err)
	part, err := b.client.UploadPart(b.t.Context(), &s3.UploadPartInput{
		Bucket: &b.name, Key: &key, UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader(content),
	})
	b.must(err)
	done, err := b.client.CompleteMultipartUpload(b.t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: &b.name, Key: &key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}},
	})
	b.must(err)
	if !strings.Contains(aws.ToString(done.ETag), "-") {
		b.t.Fatalf("ETag %s of an upload in parts", aws.ToString(done.ETag))
	}
}

// types are the media types of all objects, by key.
func (b *peerBucket) types() map[string]string {
	b.t.Helper()
	list, err := b.client.ListObjectsV2(b.t.Context(), &s3.ListObjectsV2Input{Bucket: &b.name})
	b.must(err)
	found := map[string]string{}
	for _, o := range list.Contents {
		head, err := b.client.HeadObject(b.t.Context(), &s3.HeadObjectInput{Bucket: &b.name, Key: o.Key})
		b.must(err)
		found[*o.Key] = aws.ToString(head.ContentType)
	}
	return found
}
