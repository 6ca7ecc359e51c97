package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/starfleet-go/starfleet/queue"
)

// Settler ends messages of any queue that it knows by their SourceARN, as Lambda delivers them. Each queue's URL and redrive policy are
// read once. It is safe for concurrent use. Create it with NewSettler.
type Settler struct {
	client Client

	mu      sync.Mutex
	sources map[string]*once[*source] // by ARN
}

var _ queue.Settler = (*Settler)(nil)

// NewSettler makes a Settler.
func NewSettler(client Client) (*Settler, error) {
	if client == nil {
		return nil, errors.New("sqsqueue: the client is nil")
	}
	return &Settler{client: client, sources: map[string]*once[*source]{}}, nil
}

// ChangeVisibility implements queue.Settler.
func (s *Settler) ChangeVisibility(ctx context.Context, m queue.Message, d time.Duration) error {
	from, err := s.source(ctx, m)
	if err != nil {
		return err
	}
	return from.changeVisibility(ctx, m, d)
}

// MaxReceives implements queue.Settler.
func (s *Settler) MaxReceives(ctx context.Context, m queue.Message) (int, error) {
	from, err := s.source(ctx, m)
	if err != nil {
		return 0, err
	}
	policy, err := from.redrive(ctx)
	return policy.maxReceives, err
}

// DeadLetter implements queue.Settler.
func (s *Settler) DeadLetter(ctx context.Context, m queue.Message, c queue.Cause) error {
	from, err := s.source(ctx, m)
	if err != nil {
		return err
	}
	return from.deadLetter(ctx, m, c)
}

// Resend implements queue.Settler.
func (s *Settler) Resend(ctx context.Context, m queue.Message, delay time.Duration) error {
	from, err := s.source(ctx, m)
	if err != nil {
		return err
	}
	return from.resend(ctx, m, delay)
}

// source is the queue that the message is from.
func (s *Settler) source(ctx context.Context, m queue.Message) (*source, error) {
	s.mu.Lock()
	known := s.sources[m.SourceARN]
	if known == nil {
		known = &once[*source]{}
		s.sources[m.SourceARN] = known
	}
	s.mu.Unlock()
	return known.get(ctx, func(ctx context.Context) (*source, error) {
		queueURL, err := urlOf(ctx, s.client, m.SourceARN)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", m.ID, err)
		}
		u, err := parseURL(queueURL)
		if err != nil {
			return nil, err
		}
		return newSource(s.client, queueURL, u), nil
	})
}

func parseQueueARN(queueARN string) (arn.ARN, error) {
	a, err := arn.Parse(queueARN)
	if err != nil || a.Service != "sqs" || a.Resource == "" {
		return arn.ARN{}, fmt.Errorf("sqsqueue: %q is no ARN of a queue", queueARN)
	}
	return a, nil
}

// urlOf asks for the URL of the queue of the ARN.
func urlOf(ctx context.Context, client Client, queueARN string) (string, error) {
	a, err := parseQueueARN(queueARN)
	if err != nil {
		return "", err
	}
	in := &sqs.GetQueueUrlInput{QueueName: aws.String(a.Resource)}
	if a.AccountID != "" {
		in.QueueOwnerAWSAccountId = aws.String(a.AccountID)
	}
	out, err := client.GetQueueUrl(ctx, in, inRegion(a))
	if err != nil {
		return "", fmt.Errorf("sqsqueue: URL of queue %s: %w", queueARN, classify(err))
	}
	return aws.ToString(out.QueueUrl), nil
}

// redrivePolicy is what becomes of messages that are received too often, the zero value when the queue has none.
type redrivePolicy struct {
	queueARN    string
	deadLetters string // ARN
	maxReceives int
}

// redrive reads the redrive policy, once.
func (s *source) redrive(ctx context.Context) (redrivePolicy, error) {
	return s.policy.get(ctx, func(ctx context.Context) (redrivePolicy, error) {
		out, err := s.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl:       aws.String(s.url),
			AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameQueueArn},
		}, s.where)
		if err != nil {
			return redrivePolicy{}, fmt.Errorf("sqsqueue: redrive policy of queue %s: %w", s.url, classify(err))
		}
		policy, err := parseRedrive(out.Attributes[string(types.QueueAttributeNameRedrivePolicy)])
		if err != nil {
			return redrivePolicy{}, fmt.Errorf("sqsqueue: queue %s: %w", s.url, err)
		}
		policy.queueARN = out.Attributes[string(types.QueueAttributeNameQueueArn)]
		return policy, nil
	})
}

