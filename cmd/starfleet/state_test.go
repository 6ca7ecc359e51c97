package main

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// bucketServer is an S3 of one bucket in memory, with what a state store needs of it.
type bucketServer struct {
	mu      sync.Mutex
	objects map[string]string // by path
}

// startState is `state [PATH FILE]...`: it starts an S3 that can be written to, with these objects in it.
func startState(ts *testscript.TestScript, _ bool, args []string) {
	b := &bucketServer{objects: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		b.objects[args[i]] = ts.ReadFile(args[i+1])
	}
	server := httptest.NewServer(b)
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
}

func (b *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, exists := b.objects[r.URL.Path]
	sum := md5.Sum([]byte(data))
	tag := `"` + hex.EncodeToString(sum[:]) + `"`
	switch {
	case r.URL.Query().Get("list-type") == "2":
		b.list(w, r)
	case r.Method == http.MethodPut && r.Header.Get("If-None-Match") == "*" && exists:
		w.WriteHeader(http.StatusPreconditionFailed)
	case r.Method == http.MethodPut:
		written, _ := io.ReadAll(r.Body)
		b.objects[r.URL.Path] = string(written)
		w.Header().Set("ETag", `"new"`)
	case r.Method == http.MethodDelete:
		delete(b.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case !exists:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>")
	default:
		w.Header().Set("ETag", tag)
		_, _ = io.WriteString(w, data)
	}
}

func (b *bucketServer) list(w io.Writer, r *http.Request) {
	_, _ = io.WriteString(w, "<ListBucketResult>")
	bucket := strings.TrimSuffix(r.URL.Path, "/") + "/"
	for _, path := range slices.Sorted(maps.Keys(b.objects)) {
		if key, in := strings.CutPrefix(path, bucket); in && strings.HasPrefix(key, r.URL.Query().Get("prefix")) {
			_, _ = fmt.Fprintf(w, "<Contents><Key>%s</Key></Contents>", key)
		}
	}
	_, _ = io.WriteString(w, "</ListBucketResult>")
}
