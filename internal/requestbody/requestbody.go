// Package requestbody has the bodies of AWS requests sent so that no answer is lost.
//
// net/http sends as much of a body as its length says, and then reads once more, to see that nothing follows. The bodies of smithy-go (v1.28.9 and
// before) say that they are at their end with an error when they were closed in between, if they can write themselves; and the SDK closes a body as
// soon as the head of the answer is there. A fast answer, or a slow moment of the client, is enough: net/http takes the error for one of sending, and
// closes the connection under the answer. What of the answer was not read by then is lost, with "use of closed network connection", though the
// service has done what it was asked to: messages that were received stay hidden, and a change is made a second time by the next attempt.
package requestbody

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Plain is a configuration whose clients send bodies that can only be read. All else of it stays as it is.
func Plain(cfg aws.Config) aws.Config {
	cfg.APIOptions = append(slices.Clip(cfg.APIOptions), func(stack *middleware.Stack) error {
		if _, there := stack.Deserialize.Get(plainID); there {
			return nil
		}
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc(plainID, plain), middleware.After)
	})
	return cfg
}

const plainID = "StarfleetPlainBody"

// plain is the last before the request is sent: what others do to its body is done.
func plain(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	if request, ok := in.Request.(*smithyhttp.Request); ok {
		if _, writes := request.GetStream().(io.WriterTo); writes {
			changed, err := request.SetStream(readOnly(request.GetStream()))
			if err != nil {
				return middleware.DeserializeOutput{}, middleware.Metadata{}, err
			}
			changed.ContentLength = request.ContentLength
			in.Request = changed
		}
	}
	return next.HandleDeserialize(ctx, in)
}

// readOnly hides all of a reader but that it can be read, and sought where it can be.
func readOnly(r io.Reader) io.Reader {
	if seeker, ok := r.(io.ReadSeeker); ok {
		return struct{ io.ReadSeeker }{seeker}
	}
	return struct{ io.Reader }{r}
}

// maxBody is up to which size a body is copied: the largest request of SQS, 1 MiB, with room for what JSON adds to it.
const maxBody = 2 << 20

// OneWrite is a client for many small requests. It does what Plain does, and gives net/http the body of a request in a form that it knows to be in
// memory: head and body go out with one write to the connection then, and not with two.
type OneWrite struct{ aws.HTTPClient }

// Do sends a request. The caller's body is read, and left to the caller to close.
func (c OneWrite) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.ContentLength < 1 {
		return c.HTTPClient.Do(r)
	}
	request := *r
	if r.ContentLength > maxBody {
		request.Body = struct{ io.ReadCloser }{r.Body}
		return c.HTTPClient.Do(&request)
	}
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	return c.HTTPClient.Do(&request)
}
