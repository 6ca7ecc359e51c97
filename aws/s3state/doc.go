// Package s3state keeps Starfleet's state in an S3 bucket: it fills state.Store.
//
//	store, err := s3state.New(s3state.Config{AWS: cfg, Region: "us-east-1", Bucket: "starfleet-state", Prefix: "production"})
//
// An entry is an object, and its version the object's ETag. Conditions are S3's own: Create writes with If-None-Match: *, and
// Replace with If-Match. The bucket need not be versioned, and should not be the template bucket: whoever may write here may halt the
// fleet or say where a fan-out goes on. A lifecycle rule that expires objects under runs/ after 30 days or so keeps it small.
//
// The caller needs [IAMActions]: s3:ListBucket on the bucket, the others on its objects. Where the objects are encrypted with a key of
// one's own, kms:Decrypt and kms:GenerateDataKey on that key as well. Who only asks for halts, as workers do, needs s3:GetObject and s3:ListBucket.
package s3state
