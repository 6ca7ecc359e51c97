//go:build peers

package e2e_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// recorder stands between a function and AWS, and records the IAM actions that its calls need: those of its own role, and those of the roles that
// it assumed.
type recorder struct {
	url string

	mu             sync.Mutex
	own, elsewhere map[string]bool
}

func newRecorder(t *testing.T, to string) *recorder {
	t.Helper()
	target, err := url.Parse(to)
	must(t, err)
	r := &recorder{own: map[string]bool{}, elsewhere: map[string]bool{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = target.Host
		},
		// URLs of queues lead through here, too.
		ModifyResponse: func(response *http.Response) error {
			if response.ContentLength > 1<<16 || !strings.Contains(response.Header.Get("Content-Type"), "json") {
				return nil
			}
			body, err := io.ReadAll(response.Body)
			if err != nil {
				return err
			}
			body = bytes.ReplaceAll(body, []byte(to+"/"+home+"/"), []byte(r.url+"/"+home+"/"))
			response.Body = io.NopCloser(bytes.NewReader(body))
			response.ContentLength = int64(len(body))
			response.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		r.record(request, body)
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// credential is the scope of a signature: the key, the day, the region and the service.
var credential = regexp.MustCompile(`Credential=([^/]+)/[0-9]+/[^/]+/([^/]+)/aws4_request`)

func (r *recorder) record(request *http.Request, body []byte) {
	scope := credential.FindStringSubmatch(request.Header.Get("Authorization"))
	if scope == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if action := scope[2] + ":" + operation(scope[2], request, body); strings.HasPrefix(scope[1], "ASIA") && request.Header.Get("X-Amz-Security-Token") != "" && scope[1] != home {
		r.elsewhere[action] = true
	} else {
		r.own[action] = true
	}
}

// operation is the part of the IAM action behind the service.
func operation(service string, request *http.Request, body []byte) string {
	if service == "s3" {
		return objectOperation(request)
	}
	name := request.Header.Get("X-Amz-Target")
	if name == "" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return "unknown"
		}
		name = form.Get("Action")
	}
	return strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "Batch")
}

func objectOperation(request *http.Request) string {
	query := request.URL.Query()
	switch {
	case query.Has("list-type"):
		return "ListBucket"
	case request.Method == http.MethodPut:
		return "PutObject"
	case request.Method == http.MethodDelete:
		return "DeleteObject"
	case query.Has("versionId"):
		return "GetObjectVersion"
	default:
		return "GetObject"
	}
}

// recorded are the actions so far: of the function's own role, and of the roles that it assumed.
func (r *recorder) recorded() (own, elsewhere []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.own)), slices.Sorted(maps.Keys(r.elsewhere))
}
