package sqsqueue_test

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// call is one call that a fake client got.
type call struct {
	operation string
	in        any
	options   sqs.Options
}

// fake is a client that answers from what the test put in, and records its calls.
type fake struct {
	send       func(*sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error)
	attributes map[string]map[string]string // by queue URL
	errs       map[string][]error           // by operation, used up in turn
	messages   []types.Message

	mu    sync.Mutex
	calls []call
}

func (f *fake) record(operation string, in any, options []func(*sqs.Options)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := call{operation: operation, in: in}
	for _, option := range options {
		option(&c.options)
	}
	f.calls = append(f.calls, c)
	if errs := f.errs[operation]; len(errs) > 0 {
		f.errs[operation] = errs[1:]
		return errs[0]
	}
	return nil
}

// count is how often the operation was called.
func (f *fake) count(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c.operation == operation {
			n++
		}
	}
	return n
}

// last is the last call of the operation.
func (f *fake) last(operation string) call {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range slices.Backward(f.calls) {
		if c.operation == operation {
			return c
		}
	}
	return call{}
}

func (f *fake) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, o ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if err := f.record("SendMessageBatch", in, o); err != nil {
		return nil, err
	}
	if f.send != nil {
		return f.send(in)
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func (f *fake) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	if err := f.record("ReceiveMessage", in, o); err != nil {
		return nil, err
	}
	return &sqs.ReceiveMessageOutput{Messages: f.messages}, nil
}

func (f *fake) DeleteMessage(_ context.Context, in *sqs.DeleteMessageInput, o ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	return &sqs.DeleteMessageOutput{}, f.record("DeleteMessage", in, o)
}

func (f *fake) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, o ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	if err := f.record("DeleteMessageBatch", in, o); err != nil {
		return nil, err
	}
	out := &sqs.DeleteMessageBatchOutput{}
	for _, e := range in.Entries {
		if aws.ToString(e.ReceiptHandle) == "stale" {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("ReceiptHandleIsInvalid"), Message: aws.String("stale"), SenderFault: true})
			continue
		}
		out.Successful = append(out.Successful, types.DeleteMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func (f *fake) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, o ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	return &sqs.ChangeMessageVisibilityOutput{}, f.record("ChangeMessageVisibility", in, o)
}

func (f *fake) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, o ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	if err := f.record("GetQueueAttributes", in, o); err != nil {
		return nil, err
	}
	return &sqs.GetQueueAttributesOutput{Attributes: f.attributes[aws.ToString(in.QueueUrl)]}, nil
}

//nolint:staticcheck // the SDK's own name
func (f *fake) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, o ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if err := f.record("GetQueueUrl", in, o); err != nil {
		return nil, err
	}
	url := "https://sqs.eu-west-1.amazonaws.com/" + aws.ToString(in.QueueOwnerAWSAccountId) + "/" + aws.ToString(in.QueueName)
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String(url)}, nil
}
