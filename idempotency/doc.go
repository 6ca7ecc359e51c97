// Package idempotency is the port with which work is done once though its message comes twice, and a store in memory.
//
// Who is to do something under a key begins with [Store.Begin]. Who acquires the key does the work and says [Store.Done], or
// [Store.Release] when the work failed: then the next one to begin acquires it again, so a failure never blocks another attempt. Who
// vanishes without a word holds the key until the lease ends, and no longer.
package idempotency
