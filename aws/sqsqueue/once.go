package sqsqueue

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// retryPermanent is how long a permanent failure is not tried again.
const retryPermanent = time.Minute

// once keeps the first value that was got without an error. An error of class queue.ErrPermanent stands for a minute, so that a missing
// permission does not cost a call with every message.
type once[V any] struct {
	mu     sync.Mutex
	have   bool
	value  V
	failed error
	until  time.Time
}

func (o *once[V]) get(ctx context.Context, fetch func(context.Context) (V, error)) (V, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.have {
		return o.value, nil
	}
	var none V
	if o.failed != nil && time.Now().Before(o.until) {
		return none, o.failed
	}
	value, err := fetch(ctx)
	if err == nil {
		o.have, o.value, o.failed = true, value, nil
		return value, nil
	}
	if errors.Is(err, queue.ErrPermanent) {
		o.failed, o.until = err, time.Now().Add(retryPermanent)
	}
	return none, err
}
