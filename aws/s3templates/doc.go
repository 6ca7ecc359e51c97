// Package s3templates reads payload templates from S3.
//
// A [Store] is the Starbase's view of a template bucket: it lists keys, reads one version of one template, and
// says which version is the current one.
//
//	store, err := s3templates.New(s3templates.Config{AWS: cfg, Region: "us-east-1", Bucket: "starfleet-templates"})
//
// # Versions
//
// Where a bucket keeps versions, the version of a template is its version id, and an old version can be read for as long as the bucket keeps it.
// Where it does not (versioning never switched on, or suspended), the version is the ETag, without its quotes, as S3 events
// carry it; then only the current content can be read, and asking for any other is [starbase.ErrNotFound]. Read takes both forms from
// any bucket: content of another version than the one asked for is never returned.
//
// A deleted template, one behind a delete marker and one that never was are all [starbase.ErrNotFound]. A bucket
// that does not exist is not: that is a fault of the configuration.
//
// # Permissions
//
// The caller needs [IAMActions]: s3:ListBucket on the bucket, the others on its objects. An object that is encrypted with a key of
// one's own needs kms:Decrypt on that key as well.
package s3templates
