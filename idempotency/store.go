package idempotency

import (
	"context"
	"errors"
	"time"
)

// State is what Begin found.
type State uint8

// The states.
const (
	// Acquired: the caller holds the key and is to do the work.
	Acquired State = iota + 1
	// Completed: the work was done before.
	Completed
	// Busy: somebody else holds the key.
	Busy
)

// String is "acquired", "completed" or "busy".
func (s State) String() string {
	switch s {
	case Acquired:
		return "acquired"
	case Completed:
		return "completed"
	case Busy:
		return "busy"
	}
	return "unknown"
}

// Claim is the answer of Begin. One that was acquired is handed back to Done or Release.
type Claim struct {
	// Key is what was asked for.
	Key string
	// State is what was found.
	State State
	// Token tells this holder of the key from earlier and later ones. Empty unless acquired.
	Token string
	// Until is when the lease ends (acquired or busy), or the store forgets that the work was done (completed).
	Until time.Time
}

// MaxKeyBytes is the length of the longest key.
const MaxKeyBytes = 512

var (
	// ErrLost is what Done and Release say to one who holds the key no longer: the lease ended, and the key was acquired anew or forgotten.
	ErrLost = errors.New("the lease ended, and the key is no longer held by this claim")
	// ErrInvalid is that a key is empty or longer than MaxKeyBytes, a lease or time to keep is not positive, or a claim was not acquired.
	ErrInvalid = errors.New("invalid use of the idempotency store")
)

// Store remembers what is being done and what was done. Implementations are safe for concurrent use, by several processes if the work is.
// Every method fails with ErrInvalid for arguments that make no sense, with the cause of a context that ended, or with an error of its own
// when the store cannot be reached; what became of the key is unknown then, and its lease ends it.
type Store interface {
	// Begin asks for a key. Of any number that ask at once exactly one acquires it, and holds it for lease at most: when nobody holds it,
	// or its lease ended, and the work was not done within the time that Done said to keep it.
	Begin(ctx context.Context, key string, lease time.Duration) (Claim, error)

	// Done says that the work of an acquired claim was done: for the time keep, Begin answers Completed. It fails with ErrLost when another
	// one acquired the key since; while nobody did, Done is accepted after the lease, too.
	Done(ctx context.Context, c Claim, keep time.Duration) error

	// Release gives an acquired key up: the next Begin acquires it. It fails with ErrLost when another one acquired the key since, or when
	// the work was said to be done, and changes nothing then.
	Release(ctx context.Context, c Claim) error
}
