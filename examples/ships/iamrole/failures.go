package iamrole

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/starfleet-go/starfleet"
)

// throttledRetry is how long a task waits that IAM throttled past the client's own retries. The rates are those of the account alone.
const throttledRetry = time.Minute

// PartialError says how far a task came: which steps were done, which one failed, and which were not begun. What was done stays; another attempt
// reads the role anew and does the rest.
type PartialError struct {
	Role, AccountID string
	Done            []string
	Failed          string
	Left            []string
	// Err is what IAM said.
	Err error
}

// Error names all steps.
func (e *PartialError) Error() string {
	list := func(steps []string) string {
		if len(steps) == 0 {
			return "nothing"
		}
		return strings.Join(steps, "; ")
	}
	return fmt.Sprintf("role %s in account %s: %s: %v (done: %s; not begun: %s)", e.Role, e.AccountID, e.Failed, e.Err, list(e.Done), list(e.Left))
}

// Unwrap is what IAM said.
func (e *PartialError) Unwrap() error { return e.Err }

// NotOwnedError says that a template deletes a role which the ship never wrote. No retry cures it.
type NotOwnedError struct{ Role, AccountID string }

// Error says what to do.
func (e *NotOwnedError) Error() string {
	return fmt.Sprintf("role %s in account %s is not deleted: it does not carry the tag %s=%s, which the ship gives to every role that it writes; "+
		"give it the tag by hand if it is to go", e.Role, e.AccountID, OwnershipTag, Name)
}

// ImmutableError says that a template wants what IAM cannot change: the path of a role, or the case of its name. The ship does not delete a role to make
// it anew. No retry cures it.
type ImmutableError struct {
	Role, AccountID string
	// Property is "path" or "name", Is what the role has, Wanted what the template says.
	Property, Is, Wanted string
}

// Error says what to do.
func (e *ImmutableError) Error() string {
	return fmt.Sprintf("role %s in account %s: the %s is %q and the template says %q, which IAM cannot change, and the ship makes no role anew: "+
		"write what it is, or delete the role first", e.Role, e.AccountID, e.Property, e.Is, e.Wanted)
}

// TemplateError says that the template cannot be used in an account, with all that is wrong. It is permanent, unless it is for what the account
// index lacks.
type TemplateError struct {
	AccountID string
	Err       error
}

// Error names the account.
func (e *TemplateError) Error() string {
	return fmt.Sprintf("the template in account %s: %v", e.AccountID, e.Err)
}

// Unwrap is what is wrong.
func (e *TemplateError) Unwrap() error { return e.Err }

// settle says what becomes of the task after an error.
func settle(err error) error {
	var (
		api        smithy.APIError
		notOwned   *NotOwnedError
		immutable  *ImmutableError
		unchanging *types.UnmodifiableEntityException
		invalid    *types.InvalidInputException
	)
	switch {
	case errors.As(err, &notOwned), errors.As(err, &immutable), errors.As(err, &unchanging), errors.As(err, &invalid):
		return starfleet.Permanent(err)
	case errors.As(err, &api) && isThrottle(api.ErrorCode()):
		return starfleet.RetryAfter(throttledRetry, err)
	}
	return err
}

// isThrottle uses the SDK's own table of throttling codes.
func isThrottle(code string) bool {
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok
}
