// Package sqswire is an SQS of one queue for tests and benchmarks: a real HTTP server that speaks the JSON protocol of SQS, answers
// SendMessageBatch with the faults that it is told to make, and keeps an account of its own of what it accepted.
package sqswire
