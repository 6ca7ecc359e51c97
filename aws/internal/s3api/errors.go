package s3api

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Error is a call to S3 that failed, in words that say what to do. It matches fs.ErrNotExist when there is no such
// object and fs.ErrPermission when S3 denied the call, and it unwraps to the SDK's error.
type Error struct {
	Bucket, Key string
	Problem     string // what is wrong, and the way out; "" when only the SDK's error can say
	Kind        error  // fs.ErrNotExist, fs.ErrPermission or nil
	Err         error
}

// Error begins with the URL of the object.
func (e *Error) Error() string {
	parts := []string{URL(e.Bucket, e.Key)}
	if e.Problem != "" {
		parts = append(parts, e.Problem)
	}
	return strings.Join(append(parts, e.Err.Error()), ": ")
}

// Unwrap is the kind, where there is one, and the SDK's error.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Err}
	}
	return []error{e.Kind, e.Err}
}

// Code is S3's code of an error, "" when the error is none of S3's.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Status is the HTTP status of the answer that an error came with, 0 when there was no answer.
func Status(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// Missing says whether an error is S3's word that there is no such object, or no such version of it. A
// bucket that does not exist is not that.
func Missing(err error) bool {
	switch Code(err) {
	case "NoSuchKey", "NoSuchVersion", "NotFound":
		return true
	case "MethodNotAllowed":
		// The version asked for is a delete marker.
		return Status(err) == http.StatusMethodNotAllowed
	}
	return false
}

// ReadDenied is the way out of a denied call for those that read.
const ReadDenied = "allow s3:GetObject on the object and s3:ListBucket on the bucket" +
	" (without the second, S3 says AccessDenied of an object that is not there), and its KMS key if it has one"

// Explain makes an *Error of what a call that reads an object, or lists a bucket, returned.
func Explain(bucket, key string, err error) error { return ExplainCall(bucket, key, ReadDenied, err) }

// ExplainCall is Explain for a call that needs other permissions: denied is the way out when S3 denied it.
func ExplainCall(bucket, key, denied string, err error) error {
	e := &Error{Bucket: bucket, Key: key, Err: err}
	switch code := Code(err); {
	case Missing(err):
		e.Kind, e.Problem = fs.ErrNotExist, "there is no such object"
	case code == "NoSuchBucket":
		e.Problem = "there is no such bucket: look at its name, and at the region"
	case Status(err) == http.StatusForbidden:
		e.Kind, e.Problem = fs.ErrPermission, "denied: "+denied
	case Status(err) == http.StatusMovedPermanently, code == "AuthorizationHeaderMalformed", code == "IllegalLocationConstraintException":
		e.Problem = wrongRegion(err)
	case code == "InvalidObjectState":
		e.Problem = "the object is archived: restore it, or upload it again"
	}
	return e
}

// wrongRegion names the region that the bucket is in, which S3 says in a header.
func wrongRegion(err error) string {
	const problem = "the bucket is in another region than the one asked: set its region"
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.Response != nil {
		if region := r.Response.Header.Get("X-Amz-Bucket-Region"); region != "" {
			return fmt.Sprintf("%s to %q", problem, region)
		}
	}
	return problem
}
