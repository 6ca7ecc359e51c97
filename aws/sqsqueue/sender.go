package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/queue"
)

// stringType is the data type of message attributes.
const stringType = "String"

// Sender sends to one queue. It is safe for concurrent use. Create it with NewSender.
type Sender struct {
	client  Client
	url     string
	options []func(*sqs.Options) // of SendMessageBatch
	read    []func(*sqs.Options) // of GetQueueAttributes

	mu     sync.Mutex
	limits *queue.Limits // nil until they were asked for
}

var _ queue.Sender = (*Sender)(nil)

// NewSender makes a Sender for the queue of the URL, a FIFO queue when it ends in .fifo. The error says what is wrong with the URL.
func NewSender(client Client, queueURL string) (*Sender, error) {
	u, err := checked(client, queueURL)
	if err != nil {
		return nil, err
	}
	s := newSender(client, queueURL, endpoint(u))
	s.options = append(s.options, withoutRetries)
	return s, nil
}

// newSender makes a Sender with the SDK's retries.
func newSender(client Client, queueURL string, where func(*sqs.Options)) *Sender {
	return &Sender{client: client, url: queueURL, options: []func(*sqs.Options){where}, read: []func(*sqs.Options){where}}
}

func checked(client Client, queueURL string) (*url.URL, error) {
	if client == nil {
		return nil, errors.New("sqsqueue: the client is nil")
	}
	return parseURL(queueURL)
}

// Limits implements queue.Sender. MaximumMessageSize is read once; a queue of which it cannot be read is taken to accept 262,144 bytes.
// A queue that does not exist is an error of class queue.ErrPermanent.
func (s *Sender) Limits(ctx context.Context) (queue.Limits, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limits != nil {
		return *s.limits, nil
	}
	limits := queue.Limits{BatchEntries: queue.MaxBatchEntries, MessageBytes: queue.DefaultMessageBytes, FIFO: isFIFO(s.url)}
	out, err := s.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(s.url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameMaximumMessageSize},
	}, s.read...)
	switch {
	case ctx.Err() != nil:
		return queue.Limits{}, ctx.Err()
	case is[*types.QueueDoesNotExist](err):
		return queue.Limits{}, fmt.Errorf("sqsqueue: queue %s: %w", s.url, classify(err))
	case err == nil:
		size, err := strconv.Atoi(out.Attributes[string(types.QueueAttributeNameMaximumMessageSize)])
		if err == nil && size > 0 {
			limits.MessageBytes = size
		}
	case !errors.Is(classify(err), queue.ErrPermanent):
		return limits, nil // it may be readable the next time
	}
	s.limits = &limits
	return limits, nil
}

// SendBatch implements queue.Sender.
func (s *Sender) SendBatch(ctx context.Context, batch []queue.Outgoing) ([]queue.Failure, error) {
	out, err := s.send(ctx, batch)
	if err != nil {
		if s.mayRefuseGroup(batch, errorCode(err)) {
			return nil, fmt.Errorf("%w: %w", queue.ErrNoGroup, err)
		}
		return nil, classify(err)
	}
	if len(out.Failed)+len(out.Successful) != len(batch) {
		return nil, fmt.Errorf("sqsqueue: the answer names %d entries of a batch of %d", len(out.Failed)+len(out.Successful), len(batch))
	}
	return s.failures(batch, out.Failed)
}

// send makes the call: directly with the SDK's own client, and by its ordinary input with one that a caller brings, which may want to look at it.
func (s *Sender) send(ctx context.Context, batch []queue.Outgoing) (*sqs.SendMessageBatchOutput, error) {
	if _, own := s.client.(*sqs.Client); own {
		return s.sendDirectly(ctx, batch)
	}
	in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(s.url), Entries: make([]types.SendMessageBatchRequestEntry, len(batch))}
	for i, o := range batch {
		in.Entries[i] = entry(o)
	}
	return s.client.SendMessageBatch(ctx, in, s.options...)
}

// failures reads the list of entries that were not accepted.
func (s *Sender) failures(batch []queue.Outgoing, failed []types.BatchResultErrorEntry) ([]queue.Failure, error) {
	var failures []queue.Failure
	for _, f := range failed {
		index := indexOf(batch, aws.ToString(f.Id))
		if index < 0 {
			return nil, fmt.Errorf("sqsqueue: the answer names entry %q, which was not in the batch", aws.ToString(f.Id))
		}
		failure := queue.Failure{Index: index, Code: aws.ToString(f.Code), Message: aws.ToString(f.Message), SenderFault: f.SenderFault}
		switch {
		case throttled(failure.Code):
			failure.Class = queue.ErrThrottled
		case s.mayRefuseGroup(batch[index:index+1], failure.Code):
			failure.Class = queue.ErrNoGroup
		}
		failures = append(failures, failure)
	}
	return failures, nil
}

// mayRefuseGroup says whether an error of the code may be about message groups, which not every standard queue takes. SQS has no code
// of its own for it; where something else is wrong, the same error comes back when the messages are sent without.
func (s *Sender) mayRefuseGroup(batch []queue.Outgoing, code string) bool {
	if isFIFO(s.url) || !invalidParameter(code) {
		return false
	}
	for _, o := range batch {
		if o.GroupID != "" {
			return true
		}
	}
	return false
}

func indexOf(batch []queue.Outgoing, id string) int {
	for i, o := range batch {
		if o.ID == id {
			return i
		}
	}
	return -1
}

// entry is a message as the SDK wants it.
func entry(o queue.Outgoing) types.SendMessageBatchRequestEntry {
	e := types.SendMessageBatchRequestEntry{
		Id:           aws.String(o.ID),
		MessageBody:  aws.String(string(o.Body)),
		DelaySeconds: seconds(o.Delay),
	}
	if o.GroupID != "" {
		e.MessageGroupId = aws.String(o.GroupID)
	}
	if o.DeduplicationID != "" {
		e.MessageDeduplicationId = aws.String(o.DeduplicationID)
	}
	if len(o.Attributes) > 0 {
		e.MessageAttributes = make(map[string]types.MessageAttributeValue, len(o.Attributes))
		for _, a := range o.Attributes {
			e.MessageAttributes[a.Name] = types.MessageAttributeValue{DataType: aws.String(stringType), StringValue: aws.String(a.Value)}
		}
	}
	return e
}

// seconds rounds up to whole seconds, which are all that SQS knows.
func seconds(d time.Duration) int32 {
	return int32((d + time.Second - 1) / time.Second)
}
