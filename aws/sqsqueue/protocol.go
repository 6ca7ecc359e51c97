package sqsqueue

import (
	"bytes"
	"context"
	"crypto/md5" // what SQS answers to prove that a body arrived whole
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/starfleet-go/starfleet/queue"
)

// batchProtocol is SQS's JSON protocol of the SDK, but for the request of SendMessageBatch, which it writes straight from the messages.
// The SDK's own way makes about ten values and strings of each message first, which costs more than sending it: see internal/bench.
// Everything else of a call stays the SDK's: endpoint, signature, transport, errors.
type batchProtocol struct {
	smithyhttp.ClientProtocol
	body []byte
}

// SerializeRequest writes the batch as the request's body.
func (p *batchProtocol) SerializeRequest(_ context.Context, _ *smithy.OperationSchema, _ smithy.Serializable, request *smithyhttp.Request) error {
	request.Method = http.MethodPost
	if request.URL.Path == "" {
		request.URL.Path = "/"
	}
	request.Header.Set("X-Amz-Target", "AmazonSQS.SendMessageBatch")
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amzn-Query-Mode", "true") // errors carry the codes of the older protocol too
	withBody, err := request.SetStream(bytes.NewReader(p.body))
	if err != nil {
		return fmt.Errorf("sqsqueue: %w", err)
	}
	*request = *withBody
	return nil
}

// placeholder satisfies the SDK's check that a batch has entries; batchProtocol writes the real ones.
var placeholder = []types.SendMessageBatchRequestEntry{{Id: aws.String("0"), MessageBody: aws.String("")}}

// sendDirectly is SendMessageBatch through batchProtocol. The checksums that the answer gives are compared here, as the SDK would.
func (s *Sender) sendDirectly(ctx context.Context, batch []queue.Outgoing) (*sqs.SendMessageBatchOutput, error) {
	// The body is not reused: a connection that is given up may read it after the call returned.
	body, err := appendBatch(make([]byte, 0, batchSize(batch)), s.url, batch)
	if err != nil {
		return nil, err
	}
	in := &sqs.SendMessageBatchInput{QueueUrl: &s.url, Entries: placeholder}
	options := make([]func(*sqs.Options), 0, len(s.options)+1)
	options = append(append(options, s.options...), func(o *sqs.Options) {
		o.Protocol = &batchProtocol{ClientProtocol: o.Protocol, body: body}
		o.DisableMessageChecksumValidation = true
	})
	out, err := s.client.SendMessageBatch(ctx, in, options...)
	if err != nil {
		return nil, err
	}
	return out, checkSums(batch, out.Successful)
}

// checkSums compares what SQS says it got with what was sent. A body that arrived otherwise is an error of which nothing is known: it is sent again.
func checkSums(batch []queue.Outgoing, successful []types.SendMessageBatchResultEntry) error {
	for _, e := range successful {
		i := indexOf(batch, aws.ToString(e.Id))
		if i < 0 || e.MD5OfMessageBody == nil {
			continue // an answer that names no entry of the batch is counted by SendBatch
		}
		sum := md5.Sum(batch[i].Body)
		var text [2 * md5.Size]byte
		hex.Encode(text[:], sum[:])
		if string(text[:]) != *e.MD5OfMessageBody {
			return fmt.Errorf("sqsqueue: the body of entry %s arrived with another MD5 than it was sent with", aws.ToString(e.Id))
		}
	}
	return nil
}

// batchSize is about what the request takes: bodies are JSON, whose quotes are escaped.
func batchSize(batch []queue.Outgoing) int {
	size := 256
	for _, o := range batch {
		size += 256 + len(o.Body) + len(o.Body)/4 + 2*queue.AttributesSize(o.Attributes)
	}
	return size
}

// appendBatch appends the request of SendMessageBatch: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
func appendBatch(dst []byte, queueURL string, batch []queue.Outgoing) ([]byte, error) {
	dst = append(dst, `{"QueueUrl":`...)
	dst, err := jsontext.AppendQuote(dst, queueURL)
	if err != nil {
		return nil, fmt.Errorf("sqsqueue: queue URL: %w", err)
	}
	dst = append(dst, `,"Entries":[`...)
	for i, o := range batch {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendEntry(dst, o); err != nil {
			return nil, fmt.Errorf("sqsqueue: entry %s: %w", o.ID, err)
		}
	}
	return append(dst, "]}"...), nil
}

func appendEntry(dst []byte, o queue.Outgoing) ([]byte, error) {
	dst = append(dst, `{"Id":`...)
	dst, err := jsontext.AppendQuote(dst, o.ID)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `,"MessageBody":`...)
	if dst, err = jsontext.AppendQuote(dst, o.Body); err != nil {
		return nil, err
	}
	if delay := seconds(o.Delay); delay != 0 {
		dst = strconv.AppendInt(append(dst, `,"DelaySeconds":`...), int64(delay), 10)
	}
	for _, field := range [...]struct{ name, value string }{{"MessageGroupId", o.GroupID}, {"MessageDeduplicationId", o.DeduplicationID}} {
		if field.value == "" {
			continue
		}
		dst = append(append(append(dst, `,"`...), field.name...), `":`...)
		if dst, err = jsontext.AppendQuote(dst, field.value); err != nil {
			return nil, err
		}
	}
	return appendAttributes(dst, o.Attributes)
}

// appendAttributes closes the entry's object.
func appendAttributes(dst []byte, attributes []queue.Attribute) (_ []byte, err error) {
	if len(attributes) == 0 {
		return append(dst, '}'), nil
	}
	dst = append(dst, `,"MessageAttributes":{`...)
	for i, a := range attributes {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = jsontext.AppendQuote(dst, a.Name); err != nil {
			return nil, err
		}
		dst = append(dst, `:{"DataType":"`+stringType+`","StringValue":`...)
		if dst, err = jsontext.AppendQuote(dst, a.Value); err != nil {
			return nil, err
		}
		dst = append(dst, '}')
	}
	return append(dst, "}}"...), nil
}
