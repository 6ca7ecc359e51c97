// Bench measures the fan-out engine beside bare loops over the same SDK client, in one run, as ratios:
//
//	go run ./internal/bench
//	go run ./internal/bench -memory
//
// The wire is a process of its own that speaks SQS's JSON protocol and answers after a fixed time. Beside queue.Dispatch run
// (a) a loop that does nothing but SendMessageBatch with the same entries and as many calls in flight, (b) the same loop with bodies alone,
// and (c) one batch after another, as the Python Starfleet sends them. The loops get their entries rendered beforehand; Dispatch renders its own.
package main

import (
	"bufio"
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
)

func main() {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	tasks := flags.Int("tasks", 40_000, "tasks of each run")
	size := flags.Int("bytes", 600, "bytes of a template")
	rounds := flags.Int("rounds", 5, "runs of each way; the median counts")
	only := flags.String("only", "", "run only the ways whose name contains this")
	profile := flags.String("cpuprofile", "", "write a CPU profile of this process, without the wire, to a file")
	latencies := flags.String("latency", "0s,10ms,50ms", "times after which the wire answers")
	heap := flags.Bool("memory", false, "print what a fan-out needs of memory instead")
	wire := flags.Bool("wire", false, "be the wire")
	latency := flags.Duration("answer-after", 0, "with -wire")
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	if *wire {
		fail(serve(*latency))
		return
	}
	if *heap {
		fail(memory(context.Background()))
		return
	}
	if *profile != "" {
		file, err := os.Create(*profile)
		fail(err)
		fail(pprof.StartCPUProfile(file))
		defer pprof.StopCPUProfile()
	}
	fmt.Printf("%-8s %-34s %12s %8s\n", "wire", "way", "tasks/s", "Dispatch")
	for text := range strings.SplitSeq(*latencies, ",") {
		d, err := time.ParseDuration(text)
		fail(err)
		fail(compare(context.Background(), d, *tasks, *size, *rounds, *only))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// compare runs all ways in turn, round by round, so that a machine whose speed drifts is fair to each.
func compare(ctx context.Context, latency time.Duration, tasks, size, rounds int, only string) error {
	url, stop, err := startWire(ctx, latency)
	if err != nil {
		return err
	}
	defer stop()
	load, err := newLoad(ctx, tasks, size)
	if err == nil {
		err = load.render()
	}
	if err != nil {
		return err
	}
	queueURL := url + "/000000000000/tasks"
	serial := load.first(tasksFor(latency, tasks))
	ways := []way{
		{"Dispatch", func() error { return load.dispatch(ctx, newClient(url), queueURL) }, tasks},
		{"(a) bare loop, same entries", func() error { return load.bare(ctx, newClient(url), queueURL, inFlight) }, tasks},
		{"(b) bare loop, bodies alone", func() error { return load.bodies().bare(ctx, newClient(url), queueURL, inFlight) }, tasks},
		{"(c) one batch after another", func() error { return serial.bare(ctx, newClient(url), queueURL, 1) }, serial.len()},
	}
	ways = slices.DeleteFunc(ways, func(w way) bool { return !strings.Contains(w.name, only) })
	speeds := make([][]float64, len(ways))
	for range rounds {
		for i, w := range ways {
			begin := time.Now()
			if err := w.run(); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			speeds[i] = append(speeds[i], float64(w.tasks)/time.Since(begin).Seconds())
		}
	}
	for i, w := range ways {
		fmt.Printf("%-8s %-34s %12.0f %7.2fx\n", latency, w.name, median(speeds[i]), median(ratios(speeds[0], speeds[i])))
	}
	return nil
}

type way struct {
	name  string
	run   func() error
	tasks int
}

// tasksFor keeps the serial loop at a few seconds.
func tasksFor(latency time.Duration, tasks int) int {
	if latency == 0 {
		return tasks
	}
	return min(tasks, 10*int(2*time.Second/latency))
}

// ratios divides round by round.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

func median(list []float64) float64 {
	list = slices.Clone(list)
	slices.SortFunc(list, cmp.Compare)
	return list[len(list)/2]
}

// startWire starts this program as the wire and reads the address that it prints.
func startWire(ctx context.Context, latency time.Duration) (url string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	command := exec.CommandContext(ctx, program, "-wire", "-answer-after", latency.String())
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the wire did not say where it is: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// newClient makes a client with connections of its own, as a function has them.
func newClient(url string) *sqs.Client {
	return sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}, inFlight)
}
