package s3fake

import (
	"io"
	"net/http"
	"strings"
)

// put writes an object when its conditions hold. Called with the lock held.
func (s *Server) put(w http.ResponseWriter, r *http.Request, name, key string) {
	if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		Fail(w, r, http.StatusNotImplemented, "NotImplemented") // the SDK sends so over TLS alone
		return
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		Fail(w, r, http.StatusBadRequest, "IncompleteBody")
		return
	}
	versions := s.buckets[name].objects[key]
	etag := ""
	if last := len(versions) - 1; last >= 0 && !versions[last].marker {
		etag = `"` + versions[last].etag + `"`
	}
	match := r.Header.Get("If-Match")
	switch {
	case r.Header.Get("If-None-Match") == "*" && etag != "":
		Fail(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	case match != "" && etag == "":
		Fail(w, r, http.StatusNotFound, "NoSuchKey")
		return
	case match != "" && match != etag:
		Fail(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	o := newObject(data)
	if version := s.add(name, key, o); version != "" {
		w.Header().Set("X-Amz-Version-Id", version)
	}
	w.Header().Set("ETag", `"`+o.etag+`"`)
}
