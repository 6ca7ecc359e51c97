package requestbody_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// fastAnswer is an HTTP client that is answered before it asked whether anything follows the body, as net/http's is on a bad day.
type fastAnswer struct {
	bodies  []io.ReadCloser
	texts   []string
	answers []int // status of each answer; 200 when there is none left
}

func (f *fastAnswer) Do(r *http.Request) (*http.Response, error) {
	text := make([]byte, max(r.ContentLength, 0))
	if _, err := io.ReadFull(r.Body, text); err != nil {
		return nil, err
	}
	f.bodies, f.texts = append(f.bodies, r.Body), append(f.texts, string(text))
	status := http.StatusOK
	if len(f.answers) > 0 {
		status, f.answers = f.answers[0], f.answers[1:]
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// ends asks, once the SDK has closed the bodies, whether anything follows, and is net/http's error of the last of them.
func (f *fastAnswer) ends(t *testing.T) (err error) {
	t.Helper()
	for _, body := range f.bodies {
		var n int64
		if n, err = io.Copy(io.Discard, body); n > 0 {
			t.Errorf("%d bytes follow the body", n)
		}
	}
	return err
}

func config(client aws.HTTPClient) aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), HTTPClient: client}
}

var purge = &sqs.PurgeQueueInput{QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/111111111111/q")}

// TestStillNeeded fails when the SDK has mended its bodies. Then this package can go.
func TestStillNeeded(t *testing.T) {
	t.Parallel()
	client := &fastAnswer{}
	if _, err := sqs.NewFromConfig(config(client)).PurgeQueue(t.Context(), purge); err != nil {
		t.Fatal(err)
	}
	if err := client.ends(t); !errors.Is(err, io.EOF) {
		t.Errorf("the end of a closed body is %v: package requestbody is not needed any more", err)
	}
}

// TestEnds: the end of a body is no error, whether it is the first attempt's or a later one's, and each attempt sends it whole.
func TestEnds(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*fastAnswer) aws.Config{
		"Plain":       func(f *fastAnswer) aws.Config { return requestbody.Plain(config(f)) },
		"Plain twice": func(f *fastAnswer) aws.Config { return requestbody.Plain(requestbody.Plain(config(f))) },
		"OneWrite":    func(f *fastAnswer) aws.Config { return config(requestbody.OneWrite{HTTPClient: f}) },
	} {
		client := &fastAnswer{answers: []int{503, 503}}
		calls := sqs.NewFromConfig(configure(client), func(o *sqs.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		})
		if _, err := calls.PurgeQueue(t.Context(), purge); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := client.ends(t); err != nil {
			t.Errorf("%s: the end of the body is %v", name, err)
		}
		if want := `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111111111111/q"}`; strings.Join(client.texts, "\n") != want+"\n"+want+"\n"+want {
			t.Errorf("%s: sent %q", name, client.texts)
		}
	}
}

// TestObjects: the bodies of objects, of any size and kind, arrive as they are, from where their reader stands.
func TestObjects(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcdef", 200_000)
	for name, configure := range map[string]func(*fastAnswer) aws.Config{
		"Plain":    func(f *fastAnswer) aws.Config { return requestbody.Plain(config(f)) },
		"OneWrite": func(f *fastAnswer) aws.Config { return config(requestbody.OneWrite{HTTPClient: f}) },
	} {
		for _, text := range []string{"x", long} {
			begun := strings.NewReader("--" + text)
			if _, err := begun.Seek(2, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			client := &fastAnswer{}
			put := &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key"), Body: begun}
			objects := s3.NewFromConfig(configure(client), func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired })
			if _, err := objects.PutObject(t.Context(), put); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(client.texts) != 1 || client.texts[0] != text {
				t.Errorf("%s: an object of %d bytes arrived with %d", name, len(text), len(client.texts[0]))
			}
			if err := client.ends(t); err != nil {
				t.Errorf("%s: the end of an object of %d bytes is %v", name, len(text), err)
			}
		}
	}
}
