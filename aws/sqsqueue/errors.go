package sqsqueue

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/starfleet-go/starfleet/queue"
)

// classify wraps an error of the SDK in the class of package queue that it belongs to. An error of none is returned as it is: of the
// call that it ended, nothing is known.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if class := classOf(err); class != nil {
		return fmt.Errorf("%w: %w", class, err)
	}
	return err
}

func classOf(err error) error {
	if class := classOfType(err); class != nil {
		return class
	}
	var answered smithy.APIError
	if errors.As(err, &answered) {
		if class, known := classOfCode(answered.ErrorCode()); known {
			return class
		}
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return classOfStatus(response.HTTPStatusCode())
	}
	return nil
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// classOfType goes by the errors that SQS declares.
func classOfType(err error) error {
	switch {
	case is[*types.RequestThrottled](err), is[*types.KmsThrottled](err), is[*types.OverLimit](err):
		return queue.ErrThrottled
	case is[*types.BatchRequestTooLong](err):
		return queue.ErrTooLong
	case is[*types.QueueDoesNotExist](err), is[*types.QueueDeletedRecently](err), is[*types.InvalidAddress](err),
		is[*types.InvalidSecurity](err), is[*types.KmsAccessDenied](err), is[*types.KmsDisabled](err), is[*types.KmsInvalidKeyUsage](err),
		is[*types.KmsInvalidState](err), is[*types.KmsNotFound](err), is[*types.KmsOptInRequired](err):
		return queue.ErrPermanent
	case is[*types.MessageNotInflight](err), is[*types.ReceiptHandleIsInvalid](err):
		return queue.ErrNotInFlight
	case is[*types.InvalidMessageContents](err), is[*types.InvalidAttributeValue](err), is[*types.InvalidAttributeName](err),
		is[*types.BatchEntryIdsNotDistinct](err), is[*types.InvalidBatchEntryId](err), is[*types.EmptyBatchRequest](err),
		is[*types.TooManyEntriesInBatchRequest](err), is[*types.UnsupportedOperation](err):
		return queue.ErrRefused
	}
	return nil
}

// classOfCode goes by the codes of errors that every service of AWS answers. known is true for codes that say that nothing is known.
func classOfCode(code string) (class error, known bool) {
	if throttled(code) {
		return queue.ErrThrottled, true
	}
	switch code {
	case "AccessDenied", "AccessDeniedException", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired":
		return queue.ErrPermanent, true
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", // new credentials may be on their way
		"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed": // the SDK sets its clock right
		return nil, true
	}
	return nil, false
}

// throttled: codes of throttling, of a whole call or of one entry of a batch.
func throttled(code string) bool {
	switch code {
	case "OverLimit", "KmsThrottled", "KMS.ThrottlingException":
		return true
	}
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok
}

// classOfStatus goes by the HTTP status, where the answer was not SQS's or of a code that is not known here.
func classOfStatus(status int) error {
	switch status {
	case http.StatusTooManyRequests:
		return queue.ErrThrottled
	case http.StatusRequestEntityTooLarge:
		return queue.ErrTooLong
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return queue.ErrPermanent
	case http.StatusRequestTimeout:
		return nil
	}
	if status >= 400 && status < 500 {
		return queue.ErrRefused
	}
	return nil
}

// invalidParameter says whether a code is SQS's for a parameter that does not go with the queue.
func invalidParameter(code string) bool {
	switch code {
	case "InvalidParameterValue", "InvalidParameterValueException", "InvalidParameterCombination":
		return true
	}
	return false
}

// errorCode is the code that the service answered, "" when it did not.
func errorCode(err error) string {
	if answered, ok := errors.AsType[smithy.APIError](err); ok {
		return answered.ErrorCode()
	}
	return ""
}
