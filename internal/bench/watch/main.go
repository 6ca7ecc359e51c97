// Watch measures how fast queues are worked off Lambda, and in how much memory:
//
//	go run ./internal/bench/watch
//	go run ./internal/bench/watch -sqs http://127.0.0.1:9324
//
// The queue is one of ElasticMQ, or of whatever else speaks SQS's protocol at the URL; without one it is in the memory of a process of its own that
// speaks it. The workers are processes of their own, too, built as they are for people: starfleet watch with echo; the watch command of a ship that
// decodes its task, guards it, and does nothing; and loops that do nothing but receive and delete, which is what queue and machine allow. What counts
// is the time from the first message that a worker received to the last one that it was done with, as its log tells, and the most memory that it had
// resident.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/internal/sqsmemory"
	"github.com/starfleet-go/starfleet/queue"
)

// roleVariable makes this program one of the processes that it starts.
const roleVariable = "STARFLEET_BENCH_ROLE"

func main() {
	switch os.Getenv(roleVariable) {
	case "wire":
		fail(wire())
	case "bare":
		fail(bare(context.Background(), os.Args[3])) // watch --queue-url URL
		return
	}
	flags := flag.NewFlagSet("watch", flag.ExitOnError)
	url := flags.String("sqs", "", "URL of an SQS endpoint, such as that of ElasticMQ; without one a queue in memory is served")
	commands := flags.Int("commands", 5_000, "messages that commands work on")
	tasks := flags.Int("tasks", 40_000, "tasks that the ship works on")
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	fail(run(context.Background(), os.Stdout, *url, "8s", *commands, *tasks))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "watch:", err)
		os.Exit(1)
	}
}

// way is a way to work a queue.
type way struct {
	name     string
	program  string   // of programs; "" is this one, as bare loops
	args     []string // after those of the watch command
	messages int
	done     string // what a line of the log says of a message that is done
}

func ways(commands, tasks int) []way {
	const success = "success outcome=done"
	return []way{
		{"command, one at a time", "starfleet", []string{"--", "echo", "done"}, max(commands/5, 1), success},
		{"command, --concurrency 8", "starfleet", []string{"--concurrency", "8", "--", "echo", "done"}, commands, success},
		{"ship in the process, --concurrency 50", "ship", []string{"--concurrency", "50"}, tasks, `"msg":"task"`},
		{"bare loops: receive 10, delete 10", "", nil, tasks, bareDone},
	}
}

// run prints a line for each way. A worker ends when nothing has come for wait: longer than a lease, so that a message whose receipt was lost is
// waited for.
func run(ctx context.Context, out io.Writer, url, wait string, commands, tasks int) error {
	if url == "" {
		server, stop, err := startWire(ctx)
		if err != nil {
			return err
		}
		defer stop()
		url = server
	}
	folder, err := os.MkdirTemp("", "starfleet-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := build(ctx, folder); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%-40s %10s %12s %14s %14s\n", "way", "messages", "messages/s", "resident, MiB", "CPU, us each")
	for _, w := range ways(commands, tasks) {
		m, err := measure(ctx, folder, url, wait, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		n := float64(w.messages)
		_, _ = fmt.Fprintf(out, "%-40s %10d %12.0f %14.1f %14.0f\n", w.name, w.messages, n/m.took.Seconds(), float64(m.resident)/1024, float64(m.cpu.Microseconds())/n)
	}
	return nil
}

// measurement is what came of a way; resident is in KiB, 0 where the system does not say, and cpu is that of the worker with its commands.
type measurement struct {
	took, cpu time.Duration
	resident  int
}

// measure fills a queue and has it worked.
func measure(ctx context.Context, folder, url, wait string, w way) (measurement, error) {
	queueURL, err := fill(ctx, url, w.messages)
	if err != nil {
		return measurement{}, err
	}
	args := append([]string{"watch", "--queue-url", queueURL, "--until-empty", "--lease", "6s", "--wait", wait}, w.args...)
	role, program := "bare", ""
	if w.program != "" {
		role, program = "", filepath.Join(folder, w.program)
	}
	worker, log, err := start(ctx, program, role, []string{"AWS_ENDPOINT_URL=" + url}, args...)
	if err != nil {
		return measurement{}, err
	}
	m, err := follow(log, w, worker.Process.Pid)
	if ended := worker.Wait(); err == nil {
		err = ended
	}
	m.cpu = worker.ProcessState.UserTime() + worker.ProcessState.SystemTime()
	return m, err
}

// follow reads the log of a worker to its end.
func follow(log io.Reader, w way, pid int) (m measurement, err error) {
	var (
		begin time.Time
		other []string // the first lines of what else it says
	)
	done, received := 0, 0
	lines := bufio.NewReaderSize(log, 1<<20)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 && begin.IsZero() && (strings.Contains(string(line), "received") || strings.Contains(string(line), w.done)) {
			begin = time.Now()
		}
		switch text := string(line); {
		case strings.Contains(text, w.done):
			if done++; done == w.messages {
				m.took, m.resident = time.Since(begin), resident(pid)
			}
		case strings.Contains(text, "] received"):
			received++
		case !strings.HasSuffix(text, "] done\n") && len(other) < 10:
			other = append(other, text)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, err
		}
	}
	if done < w.messages {
		return m, fmt.Errorf("%d of %d messages were done, %d received; it also said:\n%s", done, w.messages, received, strings.Join(other, ""))
	}
	return m, nil
}

// resident is the most memory that a process has had, in KiB.
func resident(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")))
			return n
		}
	}
	return 0
}

// build makes the programs of the ways, without what only a debugger reads.
func build(ctx context.Context, folder string) error {
	const module = "github.com/starfleet-go/starfleet/"
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", folder+string(filepath.Separator), module+"cmd/starfleet", module+"internal/bench/watch/ship")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, said)
	}
	return nil
}

// start starts a program; "" is this one, in a role. Its log is what it writes to both of its outputs.
func start(ctx context.Context, program, role string, environ []string, args ...string) (*exec.Cmd, io.Reader, error) {
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, nil, err
		}
		program = self
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append([]string{
		roleVariable + "=" + role, "PATH=" + os.Getenv("PATH"), "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "AWS_EC2_METADATA_DISABLED=true",
	}, environ...)
	cmd.Stdout, cmd.Stderr = write, write
	err = cmd.Start()
	_ = write.Close()
	return cmd, read, err
}

// startWire starts this program as the queue in memory.
func startWire(ctx context.Context) (url string, stop func(), err error) {
	cmd, out, err := start(ctx, "", "wire", nil)
	if err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the wire did not say where it is: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// wire serves queues in memory, and prints where first.
func wire() error {
	server := &sqsmemory.Server{Queues: map[string]sqsmemory.Queue{}}
	for i := range len(ways(0, 0)) {
		m, err := queue.NewMemory(queue.MemoryConfig{Name: queueName(i)})
		if err != nil {
			return err
		}
		server.Queues[queueName(i)] = sqsmemory.Queue{Memory: m}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return (&http.Server{Handler: server, ReadHeaderTimeout: time.Minute}).Serve(listener)
}
