package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

const (
	// maxPollers is how many receive calls are in flight at most.
	maxPollers = 8
	// extraWait is the long poll of the pollers beside the first.
	extraWait = time.Second
	// gatherTime is how long a receive call waits for more jobs to end, and a delete call for more messages.
	gatherTime = 5 * time.Millisecond
	// pollGrace is how long a receive call that is under way may go on when nothing is to be received any more. Cutting it off could lose the
	// messages of its answer until their leases end; on a busy queue it is answered within that time.
	pollGrace = time.Second
	// pollTime is how long a receive call may take beyond its long poll. One that nobody answers would go on for ever.
	pollTime = 30 * time.Second
	// The pauses after receive calls that failed.
	firstPause = time.Second
	maxPause   = 30 * time.Second
	// quietTime is how long nothing has to have happened for a long poll that found nothing to be believed that the queue is empty, where jobs still ran
	// when it began: a message that was given back longer ago would have been found.
	quietTime = 500 * time.Millisecond
	// maxFailures is how many receive calls in a row may fail, over some four minutes, of a queue that is to be worked until it is empty.
	maxFailures = 10
)

// errNoAnswer is a receive call that nobody answered.
var errNoAnswer = errors.New("the queue did not answer")

// poll receives and begins jobs until ctx ends or the Config says so. It is the first poller; others join it while the queue fills their hands.
func (r *run) poll(ctx context.Context) error {
	var extra sync.WaitGroup
	defer func() {
		extra.Wait()
		r.change(0, -1)
	}()
	cfg, failures := r.watcher.cfg, 0
	for {
		n := r.acquire(ctx)
		if n == 0 {
			return nil
		}
		alone := r.alone()
		got, err := r.receive(ctx, n, cfg.Wait)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && r.hopeless(err, failures+1):
			return fmt.Errorf("watch: the queue cannot be worked: %w", err)
		case err != nil:
			failures++
			if !r.pause(ctx, failures, err) {
				return nil
			}
			continue
		}
		failures = 0
		switch {
		case cfg.Once && got > 0, cfg.UntilEmpty && got == 0 && (alone || r.quiet()) && r.alone():
			return nil
		case got == n && r.join():
			extra.Go(func() { r.pollMore(ctx) })
		}
	}
}

// pollMore is a poller beside the first. It leaves when the queue has no more, or fails.
func (r *run) pollMore(ctx context.Context) {
	defer r.change(0, -1)
	for {
		n := r.acquire(ctx)
		if n == 0 {
			return
		}
		got, err := r.receive(ctx, n, min(extraWait, r.watcher.cfg.Wait))
		if err != nil && ctx.Err() == nil {
			r.pollFailed(ctx, err, 0) // the first poller goes on asking
		}
		if got == 0 || err != nil || ctx.Err() != nil {
			return
		}
	}
}

// hopeless says whether the queue is not asked again after a call that failed: it is missing or denied from the start, or it is to be worked until it
// is empty, and will not say whether it is.
func (r *run) hopeless(err error, failures int) bool {
	permanent := errors.Is(err, queue.ErrPermanent)
	return permanent && !r.answered() || r.watcher.cfg.UntilEmpty && (permanent || failures >= maxFailures)
}

// acquire takes the slots of the next receive call: it waits for one, takes what more is free, and where that is little, because jobs hold the
// rest, waits a moment for those that end now: a call for ten messages costs little more than one for one. One poller at a time gathers, so
// that they do not share out what is little. It is 0 when ctx has ended.
func (r *run) acquire(ctx context.Context) int {
	select {
	case <-r.gather:
		defer func() { r.gather <- struct{}{} }()
	case <-ctx.Done():
		return 0
	}
	select {
	case <-r.slots:
	case <-ctx.Done():
		return 0
	}
	if ctx.Err() != nil {
		r.free(1)
		return 0
	}
	n, most := 1, r.most()
	enough := min(most, r.watcher.cfg.Concurrency/4)
	var timer *time.Timer
	for n < most {
		select {
		case <-r.slots:
			n++
			continue
		default:
		}
		if n >= enough {
			return n
		}
		if timer == nil {
			timer = time.NewTimer(gatherTime)
			defer timer.Stop()
		}
		select {
		case <-r.slots:
			n++
		case <-timer.C:
			return n
		case <-ctx.Done():
			r.free(n)
			return 0
		}
	}
	return n
}

