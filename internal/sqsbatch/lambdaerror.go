package sqsbatch

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/starfleet-go/starfleet/queue"
)

// LambdaError is the error of an invocation as aws-lambda-go is to get it: it would name an error by the type of its outermost wrapping, which
// says nothing, and takes the name and the text of a messages.InvokeResponse_Error as they are. The name is the class under which the error is
// logged and dead-lettered, without its package. Without the context of a Lambda invocation, err is left as it is.
func LambdaError(ctx context.Context, err error) error {
	if _, onLambda := lambdacontext.FromContext(ctx); err == nil || !onLambda {
		return err
	}
	class := queue.DispositionOf(err).Class
	return messages.InvokeResponse_Error{Message: err.Error(), Type: class[strings.LastIndexByte(class, '.')+1:]}
}
