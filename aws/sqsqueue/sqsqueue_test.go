package sqsqueue_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/internal/requestbody"
	"github.com/starfleet-go/starfleet/queue"
)

const (
	tasksURL = "https://sqs.eu-west-1.amazonaws.com/111111111111/tasks"
	tasksARN = "arn:aws:sqs:eu-west-1:111111111111:tasks"
	deadURL  = "https://sqs.eu-west-1.amazonaws.com/111111111111/dead"
	deadARN  = "arn:aws:sqs:eu-west-1:111111111111:dead"
	redrive  = `{"deadLetterTargetArn":"` + deadARN + `","maxReceiveCount":"4"}`
)

// described is a client whose queues have attributes.
func described() *fake {
	return &fake{attributes: map[string]map[string]string{
		tasksURL: {"QueueArn": tasksARN, "RedrivePolicy": redrive, "MaximumMessageSize": "1048576"},
		deadURL:  {"QueueArn": deadARN, "MaximumMessageSize": "2048"},
	}}
}

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

func TestSenderLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		url  string
		size string
		err  error
		want queue.Limits
	}{
		{name: "read", url: tasksURL, size: "1048576", want: queue.Limits{BatchEntries: 10, MessageBytes: 1 << 20}},
		{name: "not told", url: tasksURL, want: queue.Limits{BatchEntries: 10, MessageBytes: 262144}},
		{name: "no number", url: tasksURL, size: "big", want: queue.Limits{BatchEntries: 10, MessageBytes: 262144}},
		{name: "denied", url: tasksURL, err: apiError("AccessDenied"), want: queue.Limits{BatchEntries: 10, MessageBytes: 262144}},
		{name: "fifo", url: tasksURL + ".fifo", size: "1024", want: queue.Limits{BatchEntries: 10, MessageBytes: 1024, FIFO: true}},
	} {
		client := &fake{attributes: map[string]map[string]string{test.url: {"MaximumMessageSize": test.size}}}
		if test.err != nil {
			client.errs = map[string][]error{"GetQueueAttributes": {test.err}}
		}
		sender, err := sqsqueue.NewSender(client, test.url)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := sender.Limits(t.Context()); err != nil || got != test.want {
				t.Errorf("%s: %+v, %v, want %+v", test.name, got, err, test.want)
			}
		}
		if n := client.count("GetQueueAttributes"); n != 1 {
			t.Errorf("%s: read %d times, want once", test.name, n)
		}
	}
}

func TestSenderLimitsOfMissingQueue(t *testing.T) {
	t.Parallel()
	client := &fake{errs: map[string][]error{"GetQueueAttributes": {&types.QueueDoesNotExist{}}}}
	sender, err := sqsqueue.NewSender(client, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Limits(t.Context()); !errors.Is(err, queue.ErrPermanent) {
		t.Errorf("the error is %v, want ErrPermanent", err)
	}
}

func TestSenderLimitsAreReadAgainAfterATransientError(t *testing.T) {
	t.Parallel()
	client := described()
	client.errs = map[string][]error{"GetQueueAttributes": {errors.New("cut")}}
	sender, err := sqsqueue.NewSender(client, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	first, err := sender.Limits(t.Context())
	if err != nil || first.MessageBytes != 262144 {
		t.Errorf("%+v, %v, want 262,144 bytes", first, err)
	}
	second, err := sender.Limits(t.Context())
	if err != nil || second.MessageBytes != 1<<20 {
		t.Errorf("%+v, %v, want 1 MiB", second, err)
	}
}

func TestSendBatch(t *testing.T) {
	t.Parallel()
	client := &fake{}
	sender, err := sqsqueue.NewSender(client, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := sender.SendBatch(t.Context(), []queue.Outgoing{
		{ID: "0", Body: []byte("plain")},
		{
			ID: "1", Body: []byte("all"), GroupID: "g", DeduplicationID: "d", Delay: 1500 * time.Millisecond,
			Attributes: []queue.Attribute{{Name: "n", Value: "v"}},
		},
	})
	if err != nil || failures != nil {
		t.Fatal(failures, err)
	}
	sent := client.last("SendMessageBatch")
	want := &sqs.SendMessageBatchInput{QueueUrl: aws.String(tasksURL), Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("0"), MessageBody: aws.String("plain")},
		{
			Id: aws.String("1"), MessageBody: aws.String("all"), DelaySeconds: 2, MessageGroupId: aws.String("g"),
			MessageDeduplicationId: aws.String("d"),
			MessageAttributes:      map[string]types.MessageAttributeValue{"n": {DataType: aws.String("String"), StringValue: aws.String("v")}},
		},
	}}
	if diff := cmp.Diff(want, sent.in, cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".noSmithyDocumentSerde"
	}, cmp.Ignore())); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if _, off := sent.options.Retryer.(aws.NopRetryer); !off {
		t.Errorf("the retryer is %T, want aws.NopRetryer", sent.options.Retryer)
	}
}

