package main

import (
	"context"
	"encoding/json"
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
	before, after := []string{"sso.amazonaws.com"}, []string{"sso.amazonaws.com", "account.amazonaws.com"}
	organization := &fakeOrganization{trusted: slices.Clone(before)}
	awsConfig := organization.start(t)
	payload := Payload{ServicePrincipals: []string{"account.amazonaws.com"}}
	for _, step := range []struct {
		commit bool
		want   starfleet.Outcome
		then   []string
	}{
		{false, starfleet.OutcomeChanged, before},
		{true, starfleet.OutcomeChanged, after},
		{true, starfleet.OutcomeOK, after},
	} {
		result := starfleettest.Execute(t, Ship{}, payload, &starfleettest.ExecuteOptions{Commit: step.commit, AWSConfig: awsConfig})
		if result.Outcome != step.want || !slices.Equal(organization.trusted, step.then) {
			t.Errorf("%+v: %s (%v), trusted are %v", step, result.Outcome, result.Err, organization.trusted)
		}
	}
	if want := (Ship{}).Permissions(); !slices.Equal(organization.called, slices.Concat(want.Read, want.Write)) {
		t.Errorf("called %v, the permissions are %v", organization.called, want)
	}
}

// fakeOrganization is AWS Organizations as far as the ship goes: the services that have trusted access.
type fakeOrganization struct {
	mu      sync.Mutex
	trusted []string
	called  []string // IAM actions, each once
}

// start gives the configuration by which clients reach it.
func (f *fakeOrganization) start(t *testing.T) func(context.Context, starfleet.Target) (aws.Config, error) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return func(context.Context, starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}, nil
	}
}

// ServeHTTP answers one call.
func (f *fakeOrganization) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if action := "organizations:" + operation; !slices.Contains(f.called, action) {
		f.called = append(f.called, action)
	}
	if operation == "EnableAWSServiceAccess" {
		var in struct{ ServicePrincipal string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		f.trusted = append(f.trusted, in.ServicePrincipal)
		return
	}
	enabled := []map[string]string{}
	for _, service := range f.trusted {
		enabled = append(enabled, map[string]string{"ServicePrincipal": service})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"EnabledServicePrincipals": enabled})
}
