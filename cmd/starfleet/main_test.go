package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/starfleet-go/starfleet/internal/cli/sqsfake"
	"github.com/starfleet-go/starfleet/internal/dynamofake"
	"github.com/starfleet-go/starfleet/queue"
)

var update = flag.Bool("update", false, "write the golden parts of the scripts anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"starfleet": main, "fetchcredentials": fetchCredentials})
}

// TestScripts runs every command of the program as a person would.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sqs":          startSQS,
			"s3":           startS3,
			"organization": startOrganization,
			"accepted":     writeAccepted,
			"state":        startState,
			"status":       runWithStatus,
			"dynamo":       startDynamo,
			"queues":       startQueues,
			"letters":      writeLetters,
			"messages":     listMessages,
			"deny":         denyQueues,
			"watched":      startWatched,
			"left":         checkLeft,
		},
	})
}

// setUp gives each script the fleet of testdata/fleet and an environment that reaches no AWS.
func setUp(env *testscript.Env) error {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1",
		"AWS_ENDPOINT_URL": "http://127.0.0.1:9", // discard: nothing listens
		"AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		env.Setenv(name, value)
	}
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	env.Setenv("CHECKOUT", checkout)
	env.Values[queueKey{}] = new(*sqsfake.Server)
	env.Values[queuesKey{}] = new(*sqsfake.Queues)
	env.Values[watchedKey{}] = new([]*queue.Memory)
	if err := os.CopyFS(filepath.Join(env.WorkDir, "fleet"), os.DirFS(filepath.Join("testdata", "fleet"))); err != nil {
		return err
	}
	sample, err := os.ReadFile(filepath.Join("testdata", "sample-index.json"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(env.WorkDir, "sample-index.json"), sample, 0o600)
}

// queueKey is where a script's queue is kept: a *sqsfake.Server behind a pointer.
type queueKey struct{}

// startSQS is `sqs [refuse TEXT] [flaky] [missing] [max BYTES]`: it starts a queue, whose URL is $QUEUE.
func startSQS(ts *testscript.TestScript, _ bool, args []string) {
	var b sqsfake.Behaviour
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "flaky":
			b.Flaky = true
		case "missing":
			b.Missing = true
		case "refuse":
			b.Refuse, args = args[0], args[1:]
		case "max":
			b.MaxBytes, args = args[0], args[1:]
		default:
			ts.Fatalf("sqs: what is %q?", word)
		}
	}
	server := sqsfake.Start(b)
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("QUEUE", server.QueueURL())
	*ts.Value(queueKey{}).(**sqsfake.Server) = server
}

// startS3 is `s3 FOLDER`: it starts an S3 endpoint whose buckets are the folders in it.
func startS3(ts *testscript.TestScript, _ bool, args []string) {
	root := ts.MkAbs(args[0])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("list-type") == "2" {
			listS3(w, filepath.Join(root, r.URL.Path), r.URL.Query().Get("prefix"))
			return
		}
		data, err := os.ReadFile(filepath.Join(root, r.URL.Path))
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>")
			return
		}
		w.Header().Set("ETag", `"1"`)
		_, _ = w.Write(data)
	}))
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
}

// listS3 answers ListObjectsV2 with the files directly in the folder that the prefix names.
func listS3(w io.Writer, bucket, prefix string) {
	_, _ = io.WriteString(w, "<ListBucketResult>")
	entries, _ := os.ReadDir(filepath.Join(bucket, prefix))
	for _, entry := range entries {
		if !entry.IsDir() {
			_, _ = fmt.Fprintf(w, "<Contents><Key>%s%s</Key></Contents>", prefix, entry.Name())
		}
	}
	_, _ = io.WriteString(w, "</ListBucketResult>")
}

// startDynamo is `dynamo`: it starts a DynamoDB endpoint.
func startDynamo(ts *testscript.TestScript, _ bool, _ []string) {
	server := dynamofake.Start()
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
}

// writeAccepted is `accepted bodies|attributes FILE`: it writes what the queue accepted, a line a message.
func writeAccepted(ts *testscript.TestScript, _ bool, args []string) {
	var out bytes.Buffer
	for _, m := range (*ts.Value(queueKey{}).(**sqsfake.Server)).Accepted() {
		if args[0] == "bodies" {
			out.WriteString(m.Body + "\n")
			continue
		}
		names := strings.Join(slices.Sorted(maps.Keys(m.Attributes)), " ")
		out.WriteString(m.GroupID + ": " + names + ": run " + m.Attributes["starfleet-run-id"] + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
}

// runWithStatus is `status N ARGS...`: it runs starfleet and wants that exit status; stdout and stderr are those of exec.
func runWithStatus(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("starfleet", args[1:]...)
	status := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		status = exit.ExitCode()
	case err != nil:
		ts.Fatalf("starfleet: %v", err)
	}
	if fmt.Sprint(status) != args[0] {
		ts.Fatalf("starfleet %s: exit status %d, want %s", strings.Join(args[1:], " "), status, args[0])
	}
}
