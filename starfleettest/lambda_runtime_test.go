package starfleettest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/starfleet-go/starfleet/starfleettest"
)

// lambdaMainVariable makes the test binary the main of a function.
const lambdaMainVariable = "STARFLEETTEST_LAMBDA_MAIN"

func init() {
	if os.Getenv(lambdaMainVariable) != "" {
		lambda.StartWithOptions(lambdaMain)
	}
}

type lambdaEvent struct {
	Do string `json:"do"`
}

type lambdaAnswer struct {
	RequestID, FunctionARN, FunctionName string
	Remaining                            float64 // seconds
}

// lambdaMain does what the event says.
func lambdaMain(ctx context.Context, event lambdaEvent) (any, error) {
	switch event.Do {
	case "fail":
		return nil, errors.New("the ship is down")
	case "hang":
		<-ctx.Done()
		select {}
	case "exit":
		os.Exit(3)
	case "stream":
		return io.MultiReader(strings.NewReader("half"), failingReader{}), nil
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return lambdaAnswer{lc.AwsRequestID, lc.InvokedFunctionArn, lambdacontext.FunctionName, time.Until(deadline).Seconds()}, nil
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("the stream broke") }

// startLambda runs lambdaMain in a process of its own, which ends with the test.
func startLambda(t *testing.T) *starfleettest.LambdaRuntime {
	t.Helper()
	runtime := starfleettest.NewLambdaRuntime(t)
	ctx, cancel := context.WithCancel(context.Background())
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	child.Env = append(append(os.Environ(), runtime.Environ()...), lambdaMainVariable+"=1")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = child.Wait()
	})
	return runtime
}

func TestLambdaRuntimeDrivesARealMain(t *testing.T) {
	t.Parallel()
	runtime := startLambda(t)
	seen := map[string]bool{}
	for range 3 {
		response, err := runtime.Invoke(t.Context(), []byte(`{}`), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		var got lambdaAnswer
		if err := json.Unmarshal(response, &got); err != nil {
			t.Fatalf("%s: %v", response, err)
		}
		if got.FunctionARN != "arn:aws:lambda:us-east-1:123456789012:function:starfleet-test" || got.FunctionName != "starfleet-test" {
			t.Errorf("the function takes itself for %+v", got)
		}
		if got.Remaining <= 30 || got.Remaining > 60 {
			t.Errorf("%v seconds remain of 60", got.Remaining)
		}
		seen[got.RequestID] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("request ids %v, want 3", seen)
	}
}

func TestLambdaRuntimeReportsErrorsAndGoesOn(t *testing.T) {
	t.Parallel()
	runtime := startLambda(t)
	for _, c := range []struct{ event, kind, message string }{
		{`{"do":"fail"}`, "errorString", "the ship is down"},
		{`{"do":"stream"}`, "errorString", "the stream broke"},
		{`no JSON`, "SyntaxError", "invalid character"},
	} {
		_, err := runtime.Invoke(t.Context(), []byte(c.event), time.Minute)
		failed, ok := errors.AsType[*starfleettest.FunctionError](err)
		if !ok || failed.Type != c.kind || !strings.Contains(failed.Message, c.message) || failed.Init {
			t.Errorf("%s: error %v, want %s: %s", c.event, err, c.kind, c.message)
		}
	}
	if _, err := runtime.Invoke(t.Context(), []byte(`{}`), time.Minute); err != nil {
		t.Errorf("after errors: %v", err)
	}
}

func TestLambdaRuntimeEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	for _, do := range []string{"hang", "exit"} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			_, err := startLambda(t).Invoke(t.Context(), []byte(`{"do":"`+do+`"}`), 50*time.Millisecond)
			failed, ok := errors.AsType[*starfleettest.FunctionError](err)
			if !ok || failed.Type != "Sandbox.Timedout" || failed.Message != "Task timed out after 0.05 seconds" {
				t.Errorf("error %v, want a timeout", err)
			}
		})
	}
}

func TestLambdaRuntimeInvokeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := starfleettest.NewLambdaRuntime(t).Invoke(ctx, nil, time.Minute); !errors.Is(err, stop) {
		t.Errorf("with no function: %v", err)
	}
	runtime := startLambda(t)
	ctx, cancel = context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(stop) })
	if _, err := runtime.Invoke(ctx, []byte(`{"do":"hang"}`), time.Minute); !errors.Is(err, stop) {
		t.Errorf("with a function that hangs: %v", err)
	}
}

// TestLambdaRuntimeProtocol speaks the protocol by hand, for what aws-lambda-go never does.
func TestLambdaRuntimeProtocol(t *testing.T) {
	t.Parallel()
	runtime := starfleettest.NewLambdaRuntime(t)
	base := "http://" + runtime.Addr() + "/2018-06-01/runtime/"
	post := func(path, body string) int {
		t.Helper()
		response, err := http.Post(base+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if status := post("invocation/unknown/response", "{}"); status != http.StatusBadRequest {
		t.Errorf("a response to no invocation: status %d", status)
	}
	// Two invocations at once, answered in the other order.
	var wg sync.WaitGroup
	for _, event := range []string{"a", "b"} {
		wg.Go(func() {
			response, err := runtime.Invoke(t.Context(), []byte(event), time.Minute)
			if err != nil || string(response) != "re: "+event {
				t.Errorf("%s: response %q, error %v", event, response, err)
			}
		})
	}
	type taken struct{ id, event string }
	var all []taken
	for range 2 {
		response, err := http.Get(base + "invocation/next")
		if err != nil {
			t.Fatal(err)
		}
		event, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		all = append(all, taken{response.Header.Get("Lambda-Runtime-Aws-Request-Id"), string(event)})
	}
	for _, i := range []int{1, 0} {
		path := "invocation/" + all[i].id + "/response"
		if status := post(path, "re: "+all[i].event); status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
		if status := post(path, "again"); status != http.StatusBadRequest {
			t.Errorf("a second response: status %d", status)
		}
	}
	wg.Wait()
	if status := post("init/error", `{"errorType":"Runtime.ExitError","errorMessage":"no configuration"}`); status != http.StatusAccepted {
		t.Errorf("status %d", status)
	}
	_, err := runtime.Invoke(t.Context(), nil, time.Minute)
	failed, ok := errors.AsType[*starfleettest.FunctionError](err)
	if want := (starfleettest.FunctionError{Type: "Runtime.ExitError", Message: "no configuration", Init: true}); !ok || *failed != want {
		t.Errorf("error %v, want %v", err, &want)
	}
}
