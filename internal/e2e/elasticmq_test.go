//go:build peers

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// TestElasticMQFanOut: a template over 1,200 accounts of 17 regions, 20,400 tasks, is fanned out to a real queue, read back, and is the resolution:
// every target once by its task id, and nothing else.
func TestElasticMQFanOut(t *testing.T) {
	endpoint := os.Getenv("STARFLEET_ELASTICMQ")
	if endpoint == "" {
		t.Fatal("STARFLEET_ELASTICMQ has no address of ElasticMQ: run .ci/elasticmq.sh")
	}
	client := sqsqueue.NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, 0)
	created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("fan-out")})
	if err != nil {
		t.Fatal(err)
	}
	template, resolution := fanOutOf(t, 1200, 17)
	info := starfleet.RunInfo{RunID: "run", TemplateVersion: "v1", NotAfter: time.Now().Add(time.Hour)}
	want := map[string]string{} // target by task id
	for task, err := range starfleet.Render(template, resolution, info) {
		if err != nil {
			t.Fatal(err)
		}
		want[task.ID()] = task.Label()
	}
	sender, err := sqsqueue.NewSender(client, *created.QueueUrl)
	if err != nil {
		t.Fatal(err)
	}
	report, err := queue.Dispatch(t.Context(), sender, starfleet.Render(template, resolution, info),
		queue.DispatchOptions{Resolved: resolution.Targets(), LargestTask: starfleet.LargestTask(template, info)})
	if err != nil || report.Sent != len(want) {
		t.Fatalf("%d of %d sent, error %v", report.Sent, len(want), err)
	}
	t.Logf("%d tasks in %v, %d calls, %d retried", report.Sent, report.Elapsed, report.Batches, report.Retried)
	receiver, err := sqsqueue.NewReceiver(client, *created.QueueUrl)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for last := time.Now(); len(seen) < len(want) && time.Since(last) < time.Minute; {
		messages, err := receiver.Receive(t.Context(), queue.ReceiveOptions{Max: 10, Wait: time.Second, Visibility: 30 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			requireTask(t, m, want)
			if id := m.Attributes[starfleet.AttributeTaskID]; !seen[id] {
				seen[id], last = true, time.Now()
			}
			if err := receiver.Delete(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d of %d tasks arrived", len(seen), len(want))
	}
}

// requireTask: a message is a task of the resolution, and its body says the target that its id stands for.
func requireTask(t *testing.T, m queue.Message, want map[string]string) {
	t.Helper()
	label, ok := want[m.Attributes[starfleet.AttributeTaskID]]
	account, region, _ := strings.Cut(label, " ")
	if !ok || !strings.Contains(m.Body, fmt.Sprintf(`"StarbaseAssignedAccount":%q,"StarbaseAssignedRegion":%q`, account, region)) {
		t.Fatalf("task %q is not the target %q: %s", m.Attributes[starfleet.AttributeTaskID], label, m.Body)
	}
}

func fanOutOf(t *testing.T, accounts, regions int) (*starfleet.Template, *accountindex.Resolution) {
	t.Helper()
	manifest, err := starfleet.BaseManifest("Ship", starfleet.PerAccountRegion)
	if err != nil {
		t.Fatal(err)
	}
	template, err := starfleet.ParseTemplate(manifest, "t.yaml", []byte("TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [ALL]\n"))
	if err != nil {
		t.Fatal(err)
	}
	list := make([]accountindex.Account, accounts)
	names := accountindex.RegionNames()[:regions]
	for i := range list {
		id := fmt.Sprintf("%012d", i+1)
		list[i] = accountindex.Account{ID: id, Name: id, ARN: "arn:aws:organizations::999999999999:account/o-abcdefghij/" + id, State: accountindex.Active,
			Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: accountindex.TypeRoot}}, Regions: names, Tags: map[string]string{}}
	}
	index, err := accountindex.New(list, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	resolution, err := index.Resolve(t.Context(), template.Query())
	if err != nil {
		t.Fatal(err)
	}
	return template, resolution
}
