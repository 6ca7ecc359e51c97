package queue

// firstWindow is how many batches are in flight before it is known how many the queue takes: half of the default limit, which standard
// queues take without a word, so that a run of a few seconds does not spend one of them growing.
const firstWindow = 32

// window is how many batches may be in flight: it doubles with each round of accepted calls until the queue throttles for the
// first time, is halved by throttling, and then grows by one with each round (additive increase, multiplicative decrease).
type window struct {
	size      float64
	most      int
	throttled bool // at least once
	epoch     int  // counts the reductions
}

func newWindow(most int) window { return window{size: float64(min(firstWindow, most)), most: most} }

func (w *window) limit() int { return int(w.size) }

// accept notes a call that was not throttled.
func (w *window) accept() {
	if w.throttled {
		w.size += 1 / w.size
	} else {
		w.size++
	}
	w.size = min(w.size, float64(w.most))
}

// throttle notes a throttled call of the epoch, and says whether it narrowed the window: the calls that were in flight when the
// window was narrowed say nothing new.
func (w *window) throttle(epoch int) bool {
	if epoch != w.epoch {
		return false
	}
	w.epoch++
	w.throttled = true
	w.size = max(w.size/2, 1)
	return true
}
