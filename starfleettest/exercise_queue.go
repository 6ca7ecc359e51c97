package starfleettest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// QueueOptions say what kind of queue a case needs.
type QueueOptions struct {
	// FIFO asks for a FIFO queue, whose dead-letter queue is one, too.
	FIFO bool
	// Visibility is the queue's own visibility timeout.
	Visibility time.Duration
	// MaxReceives, when it is not 0, asks for a dead-letter queue and a redrive policy with this maxReceiveCount.
	MaxReceives int
	// MessageBytes is the queue's MaximumMessageSize. 0 means 262,144.
	MessageBytes int
}

// QueueUnderTest is one empty queue, and the hands that move its time.
type QueueUnderTest struct {
	Sender   queue.Sender
	Receiver queue.Receiver
	// DeadLetters receives from the dead-letter queue. Needed when QueueOptions.MaxReceives is not 0.
	DeadLetters queue.Receiver
	// Advance lets d pass on the queue's clock. nil waits.
	Advance func(d time.Duration)
	// Poll is how long to wait for messages that ought to be there. 0 means 1 s, the least that SQS knows; a queue that has
	// them at once can do with less.
	Poll time.Duration
}

// QueueDeviation is a case in which a queue is known to behave differently, and why that is put up with.
type QueueDeviation struct{ Case, Reason string }

// ExerciseQueue holds an implementation of queue.Sender and queue.Receiver against the behaviour of Amazon SQS. open makes an
// empty queue for each case, which runs in a parallel subtest of its own.
//
// Deviations name the cases in which the queue is known to differ. They run, too, and fail the test when they pass: a deviation
// that is gone, or that names no case, must be taken off the list.
func ExerciseQueue(t *testing.T, open func(t *testing.T, o QueueOptions) QueueUnderTest, deviations ...QueueDeviation) {
	t.Helper()
	known := map[string]string{}
	for _, d := range deviations {
		known[d.Case] = d.Reason
	}
	for _, c := range slices.Concat(queueSendCases, queueBatchCases, queueReceiveCases, queueDeadLetterCases, queueResendCases, queueFIFOCases) {
		reason, deviates := known[c.name]
		delete(known, c.name)
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.options.Visibility == 0 {
				c.options.Visibility = 30 * time.Second
			}
			if c.options.MessageBytes == 0 {
				c.options.MessageBytes = queue.DefaultMessageBytes
			}
			trial := newQueueTrial(t, open(t, c.options))
			switch err := c.run(trial); {
			case deviates && err == nil:
				t.Errorf("the deviation %q is not there (any more): take it off the list", reason)
			case deviates:
				t.Logf("deviates, as known (%s): %v", reason, err)
			case err != nil:
				t.Error(err)
			}
		})
	}
	for name := range known {
		t.Errorf("the deviation %q names no case of the suite", name)
	}
}

// queueCase is one thing that queues do.
type queueCase struct {
	name    string
	options QueueOptions
	run     func(q *queueTrial) error
}

// queueTrial is a queue in the hands of a case.
type queueTrial struct {
	QueueUnderTest
	ctx context.Context
}

func newQueueTrial(t *testing.T, q QueueUnderTest) *queueTrial {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	if q.Advance == nil {
		q.Advance = time.Sleep
	}
	if q.Poll == 0 {
		q.Poll = time.Second
	}
	return &queueTrial{q, ctx}
}

// outgoing makes a batch of the bodies.
func outgoing(bodies ...string) []queue.Outgoing {
	batch := make([]queue.Outgoing, len(bodies))
	for i, body := range bodies {
		batch[i] = queue.Outgoing{ID: fmt.Sprintf("entry-%d", i), Body: []byte(body)}
	}
	return batch
}

// send sends the batch, all of which must be accepted.
func (q *queueTrial) send(batch ...queue.Outgoing) error {
	failures, err := q.Sender.SendBatch(q.ctx, batch)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if len(failures) > 0 {
		return fmt.Errorf("send: not accepted: %+v", failures)
	}
	return nil
}

// receive receives n messages, in as many calls as it takes.
func (q *queueTrial) receive(n int) ([]queue.Message, error) {
	return receiveFrom(q.ctx, q.Receiver, n, q.Poll)
}

func receiveFrom(ctx context.Context, r queue.Receiver, n int, poll time.Duration) ([]queue.Message, error) {
	var got []queue.Message
	for empty := 0; len(got) < n && empty < 3; {
		messages, err := r.Receive(ctx, queue.ReceiveOptions{Max: min(n-len(got), queue.MaxBatchEntries), Wait: poll})
		if err != nil {
			return got, fmt.Errorf("receive: %w", err)
		}
		if len(messages) == 0 {
			empty++
		}
		got = append(got, messages...)
	}
	if len(got) != n {
		return got, fmt.Errorf("received %d messages, want %d", len(got), n)
	}
	return got, nil
}

// one receives one message.
func (q *queueTrial) one() (queue.Message, error) {
	messages, err := q.receive(1)
	if err != nil {
		return queue.Message{}, err
	}
	return messages[0], nil
}

// none says whether nothing can be received.
func (q *queueTrial) none() error { return noneFrom(q.ctx, q.Receiver) }

func noneFrom(ctx context.Context, r queue.Receiver) error {
	messages, err := r.Receive(ctx, queue.ReceiveOptions{Max: queue.MaxBatchEntries})
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	if len(messages) > 0 {
		return fmt.Errorf("received %q, want nothing", messages[0].Body)
	}
	return nil
}

// sendOne sends a body and receives it.
func (q *queueTrial) sendOne(body string) (queue.Message, error) {
	if err := q.send(outgoing(body)...); err != nil {
		return queue.Message{}, err
	}
	return q.one()
}

// bodies of messages, sorted.
func bodies(messages []queue.Message) []string {
	var all []string
	for _, m := range messages {
		all = append(all, m.Body)
	}
	slices.Sort(all)
	return all
}

// refused says whether the batch was refused as a whole with the class, and nothing of it arrived.
func (q *queueTrial) refused(class error, batch []queue.Outgoing) error {
	failures, err := q.Sender.SendBatch(q.ctx, batch)
	if !errors.Is(err, class) {
		return fmt.Errorf("the answer is %v with failures %+v, want the error %q", err, failures, class)
	}
	return q.none()
}

// entryRefused says whether the entry, sent between two good ones, is refused by the sender's fault and no other is.
func (q *queueTrial) entryRefused(bad queue.Outgoing) error {
	bad.ID = "bad"
	good := outgoing("before", "after")
	for i := range good {
		good[i].GroupID, good[i].DeduplicationID = bad.GroupID, ""
		if bad.DeduplicationID != "" {
			good[i].DeduplicationID = good[i].ID
		}
	}
	return q.entryRefusedAmong(good, bad)
}

func (q *queueTrial) entryRefusedAmong(good []queue.Outgoing, bad queue.Outgoing) error {
	failures, err := q.Sender.SendBatch(q.ctx, []queue.Outgoing{good[0], bad, good[1]})
	if err != nil {
		return fmt.Errorf("the whole batch failed: %w", err)
	}
	if len(failures) != 1 || failures[0].Index != 1 || !failures[0].SenderFault || failures[0].Code == "" {
		return fmt.Errorf("failures are %+v, want one of entry 1, with a code, by the sender's fault", failures)
	}
	messages, err := q.receive(2)
	if err != nil {
		return err
	}
	if got := bodies(messages); !slices.Equal(got, []string{"after", "before"}) {
		return fmt.Errorf("received %q, want the two good entries", got)
	}
	return q.none()
}
