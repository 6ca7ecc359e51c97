//go:build peers

package cli_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// onElasticMQ is a letterBox on ElasticMQ, with n dead letters.
func onElasticMQ(t *testing.T, n int, kind string) letterBox {
	t.Helper()
	endpoint := os.Getenv("STARFLEET_ELASTICMQ")
	if endpoint == "" {
		t.Fatal("STARFLEET_ELASTICMQ has no address of ElasticMQ: run .ci/elasticmq.sh")
	}
	environment(t, endpoint)
	client := sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, 0)
	name := "dlq-" + strings.ToLower(rand.Text()[:8])
	attributes := map[string]string{}
	if kind != "" {
		attributes["FifoQueue"] = "true"
	}
	create := func(name string) (url, arn string) {
		created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + kind), Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		read, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: created.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *created.QueueUrl, read.Attributes["QueueArn"]
	}
	deadURL, deadARN := create(name + "-dead")
	attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":3}`, deadARN)
	workURL, workARN := create(name)
	sender, err := sqsqueue.NewSender(client, deadURL)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		out := deadLetter(i, workARN)
		if kind != "" {
			out.GroupID, out.DeduplicationID = fmt.Sprint("group-", i%2), fmt.Sprint("m-", i)
		}
		if failures, err := sender.SendBatch(t.Context(), []queue.Outgoing{out}); err != nil || len(failures) > 0 {
			t.Fatal(failures, err)
		}
	}
	return letterBox{deadURL, workURL, func(url string) (int, int) {
		out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		})
		if err != nil {
			t.Fatal(err)
		}
		visible, _ := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
		hidden, _ := strconv.Atoi(out.Attributes["ApproximateNumberOfMessagesNotVisible"])
		return visible, visible + hidden
	}}
}

func TestElasticMQCase20(t *testing.T) { case20(t, onElasticMQ(t, 3, "")) }

func TestElasticMQCase21(t *testing.T) { case21(t, onElasticMQ(t, 3, "")) }

func TestElasticMQCase22(t *testing.T) { case22(t, onElasticMQ(t, 7, "")) }

// TestElasticMQMoveTask: without a filter the queue moves all by itself.
func TestElasticMQMoveTask(t *testing.T) {
	b := onElasticMQ(t, 25, "")
	p := b.at(t, "y\n", "replay")
	if p.exitStatus != 0 || !strings.Contains(p.stdout.String(), "moved by SQS") {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	b.want(t, "moved", 0, 25)
}

// TestElasticMQFIFO: a replay on a FIFO queue, with more letters of a group than it shows at a time.
func TestElasticMQFIFO(t *testing.T) {
	b := onElasticMQ(t, 30, ".fifo")
	p := b.at(t, "", "replay", "--one-by-one", "--yes")
	if p.exitStatus != 0 || !strings.Contains(p.stdout.String(), "30 letters of 30 selected replayed") {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	b.want(t, "replayed", 0, 30)
}

// TestElasticMQManyLetters: no cap on the number, and the filter leaves the rest visible.
func TestElasticMQManyLetters(t *testing.T) {
	b := onElasticMQ(t, 500, "")
	p := b.at(t, "", "replay", "--message-id", "m-7,m-77,m-277", "--yes", "-o", "json")
	if p.exitStatus != 0 || !strings.Contains(p.stdout.String(), `"seen":500,"selected":3,"replayed":3,`) {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	b.want(t, "replayed", 497, 3)
}
