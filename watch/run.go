package watch

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/queue"
)

// run is one call of Run.
type run struct {
	watcher *Watcher
	jobs    context.Context // of all jobs
	cancel  context.CancelCauseFunc
	slots   chan struct{} // a token for each job that may begin
	gather  chan struct{} // one token: whoever has it takes slots
	hand    chan *job     // to goroutines that have nothing to do
	over    chan struct{} // closed when no job begins any more
	// settling has a token of each job that has ended and given its slot on before its message was settled. As many may as there are slots: where
	// settling hangs, nothing more begins.
	settling chan struct{}

	mu      sync.Mutex
	running map[*job]bool
	taken   int       // messages that were received and have not ended
	settled time.Time // when one of them ended last
	pollers int
	asked   bool          // the queue has answered once
	polled  bool          // a message came once
	fifo    bool          // as far as is known
	idle    chan struct{} // closed when nothing is received any more, and no message is left
}

// Run works the queue until ctx ends, or as Config.UntilEmpty and Config.Once say, and returns when no message is held any more.
//
// It fails when the first call says that the queue is missing or access to it is denied, and, with an *AbandonedError, when handlers did not
// return. A queue that fails later is asked again, with pauses of up to 30 s, with Config.UntilEmpty not for ever.
func (w *Watcher) Run(ctx context.Context) error {
	jobs, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	r := &run{
		watcher: w, jobs: jobs, cancel: cancel, slots: tokens(w.cfg.Concurrency), settling: make(chan struct{}, min(w.cfg.Concurrency, maxConcurrency-w.cfg.Concurrency)),
		gather: tokens(1), hand: make(chan *job), over: make(chan struct{}), running: map[*job]bool{}, pollers: 1, fifo: w.cfg.FIFO, idle: make(chan struct{}),
	}
	err := r.poll(ctx)
	close(r.over)
	w.cfg.Observe(Event{Kind: Stopping, Time: time.Now()})
	if abandoned := r.finish(ctx); err == nil && abandoned != nil {
		return abandoned
	}
	return err
}

// tokens is a channel with n tokens in it.
func tokens(n int) chan struct{} {
	c := make(chan struct{}, n)
	for range n {
		c <- struct{}{}
	}
	return c
}

// finish waits for the jobs that run: for as long as they take, and once ctx has ended for the grace.
func (r *run) finish(ctx context.Context) error {
	select {
	case <-r.idle:
		return nil
	case <-ctx.Done():
	}
	r.watcher.cfg.Logger.InfoContext(ctx, "stopping: running jobs have a grace to finish", "jobs", r.count(), "grace", max(r.watcher.cfg.Grace, 0))
	if r.idleWithin(r.watcher.cfg.Grace) {
		return nil
	}
	r.watcher.cfg.Logger.WarnContext(ctx, "the grace is over: jobs are ended and their messages given back", "jobs", r.count())
	r.cancel(ErrStopped)
	if r.idleWithin(r.watcher.cfg.CancelGrace) {
		return nil
	}
	return r.abandon()
}

func (r *run) idleWithin(d time.Duration) bool {
	if d <= 0 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.idle:
		return true
	case <-timer.C:
		return false
	}
}

// abandon gives the messages back whose handlers did not return.
func (r *run) abandon() error {
	r.mu.Lock()
	left := make([]*job, 0, len(r.running))
	for j := range r.running {
		left = append(left, j)
	}
	r.mu.Unlock()
	var (
		group     sync.WaitGroup
		abandoned AbandonedError
	)
	for _, j := range left {
		if !j.spoken.CompareAndSwap(false, true) {
			continue // it is being settled
		}
		abandoned.Messages = append(abandoned.Messages, j.message.ID)
		group.Go(func() {
			r.watcher.abandon(context.WithoutCancel(r.jobs), j)
			j.release()
		})
	}
	group.Wait()
	<-r.idle // of what is being settled: those calls end by themselves
	if len(abandoned.Messages) == 0 {
		return nil
	}
	slices.Sort(abandoned.Messages)
	return &abandoned
}

// abandon gives the message of a job back that did not end, unless it is no longer this worker's to give.
func (w *Watcher) abandon(ctx context.Context, j *job) {
	lost := j.lease.end()
	ctx, cancel := context.WithTimeout(ctx, callTime) // from now on: the lease may have taken its time
	defer cancel()
	result := Result{Outcome: GivenBack, Err: ErrStopped, Action: queue.Retry}
	if lost != nil {
		result.Outcome, result.Err = Lost, lost
		w.cfg.Logger.ErrorContext(ctx, "the job did not end, and its message is no longer held: it is not given back", "message", j.message.ID, "error", lost.Error())
	} else {
		var done bool
		if done, result.Settle = w.giveBack(ctx, j.message); done {
			w.remove(ctx, j.message, &result)
		}
	}
	w.tell(ctx, j, result, time.Now())
}

func (r *run) add(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running[j] = true
}

func (r *run) remove(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, j)
}

func (r *run) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken
}

// change counts messages and pollers, and closes idle when both are none.
func (r *run) change(messages, pollers int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken += messages
	if messages < 0 {
		r.settled = time.Now()
	}
	r.pollers += pollers
	if r.taken == 0 && r.pollers == 0 {
		close(r.idle)
	}
}

// begin starts the job of a message, whose slot it gives back.
func (r *run) begin(m queue.Message, received time.Time) {
	r.change(1, 0)
	j := &job{message: m, received: received, free: sync.OnceFunc(func() { r.free(1) })}
	j.release = sync.OnceFunc(func() {
		j.free()
		r.change(-1, 0)
	})
	select {
	case r.hand <- j: // to a goroutine that has nothing to do: its stack has grown already
	default:
		go r.serve(j)
	}
}

// serve works on jobs, as long as there are any, until nothing is received any more.
func (r *run) serve(j *job) {
	for {
		func() {
			defer j.release()
			r.work(j)
		}()
		select {
		case j = <-r.hand:
		case <-r.over:
			return
		}
	}
}

// free gives slots back. One that a receiver took without being asked for was never there.
func (r *run) free(n int) {
	for range n {
		select {
		case r.slots <- struct{}{}:
		default:
		}
	}
}
