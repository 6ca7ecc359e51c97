package assume

import (
	"errors"
	"fmt"

	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

// DeniedError is the answer of STS that the role may not be assumed. Asking again is of use only after
// somebody changed a policy.
type DeniedError struct {
	Account string
	RoleARN string
	Hint    string
	Err     error // the SDK's
}

// Error names the role and says what has to be changed.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("assume: account %s: role %s may not be assumed: %s: %v", e.Account, e.RoleARN, e.Hint, e.Err)
}

// Unwrap is the SDK's error.
func (e *DeniedError) Unwrap() error { return e.Err }

// fetchError is any other failure to get a session.
type fetchError struct {
	arn, hint string
	err       error
}

func (e *fetchError) Error() string {
	if e.hint == "" {
		return fmt.Sprintf("assume: role %s: %v", e.arn, e.err)
	}
	return fmt.Sprintf("assume: role %s: %s: %v", e.arn, e.hint, e.err)
}

func (e *fetchError) Unwrap() error { return e.err }

const deniedHint = "let its trust policy name the worker's own role, and allow that one sts:AssumeRole on it" +
	" (AWS says the same of a role that does not exist, so look whether it is there, and of an external id, source identity or" +
	" session tags that the trust policy does not allow)"

// explain makes of the SDK's error one that says what to do.
func (r *roleCredentials) explain(err error) error {
	if _, off := errors.AsType[*ststypes.RegionDisabledException](err); off {
		return &fetchError{r.arn, "STS is switched off in the home region: switch it on in the account settings of IAM, or deploy to another region", err}
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return &fetchError{r.arn, "", err}
	}
	switch api.ErrorCode() {
	case "AccessDenied", "AccessDeniedException":
		return &DeniedError{Account: r.account, RoleARN: r.arn, Hint: deniedHint, Err: err}
	case "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException":
		return &fetchError{r.arn, "the worker's own credentials are expired or unknown to this partition", err}
	case "MalformedPolicyDocument", "MalformedPolicyDocumentException":
		return &fetchError{r.arn, "STS does not take the session policy: look at WorkerRoleSessionPolicy and the ARNs of session policies", err}
	case "PackedPolicyTooLarge", "PackedPolicyTooLargeException":
		return &fetchError{r.arn, "session policies and session tags are too large together: say less in them", err}
	case "SignatureDoesNotMatch":
		// AWS repeats the headers of the request in its message, and the session token is one of them:
		// neither the message nor an error that wraps it may go on.
		return &fetchError{r.arn, "the worker's own credentials are wrong, or its clock is", &smithy.GenericAPIError{
			Code: api.ErrorCode(), Message: "AWS refused the signature", Fault: api.ErrorFault(),
		}}
	}
	return &fetchError{r.arn, "", err}
}
