package main

import (
	"context"
	"hash/fnv"
	"sync"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
)

// cloud stands for AWS: what a ship of your own would ask with inv.AWSConfig(ctx). Its content follows from account and region alone.
type cloud struct {
	latency time.Duration // of each call
	failing bool          // one account throttles once, and one refuses

	mu        sync.Mutex
	throttled map[string]bool
	lengths   map[string]int
	encrypted map[string]bool
}

// The accounts that go wrong with --fail.
const (
	throttlingAccount = "100000000013"
	refusingAccount   = "100000000020"
)

// apiError is an error of the simulated AWS.
type apiError struct{ code, message string }

func (e *apiError) Error() string { return e.code + ": " + e.message }

func newCloud(latency time.Duration, failing bool) *cloud {
	return &cloud{latency: latency, failing: failing, throttled: map[string]bool{}, lengths: map[string]int{}, encrypted: map[string]bool{}}
}

// call takes the time of a call to AWS, and goes wrong where it is to.
func (c *cloud) call(ctx context.Context, account, region string) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(c.latency):
	}
	if !c.failing || region == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if account == throttlingAccount && !c.throttled[region] {
		c.throttled[region] = true
		return &apiError{"ThrottlingException", "rate exceeded"}
	}
	if account == refusingAccount && region == "us-east-1" {
		return starfleet.Permanent(&apiError{"OptInRequired", "the account is not subscribed to EC2"})
	}
	return nil
}

func (c *cloud) passwordLength(ctx context.Context, account string) (int, error) {
	if err := c.call(ctx, account, ""); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := c.lengths[account]; ok {
		return n, nil
	}
	return 8 + int(digest(account)%4)*4, nil
}

func (c *cloud) setPasswordLength(ctx context.Context, account string, n int) error {
	if err := c.call(ctx, account, ""); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lengths[account] = n
	return nil
}

func (c *cloud) encryptsVolumes(ctx context.Context, account, region string) (bool, error) {
	if err := c.call(ctx, account, region); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.encrypted[account+region] || digest(account+region)%3 != 0, nil
}

func (c *cloud) encryptVolumes(ctx context.Context, account, region string) error {
	if err := c.call(ctx, account, region); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.encrypted[account+region] = true
	return nil
}

func digest(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	return h.Sum32() >> 3
}
