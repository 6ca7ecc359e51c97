package queue

import "time"

// Limits of Amazon SQS that hold for every queue.
const (
	// MaxBatchEntries is the number of messages that one call sends or receives at most.
	MaxBatchEntries = 10
	// MaxMessageBytes is the largest MaximumMessageSize that a queue can have: 1 MiB.
	MaxMessageBytes = 1 << 20
	// DefaultMessageBytes is what is assumed of a queue whose MaximumMessageSize cannot be read: 262,144 bytes, the limit of
	// every queue before SQS raised it to 1 MiB.
	DefaultMessageBytes = 256 << 10
	// MaxAttributes is the number of attributes that a message has at most.
	MaxAttributes = 10
	// MaxVisibility is how long a message can be hidden at most: 12 hours.
	MaxVisibility = 12 * time.Hour
	// MaxDelay is how long the delivery of a message can be put off at most: 15 minutes.
	MaxDelay = 15 * time.Minute
	// MaxWait is how long one long poll lasts at most: 20 seconds.
	MaxWait = 20 * time.Second
	// DeduplicationWindow is how long a FIFO queue remembers a deduplication id: 5 minutes.
	DeduplicationWindow = 5 * time.Minute
)

// attributeType is the data type of every attribute that this package writes. SQS counts its length, too.
const attributeType = "String"

// Message is one received message.
type Message struct {
	// ID is the message id that the queue gave.
	ID string
	// Body is the text of the message.
	Body string
	// Attributes are the message attributes of type String.
	Attributes map[string]string
	// OtherAttributes are the names of attributes of other types, in order. Attributes has the text of those that have one, but a copy of the
	// message would not be the same.
	OtherAttributes []string
	// ReceiptHandle names this delivery: it is what Delete and ChangeVisibility go by.
	ReceiptHandle string
	// ReceiveCount is how often the message was delivered, 1 at the first delivery.
	ReceiveCount int
	// SentAt is when the message was sent. Zero when it is not known.
	SentAt time.Time
	// FirstReceived is when the message was delivered for the first time. Zero when it is not known.
	FirstReceived time.Time
	// GroupID is the message group, "" when there is none.
	GroupID string
	// SourceARN is the ARN of the queue, "" when it is not known.
	SourceARN string
}

// Outgoing is one message to be sent. Body and Attributes may be reused by the caller once SendBatch returned.
type Outgoing struct {
	// ID names the entry and is unique within its batch: 1 to 80 letters, digits, - and _.
	ID string
	// Body is the text of the message in UTF-8, at least one byte.
	Body []byte
	// Attributes are at most 10, each name once.
	Attributes []Attribute
	// GroupID is the message group. A FIFO queue needs one; on a standard queue it is the tenant of a fair queue. At most 128
	// letters, digits and ASCII punctuation.
	GroupID string
	// DeduplicationID is for FIFO queues only, and each message there needs one: within 5 minutes a second message of the same
	// id is accepted and not delivered. Same form as GroupID.
	DeduplicationID string
	// Delay puts the first delivery off, at most 15 minutes. Standard queues only.
	Delay time.Duration
}

// Attribute is a message attribute of type String. Its name is at most 256 letters, digits, "-", "_" and "."; its value is not
// empty.
type Attribute struct{ Name, Value string }

// Size is what SQS counts towards the limits of a message and of a batch, in bytes: the body and, of each attribute, the name,
// the type ("String") and the value.
func (o Outgoing) Size() int { return len(o.Body) + AttributesSize(o.Attributes) }

// AttributesSize is what SQS counts for the attributes of a message, in bytes: names, types ("String") and values.
func AttributesSize(attributes []Attribute) int {
	size := 0
	for _, a := range attributes {
		size += len(a.Name) + len(attributeType) + len(a.Value)
	}
	return size
}

// Failure is one entry of a batch that was not accepted.
type Failure struct {
	// Index is the entry's place in the batch, from 0.
	Index int
	// Code and Message are the queue's own words.
	Code, Message string
	// SenderFault says that a retry of the same entry cannot succeed.
	SenderFault bool
	// Class is nil or one of the error classes of this package that apply to a single entry, ErrThrottled or ErrNoGroup, and
	// then stands above SenderFault.
	Class error
}

// Limits are what a queue takes.
type Limits struct {
	// BatchEntries is how many messages a batch has at most. 0 means 10.
	BatchEntries int
	// MessageBytes is the queue's MaximumMessageSize in bytes: the bound of a single message and of a whole batch, bodies and
	// attributes together. 0 means 262,144.
	MessageBytes int
	// FIFO says that the queue keeps the order within a message group, needs a group id and removes duplicates.
	FIFO bool
}

func (l Limits) withDefaults() Limits {
	if l.BatchEntries <= 0 {
		l.BatchEntries = MaxBatchEntries
	}
	if l.MessageBytes <= 0 {
		l.MessageBytes = DefaultMessageBytes
	}
	return l
}
