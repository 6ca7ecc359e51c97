//go:build peers

package watch_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// The cases that a real queue can show.

// The variables that make the test binary a worker of its own: the queue, the file to which it writes what it did, and how long a job takes.
const (
	workerQueue = "STARFLEET_TEST_QUEUE"
	workerFile  = "STARFLEET_TEST_FILE"
	workerTakes = "STARFLEET_TEST_TAKES"
)

// shortLease is how long a message waits after a kill.
const shortLease = 6 * time.Second

func TestMain(m *testing.M) {
	url, ok := os.LookupEnv(workerQueue)
	if !ok {
		os.Exit(m.Run())
	}
	if err := work(url); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// work is the main of a worker: a job begins with a line "began BODY", and ends with "did BODY".
func work(url string) error {
	takes, err := time.ParseDuration(os.Getenv(workerTakes))
	if err != nil {
		return err
	}
	file, err := os.OpenFile(os.Getenv(workerFile), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	receiver, err := sqsqueue.NewReceiver(peer(), url)
	if err != nil {
		return err
	}
	w, err := watch.New(watch.Config{Receiver: receiver, Concurrency: 20, Lease: shortLease, Handler: func(ctx context.Context, m queue.Message) error {
		if _, err := fmt.Fprintln(file, "began", m.Body); err != nil {
			return err
		}
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return ctx.Err()
		}
		_, err := fmt.Fprintln(file, "did", m.Body)
		return err
	}})
	if err != nil {
		return err
	}
	return w.Run(context.Background())
}

func peer() *sqs.Client {
	return sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(os.Getenv("STARFLEET_ELASTICMQ")), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, 0)
}

// elasticMQ makes a queue with a dead-letter queue.
func elasticMQ(t *testing.T, maxReceives int, attributes map[string]string) (url, deadURL string) {
	t.Helper()
	if os.Getenv("STARFLEET_ELASTICMQ") == "" {
		t.Fatal("STARFLEET_ELASTICMQ has no address of ElasticMQ: run .ci/elasticmq.sh")
	}
	client, suffix := peer(), ""
	name := fmt.Sprintf("%s-%d", strings.ReplaceAll(t.Name(), "/", "-"), time.Now().UnixNano())
	kind := map[string]string{}
	if attributes["FifoQueue"] != "" {
		suffix, kind["FifoQueue"] = ".fifo", "true"
	}
	create := func(name string, attributes map[string]string) (url, arn string) {
		created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + suffix), Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		read, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: created.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(created.QueueUrl), read.Attributes[string(types.QueueAttributeNameQueueArn)]
	}
	deadURL, deadARN := create(name+"-dead", kind)
	policy := map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, deadARN, maxReceives)}
	maps.Copy(policy, attributes)
	url, _ = create(name, policy)
	return url, deadURL
}

func receiverOf(t *testing.T, url string) *sqsqueue.Receiver {
	t.Helper()
	r, err := sqsqueue.NewReceiver(peer(), url)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sendTo sends bodies; on a FIFO queue their first letter is the group.
func sendTo(t *testing.T, url string, bodies ...string) {
	t.Helper()
	sender, err := sqsqueue.NewSender(peer(), url)
	if err != nil {
		t.Fatal(err)
	}
	for len(bodies) > 0 {
		n := min(len(bodies), queue.MaxBatchEntries)
		var batch []queue.Outgoing
		for i, body := range bodies[:n] {
			o := queue.Outgoing{ID: strconv.Itoa(i), Body: []byte(body)}
			if strings.HasSuffix(url, ".fifo") {
				o.GroupID, o.DeduplicationID = body[:1], body
			}
			batch = append(batch, o)
		}
		if failures, err := sender.SendBatch(t.Context(), batch); err != nil || len(failures) > 0 {
			t.Fatal(err, failures)
		}
		bodies = bodies[n:]
	}
}

// messages is how many messages a queue has, visible or not.
func messages(t *testing.T, url string) int {
	t.Helper()
	out, err := peer().GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"} {
		count, _ := strconv.Atoi(out.Attributes[name])
		n += count
	}
	return n
}

// startWorker starts a worker process.
func startWorker(t *testing.T, url, file string, takes time.Duration) *exec.Cmd {
	t.Helper()
	worker := exec.CommandContext(t.Context(), os.Args[0])
	worker.Env = append(os.Environ(), workerQueue+"="+url, workerFile+"="+file, workerTakes+"="+takes.String())
	worker.Stderr = os.Stderr
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	return worker
}

// kill ends a worker with SIGKILL.
func kill(t *testing.T, worker *exec.Cmd) {
	t.Helper()
	if err := worker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = worker.Wait() // it was killed
}

// written are the lines of a worker's file that begin with a word.
func written(file, word string) []string {
	data, _ := os.ReadFile(file)
	var found []string
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, word+" "); ok {
			found = append(found, strings.TrimSpace(rest))
		}
	}
	return found
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(3 * time.Minute)
	for !is() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%s: it did not come to that", what)
		}
	}
}

// TestElasticMQKill: a worker is killed in mid job: the message comes back, and is done once more.
func TestElasticMQKill(t *testing.T) {
	t.Parallel()
	url, deadURL := elasticMQ(t, 10, nil)
	sendTo(t, url, "x")
	file := filepath.Join(t.TempDir(), "file")
	first := startWorker(t, url, file, time.Hour)
	eventually(t, "the job begins", func() bool { return len(written(file, "began")) == 1 })
	kill(t, first)
	second := startWorker(t, url, file, 0)
	eventually(t, "the job is done", func() bool { return len(written(file, "did")) > 0 && messages(t, url) == 0 })
	kill(t, second)
	if began, did := len(written(file, "began")), len(written(file, "did")); began != 2 || did != 1 || messages(t, deadURL) != 0 {
		t.Errorf("began %d times, did %d, %d dead letters", began, did, messages(t, deadURL))
	}
}

