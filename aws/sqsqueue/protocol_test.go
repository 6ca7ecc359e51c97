package sqsqueue_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// request is what a server saw of one call.
type request struct {
	Headers map[string]string
	Body    any
}

// recorder keeps the last request and answers with md5, or with no checksum when it is "".
func recorder(t *testing.T, md5 string) (*sqs.Client, string, *request) {
	t.Helper()
	last := &request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*last = request{Headers: map[string]string{}}
		for _, name := range []string{"X-Amz-Target", "Content-Type", "X-Amzn-Query-Mode"} {
			last.Headers[name] = r.Header.Get(name)
		}
		data, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(data, &last.Body)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		entries, _ := last.Body.(map[string]any)["Entries"].([]any)
		successful := []map[string]string{}
		for _, e := range entries {
			entry, _ := e.(map[string]any)
			result := map[string]string{"Id": fmt.Sprint(entry["Id"]), "MessageId": "m"}
			if md5 != "" {
				result["MD5OfMessageBody"] = md5
			}
			successful = append(successful, result)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_ = json.NewEncoder(w).Encode(map[string]any{"Successful": successful})
	}))
	t.Cleanup(server.Close)
	client := sqsqueue.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}, 1)
	return client, server.URL + "/000000000000/tasks", last
}

// wrapped is a client of a caller's own, which gets the SDK's ordinary input.
type wrapped struct{ *sqs.Client }

// TestDirectRequestsAreTheSDKs: whatever the batch, the request that is written straight from the messages says what the SDK's own would.
func TestDirectRequestsAreTheSDKs(t *testing.T) {
	t.Parallel()
	client, url, last := recorder(t, "")
	direct, err := sqsqueue.NewSender(client, url)
	if err != nil {
		t.Fatal(err)
	}
	ordinary, err := sqsqueue.NewSender(wrapped{client}, url)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z0-9 "'\\/{}:,<>&äß日本\t\n` + "\U0001F680\u2028\u007f" + `]{0,40}`)
		name := rapid.StringMatching(`[a-z-]{1,10}`)
		batch := make([]queue.Outgoing, rapid.IntRange(1, 10).Draw(t, "entries"))
		for i := range batch {
			batch[i] = queue.Outgoing{ID: fmt.Sprint(i), Body: []byte(text.Draw(t, "body")), GroupID: rapid.StringMatching(`[a-z0-9]{0,5}`).Draw(t, "group"),
				DeduplicationID: rapid.StringMatching(`[a-z0-9]{0,5}`).Draw(t, "deduplication"),
				Delay:           time.Duration(rapid.IntRange(0, 900).Draw(t, "delay")) * time.Second}
			for _, n := range rapid.SliceOfNDistinct(name, 0, 4, rapid.ID[string]).Draw(t, "attributes") {
				batch[i].Attributes = append(batch[i].Attributes, queue.Attribute{Name: n, Value: text.Draw(t, "value")})
			}
		}
		if _, err := ordinary.SendBatch(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
		want := *last
		if _, err := direct.SendBatch(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, *last); diff != "" {
			t.Fatalf("request (-SDK +direct):\n%s", diff)
		}
	})
}

// TestBodyThatArrivedOtherwise: a checksum that does not fit is an error of which nothing is known, so that the batch is sent again.
func TestBodyThatArrivedOtherwise(t *testing.T) {
	t.Parallel()
	client, url, _ := recorder(t, "00000000000000000000000000000000")
	sender, err := sqsqueue.NewSender(client, url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("body")}}); err == nil {
		t.Error("a body that arrived otherwise was taken for sent")
	}
}
