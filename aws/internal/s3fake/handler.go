package s3fake

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ServeHTTP answers one request of a client.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	if hook == nil || !hook(status, r) {
		s.serve(status, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, fmt.Sprintf("%s %d %s", r.Method, status.status, r.URL.Path))
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	b := s.buckets[name]
	query := r.URL.Query()
	switch {
	case b == nil:
		Fail(w, r, http.StatusNotFound, "NoSuchBucket")
	case r.Method == http.MethodGet && key == "" && query.Get("list-type") == "2":
		s.actions["s3:ListBucket"] = true
		s.list(w, b, query)
	case (r.Method == http.MethodGet || r.Method == http.MethodHead) && key != "":
		s.object(w, r, b, key, query)
	case r.Method == http.MethodPut && key != "" && len(query) == 1 && query.Get("x-id") == "PutObject":
		s.actions["s3:PutObject"] = true
		s.put(w, r, name, key)
	case r.Method == http.MethodDelete && key != "" && len(query) == 1 && query.Get("x-id") == "DeleteObject":
		s.actions["s3:DeleteObject"] = true
		s.add(name, key, object{marker: true})
		w.WriteHeader(http.StatusNoContent)
	default:
		Fail(w, r, http.StatusNotImplemented, "NotImplemented")
	}
}

// object serves one version of one object, or says in S3's words why it does not.
func (s *Server) object(w http.ResponseWriter, r *http.Request, b *bucket, key string, query url.Values) {
	versions := b.objects[key]
	at := len(versions) - 1
	if id := query.Get("versionId"); query.Has("versionId") {
		s.actions["s3:GetObjectVersion"] = true
		if id != "null" && !strings.HasPrefix(id, "v.") {
			Fail(w, r, http.StatusBadRequest, "InvalidArgument")
			return
		}
		at = slices.IndexFunc(versions, func(o object) bool { return o.version == id || o.version == "" && id == "null" })
		if at < 0 {
			Fail(w, r, http.StatusNotFound, "NoSuchVersion")
			return
		}
		if versions[at].marker {
			w.Header().Set("X-Amz-Delete-Marker", "true")
			Fail(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed")
			return
		}
	} else {
		s.actions["s3:GetObject"] = true
		if at < 0 || versions[at].marker {
			s.actions["s3:ListBucket"] = true // without it, S3 would answer AccessDenied
			Fail(w, r, http.StatusNotFound, "NoSuchKey")
			return
		}
	}
	o := versions[at]
	quoted := `"` + o.etag + `"`
	if o.version != "" {
		w.Header().Set("X-Amz-Version-Id", o.version)
	}
	w.Header().Set("ETag", quoted)
	w.Header().Set("Last-Modified", o.modified.UTC().Format(http.TimeFormat))
	if match := r.Header.Get("If-Match"); match != "" && match != quoted {
		Fail(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	if r.Header.Get("If-None-Match") == quoted {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(o.data)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(o.data)
	}
}

// Fail writes an error as S3 does: no body for HEAD.
func Fail(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>the fake says so</Message><RequestId>r-1</RequestId></Error>", code)
	}
}

type listing struct {
	XMLName               xml.Name  `xml:"ListBucketResult"`
	Prefix                string    `xml:"Prefix"`
	EncodingType          string    `xml:"EncodingType,omitempty"`
	IsTruncated           bool      `xml:"IsTruncated"`
	NextContinuationToken string    `xml:"NextContinuationToken,omitempty"`
	KeyCount              int       `xml:"KeyCount"`
	Contents              []content `xml:"Contents"`
	CommonPrefixes        []common  `xml:"CommonPrefixes"`
}

type content struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
}

type common struct{ Prefix string }

// list writes one page. A continuation token is the last key of the page before.
func (s *Server) list(w http.ResponseWriter, b *bucket, query url.Values) {
	encode := func(key string) string { return key }
	if query.Get("encoding-type") == "url" {
		encode = url.QueryEscape
	}
	prefix, delimiter, after := query.Get("prefix"), query.Get("delimiter"), query.Get("continuation-token")
	page := listing{Prefix: encode(prefix), EncodingType: query.Get("encoding-type")}
	for _, key := range b.live() {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		name := key // that it is listed under: its own, or that of its folder
		head, _, inFolder := strings.Cut(rest, delimiter)
		if inFolder = inFolder && delimiter != ""; inFolder {
			name = prefix + head + delimiter
		}
		if name <= after {
			continue
		}
		if page.KeyCount == s.pageSize {
			page.IsTruncated = true
			break
		}
		if inFolder {
			page.CommonPrefixes = append(page.CommonPrefixes, common{encode(name)})
		} else {
			o := b.objects[key][len(b.objects[key])-1]
			page.Contents = append(page.Contents, content{encode(key), o.modified.UTC().Format(time.RFC3339), `"` + o.etag + `"`, len(o.data)})
		}
		page.NextContinuationToken, after = name, name
		page.KeyCount++
	}
	if !page.IsTruncated {
		page.NextContinuationToken = ""
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(page)
}

// live are the keys whose newest version is no delete marker, in the order of their bytes.
func (b *bucket) live() []string {
	var keys []string
	for key, versions := range b.objects {
		if n := len(versions); n > 0 && !versions[n-1].marker {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
