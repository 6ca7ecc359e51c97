// Package state is where Starfleet keeps the little that has to outlive an invocation: where a fan-out stands, what became of it, and
// which ships and accounts are halted.
//
// [Store] is the port. [Memory] fills it in the process; package aws/s3state keeps the entries in an S3 bucket. Whatever else fills it is
// held against the same contract by starfleettest.ExerciseState.
package state
