package sqsqueue_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

func TestDeleteBatch(t *testing.T) {
	t.Parallel()
	broken := errors.New("no connection")
	client := &fake{errs: map[string][]error{"DeleteMessageBatch": {nil, broken}}}
	r, err := sqsqueue.NewReceiver(client, "https://sqs.eu-west-1.amazonaws.com/111111111111/q")
	if err != nil {
		t.Fatal(err)
	}
	batch := []queue.Message{{ReceiptHandle: "a"}, {ReceiptHandle: "stale"}, {ReceiptHandle: "b"}}
	failures, err := r.DeleteBatch(t.Context(), batch)
	want := []queue.Failure{{Index: 1, Code: "ReceiptHandleIsInvalid", Message: "stale", SenderFault: true}}
	if diff := cmp.Diff(want, failures); err != nil || diff != "" {
		t.Errorf("error %v, failures (-want +got):\n%s", err, diff)
	}
	if _, err := r.DeleteBatch(t.Context(), batch); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	for _, n := range []int{0, 11} {
		if _, err := r.DeleteBatch(t.Context(), make([]queue.Message, n)); err == nil {
			t.Errorf("a batch of %d was taken", n)
		}
	}
}
