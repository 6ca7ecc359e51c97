package starfleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/secret"
)

// Invocation is one task as the ship sees it. Its zero value works in a plain test: Change records, AWSConfig returns an error.
type Invocation[P any] struct {
	// Payload is the template's payload, valid by its schema and its Validate method.
	Payload P
	// AccountID is the account to work in, 12 digits; "" for a ship that runs once for a template.
	AccountID string
	// Region is the region to work in; "" unless the ship works by account and region.
	Region string
	// Commit is true when the ship may write. It comes from the deployment alone, never from a message.
	Commit bool
	// Attempt counts the deliveries of this task, from 1.
	Attempt int
	// MessageID is the SQS message id.
	MessageID string
	// RunID is the fan-out that the task belongs to, TaskID its target in it; "" when the task came from a Python Starbase.
	RunID, TaskID string
	// Logger carries ship, template, account, region and run. It is nil in a zero Invocation: use Log to be safe.
	Logger *slog.Logger
	// Account is what the account index says of AccountID; nil when the ship has no index.
	Account *accountindex.Account
	// Index is the account index that Account is of, for selections of the payload's own. It is nil when the ship has no index, and for a
	// ship that runs once for a template: what depends on it must then be refused, not guessed.
	Index *accountindex.Index

	changes   *changeLog
	awsConfig func(context.Context) (aws.Config, error)
	alerts    *alertLog
	secrets   secret.Source
}

// Change is one thing that a ship changed, or would change without commit.
type Change struct {
	What    string
	Details []slog.Attr
}

type changeLog struct {
	mu   sync.Mutex
	list []Change
}

// Change records one thing that the ship changes or, without commit, would change. args are keys and values as in package slog.
// Call it before the write, so that a failed write is on record too. Safe for concurrent use, except for the very first
// call on an Invocation that a test made itself.
func (inv *Invocation[P]) Change(what string, args ...any) {
	if inv.changes == nil {
		inv.changes = &changeLog{}
	}
	change := Change{What: what, Details: argsToAttrs(args)}
	inv.changes.mu.Lock()
	inv.changes.list = append(inv.changes.list, change)
	inv.changes.mu.Unlock()
	if inv.Logger != nil {
		message := "would change"
		if inv.Commit {
			message = "change"
		}
		inv.Logger.LogAttrs(context.Background(), slog.LevelInfo, message, append([]slog.Attr{slog.String("what", what)}, change.Details...)...)
	}
}

// argsToAttrs reads key and value pairs as slog does.
func argsToAttrs(args []any) []slog.Attr {
	record := slog.Record{}
	record.Add(args...)
	attrs := make([]slog.Attr, 0, record.NumAttrs())
	record.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

// Changes are the changes recorded so far, in order.
func (inv *Invocation[P]) Changes() []Change {
	if inv.changes == nil {
		return nil
	}
	return inv.changes.all()
}

// all is a copy of the changes: a goroutine that a ship left behind may still record some.
func (l *changeLog) all() []Change {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// Log is Logger, or a logger that discards everything when there is none.
func (inv *Invocation[P]) Log() *slog.Logger {
	if inv.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return inv.Logger
}

// AWSConfig is the configuration for AWS clients that work in this task's account and region, with the credentials of the
// ship's role there (WorkerRoleToAssume of its section, or the one that the payload chooses). Clients for an ACCOUNT ship get the home region,
// and a SINGLE_INVOCATION ship its own credentials. Credentials are cached and refreshed across tasks; calling it often is cheap.
//
// Without commit the credentials may do no more than DryRunPolicies allow, and the clients refuse every operation that is not known to
// read, with a *dryrun.Error, which dead-letters the task: see package aws/dryrun for what that is, and for what escapes it.
//
// It fails when the ship has no role, and with an *assume.DeniedError when the account does not let the role in. In an account that joined
// the organization less than 24 hours ago that error is inside a [RetryAfterError]: return it as it is.
func (inv *Invocation[P]) AWSConfig(ctx context.Context) (aws.Config, error) {
	if inv.awsConfig == nil {
		return aws.Config{}, errors.New("this invocation was not made by a handler: it has no AWS credentials")
	}
	return inv.awsConfig(ctx)
}

// taskContextKey holds the invocation as it went into the middleware.
type taskContextKey struct{}

// restore gives an invocation that went through middleware, which does not know its payload type, the type back. It refuses one of
// which a middleware changed what it may not: a ship never runs elsewhere than its guards looked, or with a payload that is not its own.
func restore[P any](ctx context.Context, got *Invocation[any]) (*Invocation[P], error) {
	sent, _ := ctx.Value(taskContextKey{}).(*Invocation[any])
	if sent == nil || got.AccountID != sent.AccountID || got.Region != sent.Region || got.Commit != sent.Commit {
		return nil, &RefusedError{Guard: "middleware", Reason: "a middleware changed the target, the commit or the context of the task for " + place(got.AccountID, got.Region)}
	}
	payload, ok := got.Payload.(P)
	if !ok {
		return nil, &RefusedError{Guard: "middleware", Reason: fmt.Sprintf("a middleware made the payload a %T, the ship's is a %T", got.Payload, sent.Payload)}
	}
	return &Invocation[P]{
		Payload: payload, AccountID: got.AccountID, Region: got.Region, Commit: got.Commit, Attempt: got.Attempt,
		MessageID: got.MessageID, RunID: got.RunID, TaskID: got.TaskID, Logger: got.Logger, Account: got.Account, Index: got.Index,
		changes: got.changes, awsConfig: got.awsConfig, alerts: got.alerts, secrets: got.secrets,
	}, nil
}
