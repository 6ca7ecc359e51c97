package sqsfake

import (
	"context"
	"crypto/md5" //nolint:gosec // SQS answers with it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// account is whose the queues are.
const account = "111111111111"

// Now is the time that it always is on Queues.
var Now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Queues is an SQS endpoint over queues in memory: receiving, sending, deleting, hiding, redrive policies, purging and move tasks.
type Queues struct {
	*httptest.Server

	mu     sync.Mutex
	queues map[string]*queue.Memory
	dead   map[string]string // name of a queue's dead-letter queue, by name
	calls  []string
	denied map[string]bool
	moves  []map[string]any
}

// StartQueues starts an endpoint on a loopback port; Close ends it.
func StartQueues() *Queues {
	q := &Queues{queues: map[string]*queue.Memory{}, dead: map[string]string{}, denied: map[string]bool{}}
	q.Server = httptest.NewServer(q)
	return q
}

// Add makes a queue, a FIFO queue when its name ends in .fifo, whose dead letters go to the queue dead, unless that is "".
func (q *Queues) Add(name, dead string) (*queue.Memory, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	cfg := queue.MemoryConfig{Name: name, FIFO: strings.HasSuffix(name, ".fifo"), Now: func() time.Time { return Now }}
	if dead != "" {
		cfg.DeadLetters, cfg.MaxReceives = q.queues[dead], 5
	}
	m, err := queue.NewMemory(cfg)
	if err == nil {
		q.queues[name], q.dead[name] = m, dead
	}
	return m, err
}

// Queue is a queue that was added, nil when there is none of the name.
func (q *Queues) Queue(name string) *queue.Memory {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queues[name]
}

// URLOf is the URL of a queue.
func (q *Queues) URLOf(name string) string { return q.URL + "/" + account + "/" + name }

// ARNOf is the ARN of a queue.
func ARNOf(name string) string { return "arn:aws:sqs:us-east-1:" + account + ":" + name }

// Deny refuses an operation from now on.
func (q *Queues) Deny(operation string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.denied[operation] = true
}

// Calls are the operations that were called, in order.
func (q *Queues) Calls() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]string(nil), q.calls...)
}

// parameters has the fields of all operations.
type parameters struct {
	QueueURL            string `json:"QueueUrl"`
	QueueName           string
	ReceiptHandle       string
	VisibilityTimeout   int
	MaxNumberOfMessages int
	SourceArn           string
	DestinationArn      string
	Entries             []struct {
		ID                     string `json:"Id"`
		MessageBody            string
		MessageGroupID         string `json:"MessageGroupId"`
		MessageDeduplicationID string `json:"MessageDeduplicationId"`
		MessageAttributes      map[string]struct{ StringValue string }
	}
}

type attributeValue struct{ DataType, StringValue string }

// ServeHTTP answers one call.
func (q *Queues) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in parameters
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q.mu.Lock()
	q.calls = append(q.calls, operation)
	denied := q.denied[operation]
	q.mu.Unlock()
	if denied {
		fail(w, "AccessDeniedException", "not allowed: "+operation)
		return
	}
	name := in.QueueURL[strings.LastIndexByte(in.QueueURL, '/')+1:]
	switch {
	case in.QueueName != "":
		name = in.QueueName
	case in.SourceArn != "":
		name = in.SourceArn[strings.LastIndexByte(in.SourceArn, ':')+1:]
	}
	q.mu.Lock()
	m := q.queues[name]
	q.mu.Unlock()
	if m == nil && operation != "CancelMessageMoveTask" {
		w.Header().Set("X-Amzn-Query-Error", "AWS.SimpleQueueService.NonExistentQueue;Sender")
		fail(w, "QueueDoesNotExist", "The specified queue does not exist.")
		return
	}
	out, err := q.call(r.Context(), operation, name, m, in)
	switch {
	case errors.Is(err, queue.ErrNotInFlight):
		fail(w, "MessageNotInflight", err.Error())
	case err != nil:
		fail(w, "InvalidParameterValue", err.Error())
	default:
		answer(w, out)
	}
}

func fail(w http.ResponseWriter, code, message string) {
	w.WriteHeader(http.StatusBadRequest)
	answer(w, map[string]string{"__type": "com.amazonaws.sqs#" + code, "message": message})
}

func (q *Queues) call(ctx context.Context, operation, name string, m *queue.Memory, in parameters) (any, error) {
	handle := queue.Message{ReceiptHandle: in.ReceiptHandle}
	switch operation {
	case "GetQueueUrl":
		return map[string]string{"QueueUrl": q.URLOf(name)}, nil
	case "GetQueueAttributes":
		return map[string]any{"Attributes": q.attributes(name, m)}, nil
	case "ListDeadLetterSourceQueues":
		return map[string]any{"queueUrls": q.sources(name)}, nil
	case "ReceiveMessage":
		return receive(ctx, m, in)
	case "SendMessageBatch":
		return send(ctx, m, in)
	case "DeleteMessage":
		return map[string]any{}, m.Delete(ctx, handle)
	case "ChangeMessageVisibility":
		return map[string]any{}, m.ChangeVisibility(ctx, handle, time.Duration(in.VisibilityTimeout)*time.Second)
	case "PurgeQueue":
		return map[string]any{}, purge(ctx, m)
	case "StartMessageMoveTask":
		return q.move(ctx, name, m, in)
	case "ListMessageMoveTasks":
		q.mu.Lock()
		defer q.mu.Unlock()
		return map[string]any{"Results": q.moves}, nil
	}
	return nil, fmt.Errorf("unknown operation %s", operation)
}

