package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/starfleet-go/starfleet/secret"
)

// Source is a secret of AWS Secrets Manager, cached. It is a secret.Source, safe for concurrent use. Make one with New or Open.
type Source struct {
	cfg  Config
	gate chan struct{} // held by who reads the secret or looks at what follows

	client  Client
	current *secret.Document
	readAt  time.Time // of current
	triedAt time.Time // of the last attempt, in vain or not
	lastErr error     // of the last attempt
	stale   bool      // Invalidate was called since
}

var _ secret.Source = (*Source)(nil)

// New makes a source. It fails when cfg names no secret, or no region. Nothing is read yet.
func New(cfg Config) (*Source, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Source{cfg: cfg, gate: make(chan struct{}, 1)}, nil
}

// Section decodes a section of the secret: see secret.Source. Of many that ask at once, one reads the secret, and the others wait for it.
func (s *Source) Section(ctx context.Context, name string, target any) error {
	document, err := s.document(ctx)
	if err != nil {
		return err
	}
	return document.Section(ctx, name, target)
}

// Invalidate makes the next Section read the secret anew, at the earliest MinInterval after it was last read.
func (s *Source) Invalidate() {
	s.gate <- struct{}{}
	defer func() { <-s.gate }()
	s.stale = true
}

func (s *Source) document(ctx context.Context) (*secret.Document, error) {
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	now := s.cfg.Now()
	if s.current != nil && !s.stale && now.Sub(s.readAt) < s.cfg.MaxAge {
		return s.current, nil
	}
	if s.triedAt.IsZero() || now.Sub(s.triedAt) >= s.cfg.MinInterval {
		s.read(ctx, now)
	}
	if s.current != nil {
		return s.current, nil
	}
	return nil, s.lastErr
}

// read asks Secrets Manager. A read that the caller cut short says nothing of the secret, and the next one may try at once.
func (s *Source) read(ctx context.Context, now time.Time) {
	document, err := s.fetch(ctx)
	if err != nil && ctx.Err() != nil {
		s.lastErr = fmt.Errorf("read secret %s: %w", s.cfg.SecretID, context.Cause(ctx))
		return
	}
	s.triedAt, s.lastErr = now, err
	switch {
	case err == nil:
		s.current, s.readAt, s.stale = document, now, false
	case final(err):
		s.current = nil // what was taken away is not used on
		fallthrough
	default:
		s.cfg.Logger.ErrorContext(ctx, "the secret could not be read", "secret", s.cfg.SecretID, "last_good", s.current != nil, "error", err.Error())
	}
}

// final says whether the answer is about the secret itself and not about a service that could not answer.
func final(err error) bool {
	var (
		denied    *secret.DeniedError
		missing   *secret.MissingError
		malformed *secret.MalformedError
	)
	return errors.As(err, &denied) || errors.As(err, &missing) || errors.As(err, &malformed)
}

func (s *Source) fetch(ctx context.Context) (*secret.Document, error) {
	if s.client == nil {
		client, err := s.cfg.newClient(ctx)
		if err != nil {
			return nil, err
		}
		s.client = client
	}
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(s.cfg.SecretID)})
	if err != nil {
		return nil, s.classify(err)
	}
	if out.SecretString == nil {
		return nil, &secret.MalformedError{Secret: s.cfg.SecretID, Problem: "has no SecretString, must be a JSON object of sections"}
	}
	return secret.Parse(s.cfg.SecretID, []byte(*out.SecretString))
}

// classify gives an error of Secrets Manager its type.
func (s *Source) classify(err error) error {
	var (
		notFound *types.ResourceNotFoundException
		decrypt  *types.DecryptionFailure
		invalid  *types.InvalidRequestException
		api      smithy.APIError
	)
	switch {
	case errors.As(err, &notFound), errors.As(err, &invalid): // "marked for deletion" is an invalid request
		return &secret.MissingError{Secret: s.cfg.SecretID, Err: err}
	case errors.As(err, &decrypt):
		return &secret.DeniedError{Secret: s.cfg.SecretID, Err: err}
	case errors.As(err, &api) && denials[api.ErrorCode()]:
		return &secret.DeniedError{Secret: s.cfg.SecretID, Err: err}
	}
	return fmt.Errorf("read secret %s: %w", s.cfg.SecretID, err)
}

// denials are the error codes with which AWS refuses a caller.
var denials = map[string]bool{
	"AccessDeniedException": true, "AccessDenied": true, "UnrecognizedClientException": true, "InvalidClientTokenId": true,
	"ExpiredTokenException": true, "NotAuthorized": true,
}
