// Package sqsmemory serves queues in memory by SQS's JSON protocol, as far as working a queue needs it: for tests and measurements that go
// through the SDK's own client.
package sqsmemory

import (
	"context"
	"crypto/md5" // the checksum that SQS answers
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/queue"
)

// Queue is one queue of a Server.
type Queue struct {
	*queue.Memory
	// MaxReceives and DeadLetters are the redrive policy that the queue answers; DeadLetters is the name of another queue.
	MaxReceives int
	DeadLetters string
}

// Server serves queues by the last part of their URLs. It is an http.Handler. The queues must not change while it serves.
type Server struct{ Queues map[string]Queue }

// request is all that is read of any call.
type request struct {
	QueueURL   string  `json:"QueueUrl"`
	QueueName  string  `json:"QueueName"`
	Entries    []entry `json:"Entries"`
	Max        int     `json:"MaxNumberOfMessages"`
	Wait       int     `json:"WaitTimeSeconds"`
	Visibility int     `json:"VisibilityTimeout"`
	Handle     string  `json:"ReceiptHandle"`
}

type entry struct {
	ID              string               `json:"Id"`
	Body            string               `json:"MessageBody"`
	Attributes      map[string]attribute `json:"MessageAttributes"`
	GroupID         string               `json:"MessageGroupId"`
	DeduplicationID string               `json:"MessageDeduplicationId"`
	Delay           int                  `json:"DelaySeconds"`
	Handle          string               `json:"ReceiptHandle"`
}

type attribute struct {
	Type  string `json:"DataType"`
	Value string `json:"StringValue"`
}

type message struct {
	ID         string               `json:"MessageId"`
	Handle     string               `json:"ReceiptHandle"`
	Body       string               `json:"Body"`
	Sum        string               `json:"MD5OfBody"`
	System     map[string]string    `json:"Attributes"`
	Attributes map[string]attribute `json:"MessageAttributes,omitempty"`
}

// fault is an error of SQS.
type fault struct{ code string }

func (f fault) Error() string { return f.code }

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in request
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		refuse(w, "SerializationException")
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	name := path.Base(in.QueueURL)
	if operation == "GetQueueUrl" {
		name = in.QueueName
	}
	q, known := s.Queues[name]
	if !known {
		refuse(w, "QueueDoesNotExist")
		return
	}
	out, err := s.call(r.Context(), operation, q, in, "http://"+r.Host+"/000000000000/"+name)
	var refused fault
	switch {
	case err == nil:
		answer(w, http.StatusOK, out)
	case errors.As(err, &refused):
		refuse(w, refused.code)
	case errors.Is(err, queue.ErrNotInFlight):
		refuse(w, "MessageNotInflight")
	default:
		refuse(w, "InvalidParameterValue")
	}
}

func (s *Server) call(ctx context.Context, operation string, q Queue, in request, url string) (any, error) {
	switch operation {
	case "GetQueueUrl":
		return map[string]string{"QueueUrl": url}, nil
	case "GetQueueAttributes":
		return map[string]any{"Attributes": s.attributes(q)}, nil
	case "SendMessageBatch":
		return send(ctx, q, in.Entries)
	case "ReceiveMessage":
		return receive(ctx, q, in)
	case "DeleteMessage":
		return struct{}{}, q.Delete(ctx, queue.Message{ReceiptHandle: in.Handle})
	case "DeleteMessageBatch":
		done := []map[string]string{}
		for _, e := range in.Entries {
			if err := q.Delete(ctx, queue.Message{ReceiptHandle: e.Handle}); err != nil {
				return nil, err
			}
			done = append(done, map[string]string{"Id": e.ID})
		}
		return map[string]any{"Successful": done, "Failed": []string{}}, nil
	case "ChangeMessageVisibility":
		return struct{}{}, q.ChangeVisibility(ctx, queue.Message{ReceiptHandle: in.Handle}, time.Duration(in.Visibility)*time.Second)
	}
	return nil, fault{"UnsupportedOperation"}
}

func (s *Server) attributes(q Queue) map[string]string {
	counts := q.Counts()
	attributes := map[string]string{
		"QueueArn": q.ARN(), "MaximumMessageSize": strconv.Itoa(queue.MaxMessageBytes), "ApproximateNumberOfMessages": strconv.Itoa(counts.Visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(counts.InFlight), "ApproximateNumberOfMessagesDelayed": strconv.Itoa(counts.Delayed),
	}
	if dead, ok := s.Queues[q.DeadLetters]; ok {
		attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, dead.ARN(), q.MaxReceives)
	}
	return attributes
}

func send(ctx context.Context, q Queue, entries []entry) (any, error) {
	batch := make([]queue.Outgoing, len(entries))
	for i, e := range entries {
		batch[i] = queue.Outgoing{ID: e.ID, Body: []byte(e.Body), GroupID: e.GroupID, DeduplicationID: e.DeduplicationID, Delay: time.Duration(e.Delay) * time.Second}
		for name, a := range e.Attributes {
			batch[i].Attributes = append(batch[i].Attributes, queue.Attribute{Name: name, Value: a.Value})
		}
	}
	failures, err := q.SendBatch(ctx, batch)
	if err != nil {
		return nil, err
	}
	failed, done := []map[string]any{}, []map[string]string{}
	bad := map[int]bool{}
	for _, f := range failures {
		bad[f.Index] = true
		failed = append(failed, map[string]any{"Id": entries[f.Index].ID, "Code": f.Code, "Message": f.Message, "SenderFault": f.SenderFault})
	}
	for i, e := range entries {
		if !bad[i] {
			done = append(done, map[string]string{"Id": e.ID, "MessageId": "m", "MD5OfMessageBody": sum(e.Body)})
		}
	}
	return map[string]any{"Successful": done, "Failed": failed}, nil
}

func receive(ctx context.Context, q Queue, in request) (any, error) {
	got, err := q.Receive(ctx, queue.ReceiveOptions{
		Max: in.Max, Wait: time.Duration(in.Wait) * time.Second, Visibility: time.Duration(in.Visibility) * time.Second,
	})
	if err != nil {
		return nil, err
	}
	messages := make([]message, len(got))
	for i, m := range got {
		messages[i] = message{ID: m.ID, Handle: m.ReceiptHandle, Body: m.Body, Sum: sum(m.Body), System: map[string]string{
			"ApproximateReceiveCount":          strconv.Itoa(m.ReceiveCount),
			"SentTimestamp":                    strconv.FormatInt(m.SentAt.UnixMilli(), 10),
			"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.FirstReceived.UnixMilli(), 10),
		}}
		if m.GroupID != "" {
			messages[i].System["MessageGroupId"] = m.GroupID
		}
		for name, value := range m.Attributes {
			if messages[i].Attributes == nil {
				messages[i].Attributes = map[string]attribute{}
			}
			messages[i].Attributes[name] = attribute{Type: "String", Value: value}
		}
	}
	return map[string]any{"Messages": messages}, nil
}

func sum(body string) string {
	s := md5.Sum([]byte(body))
	return hex.EncodeToString(s[:])
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the caller may be gone
}

func refuse(w http.ResponseWriter, code string) {
	w.Header().Set("X-Amzn-Query-Error", "AWS.SimpleQueueService."+code+";Sender")
	answer(w, http.StatusBadRequest, map[string]string{"__type": "com.amazonaws.sqs#" + code, "message": "refused"})
}
