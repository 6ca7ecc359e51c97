package sqsqueue

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// Client is what this package calls of the AWS SDK's SQS client. *sqs.Client implements it.
type Client interface {
	SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, options ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, options ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, options ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, options ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, options ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, options ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	GetQueueUrl(ctx context.Context, in *sqs.GetQueueUrlInput, options ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
}

var _ Client = (*sqs.Client)(nil)

// IAMActions are the IAM actions that this package uses: on the queue, those of what is done with it, and on its dead-letter queue
// those of sending. Without sqs:GetQueueAttributes a queue is taken to accept 262,144 bytes, and the redrive policy is not known.
var IAMActions = []string{
	"sqs:ChangeMessageVisibility", // retries
	"sqs:DeleteMessage",           // receiving
	"sqs:GetQueueAttributes",      // MaximumMessageSize, RedrivePolicy
	"sqs:GetQueueUrl",             // of a queue known by its ARN
	"sqs:ReceiveMessage",          // receiving
	"sqs:SendMessage",             // sending and dead-lettering
}

// The parts of IAMActions, each on its own queue.
var (
	// SenderIAMActions are those of a Sender, on the queue that it sends to.
	SenderIAMActions = []string{"sqs:GetQueueAttributes", "sqs:SendMessage"}
	// SettlerIAMActions are those of a Settler, on the queue that the messages are from. It sends copies to it, of tasks that wait longer than
	// SQS hides a message.
	SettlerIAMActions = []string{"sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"}
	// DeadLetterIAMActions are those of a Settler and of a Receiver, on the dead-letter queue of that queue.
	DeadLetterIAMActions = []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"}
)

// defaultMaxInFlight is queue.Dispatch's default.
const defaultMaxInFlight = 64

// NewClient makes an SQS client whose connections are pooled for maxInFlight calls at once; 0 means 64, as many as queue.Dispatch
// makes. An HTTP client that cfg brings is kept as it is, unless it is the SDK's own.
func NewClient(cfg aws.Config, maxInFlight int) *sqs.Client {
	switch given := cfg.HTTPClient.(type) {
	case nil:
		cfg.HTTPClient = requestbody.OneWrite{HTTPClient: pooled(awshttp.NewBuildableClient(), maxInFlight)}
	case *awshttp.BuildableClient:
		cfg.HTTPClient = requestbody.OneWrite{HTTPClient: pooled(given, maxInFlight)}
	default:
		cfg = requestbody.Plain(cfg)
	}
	return sqs.NewFromConfig(cfg)
}

// pooled keeps as many idle connections as there are calls at once: with fewer, most calls would open a new one.
func pooled(client *awshttp.BuildableClient, maxInFlight int) *awshttp.BuildableClient {
	if maxInFlight <= 0 {
		maxInFlight = defaultMaxInFlight
	}
	return client.WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, maxInFlight)
		if t.MaxIdleConns != 0 { // 0 has no limit
			t.MaxIdleConns = max(t.MaxIdleConns, maxInFlight)
		}
	})
}

// withoutRetries turns the SDK's own retries off.
func withoutRetries(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }
