package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// replayFlags say where letters go, and what becomes of expired ones.
type replayFlags struct {
	To    string `placeholder:"URL" help:"The queue that the letters go to. Default: of each letter the queue that it died on, when the redrive policy of that names this dead-letter queue; where none does, when it is a ship's queue in the configuration."`
	Renew bool   `help:"Replay expired tasks, too, with a new time: those that their template still selects. Needs --config, and an index for what works by account."`
	indexFlags
}

// destinations knows where each letter goes.
type destinations struct {
	*deadQueue
	to      string            // of --to
	byPath  map[string]string // URLs, by ACCOUNT/NAME
	senders map[string]*sqsqueue.Sender
	renewer *renewer // nil without --renew
}

func (f *replayFlags) open(ctx context.Context, d *deadQueue) (*destinations, error) {
	t := &destinations{deadQueue: d, to: f.To, byPath: map[string]string{}, senders: map[string]*sqsqueue.Sender{}}
	if f.Renew {
		var err error
		if t.renewer, err = newRenewer(ctx, d, &f.indexFlags); err != nil {
			return nil, err
		}
	}
	if f.To != "" {
		if err := sqsqueue.CheckURL(f.To); err != nil {
			return nil, command.Usagef("--to: %s", strings.TrimPrefix(err.Error(), "sqsqueue: "))
		}
		if sqsqueue.QueuePath(f.To) == sqsqueue.QueuePath(d.url) {
			return nil, command.Usagef("--to is the dead-letter queue itself: name the queue that the letters are to be worked from")
		}
		return t, nil
	}
	sources, err := d.manager.Sources(ctx)
	for _, source := range sources {
		t.byPath[sqsqueue.QueuePath(source)] = source
	}
	if len(sources) == 0 {
		for path, ship := range d.ships {
			t.byPath[path] = ship.InvocationQueueURL
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case len(t.byPath) == 0 && err != nil:
		return nil, fmt.Errorf("where do the letters go? Name the queue with --to URL: %w", err)
	case len(t.byPath) == 0:
		return nil, &command.UsageError{Problem: "where do the letters go? No queue has this one as its dead-letter queue", Hint: "name the queue with --to URL"}
	case err != nil:
		d.console.Warn("the queues whose dead letters these are could not be asked for, so the configuration says where they go: %v", err)
	case len(sources) == 1:
		t.byPath[""] = sources[0] // of letters that do not say where they died
	}
	return t, nil
}

// single is the one queue that every letter goes to, "" when there may be several.
func (t *destinations) single() string {
	if t.to != "" {
		return t.to
	}
	urls := slices.Compact(slices.Sorted(maps.Values(t.byPath)))
	if len(urls) == 1 {
		return urls[0]
	}
	return ""
}

// of is where a letter goes.
func (t *destinations) of(l deadletter.Letter) (string, error) {
	if t.to != "" {
		return t.to, nil
	}
	path := ""
	if l.SourceARN != "" {
		path = sqsqueue.QueuePath(l.SourceARN)
	}
	if url, ok := t.byPath[path]; ok {
		return url, nil
	}
	if l.SourceARN == "" {
		return "", errors.New("it does not say on which queue it died, and this is the dead-letter queue of none or several: name the queue with --to URL")
	}
	return "", fmt.Errorf("it says that it died on %s, whose dead-letter queue this is not: name the queue with --to URL", l.SourceARN)
}

// verdict says how a letter is replayed, or why it is not.
func (t *destinations) verdict(ctx context.Context, l deadletter.Letter) (v deadletter.Verdict, to string, err error) {
	if to, err = t.of(l); err != nil {
		return v, "", err
	}
	v = deadletter.Verdict{Act: deadletter.Replay}
	if l.Expired(t.now()) {
		if t.renewer == nil {
			return v, "", fmt.Errorf("expired: it was to be done by %s, and workers refuse it: --renew resolves its target anew", l.NotAfter)
		}
		if v.NotAfter, err = t.renewer.renew(ctx, l, to); err != nil {
			return v, "", err
		}
	}
	v.To, err = t.sender(to)
	return v, to, err
}

func (t *destinations) sender(url string) (queue.Sender, error) {
	if known := t.senders[url]; known != nil {
		return known, nil
	}
	s, err := sqsqueue.NewSender(t.client, url)
	if err != nil {
		return nil, err
	}
	t.senders[url] = s
	return s, nil
}

// renewer says whether a task that expired is still to be done: whether its template, as its body has it, selects its target in the index
// of today, under the guards of the configuration of today.
type renewer struct {
	*deadQueue
	index *accountindex.Index // nil without one
	known map[string]renewal  // by ship and template
}

// renewal is what a template resolves to.
type renewal struct {
	plan *starbase.Plan
	err  error
}

func newRenewer(ctx context.Context, d *deadQueue, flags *indexFlags) (*renewer, error) {
	if d.workspace.configuration == nil {
		return nil, &command.UsageError{Problem: "--renew resolves targets anew, under the guards of the fleet", Hint: "name its configuration with --config DIR"}
	}
	index, err := flags.load(ctx, d.console, d.workspace.configuration)
	if err != nil {
		return nil, err
	}
	return &renewer{deadQueue: d, index: index, known: map[string]renewal{}}, nil
}

// renew is when the task expires anew.
func (r *renewer) renew(ctx context.Context, l deadletter.Letter, to string) (time.Time, error) {
	ship := r.ships[sqsqueue.QueuePath(to)]
	if ship == nil {
		return time.Time{}, fmt.Errorf("expired, and %s is no ship's queue in the configuration: its target cannot be resolved anew", to)
	}
	template, err := withoutTarget(l.Message.Body)
	if err != nil {
		return time.Time{}, fmt.Errorf("expired, and its body is no task: %w", err)
	}
	key := ship.Name + "\n" + string(template)
	known, ok := r.known[key]
	if !ok {
		known.plan, known.err = r.resolve(ctx, ship, l.Message.ID, template)
		r.known[key] = known
	}
	if known.err != nil {
		return time.Time{}, fmt.Errorf("expired, and its template does not resolve: %w", known.err)
	}
	resolution := known.plan.Resolution()
	target := accountindex.Target{AccountID: l.AccountID, Region: l.Region}
	if resolution != nil && !resolution.Contains(target) {
		return time.Time{}, fmt.Errorf("expired, and no longer selected: %s", place(l))
	}
	return r.now().Add(r.workspace.configuration.Fleet.TaskMaxAge), nil
}

// resolve does what Starbase does with the template.
func (r *renewer) resolve(ctx context.Context, ship *config.Ship, id string, template []byte) (*starbase.Plan, error) {
	own := *r.workspace
	own.flags.Ship = ship.Name
	s, err := own.subject("")
	if err != nil {
		return nil, err
	}
	parsed, err := starfleet.ParseTemplate(s.manifest, "letter "+id, template)
	if err != nil {
		return nil, err
	}
	if parsed.Strategy() != starfleet.SingleInvocation && r.index == nil {
		return nil, errNoIndex()
	}
	return starbase.Prepare(ctx, starbase.Order{
		Template: parsed, Index: r.index, Ship: s.ship, Fleet: own.configuration.Fleet, ScopeToRegions: own.configuration.Starfleet.ScopeToRegions,
	})
}

// withoutTarget is the template of a task: its body without the account and region that it was given.
func withoutTarget(body string) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errors.New("it is null")
	}
	delete(fields, "StarbaseAssignedAccount")
	delete(fields, "StarbaseAssignedRegion")
	return json.Marshal(fields)
}
