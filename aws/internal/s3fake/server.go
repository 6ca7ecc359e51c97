// Package s3fake is an S3 for tests: an HTTP server that the SDK's client talks to, path-style. It knows
// what the adapters use: ListObjectsV2, GetObject, HeadObject, PutObject and DeleteObject, with versions, delete markers and conditions.
package s3fake

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Versioning is that of a bucket.
type Versioning int

// Never means that versions were never switched on; Suspended gives every object the version id "null".
const (
	Never Versioning = iota
	Enabled
	Suspended
)

// Server is the fake. Its methods are safe for concurrent use.
type Server struct {
	URL string

	mu       sync.Mutex
	buckets  map[string]*bucket
	actions  map[string]bool
	requests []string
	versions int
	pageSize int
	hook     func(http.ResponseWriter, *http.Request) bool
}

type bucket struct {
	versioning Versioning
	objects    map[string][]object // by key, the newest last
}

type object struct {
	version  string
	data     []byte
	etag     string
	modified time.Time
	marker   bool
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{buckets: map[string]*bucket{}, actions: map[string]bool{}, pageSize: 1000}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Config leads a client to the fake. Its retries do not wait.
func (s *Server) Config() aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(s.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
}

// Create makes a bucket, or changes its versioning.
func (s *Server) Create(name string, v Versioning) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[name]; b != nil {
		b.versioning = v
		return
	}
	s.buckets[name] = &bucket{versioning: v, objects: map[string][]object{}}
}

// Put uploads an object and returns its version id, "" where the bucket has none.
func (s *Server) Put(bucket, key string, data []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(bucket, key, newObject(data))
}

func newObject(data []byte) object {
	sum := md5.Sum(data)
	return object{data: slices.Clone(data), etag: hex.EncodeToString(sum[:])}
}

// Delete deletes an object as a DeleteObject without a version does: in a versioned bucket it adds a marker,
// whose version id it returns.
func (s *Server) Delete(bucket, key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(bucket, key, object{marker: true})
}

// add is called with the lock held.
func (s *Server) add(name, key string, o object) string {
	b := s.buckets[name]
	o.modified = time.Now()
	s.versions++
	switch b.versioning {
	case Enabled:
		o.version = fmt.Sprintf("v.%d", s.versions)
		b.objects[key] = append(b.objects[key], o)
		return o.version
	case Suspended:
		o.version = "null"
		kept := slices.DeleteFunc(b.objects[key], func(old object) bool { return old.version == "null" || old.version == "" })
		b.objects[key] = append(kept, o)
		return o.version
	default:
		if o.marker {
			delete(b.objects, key)
			return ""
		}
		b.objects[key] = []object{o}
		return ""
	}
}

// PageSize sets how many keys a page of a listing has, 1000 at first.
func (s *Server) PageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = n
}

// Intercept sets a function that sees each request first and may answer it, returning true; nil takes it away.
func (s *Server) Intercept(hook func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Actions are the IAM actions that the requests so far needed, sorted.
func (s *Server) Actions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for a := range s.actions {
		all = append(all, a)
	}
	slices.Sort(all)
	return all
}

// Requests are the requests so far, such as "GET 304 /bucket/key".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}
