// Package queue is the way of tasks and messages: the ports through which Starfleet sends and receives them, Dispatch, which sends
// the tasks of a fan-out and proves that none was lost, Settle, which ends a message after its handler returned, and Memory, a
// queue in the process that behaves as Amazon SQS does.
//
// The package imports no AWS SDK. The adapter for Amazon SQS is package aws/sqsqueue; whatever else fills [Sender] and [Receiver]
// is held against the same behaviour by starfleettest.ExerciseQueue.
package queue
