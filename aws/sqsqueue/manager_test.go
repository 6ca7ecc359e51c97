package sqsqueue_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/queue"
)

// managed is a client of a Manager that answers from what the test put in, and records the operations.
type managed struct {
	calls      map[string]int
	attributes map[string]string
	sources    [][]string                              // pages
	moves      []types.ListMessageMoveTasksResultEntry // used up in turn; the last stays
	fail       map[string]error
}

func (m *managed) call(operation string) error {
	if m.calls == nil {
		m.calls = map[string]int{}
	}
	m.calls[operation]++
	return m.fail[operation]
}

func (m *managed) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{Attributes: m.attributes}, m.call("GetQueueAttributes")
}

func (m *managed) ListDeadLetterSourceQueues(context.Context, *sqs.ListDeadLetterSourceQueuesInput, ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error) {
	if err := m.call("ListDeadLetterSourceQueues"); err != nil || len(m.sources) == 0 {
		return &sqs.ListDeadLetterSourceQueuesOutput{}, err
	}
	out := &sqs.ListDeadLetterSourceQueuesOutput{QueueUrls: m.sources[0]}
	if m.sources = m.sources[1:]; len(m.sources) > 0 {
		out.NextToken = aws.String(fmt.Sprint("page ", len(m.sources)))
	}
	return out, nil
}

func (m *managed) PurgeQueue(context.Context, *sqs.PurgeQueueInput, ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error) {
	return &sqs.PurgeQueueOutput{}, m.call("PurgeQueue")
}

func (m *managed) StartMessageMoveTask(context.Context, *sqs.StartMessageMoveTaskInput, ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error) {
	return &sqs.StartMessageMoveTaskOutput{TaskHandle: aws.String("handle")}, m.call("StartMessageMoveTask")
}

func (m *managed) ListMessageMoveTasks(context.Context, *sqs.ListMessageMoveTasksInput, ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	if err := m.call("ListMessageMoveTasks"); err != nil || len(m.moves) == 0 {
		return &sqs.ListMessageMoveTasksOutput{}, err
	}
	now := m.moves[0]
	if len(m.moves) > 1 {
		m.moves = m.moves[1:]
	}
	return &sqs.ListMessageMoveTasksOutput{Results: []types.ListMessageMoveTasksResultEntry{now}}, nil
}

func (m *managed) CancelMessageMoveTask(ctx context.Context, _ *sqs.CancelMessageMoveTaskInput, _ ...func(*sqs.Options)) (*sqs.CancelMessageMoveTaskOutput, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return &sqs.CancelMessageMoveTaskOutput{ApproximateNumberOfMessagesMoved: 7}, m.call("CancelMessageMoveTask")
}

