//go:build peers

package sqsqueue_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// elasticMQDeviations are the ways in which ElasticMQ 1.7.1 is not SQS.
var elasticMQDeviations = []starfleettest.QueueDeviation{
	{Case: "limits", Reason: "answers no MaximumMessageSize"},
	{Case: "batch a byte too long", Reason: "holds a batch against 1 MiB, whatever the queue's MaximumMessageSize is"},
	{Case: "batch too long for its attributes", Reason: "holds a batch against 1 MiB, whatever the queue's MaximumMessageSize is"},
	{Case: "batch above every limit", Reason: "calls a batch of more than 1 MiB InvalidAttributeValue instead of BatchRequestTooLong"},
	{Case: "batch of none", Reason: "accepts a batch without an entry"},
	{Case: "entry id with a bad character", Reason: "accepts every entry id"},
	{Case: "noncharacter in a body", Reason: "cannot parse a request with U+FFFF in it, and refuses all of it"},
	{Case: "attribute with a bad name", Reason: "accepts every attribute name"},
	{Case: "attribute with two periods in its name", Reason: "accepts every attribute name"},
	{Case: "attribute with a reserved name", Reason: "accepts every attribute name"},
	{Case: "attribute with a long name", Reason: "accepts every attribute name"},
	{Case: "deleted twice", Reason: "answers ReceiptHandleIsInvalid to the second delete"},
	{Case: "hidden after its timeout", Reason: "hides a message that is visible again by its last receipt handle"},
}

func elasticMQ(t *testing.T) *sqs.Client {
	t.Helper()
	endpoint := os.Getenv("STARFLEET_ELASTICMQ")
	if endpoint == "" {
		t.Fatal("STARFLEET_ELASTICMQ has no address of ElasticMQ: run .ci/elasticmq.sh")
	}
	return sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, 0)
}

// createQueue makes a queue and returns its URL and ARN.
func createQueue(t *testing.T, client *sqs.Client, name string, attributes map[string]string) (queueURL, arn string) {
	t.Helper()
	created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	read, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: created.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *created.QueueUrl, read.Attributes[string(types.QueueAttributeNameQueueArn)]
}

// queueName is the name of the test as SQS allows it.
func queueName(t *testing.T, suffix string, fifo bool) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, t.Name())
	name = name[max(0, len(name)-60):] + suffix
	if fifo {
		name += ".fifo"
	}
	return name
}

func TestElasticMQ(t *testing.T) {
	client := elasticMQ(t)
	starfleettest.ExerciseQueue(t, func(t *testing.T, o starfleettest.QueueOptions) starfleettest.QueueUnderTest {
		attributes := map[string]string{
			"VisibilityTimeout":  strconv.Itoa(int(o.Visibility / time.Second)),
			"MaximumMessageSize": strconv.Itoa(o.MessageBytes),
		}
		kind := map[string]string{}
		if o.FIFO {
			attributes["FifoQueue"], kind["FifoQueue"] = "true", "true"
		}
		var under starfleettest.QueueUnderTest
		if o.MaxReceives > 0 {
			deadURL, deadARN := createQueue(t, client, queueName(t, "-dead", o.FIFO), kind)
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%d"}`, deadARN, o.MaxReceives)
			under.DeadLetters = receiver(t, client, deadURL)
		}
		queueURL, _ := createQueue(t, client, queueName(t, "", o.FIFO), attributes)
		sender, err := sqsqueue.NewSender(client, queueURL)
		if err != nil {
			t.Fatal(err)
		}
		under.Sender, under.Receiver = sender, receiver(t, client, queueURL)
		return under
	}, elasticMQDeviations...)
}

// errand is a task of TestElasticMQDispatch.
type errand int

func (e errand) ID() string                   { return "task-" + strconv.Itoa(int(e)) }
func (e errand) Label() string                { return e.ID() }
func (e errand) AppendBody(dst []byte) []byte { return append(append(dst, "body of "...), e.ID()...) }
func (e errand) AccountID() string            { return "111111111111" }
func (e errand) RunID() string                { return "run" }
func (e errand) Attributes(dst []queue.Attribute) []queue.Attribute {
	return append(dst, queue.Attribute{Name: "starfleet-task-id", Value: e.ID()})
}

