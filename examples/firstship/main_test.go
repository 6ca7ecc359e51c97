package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// logs is CloudWatch Logs as far as the ship goes: one log group, whose retention is days.
func logs(t *testing.T, days int) func(context.Context, starfleet.Target) (aws.Config, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "DescribeLogGroups") {
			t.Errorf("a dry run called %s", r.Header.Get("X-Amz-Target"))
		}
		_, _ = fmt.Fprintf(w, `{"logGroups":[{"logGroupName":"/audit/trail","retentionInDays":%d}]}`, days)
	}))
	t.Cleanup(server.Close)
	return func(_ context.Context, target starfleet.Target) (aws.Config, error) {
		return aws.Config{Region: target.Region, BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}, nil
	}
}

// TestDryRun: the ship says what it would change, and writes nothing; where nothing is to change it says so.
func TestDryRun(t *testing.T) {
	t.Parallel()
	payload := Payload{LogGroup: "/audit/trail", Days: 90}
	result := starfleettest.Execute(t, Retention{}, payload, &starfleettest.ExecuteOptions{AWSConfig: logs(t, 30)})
	if result.Outcome != starfleet.OutcomeChanged || len(result.Changes) != 1 {
		t.Errorf("result %+v", result)
	}
	result = starfleettest.Execute(t, Retention{}, payload, &starfleettest.ExecuteOptions{AWSConfig: logs(t, 90)})
	if result.Outcome != starfleet.OutcomeOK {
		t.Errorf("result %+v", result)
	}
}

// TestTemplate: the template beside the ship is one that it understands.
func TestTemplate(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := starfleet.ManifestOf(Retention{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := starfleet.ParseTemplate(manifest, "template.yaml", data); err != nil {
		t.Error(err)
	}
}
