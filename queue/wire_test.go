package queue_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/internal/sqswire"
	"github.com/starfleet-go/starfleet/queue"
)

func sqsClient() *sqs.Client {
	return sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, 64)
}

func wireSender(t testing.TB, server *sqswire.Server) *sqsqueue.Sender {
	t.Helper()
	s, err := sqsqueue.NewSender(sqsClient(), server.QueueURL())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDispatchOverFaultyWire: real HTTP and the real SDK client, against a server that throttles, breaks, cuts replies and fails
// entries. Nothing is lost, nothing is repeated but what was in a call without an answer, and the report is the server's own account.
func TestDispatchOverFaultyWire(t *testing.T) {
	t.Parallel()
	const tasks = wireTasks
	server := sqswire.New(sqswire.Config{
		Faults: sqswire.Faults{Throttled: 0.01, Broken: 0.01, Cut: 0.005, FailedEntries: 0.01}, Seed: 42,
	})
	defer server.Close()
	report, err := queue.Dispatch(t.Context(), wireSender(t, server), errands(tasks, 200), queue.DispatchOptions{Resolved: tasks})
	if err != nil {
		t.Fatal(err)
	}
	account := server.Account()
	if len(account.Accepted) != tasks || report.Sent != tasks || report.NotSentCount != 0 {
		t.Errorf("%d tasks arrived, %d sent, %d not sent: want %d, %d, 0", len(account.Accepted), report.Sent, report.NotSentCount, tasks, tasks)
	}
	arrived := 0
	for _, times := range account.Accepted {
		arrived += times
	}
	if twice := arrived - tasks; twice > account.CutEntries || twice > report.PossibleDuplicates {
		t.Errorf("%d tasks arrived again, %d were in cut replies, %d are reported as possible", twice, account.CutEntries, report.PossibleDuplicates)
	}
	if report.Batches != account.Calls {
		t.Errorf("%d calls are reported, the server counted %d", report.Batches, account.Calls)
	}
	if account.Throttled == 0 || account.Broken == 0 || account.Cut == 0 || account.FailedEntries == 0 {
		t.Errorf("not every fault occurred: %d throttled, %d broken, %d cut, %d failed entries",
			account.Throttled, account.Broken, account.Cut, account.FailedEntries)
	}
	t.Logf("%d calls, %d retried, %d possible duplicates, %v", report.Batches, report.Retried, report.PossibleDuplicates, report.Elapsed)
}

// BenchmarkWire compares Dispatch with a loop that does nothing but call SendMessageBatch with the same entries and 64 calls in
// flight. One operation is one task. Server and client share the machine's processors.
func BenchmarkWire(b *testing.B) {
	for _, latency := range []time.Duration{0, 10 * time.Millisecond} {
		server := sqswire.New(sqswire.Config{Latency: latency})
		b.Run("bare/"+latency.String(), func(b *testing.B) {
			bareLoop(b, server, b.N)
		})
		b.Run("dispatch/"+latency.String(), func(b *testing.B) {
			if _, err := queue.Dispatch(b.Context(), wireSender(b, server), errands(b.N, 600), queue.DispatchOptions{Resolved: b.N}); err != nil {
				b.Fatal(err)
			}
		})
		server.Close()
	}
}

// bareLoop sends n errands and looks at nothing.
func bareLoop(b *testing.B, server *sqswire.Server, n int) {
	client := sqsClient()
	var sending sync.WaitGroup
	room := make(chan struct{}, 64)
	for first := 0; first < n; first += 10 {
		in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(server.QueueURL())}
		for i := first; i < min(first+10, n); i++ {
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(errand{n: i, size: 600}.AppendBody(nil))),
				MessageGroupId: aws.String("run"),
				MessageAttributes: map[string]types.MessageAttributeValue{
					"starfleet-run-id": {DataType: aws.String("String"), StringValue: aws.String("run")},
				},
			})
		}
		room <- struct{}{}
		sending.Go(func() {
			defer func() { <-room }()
			_, err := client.SendMessageBatch(context.Background(), in, func(o *sqs.Options) {
				o.BaseEndpoint = aws.String(server.URL)
				o.Retryer = aws.NopRetryer{}
			})
			if err != nil {
				b.Error(err)
			}
		})
	}
	sending.Wait()
}
