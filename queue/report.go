package queue

import (
	"fmt"
	"strings"
	"time"
)

// maxNamed is how many of the tasks that were not sent a Report names.
const maxNamed = 100

// Report says what Dispatch did. It always adds up: Sent + NotSentCount == Resolved.
type Report struct {
	// Resolved is DispatchOptions.Resolved, or where that is negative the number of tasks that there were.
	Resolved int
	// Sent is how many tasks the queue accepted.
	Sent int
	// Retried is how often a task was sent again, for whatever reason. One task can count more than once.
	Retried int
	// Batches is how many calls were made, failed ones too.
	Batches int
	// Bytes is the size of the tasks that were accepted, bodies and attributes, as SQS counts it.
	Bytes int64
	// PossibleDuplicates is how often a task was in a call of which nobody knows whether the queue accepted it (a cut connection,
	// a timeout, a server's fault). Such a task is sent again, and may have been sent twice.
	PossibleDuplicates int
	// Elapsed is how long it took.
	Elapsed time.Duration
	// NotSent are the first 100 tasks that were not sent, in the order in which that was found out.
	NotSent []NotSent
	// NotSentCount is how many were not sent.
	NotSentCount int
}

// NotSent is one task that was not sent, and why.
type NotSent struct{ Label, TaskID, Reason string }

// IncompleteError is returned by Dispatch when not every task was sent, or the tasks were not as many as were resolved.
type IncompleteError struct {
	// Report is the report that Dispatch returned beside the error.
	Report Report
	// First is the first failure, or what ended the dispatch.
	First error
	// Cursor says which tasks were not sent, by their place: what a later Dispatch of the same tasks has to send.
	Cursor Cursor
}

// Error says how many of how many tasks were not sent, why, and which they are, up to five by name.
func (e *IncompleteError) Error() string {
	var text strings.Builder
	if e.Report.NotSentCount == 0 {
		fmt.Fprintf(&text, "queue: all of %d tasks were sent, and yet: %v", e.Report.Resolved, e.First)
		return text.String()
	}
	fmt.Fprintf(&text, "queue: %d of %d tasks were not sent: %v", e.Report.NotSentCount, e.Report.Resolved, e.First)
	named := e.Report.NotSent[:min(len(e.Report.NotSent), 5)]
	for i, n := range named {
		separator := ", "
		if i == 0 {
			separator = " (not sent: "
		}
		text.WriteString(separator + n.Label)
	}
	if len(named) > 0 {
		if more := e.Report.NotSentCount - len(named); more > 0 {
			fmt.Fprintf(&text, " and %d more", more)
		}
		text.WriteString(")")
	}
	return text.String()
}

// Unwrap returns First.
func (e *IncompleteError) Unwrap() error { return e.First }

// TooLargeError: a task, or the largest that there can be, is bigger than a message of the queue may be.
type TooLargeError struct {
	// Label and TaskID name the task; they are empty when the upper bound of all tasks is meant.
	Label, TaskID string
	// Size and Limit are in bytes, bodies and attributes together.
	Size, Limit int
}

// Error names the task, its size and the limit.
func (e *TooLargeError) Error() string {
	if e.TaskID == "" {
		return fmt.Sprintf("tasks of up to %d bytes do not fit the queue, which takes %d: make the template smaller or raise the queue's MaximumMessageSize",
			e.Size, e.Limit)
	}
	return fmt.Sprintf("task %s is of %d bytes and does not fit the queue, which takes %d", e.Label, e.Size, e.Limit)
}

// MismatchError: the tasks are not as many as were resolved. It is a defect of the caller, and never passed over.
type MismatchError struct {
	// Resolved is DispatchOptions.Resolved.
	Resolved int
	// Rendered is how many tasks there were, as far as they were counted: the count ends one above Resolved.
	Rendered int
}

// Error says how many tasks were expected and how many there were.
func (e *MismatchError) Error() string {
	if e.Rendered > e.Resolved {
		return fmt.Sprintf("more tasks than the %d that were resolved: none beyond them was sent", e.Resolved)
	}
	return fmt.Sprintf("%d tasks were resolved but only %d rendered", e.Resolved, e.Rendered)
}

// EntryError is the queue's refusal of a single task.
type EntryError struct {
	// Label names the task.
	Label string
	// Code and Message are the queue's own words.
	Code, Message string
}

// Error names the task and quotes the queue.
func (e *EntryError) Error() string {
	return fmt.Sprintf("task %s was refused: %s: %s", e.Label, e.Code, e.Message)
}
