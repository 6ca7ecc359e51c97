// Package sqsqueue fills the ports of package queue with Amazon SQS: Sender and Receiver for one queue, and Settler for messages that
// Lambda delivered, whatever queue they are from.
//
// Errors of the service are told apart by their type or code, never by their text, and wrapped in the error classes of package
// queue. SendMessageBatch is called without the SDK's retries: every retry of a fan-out is queue.Dispatch's, which counts it.
package sqsqueue
