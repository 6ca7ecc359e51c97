package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// Run delivers the triggers in turn, each followed by all work that comes of it, until every queue is empty. The error is for
// what kept the fleet from working; tasks that failed are in the report. When ctx ends Run stops taking tasks, and says so.
func (f *Fleet) Run(ctx context.Context, triggers ...Trigger) (*Report, error) {
	if err := f.begin(); err != nil {
		return nil, err
	}
	var errs []error
	for _, trigger := range triggers {
		if err := trigger.deliver(ctx, f); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", trigger, err))
		}
		if err := f.drain(ctx); err != nil {
			return f.report(), errors.Join(append(errs, err)...)
		}
	}
	return f.report(), errors.Join(errs...)
}

// begin makes the Starbase, once, when all ships are known.
func (f *Fleet) begin() error {
	if f.base != nil {
		return nil
	}
	base, err := starbase.New(starbase.Config{
		Fleet: f.ships, Configuration: f.cfg.Configuration, Templates: Templates{Files: f.cfg.Templates}, Index: f.cfg.Index,
		OpenQueue: f.openQueue, Logger: f.cfg.Logger, Now: f.clock.Now, Observer: f.observeRun,
	})
	if err != nil {
		return err
	}
	f.base, f.fanOut.handle = base, base.Handle
	return nil
}

// retention is the longest that SQS keeps a message: 14 days.
const retention = 14 * 24 * time.Hour

// drain works all queues until nothing is left on them. When everything left is hidden, the clock jumps to where the first shows.
func (f *Fleet) drain(ctx context.Context) error {
	stations := append([]*station{f.fanOut}, f.stations...)
	for {
		worked := 0
		for _, s := range stations {
			n, err := f.work(ctx, s)
			if err != nil {
				return err
			}
			worked += n
		}
		if worked > 0 {
			continue
		}
		next, waiting := time.Time{}, false
		for _, s := range stations {
			if at, ok := s.queue.NextVisible(); ok && (!waiting || at.Before(next)) {
				next, waiting = at, true
			}
		}
		if !waiting {
			return nil
		}
		if next.Sub(f.cfg.Start) > retention {
			return fmt.Errorf("local: messages are still hidden %s after the start, the longest that SQS keeps one: is a ship halted?", retention)
		}
		f.clock.advance(next)
	}
}

// work takes what is visible on one queue, with the station's number of workers, and returns how many messages it handled.
func (f *Fleet) work(ctx context.Context, s *station) (int, error) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		total int
		errs  []error
	)
	for range s.workers {
		group.Go(func() {
			n, err := f.worker(ctx, s)
			mu.Lock()
			defer mu.Unlock()
			total += n
			errs = append(errs, err)
		})
	}
	group.Wait()
	return total, errors.Join(errs...)
}

func (f *Fleet) worker(ctx context.Context, s *station) (int, error) {
	for handled := 0; ; handled++ {
		if err := ctx.Err(); err != nil {
			return handled, fmt.Errorf("local: stopped with %d messages on the queue of %s: %w", s.queue.Len(), s.name, context.Cause(ctx))
		}
		messages, err := s.queue.Receive(ctx, queue.ReceiveOptions{Max: 1})
		if err != nil {
			return handled, fmt.Errorf("local: queue of %s: %w", s.name, err)
		}
		if len(messages) == 0 {
			return handled, nil
		}
		if err := f.handleOne(ctx, s, messages[0]); err != nil {
			return handled, err
		}
	}
}

func (f *Fleet) handleOne(ctx context.Context, s *station, m queue.Message) error {
	failure := s.handle(ctx, m)
	stopped := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx) // what was done is recorded even when the run ends
	if stopped && failure != nil {
		return s.queue.ChangeVisibility(ctx, m, 0) // given back: the process ends, not the task
	}
	done, outcome := queue.Settle(ctx, s.queue, m, failure, queue.SettleOptions{Logger: f.cfg.Logger, Now: f.clock.Now})
	if outcome.Err != nil {
		return fmt.Errorf("local: settle message %s of %s: %w", m.ID, s.name, outcome.Err)
	}
	if done {
		return s.queue.Delete(ctx, m)
	}
	return nil
}

// objectEventBody is an S3 event notification with one record. The key is URL-encoded, as S3 does it.
func (f *Fleet) objectEventBody(ctx context.Context, event, key string) ([]byte, error) {
	object := map[string]string{"key": url.QueryEscape(key), "sequencer": fmt.Sprintf("%016X", f.clock.Now().UnixNano())}
	if version, err := (Templates{Files: f.cfg.Templates}).Current(ctx, key); err == nil {
		object["versionId"] = version
	} else if !errors.Is(err, starbase.ErrNotFound) {
		return nil, err
	}
	record := map[string]any{
		"eventSource": "aws:s3", "eventName": event,
		"s3": map[string]any{"bucket": map[string]string{"name": f.cfg.Configuration.Starfleet.TemplateBucket}, "object": object},
	}
	return json.Marshal(map[string]any{"Records": []any{record}})
}
