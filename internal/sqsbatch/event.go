// Package sqsbatch serves the batches in which Lambda's event source mapping delivers messages of an SQS queue.
package sqsbatch

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/queue"
)

// EventError is an event that is none of SQS's, as a whole.
type EventError struct{ Problem string }

// Error says what is wrong with the event.
func (e *EventError) Error() string { return e.Problem }

// Parse reads an SQS event. It fails with an *EventError when the payload is not JSON, or has no records, or a record is none of SQS's:
// nothing of such an event is acted on.
func Parse(payload []byte) ([]queue.Message, error) {
	var event events.SQSEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, &EventError{"the event is not an SQS event: " + err.Error()}
	}
	if len(event.Records) == 0 {
		return nil, &EventError{"the event has no Records: this function serves an SQS event source mapping"}
	}
	messages := make([]queue.Message, len(event.Records))
	for i, record := range event.Records {
		if record.EventSource != "aws:sqs" || record.MessageId == "" {
			return nil, &EventError{fmt.Sprintf("record %d of the event is none of SQS (eventSource %q, messageId %q)", i, record.EventSource, record.MessageId)}
		}
		messages[i] = message(record)
	}
	return messages, nil
}

func message(record events.SQSMessage) queue.Message {
	attributes := make(map[string]string, len(record.MessageAttributes))
	for name, attribute := range record.MessageAttributes {
		if attribute.StringValue != nil {
			attributes[name] = *attribute.StringValue
		}
	}
	receives, err := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
	if err != nil || receives < 1 {
		receives = 1
	}
	return queue.Message{
		ID:            record.MessageId,
		Body:          record.Body,
		Attributes:    attributes,
		ReceiptHandle: record.ReceiptHandle,
		ReceiveCount:  receives,
		SentAt:        milliseconds(record.Attributes["SentTimestamp"]),
		FirstReceived: milliseconds(record.Attributes["ApproximateFirstReceiveTimestamp"]),
		GroupID:       record.Attributes["MessageGroupId"],
		SourceARN:     record.EventSourceARN,
	}
}

// milliseconds reads a timestamp as SQS gives it: milliseconds since 1970. Zero when it is not one.
func milliseconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// response is the partial batch response. It always holds a list: a null would count the whole batch as failed.
func response(failed []string) ([]byte, error) {
	answer := events.SQSEventResponse{BatchItemFailures: make([]events.SQSBatchItemFailure, 0, len(failed))}
	for _, id := range failed {
		answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
	}
	return json.Marshal(answer)
}

// isFIFO says whether a message came from a FIFO queue.
func isFIFO(m queue.Message) bool { return strings.HasSuffix(m.SourceARN, ".fifo") }
