package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// startOrganization is `organization FILE`: it starts the endpoint of an organization whose answers are in the file, by operation and resource, as JSON:
// {"ListAccountsForParent r-ab12": {...}}. What the file lacks is answered with an empty object, and what it has as a text is an error of that name.
func startOrganization(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var answers map[string]json.RawMessage
	ts.Check(json.Unmarshal(data, &answers))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var in struct {
			Parent   string `json:"ParentId"`
			Resource string `json:"ResourceId"`
			Account  string `json:"AccountId"`
		}
		_ = json.Unmarshal(body, &in)
		operation := strings.TrimPrefix(r.URL.Path, "/")
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			_, operation, _ = strings.Cut(target, ".")
		}
		answer := answers[strings.TrimSpace(operation+" "+in.Parent+in.Resource+in.Account)]
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		var failure string
		if json.Unmarshal(answer, &failure) == nil && failure != "" {
			w.Header().Set("X-Amzn-Errortype", failure)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type": %q, "message": "not today"}`, failure)
			return
		}
		if answer == nil {
			answer = json.RawMessage("{}")
		}
		_, _ = w.Write(answer)
	}))
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
}
