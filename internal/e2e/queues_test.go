//go:build peers

package e2e_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// visibilityTimeout of all queues, in seconds: above functionTimeout, and far above the waits of first retries.
const visibilityTimeout = 60

// queuePair is a queue and its dead-letter queue.
type queuePair struct{ url, arn, deadLetters string }

// message is one that was received.
type message struct {
	id, body, receipt string
	attributes        map[string]string
}

func (d *deployment) createQueues(t *testing.T, name string, maxReceives int) queuePair {
	t.Helper()
	dead := d.createQueue(t, name+"-dead-letters", nil)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, d.arn(name+"-dead-letters"), maxReceives)
	return queuePair{arn: d.arn(name), deadLetters: dead, url: d.createQueue(t, name, map[string]string{
		"RedrivePolicy": policy, "VisibilityTimeout": strconv.Itoa(visibilityTimeout),
		"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},` +
			`"Action":"sqs:SendMessage","Resource":"` + d.arn(name) + `"}]}`,
	})}
}

func (d *deployment) arn(name string) string {
	return "arn:aws:sqs:" + region + ":" + d.fleet + ":" + name
}

func (d *deployment) createQueue(t *testing.T, name string, attributes map[string]string) string {
	t.Helper()
	out, err := d.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	must(t, err)
	return *out.QueueUrl
}

// receive waits until a queue has n messages, hides them from others for the visibility timeout, and returns them. It fails when there
// are more.
func (d *deployment) receive(t *testing.T, url string, n int) []message {
	t.Helper()
	var got []message
	eventually(t, func() error {
		out, err := d.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}, VisibilityTimeout: visibilityTimeout,
		})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			got = append(got, newMessage(m))
		}
		if len(got) < n {
			return fmt.Errorf("queue %s gave %d messages, want %d", url, len(got), n)
		}
		return nil
	})
	if visible, hidden := d.depth(t, url); visible+hidden != n {
		t.Fatalf("queue %s has %d messages, want %d", url, visible+hidden, n)
	}
	return got
}

func newMessage(m types.Message) message {
	attributes := map[string]string{}
	for name, value := range m.MessageAttributes {
		attributes[name] = aws.ToString(value.StringValue)
	}
	return message{id: *m.MessageId, body: *m.Body, receipt: *m.ReceiptHandle, attributes: attributes}
}

// giveBack lets others receive messages again at once.
func (d *deployment) giveBack(t *testing.T, url string, messages []message) {
	t.Helper()
	for _, m := range messages {
		_, err := d.sqs.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &url, ReceiptHandle: aws.String(m.receipt), VisibilityTimeout: 0,
		})
		must(t, err)
	}
}

// send puts bodies on a queue in one call, and returns the ids of their messages.
func (d *deployment) send(t *testing.T, url string, bodies ...string) []string {
	t.Helper()
	in := &sqs.SendMessageBatchInput{QueueUrl: &url}
	for i, body := range bodies {
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &body})
	}
	out, err := d.sqs.SendMessageBatch(t.Context(), in)
	must(t, err)
	if len(out.Failed) > 0 {
		t.Fatalf("%d messages were not accepted: %s", len(out.Failed), aws.ToString(out.Failed[0].Message))
	}
	ids := make([]string, len(bodies))
	for _, sent := range out.Successful {
		i, err := strconv.Atoi(*sent.Id)
		must(t, err)
		ids[i] = *sent.MessageId
	}
	return ids
}

// depth is how many messages a queue has: those that can be received, and those that someone holds.
func (d *deployment) depth(t *testing.T, url string) (visible, hidden int) {
	t.Helper()
	out, err := d.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	must(t, err)
	number := func(name types.QueueAttributeName) int {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		must(t, err)
		return n
	}
	return number(types.QueueAttributeNameApproximateNumberOfMessages), number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible)
}

// drained waits until a queue is empty: every message of it was done or dead-lettered.
func (d *deployment) drained(t *testing.T, q queuePair) {
	t.Helper()
	eventually(t, func() error {
		if visible, hidden := d.depth(t, q.url); visible+hidden > 0 {
			return fmt.Errorf("queue %s has %d messages and %d that are held", q.url, visible, hidden)
		}
		return nil
	})
}

// noDeadLetters fails when a message of the queue died.
func (d *deployment) noDeadLetters(t *testing.T, q queuePair) {
	t.Helper()
	if visible, hidden := d.depth(t, q.deadLetters); visible+hidden > 0 {
		t.Errorf("queue %s has %d dead letters", q.url, visible+hidden)
	}
}
