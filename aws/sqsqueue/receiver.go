package sqsqueue

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/queue"
)

// Receiver receives from one queue. It is safe for concurrent use. Create it with NewReceiver.
type Receiver struct {
	source *source
}

var (
	_ queue.Receiver     = (*Receiver)(nil)
	_ queue.BatchDeleter = (*Receiver)(nil)
)

// NewReceiver makes a Receiver for the queue of the URL. The error says what is wrong with the URL.
func NewReceiver(client Client, queueURL string) (*Receiver, error) {
	u, err := checked(client, queueURL)
	if err != nil {
		return nil, err
	}
	return &Receiver{newSource(client, queueURL, u)}, nil
}

// systemAttributes are what SQS is asked to tell about each message.
var systemAttributes = []types.MessageSystemAttributeName{
	types.MessageSystemAttributeNameApproximateReceiveCount,
	types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp,
	types.MessageSystemAttributeNameSentTimestamp,
	types.MessageSystemAttributeNameMessageGroupId,
}

// Receive implements queue.Receiver. Waits and timeouts are rounded up to whole seconds. With Wait 0 the queue's own
// ReceiveMessageWaitTimeSeconds holds. Attributes of the types Number and String.LABEL are received as their text, binary ones are not.
func (r *Receiver) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	if o.Max == 0 {
		o.Max = 1
	}
	switch {
	case o.Max < 1 || o.Max > queue.MaxBatchEntries:
		return nil, fmt.Errorf("sqsqueue: ReceiveOptions.Max is %d, it must be 1 to %d", o.Max, queue.MaxBatchEntries)
	case o.Wait < 0 || o.Wait > queue.MaxWait:
		return nil, fmt.Errorf("sqsqueue: ReceiveOptions.Wait is %v, it must be at most %v", o.Wait, queue.MaxWait)
	case o.Visibility < 0 || o.Visibility > queue.MaxVisibility:
		return nil, fmt.Errorf("sqsqueue: ReceiveOptions.Visibility is %v, it must be at most %v", o.Visibility, queue.MaxVisibility)
	}
	out, err := r.source.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(r.source.url),
		MaxNumberOfMessages:         int32(o.Max),
		WaitTimeSeconds:             seconds(o.Wait),
		VisibilityTimeout:           seconds(o.Visibility),
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: systemAttributes,
	}, r.source.where)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, classify(err)
	}
	if len(out.Messages) == 0 {
		return nil, nil
	}
	sourceARN := ""
	if policy, err := r.source.redrive(ctx); err == nil {
		sourceARN = policy.queueARN
	}
	messages := make([]queue.Message, len(out.Messages))
	for i, m := range out.Messages {
		messages[i] = message(m, sourceARN)
	}
	return messages, nil
}

// Delete implements queue.Receiver.
func (r *Receiver) Delete(ctx context.Context, m queue.Message) error {
	_, err := r.source.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{
		QueueUrl: aws.String(r.source.url), ReceiptHandle: aws.String(m.ReceiptHandle),
	}, r.source.where)
	return classify(err)
}

// DeleteBatch implements queue.BatchDeleter.
func (r *Receiver) DeleteBatch(ctx context.Context, messages []queue.Message) ([]queue.Failure, error) {
	if len(messages) == 0 || len(messages) > queue.MaxBatchEntries {
		return nil, fmt.Errorf("sqsqueue: a batch of %d messages to delete, it must be 1 to %d", len(messages), queue.MaxBatchEntries)
	}
	in := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(r.source.url), Entries: make([]types.DeleteMessageBatchRequestEntry, len(messages))}
	for i, m := range messages {
		in.Entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(m.ReceiptHandle)}
	}
	out, err := r.source.client.DeleteMessageBatch(ctx, in, r.source.where)
	if err != nil {
		return nil, classify(err)
	}
	if len(out.Failed)+len(out.Successful) != len(messages) {
		return nil, fmt.Errorf("sqsqueue: the answer names %d entries of a batch of %d", len(out.Failed)+len(out.Successful), len(messages))
	}
	var failures []queue.Failure
	for _, f := range out.Failed {
		index, err := strconv.Atoi(aws.ToString(f.Id))
		if err != nil || index < 0 || index >= len(messages) {
			return nil, fmt.Errorf("sqsqueue: the answer names entry %q, which was not in the batch", aws.ToString(f.Id))
		}
		failure := queue.Failure{Index: index, Code: aws.ToString(f.Code), Message: aws.ToString(f.Message), SenderFault: f.SenderFault}
		if throttled(failure.Code) {
			failure.Class = queue.ErrThrottled
		}
		failures = append(failures, failure)
	}
	return failures, nil
}

// ChangeVisibility implements queue.Settler.
func (r *Receiver) ChangeVisibility(ctx context.Context, m queue.Message, d time.Duration) error {
	return r.source.changeVisibility(ctx, m, d)
}

// MaxReceives implements queue.Settler.
func (r *Receiver) MaxReceives(ctx context.Context, _ queue.Message) (int, error) {
	policy, err := r.source.redrive(ctx)
	return policy.maxReceives, err
}

// DeadLetter implements queue.Settler.
func (r *Receiver) DeadLetter(ctx context.Context, m queue.Message, c queue.Cause) error {
	return r.source.deadLetter(ctx, m, c)
}

// Resend implements queue.Settler.
func (r *Receiver) Resend(ctx context.Context, m queue.Message, delay time.Duration) error {
	return r.source.resend(ctx, m, delay)
}

// message is a message of the SDK as this project's.
func message(m types.Message, sourceARN string) queue.Message {
	received := queue.Message{
		ID:            aws.ToString(m.MessageId),
		Body:          aws.ToString(m.Body),
		ReceiptHandle: aws.ToString(m.ReceiptHandle),
		SentAt:        milliseconds(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)]),
		FirstReceived: milliseconds(m.Attributes[string(types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp)]),
		GroupID:       m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		SourceARN:     sourceARN,
	}
	count, _ := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	received.ReceiveCount = max(count, 1) // 0 where it is not a number
	for name, value := range m.MessageAttributes {
		if aws.ToString(value.DataType) != stringType {
			received.OtherAttributes = append(received.OtherAttributes, name)
		}
		if value.StringValue == nil {
			continue
		}
		if received.Attributes == nil {
			received.Attributes = make(map[string]string, len(m.MessageAttributes))
		}
		received.Attributes[name] = *value.StringValue
	}
	slices.Sort(received.OtherAttributes)
	return received
}

// milliseconds reads a time of SQS, zero when there is none.
func milliseconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// source is a queue that messages come from.
type source struct {
	client Client
	url    string
	where  func(*sqs.Options)
	policy once[redrivePolicy]
	dead   once[*Sender]
	self   *Sender
}

func newSource(client Client, queueURL string, u *url.URL) *source {
	where := endpoint(u)
	return &source{client: client, url: queueURL, where: where, self: newSender(client, queueURL, where)}
}
