package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/starfleet-go/starfleet/starfleettest"
)

// coldStart is a deployed ship, but for AWS: its program, and stand-ins for STS and CloudWatch Logs on plain HTTP.
type coldStart struct {
	program string
	environ []string
	event   []byte
}

// shipConfig is the configuration of the one ship.
const shipConfig = `
STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: templates, FanOutQueueUrl: "https://sqs.us-east-1.amazonaws.com/111122223333/fan-out", AccountIndex: I}
LogGroupRetentionShip:
  Enabled: true
  TemplatePrefix: LogGroupRetention/
  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/111122223333/retention
  InvocationSources: [S3]
  WorkerRoleToAssume: retention
`

const shipTask = `{"TemplateName": "t", "TemplateDescription": "d", "IncludeAccounts": {"AllAccounts": true}, "IncludeRegions": ["ALL"],` +
	`"RetentionInDays": 90, "ExistingRetention": "keep", "StarbaseAssignedAccount": "111111111111", "StarbaseAssignedRegion": "eu-west-1"}`

// newColdStart builds examples/ships/loggroupretention as it is deployed, and deploys it.
func newColdStart(b testing.TB) *coldStart {
	b.Helper()
	dir := b.TempDir()
	c := &coldStart{program: filepath.Join(dir, "bootstrap")}
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", c.program,
		"github.com/starfleet-go/starfleet/examples/ships/loggroupretention/cmd/loggroupretention")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "fleet.yaml"), []byte(shipConfig), 0o600); err != nil {
		b.Fatal(err)
	}
	aws := httptest.NewServer(http.HandlerFunc(answerAWS))
	b.Cleanup(aws.Close)
	c.environ = []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=test",
		"AWS_ENDPOINT_URL=" + aws.URL, "STARFLEET_CONFIG=" + filepath.Join(dir, "fleet.yaml"),
	}
	event, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{
		MessageId: "m", ReceiptHandle: "h", Body: shipTask, EventSource: "aws:sqs", AWSRegion: "us-east-1",
		EventSourceARN: "arn:aws:sqs:us-east-1:111122223333:retention", Attributes: map[string]string{"ApproximateReceiveCount": "1"},
	}}})
	if err != nil {
		b.Fatal(err)
	}
	c.event = event
	return c
}

// answerAWS is STS, which gives credentials, and CloudWatch Logs, which has no log group.
func answerAWS(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "DescribeLogGroups") {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, `{"logGroups":[]}`)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::111111111111:assumed-role/retention/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>`+
		`<Credentials><AccessKeyId>AK</AccessKeyId><SecretAccessKey>SK</SecretAccessKey><SessionToken>T</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

// once starts the program, has it do one task, and ends it. It returns how long that took, from the start of the process to the answer.
func (c *coldStart) once(b testing.TB) time.Duration {
	b.Helper()
	runtime := starfleettest.NewLambdaRuntime(b)
	var log strings.Builder
	process := exec.CommandContext(b.Context(), c.program)
	process.Env = append(c.environ, runtime.Environ()...)
	process.Stderr = &log
	begin := time.Now()
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	got, err := runtime.Invoke(b.Context(), c.event, time.Minute)
	took := time.Since(begin)
	_ = process.Process.Kill()
	_ = process.Wait() // killed
	if err != nil || string(got) != `{"batchItemFailures":[]}` || !strings.Contains(log.String(), `"outcome":"ok"`) {
		b.Fatalf("answer %s, error %v, log %s", got, err, log.String())
	}
	return took
}

// TestColdStart: the ship that the benchmark times does its task.
func TestColdStart(t *testing.T) {
	t.Parallel()
	newColdStart(t).once(t)
}

// BenchmarkColdStart is the time from the start of a ship's process to its first task done: a role assumed, one call of AWS, no latency
// on the wire.
//
//	go test -run '^$' -bench ColdStart ./internal/bench
func BenchmarkColdStart(b *testing.B) {
	c := newColdStart(b)
	info, err := os.Stat(c.program)
	if err != nil {
		b.Fatal(err)
	}
	fastest, total := time.Hour, time.Duration(0)
	for b.Loop() {
		took := c.once(b)
		fastest, total = min(fastest, took), total+took
	}
	b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/start")
	b.ReportMetric(float64(fastest.Microseconds())/1000, "ms/fastest")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}
