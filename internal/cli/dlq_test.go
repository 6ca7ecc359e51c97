package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/internal/cli"
	"github.com/starfleet-go/starfleet/internal/cli/sqsfake"
	"github.com/starfleet-go/starfleet/queue"
)

// letterBox is a queue with a dead-letter queue at some SQS.
type letterBox struct {
	deadURL, workURL string
	// counts are the messages of the queue that are visible, and all of them.
	counts func(url string) (visible, all int)
}

// environment leads the command line to an SQS.
func environment(t *testing.T, endpoint string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1",
		"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
}

// deadLetter is a letter as dead-lettering writes it.
func deadLetter(i int, sourceARN string) queue.Outgoing {
	return queue.NewDeadLetter(queue.Message{
		ID: fmt.Sprint("m-", i), SourceARN: sourceARN, Attributes: map[string]string{"starfleet-task-id": fmt.Sprint("task-", i)},
		Body: fmt.Sprintf(`{"StarbaseAssignedAccount":"11111111111%d"}`, i),
	}, queue.Cause{Class: "iam.AccessDenied", Message: "no"}, queue.Limits{})
}

// inMemory is a letterBox in memory, with n dead letters.
func inMemory(t *testing.T, n int) letterBox {
	t.Helper()
	server := sqsfake.StartQueues()
	t.Cleanup(server.Close)
	environment(t, server.URL)
	dead, err := server.Add("dead", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Add("work", "dead"); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := dead.SendBatch(t.Context(), []queue.Outgoing{deadLetter(i, sqsfake.ARNOf("work"))}); err != nil {
			t.Fatal(err)
		}
	}
	return letterBox{server.URLOf("dead"), server.URLOf("work"), func(url string) (int, int) {
		m := server.Queue(url[strings.LastIndexByte(url, '/')+1:])
		return m.Counts().Visible, m.Len()
	}}
}

func (b letterBox) want(t *testing.T, when string, dead, work int) {
	t.Helper()
	visibleDead, allDead := b.counts(b.deadURL)
	visibleWork, allWork := b.counts(b.workURL)
	if visibleDead != dead || allDead != dead || visibleWork != work || allWork != work {
		t.Errorf("%s: %d of %d dead letters visible, %d of %d messages to be worked, want all of %d and %d", when, visibleDead, allDead, visibleWork, allWork, dead, work)
	}
}

// at runs a command of dlq at a terminal, with these lines as answers.
func (b letterBox) at(t *testing.T, answers, command string, flags ...string) *terminal {
	t.Helper()
	p := &terminal{in: answers, asksIn: true, out: true, noColor: true}
	p.run(t, append([]string{"dlq", command, "--queue-url", b.deadURL}, flags...)...)
	return p
}

