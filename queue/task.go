package queue

// Task is one message of a fan-out, as Dispatch sends it. It is a small value that can be asked more than once and always answers
// the same: a body is written each time the task is sent.
type Task interface {
	// ID is the task id. It is the deduplication id on FIFO queues.
	ID() string
	// Label names the task in reports: "111111111111" or "111111111111 us-east-1".
	Label() string
	// AppendBody appends the body, UTF-8, to dst.
	AppendBody(dst []byte) []byte
	// Attributes appends the message attributes, at most 10, to dst.
	Attributes(dst []Attribute) []Attribute
	// AccountID is the message group on FIFO queues. Where it is empty, the run id is.
	AccountID() string
	// RunID is the message group on standard queues, so that a large run does not starve a small one.
	RunID() string
}

// entry is one task on its way, through as many calls as it takes.
type entry[T Task] struct {
	task       T
	index      int  // among the tasks of the dispatch
	sends      int  // calls that it was part of
	attempts   int  // of these, calls that failed it and are counted
	throttles  int  // of these, calls that were throttled
	sentBefore int  // tasks that the queue had accepted when this one failed first
	alone      bool // to be sent in a batch of its own, to find out what is refused
}

// batch is what one call sends. Its buffers are reused.
type batch[T Task] struct {
	entries    []entry[T]
	ends       []span
	body       []byte
	attributes []Attribute
	size       int // what SQS counts
	outgoing   []Outgoing
	grouped    bool // sent with message groups
	epoch      int  // of the window when it was sent
}

// span says where an entry's parts end in the buffers of its batch, and what it counts.
type span struct{ body, attributes, size int }

// append renders e at the end of the batch and returns its size.
func (b *batch[T]) append(e entry[T]) int {
	body, attributes := len(b.body), len(b.attributes)
	b.body = e.task.AppendBody(b.body)
	b.attributes = e.task.Attributes(b.attributes)
	size := len(b.body) - body + AttributesSize(b.attributes[attributes:])
	b.entries = append(b.entries, e)
	b.ends = append(b.ends, span{len(b.body), len(b.attributes), size})
	b.size += size
	return size
}

// start is where entry i begins.
func (b *batch[T]) start(i int) span {
	if i == 0 {
		return span{}
	}
	return b.ends[i-1]
}

// moveLast moves the last entry of b to the end of other, which it does not render again.
func (b *batch[T]) moveLast(other *batch[T]) {
	last := len(b.entries) - 1
	start, end := b.start(last), b.ends[last]
	other.body = append(other.body, b.body[start.body:]...)
	other.attributes = append(other.attributes, b.attributes[start.attributes:]...)
	other.entries = append(other.entries, b.entries[last])
	other.ends = append(other.ends, span{len(other.body), len(other.attributes), end.size})
	other.size += end.size
	b.dropLast()
}

func (b *batch[T]) dropLast() {
	last := len(b.entries) - 1
	start := b.start(last)
	b.size -= b.ends[last].size
	b.body = b.body[:start.body]
	clear(b.attributes[start.attributes:])
	b.attributes = b.attributes[:start.attributes]
	clear(b.entries[last:])
	b.entries, b.ends = b.entries[:last], b.ends[:last]
}

// reset empties the batch and keeps its buffers.
func (b *batch[T]) reset() {
	clear(b.entries)
	clear(b.attributes)
	clear(b.outgoing)
	b.entries, b.ends, b.body, b.attributes, b.outgoing = b.entries[:0], b.ends[:0], b.body[:0], b.attributes[:0], b.outgoing[:0]
	b.size, b.grouped, b.epoch = 0, false, 0
}

// entryIDs are the ids of the entries of a batch.
var entryIDs = [MaxBatchEntries]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
