package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/starfleet-go/starfleet/internal/sqsmemory"
	"github.com/starfleet-go/starfleet/queue"
)

// watchedKey is where a script's queue to watch is kept: a []*queue.Memory of the queue and its dead letters, behind a pointer.
type watchedKey struct{}

// startWatched is `watched BODY...`: it starts a queue with messages, whose URL is $QUEUE, and STS. @NAME is the body in a file.
func startWatched(ts *testscript.TestScript, _ bool, args []string) {
	dead, err := queue.NewMemory(queue.MemoryConfig{Name: "dead"})
	ts.Check(err)
	tasks, err := queue.NewMemory(queue.MemoryConfig{Name: "tasks", MaxReceives: 5, DeadLetters: dead})
	ts.Check(err)
	for _, body := range args {
		if name, file := strings.CutPrefix(body, "@"); file {
			body = strings.TrimSpace(ts.ReadFile(name))
		}
		_, err := tasks.SendBatch(context.Background(), []queue.Outgoing{{
			ID: "0", Body: []byte(body), Attributes: []queue.Attribute{{Name: "starfleet-run-id", Value: "run-1"}},
		}})
		ts.Check(err)
	}
	queues := &sqsmemory.Server{Queues: map[string]sqsmemory.Queue{"tasks": {Memory: tasks, MaxReceives: 5, DeadLetters: "dead"}, "dead": {Memory: dead}}}
	server := httptest.NewServer(queues)
	ts.Defer(server.Close)
	sts := httptest.NewServer(http.HandlerFunc(assumeRole))
	ts.Defer(sts.Close)
	ts.Setenv("AWS_ENDPOINT_URL_SQS", server.URL)
	ts.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	ts.Setenv("QUEUE", server.URL+"/000000000000/tasks")
	*ts.Value(watchedKey{}).(*[]*queue.Memory) = []*queue.Memory{tasks, dead}
}

// assumeRole answers credentials whose key names the role, and the session policies that it was asked for.
func assumeRole(w http.ResponseWriter, r *http.Request) {
	key := r.FormValue("RoleArn") + " as " + r.FormValue("RoleSessionName") + " with " + r.FormValue("PolicyArns.member.1.arn")
	_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
		`<SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
		key, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

// checkLeft is `left TASKS DEAD`: how many messages are on the queue, and among the dead letters.
func checkLeft(ts *testscript.TestScript, _ bool, args []string) {
	queues := *ts.Value(watchedKey{}).(*[]*queue.Memory)
	if got := fmt.Sprint(queues[0].Len(), " ", queues[1].Len()); got != strings.Join(args, " ") {
		ts.Fatalf("left: %s, want %s: %+v", got, strings.Join(args, " "), queues[1].All())
	}
}

// fetchCredentials is a program that asks for credentials as the SDKs do, and prints the key.
func fetchCredentials() {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"), nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	request.Header.Set("Authorization", os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"))
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer func() { _ = response.Body.Close() }()
	var got struct {
		Key string `json:"AccessKeyId"`
	}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("key:", got.Key)
}
