// Package s3api is what the adapters over S3 have in common: how a client is made, and what S3's errors
// mean for a person.
package s3api
