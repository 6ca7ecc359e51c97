package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/internal/cli"
	"github.com/starfleet-go/starfleet/internal/cli/sqsfake"
	"github.com/starfleet-go/starfleet/queue"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestDeadLettersPage runs every command of docs/dead-letters.md, each on a queue of its own.
func TestDeadLettersPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/dead-letters.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, block := range shellBlock.FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(block[1]) {
			words := strings.Fields(line)
			if words[0] != "starfleet" {
				t.Errorf("%q is no command of this program", line)
				continue
			}
			commands++
			runOnDeadLetters(t, words[1:])
		}
	}
	if commands < 5 {
		t.Errorf("%d commands: has the page lost them?", commands)
	}
}

func runOnDeadLetters(t *testing.T, args []string) {
	t.Helper()
	server := sqsfake.StartQueues()
	defer server.Close()
	dead, err := server.Add("dead", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Add("work", "dead"); err != nil {
		t.Fatal(err)
	}
	out := queue.NewDeadLetter(queue.Message{ID: "m-1", Body: `{"StarbaseAssignedAccount":"222222222222"}`, SourceARN: sqsfake.ARNOf("work")},
		queue.Cause{Class: "iam.AccessDenied", Message: "no"}, queue.Limits{})
	if _, err := dead.SendBatch(t.Context(), []queue.Outgoing{out}); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": server.URL,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "$QUEUE", server.URLOf("dead"))
	}
	var stdout, stderr bytes.Buffer
	status := cli.Main(context.WithoutCancel(t.Context()), args, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr},
		func(string) (string, bool) { return "", false })
	if status != 0 || stdout.Len() == 0 {
		t.Errorf("starfleet %s: status %d, %s%s", strings.Join(args, " "), status, stdout.String(), stderr.String())
	}
}
