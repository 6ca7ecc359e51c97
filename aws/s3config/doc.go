// Package s3config reads a folder of configuration from S3: the files directly under a prefix, as an fs.FS in memory.
//
//	starfleet.Run(ship, starfleet.WithConfigOpener(s3config.Open))
//
// with STARFLEET_CONFIG=s3://BUCKET/PREFIX has a ship read its configuration there at start.
//
// # Permissions
//
// The caller needs [IAMActions]: s3:ListBucket on the bucket, s3:GetObject on its objects. An object that is encrypted with a key of
// one's own needs kms:Decrypt on that key as well.
package s3config
