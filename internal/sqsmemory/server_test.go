package sqsmemory_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/internal/sqsmemory"
	"github.com/starfleet-go/starfleet/queue"
)

// TestServer: a message goes through the SDK's client and back, is given back, dead-lettered and deleted.
func TestServer(t *testing.T) {
	t.Parallel()
	dead, err := queue.NewMemory(queue.MemoryConfig{Name: "dead"})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := queue.NewMemory(queue.MemoryConfig{Name: "tasks", MaxReceives: 3, DeadLetters: dead})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&sqsmemory.Server{Queues: map[string]sqsmemory.Queue{
		"tasks": {Memory: tasks, MaxReceives: 3, DeadLetters: "dead"}, "dead": {Memory: dead},
	}})
	defer server.Close()
	client := sqsqueue.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}, 0)
	url := server.URL + "/000000000000/tasks"
	sender, err := sqsqueue.NewSender(client, url)
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := sqsqueue.NewReceiver(client, url)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, body := range []string{"a", "b"} {
		failures, err := sender.SendBatch(ctx, []queue.Outgoing{{ID: "0", Body: []byte(body), Attributes: []queue.Attribute{{Name: "n", Value: "v"}}}})
		if err != nil || len(failures) > 0 {
			t.Fatal(err, failures)
		}
	}
	got, err := receiver.Receive(ctx, queue.ReceiveOptions{Max: 10})
	if err != nil || len(got) != 2 || got[0].Body != "a" || got[0].Attributes["n"] != "v" || got[0].SourceARN != tasks.ARN() || got[0].SentAt.IsZero() {
		t.Fatalf("%+v, %v", got, err)
	}
	if limit, err := receiver.MaxReceives(ctx, got[0]); err != nil || limit != 3 {
		t.Errorf("%d receives, %v", limit, err)
	}
	if err := receiver.DeadLetter(ctx, got[0], queue.Cause{Class: "c", Message: "m"}); err != nil || dead.Len() != 1 {
		t.Errorf("%v, %d dead letters", err, dead.Len())
	}
	if err := receiver.ChangeVisibility(ctx, got[1], time.Minute); err != nil {
		t.Error(err)
	}
	if failures, err := receiver.DeleteBatch(ctx, got); err != nil || len(failures) > 0 || tasks.Len() != 0 {
		t.Errorf("%v, %v, %d left", failures, err, tasks.Len())
	}
	if err := receiver.Delete(ctx, got[1]); err != nil {
		t.Error(err)
	}
	if other, err := sqsqueue.NewReceiver(client, server.URL+"/000000000000/none"); err != nil {
		t.Error(err)
	} else if _, err := other.Receive(ctx, queue.ReceiveOptions{}); err == nil {
		t.Error("a queue that is not there was received from")
	}
}
