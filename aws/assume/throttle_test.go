package assume

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bucket is a limit of so many requests a second, with as many at once.
type bucket struct {
	rate float64

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.last.IsZero() {
		b.tokens = b.rate
	} else {
		b.tokens = min(b.rate, b.tokens+now.Sub(b.last).Seconds()*b.rate)
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// TestThousandsOfWorkersStartAtOnce: 2,000 workers, each a process of its own, ask an STS that answers 200 requests a second. All get
// their credentials, not much later than that rate alone takes, and STS is not asked many times for each.
func TestThousandsOfWorkersStartAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("2,000 clients")
	}
	const workers, rate = 2000, 200
	synctest.Test(t, func(t *testing.T) {
		limit := &bucket{rate: rate}
		f := &fakeSTS{answer: func(w http.ResponseWriter, _ int) bool {
			return !limit.take() && fault(w, http.StatusBadRequest, "Throttling", "Rate exceeded")
		}}
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range workers {
			wg.Go(func() {
				p, err := New(f.config())
				if err != nil {
					t.Error(err)
					return
				}
				target := home
				target.AccountID = fmt.Sprintf("%012d", i)
				if _, err := p.Config(t.Context(), target); err != nil {
					t.Errorf("worker %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		took, calls := time.Since(begin), len(f.seen())
		t.Logf("%d workers at %d/s: %v, %d calls", workers, rate, took, calls)
		if took > 60*time.Second {
			t.Errorf("took %v, the rate alone takes %ds", took, workers/rate)
		}
		if calls > 6*workers {
			t.Errorf("%d calls for %d workers", calls, workers)
		}
	})
}
