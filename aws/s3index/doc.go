// Package s3index reads the account index from an object in S3, and writes it there.
//
//	source, err := s3index.New(s3index.Config{
//		AWS: cfg, Region: "us-east-1", Bucket: "starfleet-account-index", Key: "accountIndex.json",
//	})
//	...
//	index, err := source.Index(ctx)
//
// # How fresh it is
//
// The object is asked again once Config.MaxAge has passed, by its ETag, so that an index which did not change
// costs one small request and no reading. [Source.Refresh] asks at once. However many goroutines ask, one request is under way at a time.
//
// When S3 fails for a passing reason (no connection, throttling, a server error) the last good index is used on, which is logged as a
// warning each time that S3 is asked in vain, until S3 has not answered for Config.MaxStale. Everything
// else that keeps the index from being read is an error at once, so that nobody works by
// an index that was taken away: the object is missing (fs.ErrNotExist), S3 denies it (fs.ErrPermission), it is too large
// ([ErrTooLarge]) or it is no index (the faults of accountindex.Load).
//
// # Writing
//
// A [Writer] replaces the object when the new index is fit to: not older than the one in place, and without a loss of more than 10 % of the
// accounts or OUs. What is not fit is put aside, loudly, and the last good one stays.
//
// # Permissions
//
// A Writer needs [WriterIAMActions]. The reader of the index needs [IAMActions]: s3:GetObject on the object, s3:ListBucket on its bucket. An object that is encrypted with a key of
// one's own needs kms:Decrypt on that key as well.
package s3index
