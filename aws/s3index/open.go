package s3index

import (
	"context"
	"fmt"
	"sync"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/internal/s3api"
	"github.com/starfleet-go/starfleet/config"
)

// Open is the index that the section StarfleetDefaultAccountIndex of a configuration names, with the checks of its section Fleet. It is nil
// where there is no such section, or where STARFLEET.AccountIndex names another. AWS is first asked, and the credentials are first looked up,
// when the index is. It fits starfleet.WithIndexFrom.
func Open(c *config.Configuration) (accountindex.Source, error) {
	if c == nil || c.DefaultIndex == nil || c.Starfleet.AccountIndex != config.DefaultAccountIndexName {
		return nil, nil
	}
	source, err := New(Config{
		Bucket: c.DefaultIndex.IndexBucket, Key: c.DefaultIndex.IndexObjectPath, Client: &ownClient{region: c.DefaultIndex.BucketRegion},
		Load: accountindex.LoadOptions{Organizations: c.Fleet.Organizations, AssumeActive: c.Fleet.AssumeActive},
	})
	if err != nil {
		return nil, err
	}
	return source, nil
}

// ownClient is a client with the program's own credentials, made when it is first needed.
type ownClient struct {
	region string

	mu     sync.Mutex
	client Client
}

// GetObject makes the client, unless there is one, and asks it.
func (c *ownClient) GetObject(ctx context.Context, in *s3.GetObjectInput, options ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	client, err := c.get(ctx)
	if err != nil {
		return nil, err
	}
	return client.GetObject(ctx, in, options...)
}

func (c *ownClient) get(ctx context.Context) (Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil {
		own, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(c.region))
		if err != nil {
			return nil, fmt.Errorf("own AWS configuration: %w", err)
		}
		c.client = s3api.NewClient(own, c.region)
	}
	return c.client, nil
}
