package dryrun

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Config is what a Guard is made of.
type Config struct {
	// Allow are operations that pass beside those of the table, such as "logs:StartLiveTail": the prefix that the service has in IAM, or
	// its id in the SDK ("CloudWatch Logs"), and the name of the operation in the SDK. No wildcards. Default: none.
	Allow []string

	// Refused is called with every refusal, before the client's caller gets it. It may be called from several goroutines at once.
	// Default: nobody is told.
	Refused func(context.Context, *Error)
}

// Guard refuses what is not known to read. It is safe for concurrent use.
type Guard struct {
	allowed map[string]bool
	refused func(context.Context, *Error)
}

// allowForm is prefix or service id, and operation.
var allowForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 -]*:[A-Za-z][A-Za-z0-9]*$`)

// New makes a Guard. All faults of the Config are reported at once.
func New(cfg Config) (*Guard, error) {
	g := &Guard{allowed: map[string]bool{}, refused: cfg.Refused}
	var faults []error
	for _, name := range cfg.Allow {
		if !allowForm.MatchString(name) {
			faults = append(faults, fmt.Errorf("dryrun: Config.Allow: %q is no operation: write one such as logs:StartLiveTail, without wildcards", name))
		}
		g.allowed[name] = true
	}
	return g, errors.Join(faults...)
}

// Protect is a copy of a configuration whose clients are held to the operations that pass. A refused operation is an *Error, found with
// errors.As; it is not retried, and nothing of it leaves the process: no request is signed, presigned or sent.
func (g *Guard) Protect(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(stack *middleware.Stack) error {
		// Last in the step, after those in which clients of older releases say which operation it is.
		return stack.Initialize.Add(step{g}, middleware.After)
	})
	return cfg
}

// Check is nil for an operation that passes, and an *Error for one that does not.
func (g *Guard) Check(serviceID, operation string) error {
	if Reads(serviceID, operation) {
		return nil
	}
	prefix, _, known := lookUp(serviceID)
	if g.allowed[serviceID+":"+operation] || known && g.allowed[prefix+":"+operation] {
		return nil
	}
	return &Error{Service: serviceID, Operation: operation}
}

// step is the guard's part of a client.
type step struct{ guard *Guard }

// ID names the step in a client's stack.
func (step) ID() string { return "StarfleetDryRun" }

// HandleInitialize refuses, or goes on.
func (s step) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	if err := s.guard.Check(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)); err != nil {
		if refusal, ok := errors.AsType[*Error](err); ok && s.guard.refused != nil {
			s.guard.refused(ctx, refusal)
		}
		return middleware.InitializeOutput{}, middleware.Metadata{}, err
	}
	return next.HandleInitialize(ctx, in)
}
