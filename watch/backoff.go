package watch

import (
	"math/rand/v2"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// Backoff is how long a message waits for its next delivery after it was received n times: 2^n seconds (less than 1 counts as 1), at most the
// 12 hours for which SQS hides a message. The time for which it was held already is taken off where that would pass the 12 hours.
func Backoff(n int) time.Duration {
	const last = 15 // 2^16 s is above 12 h
	if n > last {
		return queue.MaxVisibility
	}
	return time.Second << max(n, 1)
}

// JitteredBackoff is Backoff of which the upper half is left to chance, so that messages that failed together do not come back together.
func JitteredBackoff(n int) time.Duration {
	half := Backoff(n) / 2
	return half + time.Duration(rand.Float64()*float64(half))
}