// case20: replay all asks; a no does nothing, a yes sends each and deletes it.
func case20(t *testing.T, b letterBox) {
	t.Helper()
	for _, answer := range []string{"n\n", "\n", "", "yes", "yess\n"} {
		p := b.at(t, answer, "replay", "--one-by-one")
		if p.exitStatus != 1 || !strings.Contains(p.stderr.String(), "Replay 3 letters? [y/N]") || !strings.Contains(p.stderr.String(), "nothing was sent") {
			t.Errorf("%q: status %d, %s", answer, p.exitStatus, p.stderr.String())
		}
		b.want(t, "after a no", 3, 0)
	}
	p := b.at(t, "yes\n", "replay", "--one-by-one")
	if p.exitStatus != 0 || !strings.Contains(p.stdout.String(), "3 letters of 3 selected replayed, of 3 that could be seen") {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	b.want(t, "after a yes", 0, 3)
}

// case21: all are printed, a line each, and are visible again at once. Purging asks.
func case21(t *testing.T, b letterBox) {
	t.Helper()
	for range 2 {
		p := b.at(t, "", "list")
		if p.exitStatus != 0 || strings.Count(p.stdout.String(), "\n") != 4 || strings.Count(p.stdout.String(), "iam.AccessDenied") != 3 {
			t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
		}
		b.want(t, "printed", 3, 0)
	}
	if p := b.at(t, "no\n", "purge"); p.exitStatus != 1 || !strings.Contains(p.stderr.String(), "Delete all of about 3 messages from") {
		t.Errorf("status %d, %s", p.exitStatus, p.stderr.String())
	}
	b.want(t, "not purged", 3, 0)
	if p := b.at(t, "y\n", "purge"); p.exitStatus != 0 {
		t.Errorf("status %d, %s", p.exitStatus, p.stderr.String())
	}
	b.want(t, "purged", 0, 0)
}

// case22: each answer of triage does its own act and no other, and it goes on after each.
func case22(t *testing.T, b letterBox) {
	t.Helper()
	p := b.at(t, "what\nr\nreplay\nreturn\ndelete\nshow\nret\nrep\nstop\n", "triage")
	if p.exitStatus != 0 || p.stdout.String()[strings.LastIndexByte(strings.TrimSuffix(p.stdout.String(), "\n"), '\n')+1:] != "2 replayed, 1 deleted, 3 left\n" {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	for text, n := range map[string]int{"replay, return, delete, show, stop?": 9, "answer with one of": 2, "replaying to": 2} {
		if got := strings.Count(p.stderr.String(), text); got != n {
			t.Errorf("%q is there %d times, want %d: %s", text, got, n, p.stderr.String())
		}
	}
	if strings.Count(p.stdout.String(), "Body ") != 1 {
		t.Errorf("not shown once: %s", p.stdout.String())
	}
	b.want(t, "at the end", 4, 2)
}

func TestCase20(t *testing.T) { case20(t, inMemory(t, 3)) }

func TestCase21(t *testing.T) { case21(t, inMemory(t, 3)) }

func TestCase22(t *testing.T) { case22(t, inMemory(t, 7)) }

// TestTriageEndsWithItsInput: whoever hangs up leaves every letter that was not decided.
func TestTriageEndsWithItsInput(t *testing.T) {
	b := inMemory(t, 3)
	if p := b.at(t, "delete\n", "triage"); p.exitStatus != 0 || !strings.HasSuffix(p.stdout.String(), "0 replayed, 1 deleted, 1 left\n") {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	b.want(t, "hung up", 2, 0)
}

// TestTriageInterrupted: Ctrl-C at the question gives the letter back at once.
func TestTriageInterrupted(t *testing.T) {
	b := inMemory(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	p := &terminal{}
	in := reader(func([]byte) (int, error) {
		cancel()
		select {} // nobody answers
	})
	status := cli.Main(ctx, []string{"dlq", "triage", "--queue-url", b.deadURL}, cli.Streams{
		In: in, Out: &p.stdout, Err: &p.stderr, InTerminal: true, ErrTerminal: true,
	}, func(string) (string, bool) { return "", false })
	if status != 1 || !strings.Contains(p.stderr.String(), "context canceled") {
		t.Errorf("status %d, %s", status, p.stderr.String())
	}
	b.want(t, "interrupted", 2, 0)
}

// reader is an io.Reader of a function.
type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

// TestMoveTaskAsks: without a filter SQS moves all by itself, after a yes.
func TestMoveTaskAsks(t *testing.T) {
	b := inMemory(t, 3)
	if p := b.at(t, "no\n", "replay"); p.exitStatus != 1 || !strings.Contains(p.stderr.String(), "Have SQS move about 3 letters to "+b.workURL+"? Expired tasks move too, and workers refuse them. [y/N]") {
		t.Errorf("status %d, %s", p.exitStatus, p.stderr.String())
	}
	b.want(t, "after a no", 3, 0)
	if p := b.at(t, "y\n", "replay"); p.exitStatus != 0 || !strings.Contains(p.stdout.String(), "about 3 letters moved by SQS") {
		t.Errorf("status %d, %s%s", p.exitStatus, p.stdout.String(), p.stderr.String())
	}
	b.want(t, "after a yes", 0, 3)
}

// TestDropAsks: only what the filter selects is deleted, after a yes.
func TestDropAsks(t *testing.T) {
	b := inMemory(t, 3)
	if p := b.at(t, "no\n", "drop", "--account", "111111111111"); p.exitStatus != 1 || !strings.Contains(p.stderr.String(), "Delete 1 letter for good? [y/N]") {
		t.Errorf("status %d, %s", p.exitStatus, p.stderr.String())
	}
	b.want(t, "after a no", 3, 0)
	if p := b.at(t, "y\n", "drop", "--account", "111111111111"); p.exitStatus != 0 {
		t.Errorf("status %d, %s", p.exitStatus, p.stderr.String())
	}
	b.want(t, "after a yes", 2, 0)
}

// TestActs: the beginning of a word is enough where it is the beginning of one only.
func TestActs(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"replay": "replay", "REP": "replay", "re": "", "r": "", "ret": "return", "d": "delete", "s": "", "sh": "show", " st ": "stop", "": "", "replays": "", "x": "",
	} {
		if got := cli.Act(answer); got != want {
			t.Errorf("%q is %q, want %q", answer, got, want)
		}
	}
}
