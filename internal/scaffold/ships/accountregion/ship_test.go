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
	logs := &fakeLogs{retention: map[string]int32{"/app/web": 0, "/app/audit": 365}}
	awsConfig := logs.start(t)
	for _, step := range []struct {
		commit bool
		want   starfleet.Outcome
		days   int32
	}{
		{false, starfleet.OutcomeChanged, 0},
		{true, starfleet.OutcomeChanged, 90},
		{true, starfleet.OutcomeOK, 90},
	} {
		result := starfleettest.Execute(t, Ship{}, Payload{RetentionInDays: 90}, &starfleettest.ExecuteOptions{Commit: step.commit, AWSConfig: awsConfig})
		if result.Outcome != step.want || logs.retention["/app/web"] != step.days || logs.retention["/app/audit"] != 365 {
			t.Errorf("%+v: %s (%v), groups %v", step, result.Outcome, result.Err, logs.retention)
		}
	}
	if want := (Ship{}).Permissions(); !slices.Equal(logs.called, slices.Concat(want.Read, want.Write)) {
		t.Errorf("called %v, the permissions are %v", logs.called, want)
	}
}

// fakeLogs is CloudWatch Logs as far as the ship goes: the retention of log groups by name, 0 for none.
type fakeLogs struct {
	mu        sync.Mutex
	retention map[string]int32
	called    []string // IAM actions, each once
}

// start gives the configuration by which clients reach it.
func (f *fakeLogs) start(t *testing.T) func(context.Context, starfleet.Target) (aws.Config, error) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return func(_ context.Context, target starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: target.Region, BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}, nil
	}
}

// ServeHTTP answers one call.
func (f *fakeLogs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if action := "logs:" + operation; !slices.Contains(f.called, action) {
		f.called = append(f.called, action)
	}
	if operation == "PutRetentionPolicy" {
		var in struct {
			LogGroupName    string `json:"logGroupName"`
			RetentionInDays int32  `json:"retentionInDays"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		f.retention[in.LogGroupName] = in.RetentionInDays
		return
	}
	groups := []map[string]any{}
	for name, days := range f.retention {
		group := map[string]any{"logGroupName": name}
		if days > 0 {
			group["retentionInDays"] = days
		}
		groups = append(groups, group)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"logGroups": groups})
}
