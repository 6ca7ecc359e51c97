package githubsync

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go"
)

// StatusError is an answer of GitHub that is none of those that were hoped for.
type StatusError struct {
	// Doing is what was asked for, in words.
	Doing string
	// Status is that of HTTP.
	Status int
	// Message is GitHub's own, cut, "" when there is none.
	Message string
	// Hint says what to do, "" when the status says enough.
	Hint string
}

// Error says what was asked, what GitHub answered and what to do.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s: GitHub answers %d", e.Doing, e.Status)
	if e.Message != "" {
		text += fmt.Sprintf(" (%s)", e.Message)
	}
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

// RateLimitError is that GitHub asks to wait. It is a throttling error to what reads those of AWS, so that the task counts as throttled.
type RateLimitError struct {
	// Doing is what was asked for, in words.
	Doing string
	// After is how long GitHub asks to wait, from when it answered.
	After time.Duration
}

var _ smithy.APIError = (*RateLimitError)(nil)

// Error says for how long.
func (e *RateLimitError) Error() string {
	return fmt.Sprintf("%s: GitHub limits the rate of requests, for another %s", e.Doing, e.After)
}

// ErrorCode is the one by which AWS throttles.
func (e *RateLimitError) ErrorCode() string { return "TooManyRequestsException" }

// ErrorMessage is Error.
func (e *RateLimitError) ErrorMessage() string { return e.Error() }

// ErrorFault is the client's: it asked too often.
func (e *RateLimitError) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

// CredentialError is that the secret has no credential for a repository, or one that is not what the template takes it for.
type CredentialError struct {
	// Name is that of the secret's entry.
	Name string
	// Problem says what is wrong with it, and holds nothing of it.
	Problem string
}

// Error names the entry.
func (e *CredentialError) Error() string {
	return fmt.Sprintf("section %s of the fleet's secret, entry %s: %s", SecretSection, e.Name, e.Problem)
}

// ErrNothingSelected is that of a repository no file is selected, where DeleteMissingFiles would delete every selected object. It is permanent, and
// nothing is deleted: a mistyped pattern, or the wrong branch, looks the same as a repository without such files.
var ErrNothingSelected = errors.New("no file of the repository is selected, and DeleteMissingFiles would empty the place: nothing is deleted; " +
	"correct IncludeRepoPaths, ExcludeRepoPaths or BranchName or, where the place is to be empty, delete its objects by hand")

// ArchiveError is an archive that is refused: it is beyond a limit, or is not what GitHub makes of a repository.
type ArchiveError struct {
	// Entry is the name at fault, "" for the archive as a whole.
	Entry string
	// Problem says what is wrong, and what to do.
	Problem string
}

// Error names the entry.
func (e *ArchiveError) Error() string {
	if e.Entry == "" {
		return "the archive is refused: " + e.Problem
	}
	return fmt.Sprintf("the archive is refused: %q %s", e.Entry, e.Problem)
}

// DeleteError is objects that S3 did not delete, though it answered the request.
type DeleteError struct {
	// Bucket has them.
	Bucket string
	// Failed are their keys with S3's reasons.
	Failed []string
}

// Error names the first ten.
func (e *DeleteError) Error() string {
	return fmt.Sprintf("%d objects of bucket %s were not deleted: %s", len(e.Failed), e.Bucket, listed(e.Failed, 10))
}
