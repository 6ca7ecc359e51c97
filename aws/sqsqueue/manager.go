package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/starfleet-go/starfleet/queue"
)

// ManagerClient is what a Manager calls of the AWS SDK's SQS client. *sqs.Client implements it.
type ManagerClient interface {
	GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, options ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	ListDeadLetterSourceQueues(ctx context.Context, in *sqs.ListDeadLetterSourceQueuesInput, options ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error)
	PurgeQueue(ctx context.Context, in *sqs.PurgeQueueInput, options ...func(*sqs.Options)) (*sqs.PurgeQueueOutput, error)
	StartMessageMoveTask(ctx context.Context, in *sqs.StartMessageMoveTaskInput, options ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error)
	ListMessageMoveTasks(ctx context.Context, in *sqs.ListMessageMoveTasksInput, options ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error)
	CancelMessageMoveTask(ctx context.Context, in *sqs.CancelMessageMoveTaskInput, options ...func(*sqs.Options)) (*sqs.CancelMessageMoveTaskOutput, error)
}

var _ ManagerClient = (*sqs.Client)(nil)

// ManagerIAMActions are the IAM actions that a Manager uses on its queue. A move also needs what SQS does in its course: sqs:ReceiveMessage and
// sqs:DeleteMessage on the queue, and sqs:SendMessage and sqs:GetQueueAttributes on the destination.
var ManagerIAMActions = []string{
	"sqs:CancelMessageMoveTask", "sqs:GetQueueAttributes", "sqs:ListDeadLetterSourceQueues", "sqs:ListMessageMoveTasks", "sqs:PurgeQueue",
	"sqs:StartMessageMoveTask",
}

// Manager asks about one queue as a whole, empties it, and has SQS move what is in it. Create it with NewManager.
type Manager struct {
	client ManagerClient
	url    string
	where  func(*sqs.Options)
	pause  func(context.Context, time.Duration) error
}

// NewManager makes a Manager for the queue of the URL. The error says what is wrong with the URL.
func NewManager(client ManagerClient, queueURL string) (*Manager, error) {
	if client == nil {
		return nil, errors.New("sqsqueue: the client is nil")
	}
	u, err := parseURL(queueURL)
	if err != nil {
		return nil, err
	}
	return &Manager{client: client, url: queueURL, where: endpoint(u), pause: pause}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Description is what a queue says of itself. The numbers are approximate, and those of a minute ago at times.
type Description struct {
	ARN                        string
	FIFO                       bool
	Visible, InFlight, Delayed int
	// DeadLetters is the ARN of the queue's own dead-letter queue, to which messages go that were received MaxReceives times; "" and 0 when it has none.
	DeadLetters string
	MaxReceives int
}

// Messages is how many messages there are.
func (d Description) Messages() int { return d.Visible + d.InFlight + d.Delayed }

// Describe asks for the Description.
func (m *Manager) Describe(ctx context.Context) (Description, error) {
	out, err := m.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(m.url),
		AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameQueueArn, types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameApproximateNumberOfMessages,
			types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		},
	}, m.where)
	if err != nil {
		return Description{}, fmt.Errorf("sqsqueue: attributes of queue %s: %w", m.url, classify(err))
	}
	policy, err := parseRedrive(out.Attributes[string(types.QueueAttributeNameRedrivePolicy)])
	if err != nil {
		return Description{}, fmt.Errorf("sqsqueue: queue %s: %w", m.url, err)
	}
	count := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(out.Attributes[string(name)]) // 0 where it is not said
		return n
	}
	return Description{
		ARN: out.Attributes[string(types.QueueAttributeNameQueueArn)], FIFO: isFIFO(m.url),
		Visible:     count(types.QueueAttributeNameApproximateNumberOfMessages),
		InFlight:    count(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible),
		Delayed:     count(types.QueueAttributeNameApproximateNumberOfMessagesDelayed),
		DeadLetters: policy.deadLetters, MaxReceives: policy.maxReceives,
	}, nil
}

// Sources are the URLs of the queues whose redrive policy names this queue as their dead-letter queue.
func (m *Manager) Sources(ctx context.Context) ([]string, error) {
	var sources []string
	pages := sqs.NewListDeadLetterSourceQueuesPaginator(m.client, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: aws.String(m.url)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, m.where)
		if err != nil {
			return nil, fmt.Errorf("sqsqueue: queues whose dead letters go to %s: %w", m.url, classify(err))
		}
		sources = append(sources, page.QueueUrls...)
	}
	return sources, nil
}