// TestElasticMQDispatch dispatches 20,000 tasks and reads them back.
func TestElasticMQDispatch(t *testing.T) {
	const n = 20000
	client := elasticMQ(t)
	queueURL, _ := createQueue(t, client, queueName(t, "", false), nil)
	sender, err := sqsqueue.NewSender(client, queueURL)
	if err != nil {
		t.Fatal(err)
	}
	report, err := queue.Dispatch(t.Context(), sender, func(yield func(errand, error) bool) {
		for i := range n {
			if !yield(errand(i), nil) {
				return
			}
		}
	}, queue.DispatchOptions{Resolved: n})
	if err != nil || report.Sent != n {
		t.Fatalf("%d sent, error %v", report.Sent, err)
	}
	t.Logf("%d tasks in %v, %d calls, %d retried", report.Sent, report.Elapsed, report.Batches, report.Retried)
	arrived, late := readBack(t, receiver(t, client, queueURL), n)
	twice := 0
	for _, ids := range arrived {
		twice += len(ids) - 1
	}
	if late > 0 {
		t.Logf("%d messages were first seen after an earlier delivery that never reached the test", late)
	}
	if len(arrived) != n || twice > report.PossibleDuplicates {
		t.Errorf("%d of %d tasks arrived, %d were sent twice, %d are reported as possible; the queue says: %v",
			len(arrived), n, twice, report.PossibleDuplicates, counts(t, client, queueURL))
	}
}

// readBack receives until n different bodies arrived, and returns the message ids of each: a task that was sent twice has two. A
// delivery that does not arrive is made again after the visibility timeout, as SQS promises no more than that; late is how many
// messages were seen only then.
func readBack(t *testing.T, from *sqsqueue.Receiver, n int) (arrived map[string]map[string]bool, late int) {
	t.Helper()
	const visibility = 30 * time.Second
	arrived = map[string]map[string]bool{}
	for last := time.Now(); len(arrived) < n && time.Since(last) < 2*visibility; {
		messages, err := from.Receive(t.Context(), queue.ReceiveOptions{Max: 10, Wait: time.Second, Visibility: visibility})
		if err != nil {
			t.Fatalf("after %d messages: %v", len(arrived), err)
		}
		for _, m := range messages {
			if m.Body != "body of "+m.Attributes["starfleet-task-id"] {
				t.Fatalf("body %q of task %q", m.Body, m.Attributes["starfleet-task-id"])
			}
			if arrived[m.Body] == nil {
				arrived[m.Body] = map[string]bool{}
				last = time.Now()
				if m.ReceiveCount > 1 {
					late++
				}
			}
			arrived[m.Body][m.ID] = true
		}
	}
	return arrived, late
}

// counts are the queue's own numbers of messages.
func counts(t *testing.T, client *sqs.Client, queueURL string) map[string]string {
	t.Helper()
	out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(queueURL), AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func receiver(t *testing.T, client *sqs.Client, queueURL string) *sqsqueue.Receiver {
	t.Helper()
	r, err := sqsqueue.NewReceiver(client, queueURL)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestElasticMQSettler ends messages that are known by their queue's ARN alone, as on Lambda.
func TestElasticMQSettler(t *testing.T) {
	client := elasticMQ(t)
	deadURL, deadARN := createQueue(t, client, queueName(t, "-dead", false), nil)
	queueURL, queueARN := createQueue(t, client, queueName(t, "", false), map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":3}`, deadARN),
	})
	sender, err := sqsqueue.NewSender(client, queueURL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	messages, err := receiver(t, client, queueURL).Receive(t.Context(), queue.ReceiveOptions{Wait: 5 * time.Second})
	if err != nil || len(messages) != 1 || messages[0].SourceARN != queueARN {
		t.Fatalf("received %+v, %v, want one message of %s", messages, err, queueARN)
	}
	settler, err := sqsqueue.NewSettler(client)
	if err != nil {
		t.Fatal(err)
	}
	if limit, err := settler.MaxReceives(t.Context(), messages[0]); limit != 3 || err != nil {
		t.Errorf("at most %d receives, error %v, want 3", limit, err)
	}
	if err := settler.DeadLetter(t.Context(), messages[0], queue.Cause{Class: "c", Message: "m"}); err != nil {
		t.Fatal(err)
	}
	dead, err := receiver(t, client, deadURL).Receive(t.Context(), queue.ReceiveOptions{Wait: 5 * time.Second})
	if err != nil || len(dead) != 1 || dead[0].Attributes[queue.AttributeSourceARN] != queueARN {
		t.Errorf("dead letters %+v, %v", dead, err)
	}
}