func manager(t *testing.T, m *managed) *sqsqueue.Manager {
	t.Helper()
	made, err := sqsqueue.NewManager(m, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func moving(status string, moved int64) types.ListMessageMoveTasksResultEntry {
	return types.ListMessageMoveTasksResultEntry{
		Status: aws.String(status), ApproximateNumberOfMessagesMoved: moved, ApproximateNumberOfMessagesToMove: aws.Int64(10), FailureReason: aws.String("because"),
	}
}

func TestManagerDescribes(t *testing.T) {
	t.Parallel()
	m := &managed{
		attributes: map[string]string{
			"QueueArn": tasksARN, "ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "2", "ApproximateNumberOfMessagesDelayed": "1",
			"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111111111111:dead","maxReceiveCount":4}`,
		},
		sources: [][]string{{"a", "b"}, {"c"}},
	}
	got, err := manager(t, m).Describe(t.Context())
	want := sqsqueue.Description{ARN: tasksARN, Visible: 3, InFlight: 2, Delayed: 1, DeadLetters: "arn:aws:sqs:eu-west-1:111111111111:dead", MaxReceives: 4}
	if err != nil || got != want || got.Messages() != 6 {
		t.Errorf("%+v, error %v", got, err)
	}
	if sources, err := manager(t, m).Sources(t.Context()); err != nil || !slices.Equal(sources, []string{"a", "b", "c"}) {
		t.Errorf("%q, error %v", sources, err)
	}
}

// TestManagerIAMActions: the list names what the calls need, and nothing else.
func TestManagerIAMActions(t *testing.T) {
	t.Parallel()
	m := &managed{moves: []types.ListMessageMoveTasksResultEntry{moving("COMPLETED", 10)}}
	made := manager(t, m)
	_, err1 := made.Describe(t.Context())
	_, err2 := made.Sources(t.Context())
	_, err3 := made.Move(t.Context(), tasksARN, tasksARN, nil)
	if err := errors.Join(err1, err2, err3, made.Purge(t.Context())); err != nil {
		t.Fatal(err)
	}
	m.moves = []types.ListMessageMoveTasksResultEntry{moving("RUNNING", 1)}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := made.Move(ctx, tasksARN, tasksARN, func(sqsqueue.Move) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cancel()
	var actions []string
	for operation := range maps.Keys(m.calls) {
		actions = append(actions, "sqs:"+operation)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(actions)), slices.Sorted(slices.Values(sqsqueue.ManagerIAMActions))); diff != "" {
		t.Error(diff)
	}
}

// TestMove: it waits until SQS moved all, and tells how far it is.
func TestMove(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &managed{moves: []types.ListMessageMoveTasksResultEntry{moving("RUNNING", 0), moving("RUNNING", 4), moving("COMPLETED", 10)}}
		var told []int64
		begun := time.Now()
		got, err := manager(t, m).Move(t.Context(), tasksARN, tasksARN, func(m sqsqueue.Move) { told = append(told, m.Moved) })
		if err != nil || got.Moved != 10 || got.Status != "COMPLETED" || !slices.Equal(told, []int64{0, 4, 10}) || time.Since(begun) != 4*time.Second {
			t.Errorf("%+v after %v, told %v, error %v", got, time.Since(begun), told, err)
		}
	})
}

func TestMoveThatDoesNotEndWell(t *testing.T) {
	t.Parallel()
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		m := &managed{moves: []types.ListMessageMoveTasksResultEntry{moving("RUNNING", 4)}}
		ctx, cancel := context.WithCancel(t.Context())
		got, err := manager(t, m).Move(ctx, tasksARN, tasksARN, func(sqsqueue.Move) { cancel() })
		cancel()
		if !errors.Is(err, context.Canceled) || got.Moved != 7 || got.Status != "CANCELLED" || m.calls["CancelMessageMoveTask"] != 1 {
			t.Errorf("%+v, error %v", got, err)
		}
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		m := &managed{moves: []types.ListMessageMoveTasksResultEntry{moving("FAILED", 4)}}
		if got, err := manager(t, m).Move(t.Context(), tasksARN, tasksARN, nil); err == nil || !strings.Contains(err.Error(), "because") || got.Moved != 4 {
			t.Errorf("%+v, error %v", got, err)
		}
	})
	t.Run("no move task for this queue", func(t *testing.T) {
		t.Parallel()
		for _, refusal := range []error{
			&smithy.GenericAPIError{Code: "InvalidParameterValue", Message: "no dead-letter queue"},
			&types.UnsupportedOperation{},
		} {
			m := &managed{fail: map[string]error{"StartMessageMoveTask": refusal}}
			if _, err := manager(t, m).Move(t.Context(), tasksARN, tasksARN, nil); !errors.Is(err, sqsqueue.ErrCannotMove) {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("denied", func(t *testing.T) {
		t.Parallel()
		m := &managed{fail: map[string]error{"StartMessageMoveTask": &smithy.GenericAPIError{Code: "AccessDenied"}}}
		if _, err := manager(t, m).Move(t.Context(), tasksARN, tasksARN, nil); !errors.Is(err, queue.ErrPermanent) || errors.Is(err, sqsqueue.ErrCannotMove) {
			t.Errorf("error %v", err)
		}
	})
}

func TestQueuePath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"arn:aws:sqs:eu-west-1:111111111111:tasks.fifo":                   "111111111111/tasks.fifo",
		"https://sqs.eu-west-1.amazonaws.com/111111111111/tasks.fifo":     "111111111111/tasks.fifo",
		"https://sqs.us-gov-west-1.amazonaws.com/111111111111/tasks.fifo": "111111111111/tasks.fifo",
		"": "", "arn:aws:s3:::bucket": "", "https://host": "", "://": "",
	} {
		if got := sqsqueue.QueuePath(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
