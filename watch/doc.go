// Package watch works a queue off Lambda: a loop over the ports of package queue that hands each message to a plain handler, one at a time or
// many, for as long as the messages take.
//
//	watcher, err := watch.New(watch.Config{Receiver: receiver, Handler: handle, Concurrency: 8})
//	...
//	err = watcher.Run(ctx) // until ctx ends
//
// What a handler returns steers the message, as on Lambda: nil deletes it, an error is what queue.DispositionOf makes of it, and [Reject] and
// [Later] choose the other two ways. A panic is the failure of its message alone.
//
// # Leases
//
// A message is received hidden for Config.Lease, and its lease is extended when two thirds of it are over, until the handler returns. No
// extension can land after the message was given back: the heartbeat has ended, and its last call has been answered, before anything else is
// said of the message. When the queue says that the message is no longer held, or no extension succeeds before the lease ends, the lease is
// lost and the handler's context ends with the cause [ErrLeaseLost]. SQS lets nobody hold a message for more than 12 hours; a minute before
// that the context ends with [ErrHeldTooLong].
//
// # The end
//
// When Run's context ends, nothing more is received. Running handlers get Config.Grace; after it their contexts end with [ErrStopped], and
// what does not finish is given back at once, so that another worker sees it without waiting for its lease. No message is dead-lettered for
// having been given back.
package watch