// parseRedrive reads the JSON of a redrive policy. maxReceiveCount is a number or a string of digits, as it was written when the policy
// was set.
func parseRedrive(text string) (redrivePolicy, error) {
	if text == "" {
		return redrivePolicy{}, nil
	}
	var policy struct {
		Target string         `json:"deadLetterTargetArn"`
		Max    jsontext.Value `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return redrivePolicy{}, fmt.Errorf("the redrive policy cannot be read: %w", err)
	}
	count, err := strconv.Atoi(strings.Trim(string(policy.Max), `"`))
	if err != nil || count < 1 || policy.Target == "" {
		return redrivePolicy{}, fmt.Errorf("the redrive policy %s has no deadLetterTargetArn or no maxReceiveCount of 1 or more", text)
	}
	return redrivePolicy{deadLetters: policy.Target, maxReceives: count}, nil
}

func (s *source) deadLetter(ctx context.Context, m queue.Message, c queue.Cause) error {
	policy, err := s.redrive(ctx)
	if err != nil {
		return err
	}
	if policy.deadLetters == "" {
		return fmt.Errorf("sqsqueue: queue %s: %w", s.url, queue.ErrNoDeadLetterQueue)
	}
	to, err := s.dead.get(ctx, func(ctx context.Context) (*Sender, error) {
		queueURL, err := urlOf(ctx, s.client, policy.deadLetters)
		if err != nil {
			return nil, err
		}
		u, err := parseURL(queueURL)
		if err != nil {
			return nil, err
		}
		return newSender(s.client, queueURL, endpoint(u)), nil
	})
	if err != nil {
		return err
	}
	limits, err := to.Limits(ctx)
	if err != nil {
		return err
	}
	if m.SourceARN == "" {
		m.SourceARN = policy.queueARN
	}
	failures, err := to.SendBatch(ctx, []queue.Outgoing{queue.NewDeadLetter(m, c, limits)})
	if err != nil {
		return fmt.Errorf("sqsqueue: send to dead-letter queue %s: %w", policy.deadLetters, err)
	}
	if len(failures) > 0 {
		return fmt.Errorf("sqsqueue: dead-letter queue %s: %s: %s", policy.deadLetters, failures[0].Code, failures[0].Message)
	}
	return nil
}

// resend sends a copy of the message, with the SDK's retries.
func (s *source) resend(ctx context.Context, m queue.Message, delay time.Duration) error {
	limits, err := s.self.Limits(ctx)
	if err != nil {
		return err
	}
	failures, err := s.self.SendBatch(ctx, []queue.Outgoing{queue.NewCopy(m, delay, limits)})
	if err != nil {
		return fmt.Errorf("sqsqueue: send to queue %s: %w", s.url, err)
	}
	if len(failures) > 0 {
		return fmt.Errorf("sqsqueue: queue %s: %s: %s", s.url, failures[0].Code, failures[0].Message)
	}
	return nil
}

// longVisibility is above what SQS may refuse because of the time that the message has been held already: its limit of 12 h counts from
// when the message was received.
const longVisibility = queue.MaxVisibility - time.Hour

func (s *source) changeVisibility(ctx context.Context, m queue.Message, d time.Duration) error {
	if d < 0 || d > queue.MaxVisibility {
		return fmt.Errorf("sqsqueue: a visibility timeout of %v: 0 to %v are allowed", d, queue.MaxVisibility)
	}
	err := s.hide(ctx, m, d)
	if d > longVisibility && invalidParameter(errorCode(err)) {
		err = s.hide(ctx, m, d-time.Hour)
	}
	switch {
	case err == nil:
		return nil
	case invalidParameter(errorCode(err)):
		return fmt.Errorf("sqsqueue: hide message %s: %w: %w", m.ID, queue.ErrNotInFlight, err)
	}
	return fmt.Errorf("sqsqueue: hide message %s: %w", m.ID, classify(err))
}

func (s *source) hide(ctx context.Context, m queue.Message, d time.Duration) error {
	_, err := s.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(s.url), ReceiptHandle: aws.String(m.ReceiptHandle), VisibilityTimeout: seconds(d),
	}, s.where)
	return err
}
