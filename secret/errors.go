package secret

import (
	"errors"
	"fmt"
)

// ErrNotConfigured is that the program was given no source of secrets.
var ErrNotConfigured = errors.New("no secret is configured: set STARFLEET.SecretsManager in the configuration, and give the program a source of secrets")

// DeniedError is that the secret may not be read: by the caller's IAM policy, the secret's own, or that of the key that it is encrypted with.
type DeniedError struct {
	// Secret is its name or ARN.
	Secret string
	// Err is the store's answer.
	Err error
}

// Error names the secret.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("secret %s may not be read (does the role have secretsmanager:GetSecretValue on it, and kms:Decrypt on its key?): %v", e.Secret, e.Err)
}

// Unwrap is the store's answer.
func (e *DeniedError) Unwrap() error { return e.Err }

// MissingError is that there is no such secret, or that it has no such section.
type MissingError struct {
	// Secret is its name or ARN.
	Secret string
	// Section is the one that was asked for, "" when the secret itself is missing.
	Section string
	// Err is the store's answer, nil when a section is missing.
	Err error
}

// Error names the secret and the section.
func (e *MissingError) Error() string {
	if e.Section != "" {
		return fmt.Sprintf("secret %s has no section %s: add it to the secret's JSON object", e.Secret, e.Section)
	}
	return fmt.Sprintf("there is no secret %s: create it, or correct SecretId and SecretRegion: %v", e.Secret, e.Err)
}

// Unwrap is the store's answer; it may be nil.
func (e *MissingError) Unwrap() error { return e.Err }

// MalformedError is that the secret, or a section of it, is not what it has to be. It wraps nothing, since the errors of a decoder quote
// what they decode.
type MalformedError struct {
	// Secret is its name or ARN.
	Secret string
	// Section is the one at fault, "" for the whole secret.
	Section string
	// Problem says what is wrong and where, and holds no value of the secret.
	Problem string
}

// Error names the secret, the section and the problem.
func (e *MalformedError) Error() string {
	if e.Section != "" {
		return fmt.Sprintf("secret %s, section %s: %s", e.Secret, e.Section, e.Problem)
	}
	return fmt.Sprintf("secret %s: %s", e.Secret, e.Problem)
}
