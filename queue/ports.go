package queue

import (
	"context"
	"errors"
	"time"
)

// Error classes of a call, told apart by errors.Is. Adapters wrap the typed errors of their service in them; Dispatch and Settle
// branch on nothing else.
var (
	// ErrThrottled: the queue asks to slow down. The call had no effect and can be repeated later.
	ErrThrottled = errors.New("throttled by the queue")
	// ErrTooLong: the batch is bigger than the queue takes. The call had no effect; a smaller batch may be accepted.
	ErrTooLong = errors.New("batch too long for the queue")
	// ErrRefused: the whole batch was refused for what is in it. The call had no effect; the entries at fault are found by
	// sending each alone.
	ErrRefused = errors.New("batch refused by the queue")
	// ErrNoGroup: the queue takes no MessageGroupId. The call, or the entry, had no effect.
	ErrNoGroup = errors.New("queue takes no message group")
	// ErrPermanent: no retry cures it. The queue is missing, or access to it or to its key is denied.
	ErrPermanent = errors.New("permanent failure of the queue")
	// ErrNotInFlight: the message is no longer held under this receipt handle. It was deleted, its visibility timeout ended, or
	// it was delivered again.
	ErrNotInFlight = errors.New("message is not in flight")
	// ErrNoDeadLetterQueue: the queue has no redrive policy, so there is nowhere to send a dead letter to.
	ErrNoDeadLetterQueue = errors.New("queue has no dead-letter queue")
)

// Sender sends batches to one queue. Implementations are safe for concurrent use.
type Sender interface {
	// SendBatch sends 1 to Limits.BatchEntries messages. The failures name the entries that were not accepted; all others were.
	// With an error of the class ErrThrottled, ErrTooLong, ErrRefused, ErrNoGroup or ErrPermanent none was accepted; with any
	// other error nothing is known of any entry. Implementations do not retry: every retry is Dispatch's, which counts it. They
	// keep no reference to the batch after they returned.
	SendBatch(ctx context.Context, batch []Outgoing) ([]Failure, error)
	// Limits says what the queue takes. Dispatch asks once.
	Limits(ctx context.Context) (Limits, error)
}

// ReceiveOptions say how much to receive and how long to wait for it. The zero value asks for one message, waits for none, and
// hides it for as long as the queue says.
type ReceiveOptions struct {
	// Max is the number of messages, 1 to 10. 0 means 1.
	Max int
	// Wait is how long to wait for the first message (long poll), at most 20 s.
	Wait time.Duration
	// Visibility is how long the messages are hidden from others, in whole seconds, at most 12 h. 0 means the queue's own
	// timeout.
	Visibility time.Duration
}

// Receiver receives from one queue. Implementations are safe for concurrent use.
type Receiver interface {
	// Receive returns the messages that are there, none and no error when there is none within o.Wait. It ends early, with the
	// context's error, when ctx does.
	Receive(ctx context.Context, o ReceiveOptions) ([]Message, error)
	// Delete removes the message for good. Deleting it twice is no error. A receipt handle that a later delivery replaced
	// deletes nothing, with or without an error.
	Delete(ctx context.Context, m Message) error
	Settler
}

// BatchDeleter is implemented by receivers that delete up to 10 messages with one call. Implementations are safe for concurrent use.
type BatchDeleter interface {
	// DeleteBatch removes 1 to 10 messages of different receipt handles for good. The failures name those that were not removed; all others
	// were. With an error nothing is known of any.
	DeleteBatch(ctx context.Context, messages []Message) ([]Failure, error)
}

// Settler is what the end of a message needs besides deleting it. Implementations are safe for concurrent use.
type Settler interface {
	// ChangeVisibility hides the message for d from now on: 0 makes it visible at once, 12 h is the most. The error is of class
	// ErrNotInFlight when the message is no longer held under its receipt handle.
	ChangeVisibility(ctx context.Context, m Message, d time.Duration) error
	// MaxReceives is maxReceiveCount of the queue's redrive policy, read once. 0 means that there is none.
	MaxReceives(ctx context.Context, m Message) (int, error)
	// DeadLetter sends body, attributes and cause to the queue of the redrive policy, as NewDeadLetter puts them together. It
	// does not delete the message. The error is of class ErrNoDeadLetterQueue when there is no such queue.
	DeadLetter(ctx context.Context, m Message, c Cause) error
	// Resend sends a copy of the message to its own queue, as NewCopy puts it together, to be delivered after delay, at most 15 minutes. A
	// FIFO queue, which can put off no single message, delivers it as soon as its group allows. It does not delete the message.
	Resend(ctx context.Context, m Message, delay time.Duration) error
}
