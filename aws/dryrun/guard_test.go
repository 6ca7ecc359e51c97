package dryrun_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/dryrun"
	"github.com/starfleet-go/starfleet/queue"
)

// wire counts what leaves the process.
type wire struct{ sent []string }

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.sent = append(w.sent, r.Method+" "+r.URL.Path)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

func protected(t *testing.T, cfg dryrun.Config) (aws.Config, *wire) {
	t.Helper()
	guard, err := dryrun.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	return guard.Protect(aws.Config{Region: "us-east-1", HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}), w
}

// TestWritesAreRefusedBeforeAnythingIsSent goes through the real clients of four services.
func TestWritesAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	cfg, w := protected(t, dryrun.Config{})
	ctx := t.Context()
	queueURL := aws.String("https://sqs.us-east-1.amazonaws.com/1/q")
	for name, call := range map[string]func() error{
		"SQS PurgeQueue": func() error {
			_, err := sqs.NewFromConfig(cfg).PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: queueURL})
			return err
		},
		"SQS ReceiveMessage": func() error {
			_, err := sqs.NewFromConfig(cfg).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queueURL})
			return err
		},
		"CloudWatch Logs PutRetentionPolicy": func() error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("g"), RetentionInDays: aws.Int32(1)})
			return err
		},
		"STS GetSessionToken": func() error {
			_, err := sts.NewFromConfig(cfg).GetSessionToken(ctx, &sts.GetSessionTokenInput{})
			return err
		},
		"S3 PutObject": func() error {
			_, err := s3.NewFromConfig(cfg).PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), Body: strings.NewReader("x")})
			return err
		},
		"S3 DeleteObject": func() error { // presigned: it could be sent by anybody later
			_, err := s3.NewPresignClient(s3.NewFromConfig(cfg)).PresignDeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
			return err
		},
	} {
		err := call()
		refused, ok := errors.AsType[*dryrun.Error](err)
		if !ok {
			t.Errorf("%s: error %v, want a *dryrun.Error", name, err)
			continue
		}
		if got := refused.Service + " " + refused.Operation; got != name {
			t.Errorf("refused %s, want %s", got, name)
		}
		if d := queue.DispositionOf(err); d.Action != queue.DeadLetter || d.Class != "DryRunError" {
			t.Errorf("%s: disposition %+v", name, d)
		}
	}
	if _, err := s3.NewPresignClient(s3.NewFromConfig(cfg)).PresignPostObject(ctx, &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k")}); err == nil {
		t.Error("a form that uploads is signed")
	}
	if len(w.sent) > 0 {
		t.Errorf("sent %v", w.sent)
	}
}

// TestReadsPass: reading operations reach the wire, in clients that were given options of their own too.
func TestReadsPass(t *testing.T) {
	t.Parallel()
	cfg, w := protected(t, dryrun.Config{})
	ctx := t.Context()
	logs := cloudwatchlogs.NewFromConfig(cfg)
	if _, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}); err != nil {
		t.Error(err)
	}
	if _, err := logs.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{QueryString: aws.String("fields @message"), StartTime: aws.Int64(1), EndTime: aws.Int64(2)}); err != nil {
		t.Error(err)
	}
	regional := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.Region = "eu-west-1" })
	if _, err := regional.ListQueues(ctx, &sqs.ListQueuesInput{}); err != nil {
		t.Error(err)
	}
	if len(w.sent) != 3 {
		t.Errorf("sent %v, want 3 requests", w.sent)
	}
}

// TestAllowedOperationsPass: by the prefix that IAM has for the service, or by its id in the SDK; and no others.
func TestAllowedOperationsPass(t *testing.T) {
	t.Parallel()
	for _, allowed := range []string{"logs:PutRetentionPolicy", "CloudWatch Logs:PutRetentionPolicy"} {
		cfg, w := protected(t, dryrun.Config{Allow: []string{allowed}})
		logs := cloudwatchlogs.NewFromConfig(cfg)
		if _, err := logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("g"), RetentionInDays: aws.Int32(1)}); err != nil {
			t.Errorf("%s: %v", allowed, err)
		}
		if _, err := logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("g")}); err == nil {
			t.Errorf("%s lets DeleteLogGroup pass", allowed)
		}
		if len(w.sent) != 1 {
			t.Errorf("%s: sent %v", allowed, w.sent)
		}
	}
}

// TestNewRefusesWhatIsNoOperation: an allowance says one operation of one service.
func TestNewRefusesWhatIsNoOperation(t *testing.T) {
	t.Parallel()
	_, err := dryrun.New(dryrun.Config{Allow: []string{"logs:*", "PutObject", "s3:", ":PutObject", "s3:Put Object", "s3:PutObject"}})
	if err == nil {
		t.Fatal("no error")
	}
	if got := len(strings.Split(err.Error(), "\n")); got != 5 {
		t.Errorf("%d faults, want 5: %v", got, err)
	}
}

// TestRefusedIsToldOfRefusals: a ship may drop the error; the refusal is on record all the same.
func TestRefusedIsToldOfRefusals(t *testing.T) {
	t.Parallel()
	var told []dryrun.Error
	cfg, _ := protected(t, dryrun.Config{Refused: func(_ context.Context, e *dryrun.Error) { told = append(told, *e) }})
	_, _ = sqs.NewFromConfig(cfg).PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/1/q")})
	_, _ = sqs.NewFromConfig(cfg).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if diff := cmp.Diff([]dryrun.Error{{Service: "SQS", Operation: "PurgeQueue"}}, told); diff != "" {
		t.Error(diff)
	}
}

// TestProtectLeavesTheOriginalAlone: the configuration that was protected still writes, and two guards over one do not mix.
func TestProtectLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	guard, err := dryrun.New(dryrun.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	cfg := aws.Config{Region: "us-east-1", HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
	_ = guard.Protect(cfg)
	input := &sqs.PurgeQueueInput{QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/1/q")}
	if _, err := sqs.NewFromConfig(cfg).PurgeQueue(t.Context(), input); err != nil || len(w.sent) != 1 {
		t.Errorf("error %v, sent %v", err, w.sent)
	}
}

// TestErrorSaysWhatToDo: the name is the one that an allowance takes.
func TestErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*dryrun.Error{
		"logs:PutRetentionPolicy": {Service: "CloudWatch Logs", Operation: "PutRetentionPolicy"},
		"New Service:CreateThing": {Service: "New Service", Operation: "CreateThing"},
	} {
		if !strings.Contains(e.Error(), want) || !strings.Contains(e.Error(), "was not sent") {
			t.Errorf("%s: %s", want, e)
		}
	}
}