// TestElasticMQFiftyKills: 50 kills over 2,000 messages, and none is lost.
func TestElasticMQFiftyKills(t *testing.T) {
	t.Parallel()
	const n, kills = 2000, 50
	url, deadURL := elasticMQ(t, 100, nil)
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = "message-" + strconv.Itoa(i)
	}
	sendTo(t, url, bodies...)
	file := filepath.Join(t.TempDir(), "file")
	for range kills {
		before := len(written(file, "did"))
		worker := startWorker(t, url, file, 20*time.Millisecond)
		eventually(t, "some are done", func() bool { return len(written(file, "did")) >= min(before+20, n) })
		kill(t, worker)
	}
	worker := startWorker(t, url, file, 0)
	eventually(t, "all are done", func() bool { return messages(t, url) == 0 })
	kill(t, worker)
	did := map[string]int{}
	for _, body := range written(file, "did") {
		did[body]++
	}
	lost, again := 0, 0
	for _, body := range bodies {
		switch did[body] {
		case 0:
			lost++
		case 1:
		default:
			again++
		}
	}
	t.Logf("%d kills, %d messages, %d of them done more than once", kills, n, again)
	if lost > 0 || messages(t, deadURL) != 0 {
		t.Errorf("%d of %d messages are lost, %d are dead letters", lost, n, messages(t, deadURL))
	}
}

// TestElasticMQHeartbeat: a job that takes longer than its lease runs once.
func TestElasticMQHeartbeat(t *testing.T) {
	t.Parallel()
	url, _ := elasticMQ(t, 10, nil)
	sendTo(t, url, "x")
	var mu sync.Mutex
	runs := 0
	w := newWatcher(t, watch.Config{Receiver: receiverOf(t, url), Concurrency: 2, Lease: shortLease, UntilEmpty: true, Wait: 2 * time.Second, Handler: func(context.Context, queue.Message) error {
		mu.Lock()
		runs++
		mu.Unlock()
		time.Sleep(2*shortLease + shortLease/2)
		return nil
	}})
	if err := w.Run(t.Context()); err != nil {
		t.Error(err)
	}
	if runs != 1 || messages(t, url) != 0 {
		t.Errorf("%d runs, %d left", runs, messages(t, url))
	}
}

// TestElasticMQDeadLetter: a message that always fails is handled as often as the queue allows, and then lies among the dead letters, its body
// unchanged, with its error.
func TestElasticMQDeadLetter(t *testing.T) {
	t.Parallel()
	url, deadURL := elasticMQ(t, 3, nil)
	sendTo(t, url, "x")
	runs := 0
	w := newWatcher(t, watch.Config{Receiver: receiverOf(t, url), UntilEmpty: true, Wait: 15 * time.Second, Handler: func(context.Context, queue.Message) error {
		runs++
		return errJob
	}})
	if err := w.Run(t.Context()); err != nil {
		t.Error(err)
	}
	dead, err := receiverOf(t, deadURL).Receive(t.Context(), queue.ReceiveOptions{Wait: 10 * time.Second})
	if err != nil || len(dead) != 1 || dead[0].Body != "x" || dead[0].Attributes[queue.AttributeErrorMessage] != errJob.Error() || runs != 3 || messages(t, url) != 0 {
		t.Errorf("%d runs, dead letters %+v, %v, %d left", runs, dead, err, messages(t, url))
	}
}

// TestElasticMQStop: what does not finish in the grace is visible to others at once.
func TestElasticMQStop(t *testing.T) {
	t.Parallel()
	url, _ := elasticMQ(t, 10, nil)
	sendTo(t, url, "x")
	ctx, cancel := context.WithCancel(t.Context())
	w := newWatcher(t, watch.Config{Receiver: receiverOf(t, url), Lease: time.Hour, Grace: -1, Handler: func(ctx context.Context, _ queue.Message) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}})
	if err := w.Run(ctx); err != nil {
		t.Error(err)
	}
	got, err := receiverOf(t, url).Receive(t.Context(), queue.ReceiveOptions{Wait: 20 * time.Second})
	if err != nil || len(got) != 1 || got[0].ReceiveCount != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestElasticMQFIFO: messages of a group in order, those of many groups at once, and all of them once.
func TestElasticMQFIFO(t *testing.T) {
	t.Parallel()
	url, _ := elasticMQ(t, 10, map[string]string{"FifoQueue": "true"})
	var bodies []string
	for i := range 10 {
		for _, group := range "abcde" {
			bodies = append(bodies, string(group)+strconv.Itoa(i))
		}
	}
	sendTo(t, url, bodies...)
	var mu sync.Mutex
	order := map[string]string{}
	w := newWatcher(t, watch.Config{Receiver: receiverOf(t, url), FIFO: true, Concurrency: 5, UntilEmpty: true, Wait: 2 * time.Second, Handler: func(_ context.Context, m queue.Message) error {
		mu.Lock()
		defer mu.Unlock()
		order[m.Body[:1]] += m.Body[1:]
		return nil
	}})
	if err := w.Run(t.Context()); err != nil {
		t.Error(err)
	}
	for _, group := range "abcde" {
		if got := order[string(group)]; got != "0123456789" {
			t.Errorf("group %c: %s", group, got)
		}
	}
}
