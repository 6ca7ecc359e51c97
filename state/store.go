package state

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// What a Store answers, told apart by errors.Is.
var (
	// ErrNotFound: there is no entry of that key.
	ErrNotFound = errors.New("no such entry in the state store")
	// ErrExists: Create found an entry of that key.
	ErrExists = errors.New("the entry exists already in the state store")
	// ErrConflict: Replace found another version than the one that it was to replace, or none.
	ErrConflict = errors.New("the entry was changed in the state store")
)

// MaxKeyBytes is the longest key.
const MaxKeyBytes = 512

// Entry is one entry of a Store.
type Entry struct {
	// Key names the entry.
	Key string
	// Data is what it holds. It is the caller's own.
	Data []byte
	// Version changes whenever the entry is written with other data. It is the store's own word, and never empty.
	Version string
}

// Store keeps entries by key. A key has the form that CheckKey tells. Implementations are safe for concurrent use, by several processes
// too, and what a call wrote is seen by every call that begins after it returned. They keep no reference to the data that they are
// given. An error of another kind than those named says nothing of whether a write was made.
//
// Where an answer is lost on the way, an implementation may try again, and then take its own write for another's: Create may
// say ErrExists of what it created itself, and Replace ErrConflict. Callers look at the entry to tell.
type Store interface {
	// Get reads an entry. A missing one is ErrNotFound.
	Get(ctx context.Context, key string) (Entry, error)
	// Create writes an entry that must not be there, and returns its version. One that is there stays as it is: ErrExists. Of several at
	// once, one succeeds.
	Create(ctx context.Context, key string, data []byte) (version string, err error)
	// Replace writes an entry that must be there in this version, and returns the new one. Otherwise the entry stays as it is: ErrConflict.
	Replace(ctx context.Context, key string, data []byte, version string) (newVersion string, err error)
	// Put writes an entry whether it is there or not, and returns its version.
	Put(ctx context.Context, key string, data []byte) (version string, err error)
	// Delete removes an entry. A missing one is no error.
	Delete(ctx context.Context, key string) error
	// List yields the keys that begin with prefix, in the order of their bytes. An error is the last thing that it yields. Entries that
	// come or go meanwhile may be seen or not.
	List(ctx context.Context, prefix string) iter.Seq2[string, error]
}

// CheckKey says what is wrong with a key: keys are segments of letters, digits and - _ . = @ +, separated by "/", no segment is empty,
// "." or "..", and a key has at most MaxKeyBytes bytes.
func CheckKey(key string) error {
	if len(key) > MaxKeyBytes {
		return fmt.Errorf("state: a key of %d bytes: at most %d are allowed", len(key), MaxKeyBytes)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("state: key %q has the segment %q", key, segment)
		}
		for _, r := range segment {
			if !allowed(r) {
				return fmt.Errorf("state: key %q: only letters, digits and - _ . = @ + are allowed", key)
			}
		}
	}
	return nil
}

func allowed(r rune) bool {
	if r >= utf8.RuneSelf {
		return false
	}
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	}
	return strings.ContainsRune("-_.=@+", r)
}