// Purge deletes every message, also those that somebody holds. It takes SQS up to 60 seconds, in which messages that are sent may be deleted too,
// and is refused when it was asked within the last 60 seconds.
func (m *Manager) Purge(ctx context.Context) error {
	if _, err := m.client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: aws.String(m.url)}, m.where); err != nil {
		return fmt.Errorf("sqsqueue: purge queue %s: %w", m.url, classify(err))
	}
	return nil
}

// QueuePath is what a URL and an ARN of a queue have in common: ACCOUNT/NAME. It is "" when it cannot be told.
func QueuePath(urlOrARN string) string {
	if a, err := parseQueueARN(urlOrARN); err == nil {
		return a.AccountID + "/" + a.Resource
	}
	u, err := url.Parse(urlOrARN)
	if err != nil || len(u.Path) < 2 {
		return ""
	}
	return u.Path[1:]
}

// ErrCannotMove is that SQS has no move task for this queue: no redrive policy names it, or there is one under way.
var ErrCannotMove = errors.New("SQS cannot move the messages of this queue by itself")

// Move is how far a move task is. The numbers are approximate.
type Move struct {
	Moved, Total int64
	// Status is SQS's word: RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED.
	Status string
	// Reason is why the task failed.
	Reason string
}

// The statuses with which a move task ends.
const (
	moveCompleted = "COMPLETED"
	moveCancelled = "CANCELLED"
	moveFailed    = "FAILED"
)

// movePoll is how often a move task is asked how far it is.
const movePoll = 2 * time.Second

// Move has SQS move every message to the queue of the ARN, and waits until it ended. progress, unless it is nil, is told how far it is. When
// ctx ends, the task is cancelled: what was moved stays moved. SQS moves at most 500 messages a second, for at most 36 hours, one task a queue and
// 100 an account at the same time. The error is ErrCannotMove when it does not begin for what the queue is.
func (m *Manager) Move(ctx context.Context, sourceARN, destinationARN string, progress func(Move)) (Move, error) {
	if progress == nil {
		progress = func(Move) {}
	}
	started, err := m.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{
		SourceArn: aws.String(sourceARN), DestinationArn: aws.String(destinationARN),
	}, m.where)
	if err != nil {
		if invalidParameter(errorCode(err)) || is[*types.UnsupportedOperation](err) {
			return Move{}, fmt.Errorf("%w: %w", ErrCannotMove, err)
		}
		return Move{}, fmt.Errorf("sqsqueue: start a move task of %s: %w", sourceARN, classify(err))
	}
	handle := aws.ToString(started.TaskHandle)
	var now Move
	for {
		next, err := m.task(ctx, sourceARN)
		switch {
		case ctx.Err() != nil:
			return m.cancel(ctx, handle, now, context.Cause(ctx))
		case err == nil:
			now = next
			progress(now)
		case !errors.Is(err, queue.ErrThrottled):
			return now, fmt.Errorf("sqsqueue: the move task of %s goes on, and nobody knows how far it is: %w", sourceARN, err)
		}
		switch now.Status {
		case moveCompleted:
			return now, nil
		case moveFailed, moveCancelled:
			return now, fmt.Errorf("sqsqueue: the move task of %s ended as %s: %s", sourceARN, now.Status, now.Reason)
		}
		if err := m.pause(ctx, movePoll); err != nil {
			return m.cancel(ctx, handle, now, err)
		}
	}
}

// task is the latest move task of the queue, which is ours: there is one at a time.
func (m *Manager) task(ctx context.Context, sourceARN string) (Move, error) {
	out, err := m.client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(sourceARN), MaxResults: aws.Int32(1)}, m.where)
	if err != nil {
		return Move{}, classify(err)
	}
	if len(out.Results) == 0 {
		return Move{}, errors.New("SQS lists no move task")
	}
	latest := out.Results[0]
	return Move{
		Moved: latest.ApproximateNumberOfMessagesMoved, Total: aws.ToInt64(latest.ApproximateNumberOfMessagesToMove),
		Status: aws.ToString(latest.Status), Reason: aws.ToString(latest.FailureReason),
	}, nil
}

// cancel ends a move task though the context ended.
func (m *Manager) cancel(ctx context.Context, handle string, now Move, cause error) (Move, error) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer end()
	out, err := m.client.CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: aws.String(handle)}, m.where)
	if err != nil {
		return now, fmt.Errorf("%w: the move task could not be cancelled, and goes on: %w", cause, classify(err))
	}
	now.Moved, now.Status = max(now.Moved, out.ApproximateNumberOfMessagesMoved), moveCancelled
	return now, cause
}
