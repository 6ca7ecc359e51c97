package progress

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// What a Store answers, told apart by errors.Is.
var (
	// ErrUnknownJob: there is no such job, or it was kept as long as it was to be.
	ErrUnknownJob = errors.New("there is no such job")
	// ErrExists: Create found a job of that name. It was not touched.
	ErrExists = errors.New("the job exists already")
	// ErrInvalid: a name, number or value makes no sense, such as a part that the job does not have.
	ErrInvalid = errors.New("invalid use of the progress store")
)

// Limits of every store.
const (
	// MaxTotal is the number of parts that a job has at most: ten million.
	MaxTotal = 10_000_000
	// MaxJobBytes is the length of the longest name of a job.
	MaxJobBytes = 256
	// MaxReasonBytes is how much of the reason of a failure is kept.
	MaxReasonBytes = 1 << 10
	// MaxMetadataBytes is the size of the largest metadata.
	MaxMetadataBytes = 16 << 10
)

// Completion is what became of a part, and of the job with it.
type Completion struct {
	// Already says that the part was done before. A call whose answer was lost on the way and that was tried again may say it of itself.
	Already bool
	// Complete says that all parts are done.
	Complete bool
	// Last says that this call made the job complete. Exactly one call is told so, of all that are ever made for the job.
	Last bool
}

// Status is how far a job is.
type Status struct {
	// Done is how many parts are done, of Total.
	Done  int `json:"done"`
	Total int `json:"total"`
	// Failed is the reason that Fail gave first, "" when the job did not fail.
	Failed string `json:"failed,omitempty"`
	// Metadata is the JSON object that SetMetadata stored last, nil when there is none.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// ReduceSent says that MarkReduced was called.
	ReduceSent bool `json:"reduceSent,omitempty"`
}

// Complete says whether all parts are done.
func (s Status) Complete() bool { return s.Total > 0 && s.Done == s.Total }

// Fraction is the share of the parts that are done, from 0 to 1, cut to hundredths: 0.99 of 999 of 1000, and 1 only when all are. That of
// the zero Status is 0.
func (s Status) Fraction() float64 {
	if s.Total == 0 {
		return 0
	}
	return float64(100*s.Done/s.Total) / 100
}

// Store keeps the progress of jobs. Implementations are safe for concurrent use, by several processes too, and what a call wrote is seen
// by every call that begins after it returned. All methods but Create fail with ErrUnknownJob for a job that is not there, and every
// method with ErrInvalid for arguments that make no sense, and with the cause of a context that ended. With any other error nothing is
// known of what was written; every call may be repeated.
type Store interface {
	// Create makes a job of the parts 1 to total, none of which is done. It is kept for the time keep, and unknown afterwards. A job
	// that is there stays as it is: ErrExists. Of several at once, one succeeds.
	Create(ctx context.Context, job string, total int, keep time.Duration) error

	// CompletePart says that a part is done. Parts are counted from 1; one that the job does not have is ErrInvalid and changes nothing.
	CompletePart(ctx context.Context, job string, part int) (Completion, error)

	// PartDone says whether a part is done.
	PartDone(ctx context.Context, job string, part int) (bool, error)

	// Status says how far the job is.
	Status(ctx context.Context, job string) (Status, error)

	// Fail says that the job failed, and why. The first reason stays, cut to MaxReasonBytes. Parts may still be completed.
	Fail(ctx context.Context, job, reason string) error

	// SetMetadata stores a JSON object with the job, in place of an earlier one.
	SetMetadata(ctx context.Context, job string, metadata json.RawMessage) error

	// MarkReduced says that what follows the last part was done. won is true for the first call, and for no other.
	MarkReduced(ctx context.Context, job string) (won bool, err error)
}