func (q *Queues) attributes(name string, m *queue.Memory) map[string]string {
	c := m.Counts()
	attributes := map[string]string{
		"MaximumMessageSize": strconv.Itoa(queue.MaxMessageBytes), "QueueArn": ARNOf(name),
		"ApproximateNumberOfMessages": strconv.Itoa(c.Visible), "ApproximateNumberOfMessagesNotVisible": strconv.Itoa(c.InFlight),
		"ApproximateNumberOfMessagesDelayed": strconv.Itoa(c.Delayed),
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if dead := q.dead[name]; dead != "" {
		attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, ARNOf(dead))
	}
	return attributes
}

func (q *Queues) sources(name string) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	sources := []string{}
	for source, dead := range q.dead {
		if dead == name {
			sources = append(sources, q.URLOf(source))
		}
	}
	sort.Strings(sources)
	return sources
}

// receive never waits.
func receive(ctx context.Context, m *queue.Memory, in parameters) (any, error) {
	messages, err := m.Receive(ctx, queue.ReceiveOptions{Max: in.MaxNumberOfMessages, Visibility: time.Duration(in.VisibilityTimeout) * time.Second})
	found := []map[string]any{}
	for _, message := range messages {
		attributes := map[string]attributeValue{}
		for name, value := range message.Attributes {
			attributes[name] = attributeValue{"String", value}
		}
		system := map[string]string{
			"ApproximateReceiveCount": strconv.Itoa(message.ReceiveCount), "SentTimestamp": strconv.FormatInt(message.SentAt.UnixMilli(), 10),
		}
		if message.GroupID != "" {
			system["MessageGroupId"] = message.GroupID
		}
		sum := md5.Sum([]byte(message.Body)) //nolint:gosec // SQS answers with it
		found = append(found, map[string]any{
			"MessageId": message.ID, "ReceiptHandle": message.ReceiptHandle, "Body": message.Body, "MD5OfBody": hex.EncodeToString(sum[:]),
			"Attributes": system, "MessageAttributes": attributes,
		})
	}
	return map[string]any{"Messages": found}, err
}

func send(ctx context.Context, m *queue.Memory, in parameters) (any, error) {
	batch := make([]queue.Outgoing, len(in.Entries))
	for i, e := range in.Entries {
		batch[i] = queue.Outgoing{ID: e.ID, Body: []byte(e.MessageBody), GroupID: e.MessageGroupID, DeduplicationID: e.MessageDeduplicationID}
		for name, value := range e.MessageAttributes {
			batch[i].Attributes = append(batch[i].Attributes, queue.Attribute{Name: name, Value: value.StringValue})
		}
	}
	failures, err := m.SendBatch(ctx, batch)
	if err != nil {
		return nil, err
	}
	out := map[string][]result{"Successful": {}, "Failed": {}}
	failed := map[int]bool{}
	for _, f := range failures {
		failed[f.Index] = true
		out["Failed"] = append(out["Failed"], result{ID: batch[f.Index].ID, Code: f.Code, Message: f.Message, SenderFault: f.SenderFault})
	}
	for i, e := range in.Entries {
		if !failed[i] {
			sum := md5.Sum([]byte(e.MessageBody)) //nolint:gosec // SQS answers with it
			out["Successful"] = append(out["Successful"], result{ID: e.ID, MessageID: "m-" + e.ID, MD5OfMessageBody: hex.EncodeToString(sum[:])})
		}
	}
	return out, nil
}

func purge(ctx context.Context, m *queue.Memory) error {
	for {
		messages, err := m.Receive(ctx, queue.ReceiveOptions{Max: queue.MaxBatchEntries})
		if err != nil || len(messages) == 0 {
			return err
		}
		for _, message := range messages {
			if err := m.Delete(ctx, message); err != nil {
				return err
			}
		}
	}
}

// move does the work of a move task at once.
func (q *Queues) move(ctx context.Context, name string, m *queue.Memory, in parameters) (any, error) {
	if len(q.sources(name)) == 0 {
		return nil, errors.New("the source queue is no dead-letter queue")
	}
	q.mu.Lock()
	to := q.queues[in.DestinationArn[strings.LastIndexByte(in.DestinationArn, ':')+1:]]
	q.mu.Unlock()
	if to == nil {
		return nil, errors.New("there is no destination")
	}
	moved := 0
	for {
		messages, err := m.Receive(ctx, queue.ReceiveOptions{Max: 1})
		if err != nil {
			return nil, err
		}
		if len(messages) == 0 {
			break
		}
		limits, _ := to.Limits(ctx) // never fails
		if _, err := to.SendBatch(ctx, []queue.Outgoing{queue.NewCopy(messages[0], 0, limits)}); err != nil {
			return nil, err
		}
		if err := m.Delete(ctx, messages[0]); err != nil {
			return nil, err
		}
		moved++
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.moves = []map[string]any{{"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": moved}}
	return map[string]string{"TaskHandle": "task"}, nil
}
