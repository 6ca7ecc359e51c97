package s3api

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// NewClient makes a client for buckets of one region, that of cfg when region is empty. An endpoint on localhost, as local stand-ins
// of S3 have, is addressed path-style; the SDK does so itself for endpoints that are IP addresses.
func NewClient(cfg aws.Config, region string) *s3.Client {
	return s3.NewFromConfig(requestbody.Plain(cfg), func(o *s3.Options) {
		if region != "" {
			o.Region = region
		}
		if u, err := url.Parse(aws.ToString(o.BaseEndpoint)); err == nil && u.Hostname() == "localhost" {
			o.UsePathStyle = true
		}
		// Objects that were uploaded without a checksum are no news.
		o.DisableLogOutputChecksumValidationSkipped = true
	})
}

// URL is how an object, or a prefix, is named to people.
func URL(bucket, key string) string { return "s3://" + bucket + "/" + key }

// ParseURL takes s3://BUCKET/KEY apart. The key may be empty and is taken as it stands, unescaped.
func ParseURL(s string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(s, "s3://")
	if !ok {
		return "", "", fmt.Errorf("%q is no S3 URL: it has to begin with s3://", s)
	}
	bucket, key, _ = strings.Cut(rest, "/")
	if bucket == "" {
		return "", "", fmt.Errorf("%q names no bucket: write s3://BUCKET/KEY", s)
	}
	return bucket, key, nil
}
