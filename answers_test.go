package starfleet_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/starfleet-go/starfleet"
)

// bodyKeeper is an HTTP client that keeps the body of a request, and answers.
type bodyKeeper struct{ body io.Reader }

func (k *bodyKeeper) Do(r *http.Request) (*http.Response, error) {
	k.body = r.Body
	_, err := io.CopyN(io.Discard, r.Body, r.ContentLength)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, err
}

// TestAnswersAreNotLost: net/http takes an error at the end of a request's body for one of sending, and closes the connection under the answer. What a ship
// sends has none there, as little with its own HTTP client, and in a dry run, as without.
func TestAnswersAreNotLost(t *testing.T) {
	t.Parallel()
	for _, commit := range []bool{false, true} {
		kept := &bodyKeeper{}
		handler := newHandler(t, func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
			cfg, err := inv.AWSConfig(ctx)
			if err != nil {
				return err
			}
			_, err = sqs.NewFromConfig(cfg).ListQueues(ctx, &sqs.ListQueuesInput{MaxResults: aws.Int32(1)})
			return err
		}, starfleet.WithCommit(commit), starfleet.WithAWSConfig(func(context.Context, starfleet.Target) (aws.Config, error) {
			return aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), HTTPClient: kept}, nil
		}))
		if err := handler.Handle(t.Context(), message(goodTask)); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, kept.body); n != 0 || err != nil { // the SDK has closed it
			t.Errorf("commit %v: after the body came %d bytes and %v", commit, n, err)
		}
	}
}