func TestSendBatchReadsTheFailedList(t *testing.T) {
	t.Parallel()
	failed := func(id, code string, fault bool) types.BatchResultErrorEntry {
		return types.BatchResultErrorEntry{Id: aws.String(id), Code: aws.String(code), Message: aws.String("no"), SenderFault: fault}
	}
	batch := []queue.Outgoing{{ID: "0", Body: []byte("x")}, {ID: "1", Body: []byte("x"), GroupID: "g"}, {ID: "2", Body: []byte("x")}}
	for _, test := range []struct {
		name       string
		failed     []types.BatchResultErrorEntry
		successful []string
		want       []queue.Failure
		bad        bool
	}{
		{name: "none", successful: []string{"0", "1", "2"}},
		{
			name: "kinds", successful: nil,
			failed: []types.BatchResultErrorEntry{failed("2", "InternalError", false), failed("0", "InvalidParameterValue", true), failed("1", "RequestThrottled", true)},
			want: []queue.Failure{
				{Index: 2, Code: "InternalError", Message: "no"},
				{Index: 0, Code: "InvalidParameterValue", Message: "no", SenderFault: true},
				{Index: 1, Code: "RequestThrottled", Message: "no", SenderFault: true, Class: queue.ErrThrottled},
			},
		},
		{
			name: "group", successful: []string{"0", "2"}, failed: []types.BatchResultErrorEntry{failed("1", "InvalidParameterValue", true)},
			want: []queue.Failure{{Index: 1, Code: "InvalidParameterValue", Message: "no", SenderFault: true, Class: queue.ErrNoGroup}},
		},
		{name: "unknown entry", successful: []string{"0", "1"}, failed: []types.BatchResultErrorEntry{failed("7", "InternalError", false)}, bad: true},
		{name: "an entry is missing", successful: []string{"0", "1"}, bad: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := &fake{send: func(*sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
				out := &sqs.SendMessageBatchOutput{Failed: test.failed}
				for _, id := range test.successful {
					out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: aws.String(id)})
				}
				return out, nil
			}}
			sender, err := sqsqueue.NewSender(client, tasksURL)
			if err != nil {
				t.Fatal(err)
			}
			got, err := sender.SendBatch(t.Context(), batch)
			if (err != nil) != test.bad {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReceive(t *testing.T) {
	t.Parallel()
	client := described()
	client.messages = []types.Message{
		{
			MessageId: aws.String("id"), Body: aws.String("body"), ReceiptHandle: aws.String("handle"),
			Attributes: map[string]string{
				"ApproximateReceiveCount": "3", "SentTimestamp": "1700000000123", "ApproximateFirstReceiveTimestamp": "1700000001000", "MessageGroupId": "g",
			},
			MessageAttributes: map[string]types.MessageAttributeValue{
				"text":   {DataType: aws.String("String"), StringValue: aws.String("v")},
				"number": {DataType: aws.String("Number"), StringValue: aws.String("7")},
				"binary": {DataType: aws.String("Binary"), BinaryValue: []byte{1}},
			},
		},
		{MessageId: aws.String("bare")},
	}
	r, err := sqsqueue.NewReceiver(client, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Receive(t.Context(), queue.ReceiveOptions{Max: 2, Wait: 1500 * time.Millisecond, Visibility: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	want := []queue.Message{
		{
			ID: "id", Body: "body", ReceiptHandle: "handle", ReceiveCount: 3, GroupID: "g", SourceARN: tasksARN,
			SentAt: time.UnixMilli(1700000000123), FirstReceived: time.UnixMilli(1700000001000),
			Attributes: map[string]string{"text": "v", "number": "7"}, OtherAttributes: []string{"binary", "number"},
		},
		{ID: "bare", ReceiveCount: 1, SourceARN: tasksARN},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
	in := client.last("ReceiveMessage").in.(*sqs.ReceiveMessageInput)
	if in.MaxNumberOfMessages != 2 || in.WaitTimeSeconds != 2 || in.VisibilityTimeout != 60 {
		t.Errorf("asked for %d messages, %d s, %d s", in.MaxNumberOfMessages, in.WaitTimeSeconds, in.VisibilityTimeout)
	}
}

func TestRedrivePolicy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		policy string
		want   int
		bad    bool
	}{
		{policy: "", want: 0},
		{policy: redrive, want: 4},
		{policy: `{"maxReceiveCount":1000,"deadLetterTargetArn":"` + deadARN + `"}`, want: 1000},
		{policy: `{"MaxReceiveCount":3,"deadLetterTargetArn":"` + deadARN + `"}`, bad: true},
		{policy: `{"maxReceiveCount":3,"maxReceiveCount":4,"deadLetterTargetArn":"` + deadARN + `"}`, bad: true},
		{policy: `{"maxReceiveCount":0,"deadLetterTargetArn":"` + deadARN + `"}`, bad: true},
		{policy: `{"maxReceiveCount":3}`, bad: true},
		{policy: `[]`, bad: true},
		{policy: `{`, bad: true},
	} {
		client := &fake{attributes: map[string]map[string]string{tasksURL: {"RedrivePolicy": test.policy}}}
		r, err := sqsqueue.NewReceiver(client, tasksURL)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.MaxReceives(t.Context(), queue.Message{}); got != test.want || (err != nil) != test.bad {
			t.Errorf("%s: %d, %v, want %d", test.policy, got, err, test.want)
		}
	}
}

// TestSettlerReadsOnce: a queue's URL, redrive policy and dead-letter queue are looked up once, whatever the number of messages.
func TestSettlerReadsOnce(t *testing.T) {
	t.Parallel()
	client := described()
	s, err := sqsqueue.NewSettler(client)
	if err != nil {
		t.Fatal(err)
	}
	m := queue.Message{ID: "id", Body: "b", ReceiptHandle: "h", SourceARN: tasksARN, Attributes: map[string]string{"n": "v"}}
	for range 3 {
		if n, err := s.MaxReceives(t.Context(), m); n != 4 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		if err := s.ChangeVisibility(t.Context(), m, time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := s.DeadLetter(t.Context(), m, queue.Cause{Class: "c", Message: "m"}); err != nil {
			t.Fatal(err)
		}
	}
	if u, a := client.count("GetQueueUrl"), client.count("GetQueueAttributes"); u != 2 || a != 2 {
		t.Errorf("GetQueueUrl %d times, GetQueueAttributes %d times, want 2 each: the queue and its dead-letter queue", u, a)
	}
	looked := client.last("GetQueueUrl")
	in := looked.in.(*sqs.GetQueueUrlInput)
	if *in.QueueName != "dead" || *in.QueueOwnerAWSAccountId != "111111111111" || looked.options.Region != "eu-west-1" {
		t.Errorf("asked for queue %s of %s in %s", *in.QueueName, *in.QueueOwnerAWSAccountId, looked.options.Region)
	}
	sent := client.last("SendMessageBatch").in.(*sqs.SendMessageBatchInput)
	if *sent.QueueUrl != deadURL || len(sent.Entries[0].MessageAttributes) != 5 {
		t.Errorf("sent to %s with %d attributes", *sent.QueueUrl, len(sent.Entries[0].MessageAttributes))
	}
}

func TestSettlerRefusesForeignARNs(t *testing.T) {
	t.Parallel()
	s, err := sqsqueue.NewSettler(described())
	if err != nil {
		t.Fatal(err)
	}
	for _, arn := range []string{"", "tasks", "arn:aws:sns:eu-west-1:111111111111:tasks", "arn:aws:sqs:eu-west-1:111111111111:"} {
		m := queue.Message{SourceARN: arn}
		if _, err := s.MaxReceives(t.Context(), m); err == nil {
			t.Errorf("MaxReceives of %q is no error", arn)
		}
		if err := s.ChangeVisibility(t.Context(), m, 0); err == nil {
			t.Errorf("ChangeVisibility of %q is no error", arn)
		}
		if err := s.DeadLetter(t.Context(), m, queue.Cause{}); err == nil {
			t.Errorf("DeadLetter of %q is no error", arn)
		}
	}
}

func TestDeadLetterFailures(t *testing.T) {
	t.Parallel()
	m := queue.Message{ID: "id", Body: "b", SourceARN: tasksARN}
	client := described()
	client.send = func(*sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
		return &sqs.SendMessageBatchOutput{Failed: []types.BatchResultErrorEntry{{Id: aws.String("0"), Code: aws.String("InternalError")}}}, nil
	}
	s, err := sqsqueue.NewSettler(client)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeadLetter(t.Context(), m, queue.Cause{}); err == nil {
		t.Error("an entry in the Failed list is no error")
	}
	client.errs = map[string][]error{"SendMessageBatch": {apiError("AccessDenied")}}
	if err := s.DeadLetter(t.Context(), m, queue.Cause{}); !errors.Is(err, queue.ErrPermanent) {
		t.Errorf("the error is %v, want ErrPermanent", err)
	}
	without, err := sqsqueue.NewSettler(&fake{})
	if err != nil {
		t.Fatal(err)
	}
	if err := without.DeadLetter(t.Context(), m, queue.Cause{}); !errors.Is(err, queue.ErrNoDeadLetterQueue) {
		t.Errorf("the error is %v, want ErrNoDeadLetterQueue", err)
	}
}

// TestMissingPermissionIsNotAskedForAgain: each receive would cost another call.
func TestMissingPermissionIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	client := &fake{
		messages: []types.Message{{MessageId: aws.String("id")}},
		errs:     map[string][]error{"GetQueueAttributes": {apiError("AccessDenied"), apiError("AccessDenied")}},
	}
	r, err := sqsqueue.NewReceiver(client, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if messages, err := r.Receive(t.Context(), queue.ReceiveOptions{}); err != nil || len(messages) != 1 || messages[0].SourceARN != "" {
			t.Fatalf("%+v, %v", messages, err)
		}
	}
	if n := client.count("GetQueueAttributes"); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestChangeVisibility(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		d       time.Duration
		errs    []error
		want    error
		seconds int32 // of the last call
		calls   int
	}{
		{name: "rounded up", d: 1500 * time.Millisecond, seconds: 2, calls: 1},
		{name: "at once", d: 0, seconds: 0, calls: 1},
		{name: "12 h", d: 12 * time.Hour, seconds: 43200, calls: 1},
		{name: "12 h of a message that was held", d: 12 * time.Hour, errs: []error{apiError("InvalidParameterValue")}, seconds: 39600, calls: 2},
		{
			name: "12 h of a deleted message", d: 12 * time.Hour, want: queue.ErrNotInFlight, seconds: 39600, calls: 2,
			errs: []error{apiError("InvalidParameterValue"), apiError("InvalidParameterValue")},
		},
		{name: "deleted", d: time.Minute, errs: []error{apiError("InvalidParameterValue")}, want: queue.ErrNotInFlight, seconds: 60, calls: 1},
		{name: "not in flight", d: time.Minute, errs: []error{&types.MessageNotInflight{}}, want: queue.ErrNotInFlight, seconds: 60, calls: 1},
		{name: "bad receipt", d: time.Minute, errs: []error{&types.ReceiptHandleIsInvalid{}}, want: queue.ErrNotInFlight, seconds: 60, calls: 1},
	} {
		client := &fake{errs: map[string][]error{"ChangeMessageVisibility": test.errs}}
		r, err := sqsqueue.NewReceiver(client, tasksURL)
		if err != nil {
			t.Fatal(err)
		}
		err = r.ChangeVisibility(t.Context(), queue.Message{ReceiptHandle: "h"}, test.d)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
		in := client.last("ChangeMessageVisibility").in.(*sqs.ChangeMessageVisibilityInput)
		if in.VisibilityTimeout != test.seconds || client.count("ChangeMessageVisibility") != test.calls {
			t.Errorf("%s: %d s after %d calls, want %d s after %d", test.name, in.VisibilityTimeout, client.count("ChangeMessageVisibility"), test.seconds, test.calls)
		}
	}
}

// TestIAMActions: the list is what a recording of all calls needs, no more and no less.
func TestIAMActions(t *testing.T) {
	t.Parallel()
	client := described()
	client.messages = []types.Message{{MessageId: aws.String("id"), ReceiptHandle: aws.String("h")}}
	ctx := t.Context()
	sender, senderErr := sqsqueue.NewSender(client, tasksURL)
	r, receiverErr := sqsqueue.NewReceiver(client, tasksURL)
	s, settlerErr := sqsqueue.NewSettler(client)
	_, limitsErr := sender.Limits(ctx)
	_, sendErr := sender.SendBatch(ctx, []queue.Outgoing{{ID: "0", Body: []byte("x")}})
	_, receiveErr := r.Receive(ctx, queue.ReceiveOptions{})
	m := queue.Message{ReceiptHandle: "h", SourceARN: tasksARN}
	_, deleteErr := r.DeleteBatch(ctx, []queue.Message{m})
	errs := []error{senderErr, receiverErr, settlerErr, limitsErr, sendErr, receiveErr, r.Delete(ctx, m), deleteErr}
	for _, settler := range []queue.Settler{r, s} {
		_, err := settler.MaxReceives(ctx, m)
		errs = append(errs, err, settler.ChangeVisibility(ctx, m, 0), settler.DeadLetter(ctx, m, queue.Cause{}))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	actions := map[string]bool{}
	for _, c := range client.calls {
		actions["sqs:"+strings.TrimSuffix(c.operation, "Batch")] = true // IAM has one action for both
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(actions)), sqsqueue.IAMActions); diff != "" {
		t.Errorf("actions (-used +listed):\n%s", diff)
	}
}

// TestIAMActionsOfParts: what a Sender and a Settler call, on each of their queues, is what the parts of the list say.
func TestIAMActionsOfParts(t *testing.T) {
	t.Parallel()
	used := func(act func(ctx context.Context, client sqsqueue.Client) error) []string {
		client := described()
		if err := act(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		actions := map[string]bool{}
		for _, c := range client.calls {
			actions["sqs:"+strings.TrimSuffix(c.operation, "Batch")] = true
		}
		return slices.Sorted(maps.Keys(actions))
	}
	sends := used(func(ctx context.Context, client sqsqueue.Client) error {
		sender, err := sqsqueue.NewSender(client, tasksURL)
		if err != nil {
			return err
		}
		_, limitsErr := sender.Limits(ctx)
		_, err = sender.SendBatch(ctx, []queue.Outgoing{{ID: "0", Body: []byte("x")}})
		return errors.Join(limitsErr, err)
	})
	if diff := cmp.Diff(sends, sqsqueue.SenderIAMActions); diff != "" {
		t.Errorf("a sender (-used +listed):\n%s", diff)
	}
	m := queue.Message{ReceiptHandle: "h", SourceARN: tasksARN}
	settles := used(func(ctx context.Context, client sqsqueue.Client) error {
		s, err := sqsqueue.NewSettler(client)
		if err != nil {
			return err
		}
		_, err = s.MaxReceives(ctx, m)
		return errors.Join(err, s.ChangeVisibility(ctx, m, 0), s.Resend(ctx, m, 0))
	})
	if diff := cmp.Diff(settles, sqsqueue.SettlerIAMActions); diff != "" {
		t.Errorf("a settler (-used +listed):\n%s", diff)
	}
	buries := used(func(ctx context.Context, client sqsqueue.Client) error {
		s, err := sqsqueue.NewSettler(client)
		if err != nil {
			return err
		}
		return s.DeadLetter(ctx, m, queue.Cause{})
	})
	if diff := cmp.Diff(buries, sqsqueue.DeadLetterIAMActions); diff != "" {
		t.Errorf("dead-lettering (-used +listed):\n%s", diff)
	}
}

func TestNewClientPoolsConnections(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]int{0: 64, 200: 200} {
		client := sqsqueue.NewClient(aws.Config{Region: "us-east-1"}, given)
		whole, _ := client.Options().HTTPClient.(requestbody.OneWrite)
		pool, ok := whole.HTTPClient.(*awshttp.BuildableClient)
		if !ok {
			t.Fatalf("the HTTP client is a %T", client.Options().HTTPClient)
		}
		if transport := pool.GetTransport(); transport.MaxIdleConnsPerHost != want || transport.MaxIdleConns < want {
			t.Errorf("%d calls: %d idle connections a host of %d, want %d", given, transport.MaxIdleConnsPerHost, transport.MaxIdleConns, want)
		}
	}
	mine := &http.Client{}
	if got := sqsqueue.NewClient(aws.Config{Region: "us-east-1", HTTPClient: mine}, 0).Options().HTTPClient; got != mine {
		t.Errorf("the HTTP client that was given was replaced by a %T", got)
	}
}

func TestReceiveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := &fake{errs: map[string][]error{"ReceiveMessage": {errors.New("canceled in the SDK's words")}}}
	r, err := sqsqueue.NewReceiver(client, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Receive(ctx, queue.ReceiveOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want the context's", err)
	}
}
