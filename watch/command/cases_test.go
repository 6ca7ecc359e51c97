//go:build unix

package command_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
	"github.com/starfleet-go/starfleet/watch/command"
)

// The cases of the watcher that people come from, where they are those of a process.

// settled is a queue that notes what becomes of messages.
type settled struct {
	*queue.Memory
	calls []string
}

func (s *settled) Delete(ctx context.Context, m queue.Message) error {
	s.calls = append(s.calls, "delete")
	return s.Memory.Delete(ctx, m)
}

func (s *settled) DeleteBatch(context.Context, []queue.Message) ([]queue.Failure, error) {
	return nil, errors.New("one message at a time")
}

func (s *settled) ChangeVisibility(ctx context.Context, m queue.Message, d time.Duration) error {
	s.calls = append(s.calls, "visible in "+d.String())
	return s.Memory.ChangeVisibility(ctx, m, d)
}

// throughQueue runs a script for one message of a queue, and returns what became of it, and the records of its end.
func throughQueue(t *testing.T, text string) (calls, ends []string) {
	t.Helper()
	m, err := queue.NewMemory(queue.MemoryConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if failures, err := m.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("x")}}); err != nil || len(failures) > 0 {
		t.Fatal(err, failures)
	}
	out := &output{}
	logger := slog.New(command.NewTextHandler(out, slog.LevelInfo))
	c, _ := newCommand(t, command.Config{Args: []string{text}, Shell: true, Logger: logger})
	s := &settled{Memory: m}
	w, err := watch.New(watch.Config{Receiver: s, Handler: c.Handle, Once: true, Observe: command.Observe(logger)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); err != nil {
		t.Error(err)
	}
	for _, end := range regexp.MustCompile(`(success|\[error\] failure) .*? duration_ms`).FindAllString(out.String(), -1) {
		ends = append(ends, strings.TrimSuffix(end, " duration_ms"))
	}
	return s.calls, ends
}

// TestCase01To06: what the end of a process means for its message: 0 deletes; 3 deletes, and is a failure; 4 comes back, and is none; all else
// comes back, and is a failure; a signal has no exit status.
func TestCase01To06(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][2]string{
		"exit 0":        {"delete", "success outcome=done code=0"},
		"exit 3":        {"delete", `[error] failure outcome=rejected code=3 error="rejected: exit status 3"`},
		"exit 4":        {"visible in 2s", "success outcome=returned code=4"},
		"exit 1":        {"visible in 2s", `[error] failure outcome=failed code=1 error="exit status 1"`},
		"exit 255":      {"visible in 2s", `[error] failure outcome=failed code=255 error="exit status 255"`},
		"kill -KILL $$": {"visible in 2s", `[error] failure outcome=failed signal=KILL error="ended by signal KILL"`},
		"kill -TERM $$": {"visible in 2s", `[error] failure outcome=failed signal=TERM error="ended by signal TERM"`},
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			calls, ends := throughQueue(t, script)
			same(t, "calls", []string{want[0]}, calls)
			same(t, "ends", []string{want[1]}, ends)
		})
	}
}

const show = `env | sort | grep -E '^(Subject|Message|MessageId|SentTimestamp|Approximate|STARFLEET)'`

// TestCase07: a body with Subject and Message.
func TestCase07(t *testing.T) {
	t.Parallel()
	said, err := script(t, command.Config{}, show, message(`{"Subject":"a","Message":"b"}`))
	if err != nil {
		t.Error(err)
	}
	same(t, "variables", []string{
		"ApproximateFirstReceiveTimestamp=2026-01-31T18:00:01.000Z", "ApproximateReceiveCount=3", "Message=b", "MessageId=m-1",
		"STARFLEET_COMMIT=false", "SentTimestamp=2026-01-31T18:00:00.005Z", "Subject=a",
	}, sorted(said))
}

func sorted(lines []string) []string {
	copied := append([]string{}, lines...)
	for i := range copied { // the shell's locale may sort otherwise
		for j := i; j > 0 && copied[j] < copied[j-1]; j-- {
			copied[j], copied[j-1] = copied[j-1], copied[j]
		}
	}
	return copied
}

