//go:build peers

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"

	"github.com/starfleet-go/starfleet"
)

// line is what the tests read of a log line of a function.
type line struct {
	Time    time.Time         `json:"time"`
	Text    string            `json:"msg"`
	Message string            `json:"message"` // id
	Account string            `json:"account"`
	Region  string            `json:"region"`
	Run     string            `json:"run"`
	Key     string            `json:"template_key"`
	Stopped string            `json:"stopped"`
	Event   string            `json:"event"`
	Outcome starfleet.Outcome `json:"outcome"`
	Attempt int               `json:"attempt"`
	Changes int               `json:"changes"`
	Commit  bool              `json:"commit"`
	After   int64             `json:"after"` // nanoseconds
}

// rawLines is everything that a function wrote, in order.
func (d *deployment) rawLines(ctx context.Context, function string) ([]string, error) {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(d.logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String("/aws/lambda/" + function),
	})
	var lines []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var none *types.ResourceNotFoundException
		if errors.As(err, &none) { // not invoked yet
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, event := range page.Events {
			lines = append(lines, aws.ToString(event.Message))
		}
	}
	return lines, nil
}

// lines are the log lines of a function that have one text.
func (d *deployment) lines(t *testing.T, function, text string) []line {
	t.Helper()
	all, err := d.rawLines(t.Context(), function)
	must(t, err)
	var found []line
	for _, raw := range all {
		var l line
		if json.Unmarshal([]byte(raw), &l) == nil && l.Text == text {
			found = append(found, l)
		}
	}
	return found
}

// eventuallyLogged is eventually for what a function logs. ministack gathers an environment's output for 5 ms after the last line that
// it saw, and keeps what comes later for the next invocation of the environment: so every second there is one.
func (d *deployment) eventuallyLogged(t *testing.T, function string, check func() error) {
	t.Helper()
	checks := 0
	eventually(t, func() error {
		err := check()
		if checks++; err != nil && checks%int(time.Second/pause) == 0 {
			d.nudge(t, function)
		}
		return err
	})
}

// nudge invokes all environments of a function, with an event that leads to nothing.
func (d *deployment) nudge(t *testing.T, function string) {
	t.Helper()
	event := `{"Records":[]}` // refused
	if function == d.starbase {
		event = `{"Records":[{"messageId":"nudge","eventSource":"aws:sqs","eventSourceARN":"` + d.fanOut.arn + `",` +
			`"body":"{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\"}"}]}`
	}
	var calls errgroup.Group
	for range maxConcurrency {
		calls.Go(func() error {
			_, err := d.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &function, Payload: []byte(event)})
			return err
		})
	}
	must(t, calls.Wait())
}

// waitForLines waits until a function wrote n lines that have one text, and returns them. It fails when there are more.
func (d *deployment) waitForLines(t *testing.T, function, text string, n int) []line {
	t.Helper()
	var found []line
	d.eventuallyLogged(t, function, func() error {
		if found = d.lines(t, function, text); len(found) < n {
			return fmt.Errorf("function %s logged %q %d times, want %d", function, text, len(found), n)
		}
		return nil
	})
	if len(found) > n {
		t.Fatalf("function %s logged %q %d times, want %d", function, text, len(found), n)
	}
	return found
}

// printLogs shows what the functions of a test that failed wrote.
func (d *deployment) printLogs(t *testing.T) {
	if !t.Failed() {
		return
	}
	for _, function := range []string{d.starbase, d.ship} {
		lines, err := d.rawLines(context.Background(), function) // the own context of the test has ended
		t.Logf("log of function %s (error: %v):", function, err)
		for _, l := range lines {
			t.Log(l)
		}
	}
}
