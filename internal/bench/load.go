package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// inFlight is how many calls are under way at once, Dispatch's default.
const inFlight = 64

// load is what is sent: the tasks of a template, and the same as entries of the SDK.
type load struct {
	template   *starfleet.Template
	resolution *accountindex.Resolution
	info       starfleet.RunInfo
	batches    [][]types.SendMessageBatchRequestEntry
}

func newLoad(ctx context.Context, tasks, size int) (*load, error) {
	manifest, err := starfleet.BaseManifest("Bench", starfleet.PerAccount)
	if err != nil {
		return nil, err
	}
	head := "TemplateName: bench\nIncludeAccounts: {AllAccounts: true}\nTemplateDescription: "
	l := &load{info: starfleet.RunInfo{RunID: "bench-20260101T000000Z", TemplateVersion: "v1", NotAfter: time.Now().Add(24 * time.Hour)}}
	if l.template, err = starfleet.ParseTemplate(manifest, "bench.yaml", []byte(head+strings.Repeat("x", max(size-len(head), 1))+"\n")); err != nil {
		return nil, err
	}
	accounts := make([]accountindex.Account, tasks)
	for i := range accounts {
		id := fmt.Sprintf("%012d", i+1)
		accounts[i] = accountindex.Account{ID: id, Name: id, ARN: "arn:aws:organizations::999999999999:account/o-bench00000/" + id, State: accountindex.Active,
			Parents: []accountindex.Parent{{ID: "r-ab12", Name: "ROOT", Type: accountindex.TypeRoot}}, Regions: []string{}, Tags: map[string]string{}}
	}
	index, err := accountindex.New(accounts, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		return nil, err
	}
	if l.resolution, err = index.Resolve(ctx, l.template.Query()); err != nil {
		return nil, err
	}
	return l, nil
}

// render makes the entries of the bare loops, which take far more memory than the tasks.
func (l *load) render() error {
	var batch []types.SendMessageBatchRequestEntry
	for task, err := range starfleet.Render(l.template, l.resolution, l.info) {
		if err != nil {
			return err
		}
		attributes := map[string]types.MessageAttributeValue{}
		for _, a := range task.Attributes(nil) {
			attributes[a.Name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(a.Value)}
		}
		batch = append(batch, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint(len(batch))), MessageBody: aws.String(string(task.AppendBody(nil))),
			MessageAttributes: attributes, MessageGroupId: aws.String(task.RunID()),
		})
		if len(batch) == queue.MaxBatchEntries {
			l.batches, batch = append(l.batches, batch), nil
		}
	}
	if len(batch) > 0 {
		l.batches = append(l.batches, batch)
	}
	return nil
}

func (l *load) len() int {
	n := 0
	for _, batch := range l.batches {
		n += len(batch)
	}
	return n
}

// first is the part of the load with about n tasks.
func (l *load) first(n int) *load {
	part := *l
	part.batches = l.batches[:min(len(l.batches), (n+queue.MaxBatchEntries-1)/queue.MaxBatchEntries)]
	return &part
}

// bodies is the load without attributes and group ids.
func (l *load) bodies() *load {
	bare := *l
	bare.batches = make([][]types.SendMessageBatchRequestEntry, len(l.batches))
	for i, batch := range l.batches {
		for _, e := range batch {
			bare.batches[i] = append(bare.batches[i], types.SendMessageBatchRequestEntry{Id: e.Id, MessageBody: e.MessageBody})
		}
	}
	return &bare
}

// bare does nothing but SendMessageBatch.
func (l *load) bare(ctx context.Context, client *sqs.Client, url string, parallel int) error {
	work := make(chan []types.SendMessageBatchRequestEntry)
	group, ctx := errgroup.WithContext(ctx)
	for range parallel {
		group.Go(func() error {
			for batch := range work {
				out, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(url), Entries: batch})
				if err != nil {
					return err
				}
				if len(out.Failed) > 0 {
					return fmt.Errorf("%d entries failed", len(out.Failed))
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(work)
		for _, batch := range l.batches {
			select {
			case work <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

// dispatch is the engine: it renders, batches, sends and proves.
func (l *load) dispatch(ctx context.Context, client *sqs.Client, url string) error {
	sender, err := sqsqueue.NewSender(client, url)
	if err != nil {
		return err
	}
	report, err := queue.Dispatch(ctx, sender, starfleet.Render(l.template, l.resolution, l.info), queue.DispatchOptions{
		Resolved: l.resolution.Targets(), LargestTask: starfleet.LargestTask(l.template, l.info),
	})
	if err == nil && report.Sent != report.Resolved {
		err = fmt.Errorf("%d of %d sent", report.Sent, report.Resolved)
	}
	return err
}
