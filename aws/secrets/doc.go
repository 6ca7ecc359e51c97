// Package secrets reads the fleet's secret from AWS Secrets Manager: a SecretString that is a JSON object of sections.
//
// A [Source] reads it when it is first asked, keeps it for a time, and reads it anew when that has passed or a value was refused
// (secret.Source). While a read fails for a passing reason the last good secret goes on being used; one that is denied or gone is not.
// Nothing of a secret is logged or part of an error.
//
// The caller needs [IAMActions] on the secret, and kms:Decrypt on its key when that is a customer's.
package secrets
