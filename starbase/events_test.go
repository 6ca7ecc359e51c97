package starbase_test

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/starfleet-go/starfleet/queue"
)

// fanOutBody is a fan-out message.
func fanOutBody(ship, key string) string {
	return fmt.Sprintf(`{"worker_ship": %q, "template_prefix": %q}`, ship, key)
}

// s3Body is what S3 sends for one object of the template bucket. version may be empty.
func s3Body(event, key, version string) string { return s3BodyOf(bucket, event, key, version) }

func s3BodyOf(bucket, event, key, version string) string {
	return `{"Records":[` + s3Record(bucket, event, key, version) + `]}`
}

func s3Record(bucket, event, key, version string) string {
	object := map[string]string{"key": url.QueryEscape(key), "sequencer": "0055AED6DCD90281E5"}
	if version != "" {
		object["versionId"] = version
	}
	return marshal(map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventName": event,
		"s3": map[string]any{"bucket": map[string]string{"name": bucket}, "object": object},
	})
}

// snsBody is the envelope in which SNS delivers.
func snsBody(message string) string {
	return marshal(map[string]string{"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:us-east-1:000000000020:t", "Message": message})
}

// sqsEvent is how Lambda hands messages over.
func sqsEvent(messages ...queue.Message) []byte {
	records := make([]map[string]any, len(messages))
	for i, m := range messages {
		attributes := map[string]any{}
		for name, value := range m.Attributes {
			attributes[name] = map[string]string{"stringValue": value, "dataType": "String"}
		}
		records[i] = map[string]any{
			"messageId": m.ID, "receiptHandle": m.ReceiptHandle, "body": m.Body, "eventSource": "aws:sqs", "eventSourceARN": m.SourceARN,
			"awsRegion": "us-east-1", "attributes": map[string]string{"ApproximateReceiveCount": fmt.Sprint(max(m.ReceiveCount, 1))},
			"messageAttributes": attributes,
		}
	}
	return []byte(marshal(map[string]any{"Records": records}))
}

func marshal(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// The templates of the tests.

func singleTemplate(name string) string {
	return "TemplateName: " + name + "\nTemplateDescription: d\n"
}

func accountTemplate(name string, selection string) string {
	return singleTemplate(name) + selection
}

func regionTemplate(name, selection, regions string) string {
	return accountTemplate(name, selection) + "IncludeRegions: [" + regions + "]\n"
}

const everyone = "IncludeAccounts: {AllAccounts: true}\n"