// most is how many messages are received with one call. Of a FIFO queue it is one: those of a group begin one after the other then, and none is
// received only to be given back because the one before it failed. Until the first message came nobody knows what the queue is.
func (r *run) most() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fifo || !r.polled || r.watcher.cfg.Once {
		return 1
	}
	return queue.MaxBatchEntries
}

// receive makes one receive call and begins a job for each message, or gives the messages back when ctx has ended. Slots of messages that did
// not come are free again.
func (r *run) receive(ctx context.Context, n int, wait time.Duration) (int, error) {
	cfg := r.watcher.cfg
	call, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), wait+pollTime, errNoAnswer)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(pollGrace, cancel)
		context.AfterFunc(call, func() { timer.Stop() })
	})
	defer stop()
	messages, err := cfg.Receiver.Receive(call, queue.ReceiveOptions{Max: n, Wait: wait, Visibility: cfg.Lease})
	if err != nil && errors.Is(context.Cause(call), errNoAnswer) {
		err = fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	received := time.Now()
	r.free(n - len(messages))
	if err == nil {
		r.learn(messages)
		cfg.Observe(Event{Kind: Polled, Time: received, Messages: len(messages)})
	}
	for _, m := range messages {
		if ctx.Err() == nil {
			r.begin(m, received)
			continue
		}
		r.free(1)
		r.refuse(m)
	}
	return len(messages), err
}

// refuse gives a message back that came too late.
func (r *run) refuse(m queue.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.jobs), callTime)
	defer cancel()
	if done, err := r.watcher.giveBack(ctx, m); err == nil && done {
		r.watcher.remove(ctx, m, &Result{})
	}
}

// learn remembers that the queue answered, and what it is.
func (r *run) learn(messages []queue.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(messages) > 0 {
		r.polled = true
		r.fifo = r.fifo || ofFIFO(messages[0])
	}
	r.asked = true
}

// ofFIFO says whether a message is known to be of a FIFO queue.
func ofFIFO(m queue.Message) bool { return strings.HasSuffix(m.SourceARN, ".fifo") }

// pause waits after a receive call that failed, and says whether to go on.
func (r *run) pause(ctx context.Context, failures int, err error) bool {
	pause := maxPause
	if failures <= 5 { // 2^5 s is above 30 s
		pause = min(firstPause<<(failures-1), maxPause)
	}
	pause = pause/2 + time.Duration(rand.Float64()*float64(pause/2))
	r.pollFailed(ctx, err, pause)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// pollFailed tells of a receive call that failed.
func (r *run) pollFailed(ctx context.Context, err error, pause time.Duration) {
	cfg := r.watcher.cfg
	cfg.Logger.ErrorContext(ctx, "the queue could not be asked for messages", "error", err.Error(), "pause", pause)
	cfg.Observe(Event{Kind: PollFailed, Time: time.Now(), Err: err, Pause: pause})
}

func (r *run) answered() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// alone says whether no job runs and no other poller may bring one.
func (r *run) alone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken == 0 && r.pollers == 1
}

// quiet says whether no job has ended for a while.
func (r *run) quiet() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.settled) >= quietTime
}

// join counts another poller, where there is work for one: each may ask for ten messages.
func (r *run) join() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	most := min(maxPollers, (r.watcher.cfg.Concurrency+queue.MaxBatchEntries-1)/queue.MaxBatchEntries)
	if r.fifo {
		most = min(maxPollers, r.watcher.cfg.Concurrency)
	}
	if r.pollers >= most {
		return false
	}
	r.pollers++
	return true
}
