package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// TestShip: a dry run says what it would change and changes nothing, commit does it, and a second run finds nothing to do.
func TestShip(t *testing.T) {
	t.Parallel()
	contacts := &fakeContacts{}
	awsConfig := contacts.start(t)
	payload := Payload{Name: "Security Team", Title: "On call", Email: "security@example.com", Phone: "+1 206 555 0100"}
	for _, step := range []struct {
		commit bool
		want   starfleet.Outcome
		email  string
	}{
		{false, starfleet.OutcomeChanged, ""},
		{true, starfleet.OutcomeChanged, "security@example.com"},
		{true, starfleet.OutcomeOK, "security@example.com"},
	} {
		result := starfleettest.Execute(t, Ship{}, payload, &starfleettest.ExecuteOptions{Commit: step.commit, AWSConfig: awsConfig})
		if result.Outcome != step.want || contacts.contact["EmailAddress"] != step.email {
			t.Errorf("%+v: %s (%v), the contact is %v", step, result.Outcome, result.Err, contacts.contact)
		}
	}
	if want := (Ship{}).Permissions(); !slices.Equal(contacts.called, slices.Concat(want.Read, want.Write)) {
		t.Errorf("called %v, the permissions are %v", contacts.called, want)
	}
}

// TestValidate: an email that is none is refused before anything is done.
func TestValidate(t *testing.T) {
	t.Parallel()
	result := starfleettest.Execute(t, Ship{}, Payload{Name: "n", Title: "t", Email: "Security <security@example.com>", Phone: "1"}, nil)
	if result.Err == nil || !strings.Contains(result.Err.Error(), "Email") {
		t.Errorf("%s: %v", result.Outcome, result.Err)
	}
}

// fakeContacts is account management as far as the ship goes: one contact, nil for none.
type fakeContacts struct {
	mu      sync.Mutex
	contact map[string]string
	called  []string // IAM actions, each once
}

// start gives the configuration by which clients reach it.
func (f *fakeContacts) start(t *testing.T) func(context.Context, starfleet.Target) (aws.Config, error) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return func(context.Context, starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}, nil
	}
}

// ServeHTTP answers one call.
func (f *fakeContacts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	operation := strings.TrimPrefix(r.URL.Path, "/")
	if action := "account:" + strings.ToUpper(operation[:1]) + operation[1:]; !slices.Contains(f.called, action) {
		f.called = append(f.called, action)
	}
	switch {
	case operation == "putAlternateContact":
		f.contact = map[string]string{}
		_ = json.NewDecoder(r.Body).Decode(&f.contact)
	case f.contact == nil:
		w.Header().Set("X-Amzn-ErrorType", "ResourceNotFoundException")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "{}")
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"AlternateContact": f.contact})
	}
}
