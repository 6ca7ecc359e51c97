package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// bareLoops is how many loops there are at once: as many receive calls as the watcher makes at most.
const bareLoops = 8

// bare does nothing but receive ten messages and delete them, over the SDK's own client: what the queue and the wire allow.
func bare(ctx context.Context, queueURL string) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	client := sqsqueue.NewClient(cfg, 0)
	group, ctx := errgroup.WithContext(ctx)
	for range bareLoops {
		group.Go(func() error {
			for {
				got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
					QueueUrl: aws.String(queueURL), MaxNumberOfMessages: queue.MaxBatchEntries, WaitTimeSeconds: 2, MessageAttributeNames: []string{"All"},
					MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
				})
				if err != nil || len(got.Messages) == 0 {
					return err
				}
				in := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(queueURL)}
				for i, m := range got.Messages {
					in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
				}
				if _, err := client.DeleteMessageBatch(ctx, in); err != nil {
					return err
				}
				for range got.Messages {
					_, _ = fmt.Fprintln(os.Stdout, bareDone)
				}
			}
		})
	}
	return group.Wait()
}

const bareDone = "bare loop: deleted"