// TestCase08: a body that is no JSON, or has no Subject, is the message; a Subject of the process's own environment is none of the message's.
// A notification of SNS without a subject is taken out of its envelope.
func TestCase08(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"plain": "plain", `{"Message":"b"}`: `{"Message":"b"}`, `{"Subject":"","Message":"b"}`: `{"Subject":"","Message":"b"}`,
		`{"Subject":"a"`: `{"Subject":"a"`, `["Subject"]`: `["Subject"]`, `{"Subject":"a"}`: `{"Subject":"a"}`,
		`{"Type":"Notification","TopicArn":"arn:aws:sns:us-east-1:1:t","Message":"from a topic"}`: "from a topic",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			cfg := command.Config{Environ: []string{"PATH=" + os.Getenv("PATH"), "Subject=of the process", "STARFLEET_ACCOUNT_ID=999999999999"}}
			said, err := script(t, cfg, `printf '%s\n' "$Message" "${Subject-unset}" "${STARFLEET_ACCOUNT_ID-unset}"`, message(body))
			if err != nil {
				t.Error(err)
			}
			same(t, "Message, Subject, account", []string{want, "unset", "unset"}, said)
		})
	}
}

// TestCase10: at the limit, the program and what it started are ended, though one of them does not heed SIGTERM, and the message comes back,
// though the program ended with status 0.
func TestCase10(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, _ := newCommand(t, command.Config{
		Shell: true, Dir: dir, KillGrace: 50 * time.Millisecond,
		Args: []string{`trap 'exit 0' TERM; (trap '' TERM; echo $$ >parent; exec sh -c 'echo $$ >child; while :; do sleep 1000; done') & wait`},
	})
	m, err := queue.NewMemory(queue.MemoryConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	s := &settled{Memory: m}
	begun := make(chan context.CancelCauseFunc, 1)
	w, err := watch.New(watch.Config{Receiver: s, Once: true, Handler: func(ctx context.Context, m queue.Message) error {
		ctx, cancel := context.WithCancelCause(ctx)
		begun <- cancel
		return c.Handle(ctx, m)
	}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- w.Run(t.Context()) }()
	parent, child := waitFor(t, filepath.Join(dir, "parent")), waitFor(t, filepath.Join(dir, "child"))
	(<-begun)(watch.ErrLimit)
	if err := <-done; err != nil {
		t.Error(err)
	}
	same(t, "calls", []string{"visible in 2s"}, s.calls)
	for _, pid := range []string{parent, child} {
		gone(t, pid)
	}
}

// gone waits until a process is no more.
func gone(t *testing.T, pid string) {
	t.Helper()
	number, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		state, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", number))
		if err := syscall.Kill(number, 0); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Errorf("process %d is still there", number)
}

// TestCase12: scratch folders are empty before the first job and after each, whatever its end; a folder that cannot be emptied is reported, and
// a job that succeeded stays succeeded.
func TestCase12(t *testing.T) {
	t.Parallel()
	a, b := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(a, "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, out := newCommand(t, command.Config{
		Shell: true, Scratch: []string{a, b}, Environ: []string{"PATH=" + os.Getenv("PATH"), "A=" + a, "B=" + b, "OUTSIDE=" + outside},
		Args: []string{`echo "$(ls $A)|$(ls $B)|$STARFLEET_SCRATCH"; mkdir $A/folder; ln -s $OUTSIDE $A/link; echo x >$A/folder/file; echo x >$B/file; exit $Message`},
	})
	for _, status := range []string{"0", "1", "3"} {
		_ = c.Handle(t.Context(), message(status)) // its meaning is another case
		for _, dir := range []string{a, b} {
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("after status %s: %v, %v", status, entries, err)
			}
		}
	}
	same(t, "found", []string{"||" + a + ":" + b, "||" + a + ":" + b, "||" + a + ":" + b}, out.said())
	if _, err := os.Stat(outside); err != nil {
		t.Error("what a link leads to was removed")
	}
	if err := os.Remove(a); err != nil {
		t.Fatal(err)
	}
	inner := filepath.Join(b, "folder", "scratch")
	if err := os.MkdirAll(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	c, out = newCommand(t, command.Config{Args: []string{"cd /; rm -r $B/folder; echo x >$B/folder"}, Environ: []string{"PATH=" + os.Getenv("PATH"), "B=" + b}, Shell: true, Scratch: []string{inner}})
	if err := c.Handle(t.Context(), message("x")); err != nil {
		t.Errorf("the job failed: %v", err)
	}
	if !strings.Contains(out.String(), "could not be emptied") {
		t.Errorf("nothing was reported: %s", out)
	}
}

// TestCase16: what cannot work fails at the start, by name.
func TestCase16(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		cfg  command.Config
		want string
	}{
		{command.Config{}, "Config.Args names no program"},
		{command.Config{Args: []string{"no-such-program-anywhere"}}, "no-such-program-anywhere"},
		{command.Config{Args: []string{"echo", "a"}, Shell: true}, "in quotes"},
		{command.Config{Args: []string{"true"}, Concurrency: -1}, "Config.Concurrency"},
		{command.Config{Args: []string{"true"}, Concurrency: 5001}, "1 to 5000"},
		{command.Config{Args: []string{"true"}, MaxLine: -1}, "Config.MaxLine"},
		{command.Config{Args: []string{"true"}, Scratch: []string{"relative"}}, "absolute path"},
		{command.Config{Args: []string{"true"}, Scratch: []string{"/"}}, "would be emptied"},
		{command.Config{Args: []string{"true"}, Scratch: []string{dir, dir}}, "would be emptied with it"},
		{command.Config{Args: []string{"true"}, Scratch: []string{filepath.Join(dir, "none")}}, "is no folder"},
	} {
		if _, err := command.New(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.cfg, err, c.want)
		}
	}
}

