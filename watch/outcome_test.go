package watch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
)

// kept is an error that is no fault of its message.
type kept struct{}

func (kept) Error() string { return "kept" }

func (kept) Disposition() queue.Disposition {
	return queue.Disposition{Action: queue.Retry, Keep: true}
}

// TestOutcomeOfSeveralErrors: what is told of a job agrees with what becomes of its message, also where its errors disagree.
func TestOutcomeOfSeveralErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err     error
		outcome watch.Outcome
		left    int
		says    string // in the log
	}{
		{fmt.Errorf("wrapped: %w", watch.Reject(errJob)), watch.Rejected, 0, "message rejected"},
		{errors.Join(watch.Reject(errJob), watch.Reject(nil)), watch.Rejected, 0, "message rejected"},
		{errors.Join(watch.Reject(errJob), errors.New("other")), watch.Failed, 1, "message will be retried"},
		{errors.Join(watch.Reject(errJob), watch.Later(errJob)), watch.Failed, 1, "message will be retried"},
		{fmt.Errorf("wrapped: %w", watch.Later(errJob)), watch.Returned, 1, ""},
		{errors.Join(nil, watch.Later(errJob), fmt.Errorf("wrapped: %w", watch.Later(nil))), watch.Returned, 1, ""},
		{errors.Join(watch.Later(errJob), errors.New("other")), watch.Failed, 1, "message will be retried"},
		{fmt.Errorf("%w: %w", watch.ErrLimit, watch.Later(errJob)), watch.Failed, 1, "message will be retried"},
		{kept{}, watch.Returned, 1, "message will be retried"},
	} {
		synctest.Test(t, func(t *testing.T) {
			m, o := memory(t, queue.MemoryConfig{}), &observed{}
			send(t, m, "x")
			logger, log := logged()
			w := newWatcher(t, watch.Config{Receiver: m, Once: true, Observe: o.observe, Logger: logger, Handler: func(context.Context, queue.Message) error { return test.err }})
			if err := w.Run(t.Context()); err != nil {
				t.Error(err)
			}
			same(t, test.err.Error(), []string{"x: " + string(test.outcome)}, o.results())
			same(t, test.err.Error()+": left", test.left, m.Len())
			if text := log.String(); test.says == "" && text != "" || !strings.Contains(text, test.says) {
				t.Errorf("%v: log %q, want %q", test.err, text, test.says)
			}
		})
	}
}

// TestUntilEmptyOfABrokenQueue: a queue that does not say whether it is empty ends Run with its error: at once where no other try can end
// otherwise, else after ten in a row.
func TestUntilEmptyOfABrokenQueue(t *testing.T) {
	t.Parallel()
	gone := fmt.Errorf("%w: no such queue", queue.ErrPermanent)
	for _, test := range []struct {
		fails    []error // after a message
		failures int     // told before the end
		err      error
	}{
		{[]error{gone}, 0, gone},
		{[]error{errJob, gone}, 1, gone},
		{repeated(errJob, 9), 9, nil},
		{repeated(errJob, 10), 9, errJob},
	} {
		synctest.Test(t, func(t *testing.T) {
			m, o := memory(t, queue.MemoryConfig{}), &observed{}
			send(t, m, "x")
			r := record(m)
			w := newWatcher(t, watch.Config{Receiver: r, UntilEmpty: true, Observe: o.observe, Handler: func(context.Context, queue.Message) error {
				r.fail("receive", test.fails...)
				return nil
			}})
			if err := w.Run(t.Context()); !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			same(t, "failures", test.failures, o.kinds(watch.PollFailed))
			same(t, "results", []string{"x: done"}, o.results())
		})
	}
}

func repeated(err error, n int) []error {
	all := make([]error, n)
	for i := range all {
		all[i] = err
	}
	return all
}

// manyPollers is a queue that fails pollers beside the first, which are those of a short wait.
type manyPollers struct{ *queue.Memory }

func (q manyPollers) Receive(ctx context.Context, o queue.ReceiveOptions) ([]queue.Message, error) {
	if o.Wait == time.Second {
		return nil, errJob
	}
	return q.Memory.Receive(ctx, o)
}

// TestExtraPollerFails: what fails beside the first poller is told, too.
func TestExtraPollerFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, o := memory(t, queue.MemoryConfig{}), &observed{}
		bodies := make([]string, 100)
		for i := range bodies {
			bodies[i] = fmt.Sprint(i)
		}
		send(t, m, bodies...)
		logger, log := logged()
		w := newWatcher(t, watch.Config{Receiver: manyPollers{m}, Concurrency: 50, UntilEmpty: true, Observe: o.observe, Logger: logger, Handler: done})
		if err := w.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if n := o.kinds(watch.PollFailed); n == 0 || strings.Count(log.String(), "the queue could not be asked") != n || m.Len() != 0 {
			t.Errorf("%d failures told, %d left; log:\n%s", n, m.Len(), log)
		}
	})
}
