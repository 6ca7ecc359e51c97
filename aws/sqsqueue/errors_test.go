package sqsqueue_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// classes are all error classes of a call.
var classes = []error{queue.ErrThrottled, queue.ErrTooLong, queue.ErrRefused, queue.ErrNoGroup, queue.ErrPermanent, queue.ErrNotInFlight}

// TestErrorClasses: the answers of a server, decoded by the real SDK client, in their classes. The text is misleading throughout.
func TestErrorClasses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		code   string
		query  string
		group  string
		want   error
	}{
		{status: 400, code: "RequestThrottled", want: queue.ErrThrottled},
		{status: 400, code: "ThrottlingException", want: queue.ErrThrottled},
		{status: 403, code: "RequestThrottled", query: "RequestThrottled", want: queue.ErrThrottled},
		{status: 400, code: "OverLimit", want: queue.ErrThrottled},
		{status: 400, code: "KmsThrottled", query: "KMS.ThrottlingException", want: queue.ErrThrottled},
		{status: 429, code: "", want: queue.ErrThrottled},
		{status: 400, code: "BatchRequestTooLong", query: "AWS.SimpleQueueService.BatchRequestTooLong", want: queue.ErrTooLong},
		{status: 413, code: "", want: queue.ErrTooLong},
		{status: 400, code: "QueueDoesNotExist", query: "AWS.SimpleQueueService.NonExistentQueue", want: queue.ErrPermanent},
		{status: 400, code: "QueueDoesNotExist", want: queue.ErrPermanent},
		{status: 400, code: "AccessDeniedException", want: queue.ErrPermanent},
		{status: 403, code: "AccessDenied", want: queue.ErrPermanent},
		{status: 403, code: "UnrecognizedClientException", want: queue.ErrPermanent},
		{status: 400, code: "KmsAccessDenied", query: "KMS.AccessDeniedException", want: queue.ErrPermanent},
		{status: 400, code: "KmsDisabled", want: queue.ErrPermanent},
		{status: 400, code: "KmsInvalidState", want: queue.ErrPermanent},
		{status: 403, code: "", want: queue.ErrPermanent},
		{status: 404, code: "", want: queue.ErrPermanent},
		{status: 400, code: "InvalidMessageContents", want: queue.ErrRefused},
		{status: 400, code: "BatchEntryIdsNotDistinct", want: queue.ErrRefused},
		{status: 400, code: "UnsupportedOperation", query: "AWS.SimpleQueueService.UnsupportedOperation", want: queue.ErrRefused},
		{status: 400, code: "InvalidParameterValueException", query: "InvalidParameterValue", want: queue.ErrRefused},
		{status: 400, code: "InvalidParameterValueException", query: "InvalidParameterValue", group: "g", want: queue.ErrNoGroup},
		{status: 400, code: "SomethingNew", want: queue.ErrRefused},
		{status: 403, code: "ExpiredTokenException", want: nil},
		{status: 403, code: "SignatureDoesNotMatch", want: nil},
		{status: 500, code: "InternalFailure", want: nil},
		{status: 503, code: "ServiceUnavailable", want: nil},
		{status: 502, code: "", want: nil},
		{status: 408, code: "", want: nil},
	} {
		t.Run(fmt.Sprint(test.status, " ", test.code, test.group), func(t *testing.T) {
			t.Parallel()
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				if test.query != "" {
					w.Header().Set("X-Amzn-Query-Error", test.query+";Sender")
				}
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				w.WriteHeader(test.status)
				if test.code != "" {
					fmt.Fprintf(w, `{"__type":"com.amazonaws.sqs#%s","message":"Throttling AccessDenied BatchRequestTooLong"}`, test.code)
				}
			}))
			defer server.Close()
			client := sqsqueue.NewClient(aws.Config{
				Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
			}, 0)
			sender, err := sqsqueue.NewSender(client, server.URL+"/000000000000/q")
			if err != nil {
				t.Fatal(err)
			}
			_, err = sender.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("x"), GroupID: test.group}})
			if err == nil {
				t.Fatal("no error")
			}
			for _, class := range classes {
				if got, want := errors.Is(err, class), errors.Is(test.want, class); got != want {
					t.Errorf("errors.Is(%v, %q) is %v", err, class, got)
				}
			}
			if calls != 1 {
				t.Errorf("%d calls were made: the SDK's retries are not off", calls)
			}
		})
	}
}
