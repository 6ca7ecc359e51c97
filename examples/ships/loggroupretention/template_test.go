package loggroupretention_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write schema.json")

// handler is the ship as Run would serve it, without an environment.
func handler(t *testing.T) *starfleet.Handler {
	t.Helper()
	h, err := starfleet.NewHandler(loggroupretention.New(nil), starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSchemaIsCurrent holds schema.json, which editors read, against the payload type. Write it anew with -update.
func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := handler(t).Manifest().Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.json is not that of the payload type; go test -update writes it (-want +got):\n%s", diff)
	}
}

func TestTemplateIsValid(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), schema.Modeline("schema.json")+"\n") {
		t.Error("template.yaml does not begin with the line by which editors find its schema")
	}
	h := handler(t)
	template, err := starfleet.ParseTemplate(h.Manifest(), "template.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CheckPayload(template.Document()); err != nil {
		t.Error(err)
	}
	if template.Strategy() != starfleet.PerAccountRegion {
		t.Errorf("strategy %s", template.Strategy())
	}
}

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	const base = "TemplateName: T\nTemplateDescription: D\nIncludeAccounts:\n  AllAccounts: true\nIncludeRegions: [ALL]\n"
	tests := map[string]struct{ text, want string }{
		"no days":                     {base, "RetentionInDays"},
		"a number CloudWatch has not": {base + "RetentionInDays: 42\n", "RetentionInDays"},
		"an unknown word":             {base + "RetentionInDays: 90\nExistingRetention: always\n", "ExistingRetention"},
		"an unknown key":              {base + "RetentionInDays: 90\nRetentionDays: 90\n", "RetentionDays"},
		"an empty exclusion":          {base + "RetentionInDays: 90\nExcludeLogGroupNamePrefixes: ['']\n", "would exclude every log group"},
		"an exclusion of everything": {
			base + "RetentionInDays: 90\nLogGroupNamePrefix: /aws/lambda/x\nExcludeLogGroupNamePrefixes: [/app, /aws/lambda]\n",
			`ExcludeLogGroupNamePrefixes[1] "/aws/lambda" excludes everything`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler(t)
			template, err := starfleet.ParseTemplate(h.Manifest(), "t.yaml", []byte(test.text))
			if err == nil {
				err = h.CheckPayload(template.Document())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to name %s", err, test.want)
			}
		})
	}
}

// TestNewClient drives the SDK's own client against a server on loopback.
func TestNewClient(t *testing.T) {
	t.Parallel()
	var target string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target = r.Header.Get("X-Amz-Target")
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = w.Write([]byte(`{"logGroups":[{"logGroupName":"/a","retentionInDays":7}]}`))
	}))
	defer server.Close()
	client := loggroupretention.NewClient(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{},
	})
	out, err := client.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if target != "Logs_20140328.DescribeLogGroups" || len(out.LogGroups) != 1 || *out.LogGroups[0].RetentionInDays != 7 {
		t.Errorf("asked %s, got %+v", target, out.LogGroups)
	}
}
