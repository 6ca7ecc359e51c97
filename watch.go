package starfleet

import (
	"cmp"
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/internal/shipcli"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
	"github.com/starfleet-go/starfleet/watch/monitor"
)

// alertsEvery is how often a ship that watches its queue sends what there is to tell: what an invocation is on Lambda.
const alertsEvery = time.Minute

// watchQueue works the ship's queue off Lambda, through the same handler as on it.
func watchQueue[P Payload](ctx context.Context, ship Ship[P], request shipcli.WatchRequest, options []Option) error {
	options = append(options, func(s *settings) error {
		s.configPath, s.indexFile = cmp.Or(request.Config, s.configPath), cmp.Or(request.Index, s.indexFile)
		if request.Commit {
			s.commit = &request.Commit
		}
		return nil
	})
	handler, err := NewHandler(ship, options...)
	if err != nil {
		return err
	}
	queueURL, err := handler.queueURL(request.QueueURL)
	if err != nil {
		return err
	}
	base, err := handler.accounts.own(ctx)
	if err != nil {
		return err
	}
	receiver, err := sqsqueue.NewReceiver(sqsqueue.NewClient(base, 0), queueURL)
	if err != nil {
		return err
	}
	observer, err := monitor.New(monitor.Config{
		Ship: handler.manifest.Name, Fleet: handler.fleetName(), Concurrency: request.Concurrency, Metrics: request.Metrics,
		Listen: request.Listen, Logger: handler.logger,
	})
	if err != nil {
		return &shipcli.UsageError{Problem: "--listen: " + strings.TrimPrefix(err.Error(), "monitor: ")}
	}
	if !handler.commit {
		request.Note("dry run: nothing is written; --commit writes")
	}
	alerts := newWatchAlerts(handler)
	watcher, err := request.Apply(watch.Config{
		Receiver: receiver, Handler: alerts.handle, FIFO: strings.HasSuffix(queueURL, ".fifo"), Logger: handler.logger, Backoff: shipBackoff,
		Observe: func(e watch.Event) {
			observer.Observe(e)
			alerts.observe(e)
		},
	})
	if err != nil {
		return err
	}
	beside, finish := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() { observer.Run(beside) })
	group.Go(func() { alerts.run(beside) })
	defer group.Wait()
	defer finish()
	return watcher.Run(ctx)
}

// shipBackoff is how long a task waits on Lambda, too.
func shipBackoff(receives int) time.Duration { return queue.Backoff(receives, rand.Float64()) }

// queueURL is the queue of the flag, or of the configuration.
func (h *Handler) queueURL(flag string) (string, error) {
	if flag != "" {
		if err := sqsqueue.CheckURL(flag); err != nil {
			return "", &shipcli.UsageError{Problem: "--queue-url: " + strings.TrimPrefix(err.Error(), "sqsqueue: ")}
		}
		return flag, nil
	}
	if h.section == nil || h.section.InvocationQueueURL == "" {
		return "", &shipcli.UsageError{Problem: "which queue?", Hint: "name it with --queue-url URL, or a configuration that has the ship with --config DIR"}
	}
	return h.section.InvocationQueueURL, nil
}

// fleetName is the dimension Fleet of metrics, as the Starbase has it.
func (h *Handler) fleetName() string {
	if c := h.settings.configuration; c != nil {
		return c.Starfleet.TemplateBucket
	}
	return ""
}

// watched is what Handle leaves of a task for whoever settles it.
type watched struct{ result Result }

type watchedKey struct{}

// watchAlerts gathers what there is to tell, and sends it once a minute.
type watchAlerts struct {
	handler *Handler

	mu      sync.Mutex
	tally   *tally
	results map[string]*watched // by receipt handle
}

func newWatchAlerts(h *Handler) *watchAlerts {
	return &watchAlerts{handler: h, tally: h.newTally(), results: map[string]*watched{}}
}

// handle is Handle, whose result is kept until the message is settled.
func (a *watchAlerts) handle(ctx context.Context, m queue.Message) error {
	w := &watched{}
	ctx = context.WithValue(ctx, watchedKey{}, w)
	if a.handler.settings.alerter != nil {
		a.mu.Lock()
		a.results[m.ReceiptHandle] = w
		a.mu.Unlock()
	}
	return a.handler.Handle(ctx, m)
}

// observe adds what came of a message.
func (a *watchAlerts) observe(e watch.Event) {
	if e.Kind != watch.Ended || a.handler.settings.alerter == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.results[e.Message.ReceiptHandle]
	delete(a.results, e.Message.ReceiptHandle)
	if e.Result.Outcome == watch.GivenBack {
		return // it was ended because the worker stops, and goes on elsewhere
	}
	action := e.Result.Action
	if action == queue.DeadLetter && e.Result.Settle != nil {
		action = queue.Retry // it was tried, and the message stays
	}
	if w != nil && w.result.MessageID != "" {
		a.tally.add(w.result)
	}
	a.tally.settled(a.handler.manifest.Name, e.Message, e.Result.Err, action)
}

// run sends until ctx ends, and then what is left.
func (a *watchAlerts) run(ctx context.Context) {
	ticker := time.NewTicker(alertsEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			a.send(ctx)
		case <-ctx.Done():
			a.send(context.WithoutCancel(ctx))
			return
		}
	}
}

func (a *watchAlerts) send(ctx context.Context) {
	a.mu.Lock()
	tally := a.tally
	a.tally = a.handler.newTally()
	a.mu.Unlock()
	a.handler.sendAlerts(ctx, tally)
}
