package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/starfleet-go/starfleet/internal/cli/sqsfake"
	"github.com/starfleet-go/starfleet/queue"
)

// queuesKey is where a script's queues are kept: a *sqsfake.Queues behind a pointer.
type queuesKey struct{}

func queuesOf(ts *testscript.TestScript) *sqsfake.Queues {
	return *ts.Value(queuesKey{}).(**sqsfake.Queues)
}

// startQueues is `queues NAME[:DEAD]...`: it starts an SQS with these queues, whose dead letters go to the queue DEAD, which stands before
// them. $SQS is the URL of the account's queues, to which a name is appended.
func startQueues(ts *testscript.TestScript, _ bool, args []string) {
	server := sqsfake.StartQueues()
	ts.Defer(server.Close)
	for _, arg := range args {
		name, dead, _ := strings.Cut(arg, ":")
		_, err := server.Add(name, dead)
		ts.Check(err)
	}
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("SQS", server.URLOf(""))
	*ts.Value(queuesKey{}).(**sqsfake.Queues) = server
}

// denyQueues is `deny OPERATION`.
func denyQueues(ts *testscript.TestScript, _ bool, args []string) { queuesOf(ts).Deny(args[0]) }

// writeLetters is `letters QUEUE FILE`: it puts dead letters on a queue, one for each line: {"id","source","group","class","cause","attributes","body"}.
// Without a class and source it is one that SQS moved.
func writeLetters(ts *testscript.TestScript, _ bool, args []string) {
	m := queuesOf(ts).Queue(args[0])
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		var l struct {
			ID, Source, Group, Class, Cause string
			Attributes                      map[string]string
			Body                            json.RawMessage
		}
		ts.Check(json.Unmarshal([]byte(line), &l))
		message := queue.Message{ID: l.ID, Body: string(l.Body), GroupID: l.Group, Attributes: l.Attributes}
		if l.Source != "" {
			message.SourceARN = sqsfake.ARNOf(l.Source)
		}
		out := queue.NewDeadLetter(message, queue.Cause{Class: l.Class, Message: l.Cause}, queue.Limits{FIFO: strings.HasSuffix(args[0], ".fifo"), MessageBytes: queue.MaxMessageBytes})
		_, err := m.SendBatch(context.Background(), []queue.Outgoing{out})
		ts.Check(err)
	}
}

// listMessages is `messages QUEUE FILE`: it writes what the queue holds, a line a message, and how many of them are visible.
func listMessages(ts *testscript.TestScript, _ bool, args []string) {
	m := queuesOf(ts).Queue(args[0])
	var out strings.Builder
	fmt.Fprintf(&out, "%d visible of %d\n", m.Counts().Visible, m.Len())
	for _, message := range m.All() {
		var attributes []string
		for _, name := range slices.Sorted(maps.Keys(message.Attributes)) {
			value := message.Attributes[name]
			if name == "starfleet-not-after" && value > "2026-06" && value < "2900" {
				value = "RENEWED"
			}
			attributes = append(attributes, name+"="+value)
		}
		fmt.Fprintf(&out, "%s %s [%s]\n", message.GroupID, message.Body, strings.Join(attributes, " "))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out.String()), 0o600))
}
