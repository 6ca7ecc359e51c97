package starfleet_test

import (
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/internal/sqsmemory"
	"github.com/starfleet-go/starfleet/queue"
)

// memoryQueue is a queue in memory that other processes work through SQS's protocol.
func memoryQueue(t *testing.T, bodies ...string) (tasks, dead *queue.Memory, url string, environment []string) {
	t.Helper()
	var err error
	if dead, err = queue.NewMemory(queue.MemoryConfig{Name: "dead"}); err != nil {
		t.Fatal(err)
	}
	if tasks, err = queue.NewMemory(queue.MemoryConfig{Name: "tasks", MaxReceives: 5, DeadLetters: dead}); err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		if failures, err := tasks.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte(body)}}); err != nil || len(failures) > 0 {
			t.Fatal(err, failures)
		}
	}
	server := httptest.NewServer(&sqsmemory.Server{Queues: map[string]sqsmemory.Queue{
		"tasks": {Memory: tasks, MaxReceives: 5, DeadLetters: "dead"}, "dead": {Memory: dead},
	}})
	t.Cleanup(server.Close)
	return tasks, dead, server.URL + "/000000000000/tasks", []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL=" + server.URL,
	}
}

// TestRunWatch: off Lambda a ship works its queue by the same rules: done, retried, dead-lettered at once.
func TestRunWatch(t *testing.T) {
	t.Parallel()
	failing := strings.Replace(goodTask, `"Days":30`, `"Days":7`, 1)
	tasks, dead, url, environment := memoryQueue(t, goodTask, failing, "no task", goodTask)
	command, out, log := mainCommand(t, "ship", environment, "watch", "--queue-url", url, "--until-empty", "--wait", "1s", "--concurrency", "4", "--emf")
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	letters := dead.All()
	if tasks.Len() != 1 || len(letters) != 1 || letters[0].Attributes[queue.AttributeErrorClass] != "RefusedError" {
		t.Errorf("%d left, dead letters %+v\n%s", tasks.Len(), letters, log)
	}
	for _, line := range []string{`"outcome":"changed","commit":false`, `"outcome":"refused"`, "seven is refused", "dry run: nothing is written"} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("the log has no %s:\n%s", line, log)
		}
	}
	if !strings.Contains(out.String(), `"Ship":"Ship"`) || !strings.Contains(out.String(), `"WorkerErrors":2`) {
		t.Errorf("metrics: %s", out)
	}
}

// TestRunWatchCommit: a deployment says by its environment that the ship may write, as on Lambda, or by --commit.
func TestRunWatchCommit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ variable, flag, want string }{{"TRUE", "", "true"}, {"", "--commit", "true"}, {"yes", "", "false"}} {
		_, _, url, environment := memoryQueue(t, goodTask)
		args := []string{"watch", "--queue-url", url, "--fresh-process"}
		if c.flag != "" {
			args = append(args, c.flag)
		}
		command, _, log := mainCommand(t, "ship", append(environment, "STARFLEET_COMMIT="+c.variable), args...)
		if err := command.Run(); err != nil || !strings.Contains(log.String(), `"commit":`+c.want) {
			t.Errorf("%+v: %v\n%s", c, err, log)
		}
	}
}

// TestRunWatchEnds: SIGTERM ends an idle ship with status 0; a queue that is not there ends it with 1, and what is wrong on the command line with 2.
func TestRunWatchEnds(t *testing.T) {
	t.Parallel()
	tasks, _, url, environment := memoryQueue(t, goodTask)
	command, _, log := mainCommand(t, "ship", environment, "watch", "--queue-url", url)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for tasks.Len() > 0 {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the task is not done")
		}
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
	for _, c := range []struct {
		status int
		args   []string
	}{
		{1, []string{"watch", "--queue-url", strings.Replace(url, "tasks", "none", 1)}},
		{2, []string{"watch"}},
		{2, []string{"watch", "--queue-url", "http://example.com/q"}},
		{2, []string{"watch", "--queue-url", url, "--listen", "nowhere"}},
		{2, []string{"watch", "--queue-url", url, "--lease", "1s"}},
	} {
		command, _, log := mainCommand(t, "ship", environment, c.args...)
		_ = command.Run() // the status says it
		if command.ProcessState.ExitCode() != c.status {
			t.Errorf("%q: status %d\n%s", c.args, command.ProcessState.ExitCode(), log)
		}
	}
}