// TestCase17: in the structured log each line is a record of JSON with the message id; a line that is JSON is under a key of its own, and
// overwrites nothing.
func TestCase17(t *testing.T) {
	t.Parallel()
	out := &output{}
	c, _ := newCommand(t, command.Config{
		Logger: slog.New(slog.NewJSONHandler(out, nil)), Shell: true,
		Args: []string{`echo plain; echo '{"level":"FORGED","message":"other","time":1,"n":1.50}'; echo '{"a":1,"a":2}'`},
	})
	if err := c.Handle(t.Context(), message("x")); err != nil {
		t.Error(err)
	}
	var got []map[string]any
	for scanner := bufio.NewScanner(strings.NewReader(out.String())); scanner.Scan(); {
		var record map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &record); err != nil {
			t.Fatal(err)
		}
		if _, err := time.Parse(time.RFC3339Nano, record["time"].(string)); err != nil {
			t.Error(err)
		}
		delete(record, "time")
		got = append(got, record)
	}
	record := func(key string, value any) map[string]any {
		return map[string]any{"level": "INFO", "msg": "output", "actor": "worker", "message": "m-1", "stream": "stdout", key: value}
	}
	want := []map[string]any{
		record("line", "plain"),
		record("worker", map[string]any{"level": "FORGED", "message": "other", "time": 1.0, "n": 1.5}),
		record("line", `{"a":1,"a":2}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// TestCase18: in the plain log each line has the date, who speaks, and the message id.
func TestCase18(t *testing.T) {
	t.Parallel()
	c, out := newCommand(t, command.Config{Args: []string{"sh", "-c", "echo one; echo two >&2"}})
	if err := c.Handle(t.Context(), message("x")); err != nil {
		t.Error(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	form := regexp.MustCompile(`^\[\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\] \[worker\] \[m-1\] (one|two)$`)
	if len(lines) != 2 || !form.MatchString(lines[0]) || !form.MatchString(lines[1]) {
		t.Errorf("%q", lines)
	}
}
