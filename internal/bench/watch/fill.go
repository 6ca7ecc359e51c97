package main

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// task is one message: a task of the ship, and any message for a command.
type task int

const body = `{"TemplateName":"bench","TemplateDescription":"What a task is like: of some hundred bytes, for one region of one account of many.",` +
	`"IncludeAccounts":{"AllAccounts":true},"IncludeRegions":["ALL"],"Days":30,"StarbaseAssignedRegion":"eu-west-1","StarbaseAssignedAccount":"%012d"}`

func (t task) ID() string                   { return strconv.Itoa(int(t)) }
func (t task) Label() string                { return t.ID() }
func (t task) AppendBody(dst []byte) []byte { return fmt.Appendf(dst, body, int(t)) }
func (t task) AccountID() string            { return "" }
func (t task) RunID() string                { return "bench" }
func (t task) Attributes(dst []queue.Attribute) []queue.Attribute {
	return append(dst, queue.Attribute{Name: starfleet.AttributeRunID, Value: "bench"}, queue.Attribute{Name: starfleet.AttributeTaskID, Value: t.ID()})
}

var filled atomic.Int64

func queueName(i int) string { return "bench-" + strconv.Itoa(i) }

// fill makes a queue with n messages.
func fill(ctx context.Context, url string, n int) (queueURL string, err error) {
	client := sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
	}, 0)
	name := queueName(int(filled.Add(1) - 1))
	queueURL = url + "/000000000000/" + name
	if made, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(name + "-" + strconv.FormatInt(time.Now().UnixNano(), 36))}); err == nil {
		queueURL = aws.ToString(made.QueueUrl) // where queues can be made
	}
	sender, err := sqsqueue.NewSender(client, queueURL)
	if err != nil {
		return "", err
	}
	tasks := iter.Seq2[task, error](func(yield func(task, error) bool) {
		for i := range n {
			if !yield(task(i), nil) {
				return
			}
		}
	})
	_, err = queue.Dispatch(ctx, sender, tasks, queue.DispatchOptions{Resolved: n})
	return queueURL, err
}
