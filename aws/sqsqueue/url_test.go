package sqsqueue_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// ship is the ship of a configuration with that queue.
func ship(t *testing.T, queueURL string) (*config.Ship, error) {
	t.Helper()
	text := "STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: b, FanOutQueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q'}\n" +
		"S: {Enabled: true, TemplatePrefix: S, InvocationSources: [], InvocationQueueUrl: '" + queueURL + "'}\n"
	c, err := config.Load(fstest.MapFS{"c.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return c.Ship("S")
}

// TestCheckURL: the configuration and the adapter refuse the same URLs.
func TestCheckURL(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks":             true,
		"https://sqs.us-gov-west-1.amazonaws.com/111111111111/tasks.fifo":    true,
		"https://sqs.cn-north-1.amazonaws.com.cn/111111111111/tasks":         true,
		"http://localhost:4566/000000000000/tasks":                           true,
		"http://LOCALHOST/tasks":                                             true,
		"http://127.1.2.3/tasks":                                             true,
		"https://10.0.0.1/000000000000/tasks":                                true,
		"http://queue.localhost:4566/000000000000/tasks":                     false,
		"http://[::ffff:127.0.0.1]/tasks":                                    false,
		"http://[::1%25eth0]/tasks":                                          false,
		"https://queue/tasks":                                                false,
		"https://queue..example.com/tasks":                                   false,
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks?Action=x":    false,
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks?":            false,
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks#":            false,
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks two":         false,
		"http://127.0.0.1:9324/000000000000/tasks":                           true,
		"http://[::1]:9324/000000000000/tasks":                               true,
		"http://sqs.us-east-1.amazonaws.com/111111111111/tasks":              false,
		"http://localhost.example.com/000000000000/tasks":                    false,
		"http://10.0.0.1/000000000000/tasks":                                 false,
		"https://user:secret@sqs.us-east-1.amazonaws.com/111111111111/tasks": false,
		"https://sqs.us-east-1.amazonaws.com/":                               false,
		"https:///111111111111/tasks":                                        false,
		"sqs.us-east-1.amazonaws.com/111111111111/tasks":                     false,
		"arn:aws:sqs:us-east-1:111111111111:tasks":                           false,
		"ftp://sqs.us-east-1.amazonaws.com/111111111111/tasks":               false,
		"https://sqs.us-east-1.amazonaws.com/111111111111/%zz":               false,
		"": false,
	} {
		if err := sqsqueue.CheckURL(url); (err == nil) != ok {
			t.Errorf("%q: error %v", url, err)
		}
		if _, err := ship(t, url); (err == nil) != ok {
			t.Errorf("%q as InvocationQueueUrl: error %v", url, err)
		}
		_, senderErr := sqsqueue.NewSender(&fake{}, url)
		_, receiverErr := sqsqueue.NewReceiver(&fake{}, url)
		if (senderErr == nil) != ok || (receiverErr == nil) != ok {
			t.Errorf("%q: sender's error %v, receiver's %v", url, senderErr, receiverErr)
		}
	}
}

// TestURLErrorsKeepSecrets: what stands in a URL where a password or a signature would is in no error.
func TestURLErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://sesame:open@sqs.us-east-1.amazonaws.com/111111111111/tasks",
		"https://sesame@sqs.us-east-1.amazonaws.com/111111111111/tasks",
		"http://sesame:open@example.com/111111111111/tasks",
		"ftp://sesame:open@example.com/tasks",
		"https://sesame:open@/tasks",
		"https://sesame:%zz@example.com/tasks",
		"https://sesame:open @example.com/tasks",
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks?X-Amz-Signature=sesame",
		"https://sqs.us-east-1.amazonaws.com/?sesame",
		"https://sqs.us-east-1.amazonaws.com/111111111111/tasks#sesame",
		"sesame:open@example.com",
	} {
		if err := sqsqueue.CheckURL(url); err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: error %v", url, err)
		}
	}
}

func TestConstructorsRefuseNil(t *testing.T) {
	t.Parallel()
	const url = "https://sqs.us-east-1.amazonaws.com/111111111111/tasks"
	if _, err := sqsqueue.NewSender(nil, url); err == nil {
		t.Error("NewSender takes a nil client")
	}
	if _, err := sqsqueue.NewReceiver(nil, url); err == nil {
		t.Error("NewReceiver takes a nil client")
	}
	if _, err := sqsqueue.NewSettler(nil); err == nil {
		t.Error("NewSettler takes a nil client")
	}
}

// TestCallsGoWhereTheQueueIs: the region is the queue's, and hosts that the SDK does not know are the endpoint.
func TestCallsGoWhereTheQueueIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ url, region, endpoint string }{
		{"https://sqs.eu-west-1.amazonaws.com/111111111111/q", "eu-west-1", ""},
		{"https://eu-west-1.queue.amazonaws.com/111111111111/q", "eu-west-1", ""},
		{"https://sqs-fips.us-gov-west-1.amazonaws.com/111111111111/q", "us-gov-west-1", ""},
		{"https://sqs.eu-west-1.api.aws/111111111111/q", "eu-west-1", ""},
		{"https://sqs.cn-north-1.amazonaws.com.cn/111111111111/q", "cn-north-1", ""},
		{"https://vpce-1-2.sqs.eu-west-1.vpce.amazonaws.com/111111111111/q", "eu-west-1", "https://vpce-1-2.sqs.eu-west-1.vpce.amazonaws.com"},
		{"http://127.0.0.1:9324/000000000000/q", "", "http://127.0.0.1:9324"},
		{"https://queue.example.com/q", "", "https://queue.example.com"},
	} {
		client := &fake{}
		sender, err := sqsqueue.NewSender(client, test.url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sender.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
		got := client.last("SendMessageBatch").options
		if got.Region != test.region || aws.ToString(got.BaseEndpoint) != test.endpoint {
			t.Errorf("%s: region %q, endpoint %q, want %q and %q", test.url, got.Region, aws.ToString(got.BaseEndpoint), test.region, test.endpoint)
		}
	}
}
