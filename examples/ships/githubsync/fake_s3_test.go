package githubsync_test

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/starfleet-go/starfleet/examples/ships/githubsync"
)

// stored is an object.
type stored struct {
	content, contentType, etag string
	metadata                   map[string]string
	acl                        types.ObjectCannedACL
}

// fakeS3 is one bucket.
type fakeS3 struct {
	pageSize    int  // default 1,000, as the service
	kms         bool // ETags are no MD5s
	listFails   error
	putFails    map[string]error  // by key
	deleteFails map[string]string // codes, by key

	mu      sync.Mutex
	region  string // that the last client was made for
	objects map[string]stored
	actions map[string]bool // of IAM
	puts    []string        // keys
	heads   []string        // keys
	deletes []int           // objects of each request
}

func newFakeS3() *fakeS3 {
	return &fakeS3{objects: map[string]stored{}, actions: map[string]bool{}}
}

func (f *fakeS3) client(_ aws.Config, region string) githubsync.Client {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.region = region
	return f
}

// add puts an object there, as somebody else would.
func (f *fakeS3) add(key, content string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[key] = stored{content: content, contentType: "binary/octet-stream", etag: md5Of(content)}
}

func md5Of(content string) string {
	sum := md5.Sum([]byte(content))
	return hex.EncodeToString(sum[:])
}

// keys are those of all objects.
func (f *fakeS3) keys() []string { return slices.Sorted(maps.Keys(f.objects)) }

func (f *fakeS3) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.actions["s3:ListBucket"] = true
	if f.listFails != nil {
		return nil, f.listFails
	}
	var found []string
	for _, key := range f.keys() {
		if strings.HasPrefix(key, *in.Prefix) {
			found = append(found, key)
		}
	}
	at, size := 0, cmp.Or(f.pageSize, 1000)
	if in.ContinuationToken != nil {
		at, _ = strconv.Atoi(*in.ContinuationToken)
	}
	out := &s3.ListObjectsV2Output{EncodingType: in.EncodingType, IsTruncated: aws.Bool(at+size < len(found))}
	for _, key := range found[at:min(at+size, len(found))] {
		o := f.objects[key]
		out.Contents = append(out.Contents, types.Object{
			Key: aws.String(url.QueryEscape(key)), Size: aws.Int64(int64(len(o.content))), ETag: aws.String(`"` + o.etag + `"`),
		})
	}
	if *out.IsTruncated {
		out.NextContinuationToken = aws.String(strconv.Itoa(at + size))
	}
	return out, nil
}

func (f *fakeS3) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.actions["s3:GetObject"] = true
	f.heads = append(f.heads, *in.Key)
	o, ok := f.objects[*in.Key]
	if !ok {
		return nil, &types.NotFound{}
	}
	return &s3.HeadObjectOutput{Metadata: o.metadata}, nil
}

func (f *fakeS3) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	data, err := io.ReadAll(in.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.actions["s3:PutObject"] = true
	if in.ACL != "" {
		f.actions["s3:PutObjectAcl"] = true
	}
	if err == nil {
		err = f.putFails[*in.Key]
	}
	if err == nil && int64(len(data)) != *in.ContentLength {
		err = fmt.Errorf("%d bytes of %d", len(data), *in.ContentLength)
	}
	if err != nil {
		return nil, err
	}
	f.puts = append(f.puts, *in.Key)
	o := stored{content: string(data), contentType: *in.ContentType, metadata: in.Metadata, etag: md5Of(string(data)), acl: in.ACL}
	if f.kms {
		o.etag = md5Of(o.etag + strconv.Itoa(len(f.puts)))
	}
	f.objects[*in.Key] = o
	return &s3.PutObjectOutput{}, nil
}

func (f *fakeS3) DeleteObjects(_ context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.actions["s3:DeleteObject"] = true
	f.deletes = append(f.deletes, len(in.Delete.Objects))
	out := &s3.DeleteObjectsOutput{}
	for _, o := range in.Delete.Objects {
		if code := f.deleteFails[*o.Key]; code != "" {
			out.Errors = append(out.Errors, types.Error{Key: o.Key, Code: &code})
			continue
		}
		delete(f.objects, *o.Key)
	}
	return out, nil
}
