package accountindexgenerator_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/alert"
	"github.com/starfleet-go/starfleet/examples/ships/accountindexgenerator"
	"github.com/starfleet-go/starfleet/queue"
)

// told keeps the alerts that were sent.
type told struct{ messages []alert.Message }

func (a *told) Alert(_ context.Context, m alert.Message) error {
	a.messages = append(a.messages, m)
	return nil
}

// TestALossIsAlerted: who is to look at an index that was put aside is told where it is.
func TestALossIsAlerted(t *testing.T) {
	t.Parallel()
	c := newCloud()
	if r := run(t, c, payload, true); r.Err != nil {
		t.Fatal(r.Err)
	}
	c.members = 1
	sink := &told{}
	handler, err := starfleet.NewHandler(accountindexgenerator.New(settings, c.clients()),
		starfleet.WithConfig(fstest.MapFS{"c.yaml": {Data: []byte(`
STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: b, FanOutQueueUrl: "https://sqs.us-east-1.amazonaws.com/1/f"}
AccountIndexGeneratorShip:
  Enabled: true
  TemplatePrefix: Index/
  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/1/i
  InvocationSources: [S3]
  AlertConfiguration: {ChannelId: C1, AlertPriority: PROBLEM}
`)}}),
		starfleet.WithEnvironment(func(string) (string, bool) { return "", false }), starfleet.WithLogger(slog.New(slog.DiscardHandler)),
		starfleet.WithCommit(true), starfleet.WithAlerter(sink),
		starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) {
			return aws.Config{Region: "us-east-1"}, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	err = handler.Handle(t.Context(), queue.Message{ID: "m", ReceiveCount: 1, Body: `{"TemplateName": "index", "TemplateDescription": "d",
		"AccountInventoryBucket": "inventory", "InventoryBucketRegion": "us-east-2"}`})
	if queue.DispositionOf(err).Action != queue.DeadLetter || len(sink.messages) != 1 {
		t.Fatalf("error %v, alerts %v", err, sink.messages)
	}
	if m := sink.messages[0]; m.Priority != alert.Problem || m.Channel != "C1" || !strings.Contains(m.Text, "s3://"+object+".rejected-") {
		t.Errorf("alert %+v", m)
	}
}
