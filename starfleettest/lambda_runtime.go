package starfleettest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What LambdaRuntime says of the function, in Environ and in the headers of each invocation.
const (
	lambdaFunctionName = "starfleet-test"
	lambdaFunctionARN  = "arn:aws:lambda:us-east-1:123456789012:function:" + lambdaFunctionName
)

// LambdaRuntime is a stand-in for the AWS Lambda Runtime API, with which a test drives a real main, without AWS:
//
//	runtime := starfleettest.NewLambdaRuntime(t)
//	main := exec.CommandContext(t.Context(), "./bootstrap")
//	main.Env = append(os.Environ(), runtime.Environ()...)
//	...
//	response, err := runtime.Invoke(t.Context(), event, 30*time.Second)
//
// A main in a goroutine of the test works as well; there the environment is set with t.Setenv. Its methods
// are safe for concurrent use; invocations wait until the function asks for them, as many at once as it asks for.
type LambdaRuntime struct {
	addr    string
	pending chan *invocation

	mu      sync.Mutex
	running map[string]*invocation
	count   int
	initErr *FunctionError
	failed  chan struct{} // closed with initErr
}

// invocation is one event on its way through the function.
type invocation struct {
	id       string
	event    []byte
	deadline time.Duration
	begun    chan struct{}    // closed when the function took it
	done     chan lambdaReply // gets one value
}

type lambdaReply struct {
	response []byte
	err      error
}

// FunctionError is an invocation that the function answered with an error, or did not answer.
type FunctionError struct {
	Type    string // such as errorString, or Sandbox.Timedout
	Message string
	Init    bool // it happened before the first invocation
}

// Error is the type and the message.
func (e *FunctionError) Error() string {
	if e.Init {
		return fmt.Sprintf("function failed to start: %s: %s", e.Type, e.Message)
	}
	return fmt.Sprintf("function failed: %s: %s", e.Type, e.Message)
}

// NewLambdaRuntime starts a Runtime API on a free port of this machine.
//
// With the end of the test it takes no more requests. One that waits for an invocation is left waiting, since
// aws-lambda-go ends the whole process when it is cut, and in a test that runs main in a goroutine that is the test's own.
func NewLambdaRuntime(t testing.TB) *LambdaRuntime {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("starfleettest: no port for the Lambda Runtime API: %v", err)
	}
	r := &LambdaRuntime{
		addr:    listener.Addr().String(),
		pending: make(chan *invocation),
		running: map[string]*invocation{},
		failed:  make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", r.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", r.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", r.invocationError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", r.initError)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = listener.Close() })
	return r
}

// Addr is the host and port to be given as AWS_LAMBDA_RUNTIME_API.
func (r *LambdaRuntime) Addr() string { return r.addr }

// Environ is what the environment of a function holds, as NAME=VALUE: AWS_LAMBDA_RUNTIME_API and the variables
// that name the function. Credentials are not among them.
func (r *LambdaRuntime) Environ() []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + r.addr,
		"AWS_LAMBDA_FUNCTION_NAME=" + lambdaFunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + lambdaFunctionName,
		"AWS_LAMBDA_LOG_STREAM_NAME=starfleet-test",
		"AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1",
		"_HANDLER=bootstrap",
	}
}

// Invoke hands an event to the function and returns its response. The deadline, which the function is told, begins when
// it takes the event. The error is the context's (its cause) while the function does not take the event or is at work,
// and otherwise a *FunctionError: the function's own, one of type Sandbox.Timedout when it did not answer by the deadline, or that
// with which it failed to start.
func (r *LambdaRuntime) Invoke(ctx context.Context, event []byte, deadline time.Duration) ([]byte, error) {
	r.mu.Lock()
	r.count++
	i := &invocation{
		id:       fmt.Sprintf("00000000-0000-4000-8000-%012d", r.count),
		event:    event,
		deadline: deadline,
		begun:    make(chan struct{}),
		done:     make(chan lambdaReply, 1),
	}
	r.mu.Unlock()
	select {
	case r.pending <- i:
	case <-r.failed:
		return nil, r.initErr
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	<-i.begun
	timer := time.NewTimer(deadline)
	defer timer.Stop()
	select {
	case reply := <-i.done:
		return reply.response, reply.err
	case <-timer.C:
		r.take(i.id)
		return nil, &FunctionError{Type: "Sandbox.Timedout", Message: fmt.Sprintf("Task timed out after %.2f seconds", deadline.Seconds())}
	case <-ctx.Done():
		r.take(i.id)
		return nil, context.Cause(ctx)
	}
}

// next gives the function its next invocation, when there is one.
func (r *LambdaRuntime) next(w http.ResponseWriter, req *http.Request) {
	var i *invocation
	select {
	case i = <-r.pending:
	case <-req.Context().Done():
		return
	}
	r.mu.Lock()
	r.running[i.id] = i
	r.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(i.deadline).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", lambdaFunctionARN)
	h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
	close(i.begun)
	_, _ = w.Write(i.event)
}

func (r *LambdaRuntime) response(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the function went away: its invocation times out
	}
	reply := lambdaReply{response: body}
	// A response that is streamed and fails on the way says so behind its body.
	if kind := req.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		detail, _ := base64.StdEncoding.DecodeString(req.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		reply = lambdaReply{err: functionError(kind, detail)}
	}
	r.reply(w, req, reply)
}

func (r *LambdaRuntime) invocationError(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.reply(w, req, lambdaReply{err: functionError(req.Header.Get("Lambda-Runtime-Function-Error-Type"), body)})
}

func (r *LambdaRuntime) initError(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.initErr == nil {
		r.initErr = functionError(req.Header.Get("Lambda-Runtime-Function-Error-Type"), body)
		r.initErr.Init = true
		close(r.failed)
	}
	accepted(w)
}

// reply ends an invocation. One that is over, or never was, is refused as Lambda does.
func (r *LambdaRuntime) reply(w http.ResponseWriter, req *http.Request, reply lambdaReply) {
	i := r.take(req.PathValue("id"))
	if i == nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`)
		return
	}
	i.done <- reply
	accepted(w)
}

// take removes a running invocation, nil when there is none of the id.
func (r *LambdaRuntime) take(id string) *invocation {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.running[id]
	delete(r.running, id)
	return i
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

// functionError reads what the function says of an error; what is no JSON is the message.
func functionError(kind string, body []byte) *FunctionError {
	var said struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		said.Message = strings.TrimSpace(string(body))
	}
	if said.Type == "" {
		said.Type = kind
	}
	return &FunctionError{Type: said.Type, Message: said.Message}
}
