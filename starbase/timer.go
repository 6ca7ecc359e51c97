package starbase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// Timer handles one timed event: it lists the templates of the ships of that frequency and queues one fan-out message for each.
// A ship that fails does not stop those after it; the error joins what failed, and names the messages that were not sent. An
// unknown name is an *EventError, and nothing is queued. When the event is delivered again, messages are sent again, with the run ids
// that they had, provided that the event has a scheduled time.
func (s *Starbase) Timer(ctx context.Context, e TimedEvent) error {
	return s.timer(ctx, e, "")
}

// timer is Timer for an event that a message brought.
func (s *Starbase) timer(ctx context.Context, e TimedEvent, messageID string) error {
	due, err := e.check()
	if err != nil {
		s.cfg.Logger.ErrorContext(ctx, "timed event refused", "error", err.Error())
		return starfleet.Permanent(err)
	}
	log := s.cfg.Logger.With("timer", string(e.Name))
	for _, fault := range s.roster.faults() {
		log.ErrorContext(ctx, "ship stopped: its templates are not queued", "ship", fault.Ship, "error", fault.Error())
	}
	ships := s.roster.due(e.Name)
	if len(ships) == 0 {
		log.InfoContext(ctx, "no ship has this frequency")
		return nil
	}
	var failed failures
	for _, ship := range ships {
		sent, err := s.queueTemplates(ctx, ship, tick(e, due, messageID))
		switch {
		case err != nil:
			log.ErrorContext(ctx, "templates not queued", "ship", ship.Name, "sent", sent, "error", err.Error())
			failed.add(fmt.Errorf("ship %s: %w", ship.Name, err))
		case sent == 0:
			log.WarnContext(ctx, "the ship has no templates", "ship", ship.Name, "template_prefix", ship.TemplatePrefix)
		default:
			log.InfoContext(ctx, "templates queued", "ship", ship.Name, "sent", sent)
		}
	}
	return failed.err()
}

// queueTemplates sends one fan-out message for each template of a ship, and returns how many were sent.
func (s *Starbase) queueTemplates(ctx context.Context, ship *config.Ship, tick string) (int, error) {
	keys, err := s.templatesOf(ctx, ship)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	messages := make([]fanOutTask, len(keys))
	for i, key := range keys {
		if messages[i], err = newFanOutTask(ship.Name, key, tickRunID(tick, s.cfg.Configuration.Starfleet.TemplateBucket, ship.Name, key), s.cfg.Now()); err != nil {
			return 0, err
		}
	}
	sender, err := s.sender(ctx, s.cfg.Configuration.Starfleet.FanOutQueueURL)
	if err != nil {
		return 0, err
	}
	report, err := queue.Dispatch(ctx, sender, func(yield func(fanOutTask, error) bool) {
		for _, m := range messages {
			if !yield(m, nil) {
				return
			}
		}
	}, queue.DispatchOptions{Resolved: len(messages), Logger: s.cfg.Logger})
	return report.Sent, err
}

// templatesOf are the keys of a ship's templates. That of a ship with a single one is not looked up: whether it is there is
// found out when it is fetched.
func (s *Starbase) templatesOf(ctx context.Context, ship *config.Ship) ([]string, error) {
	prefix, exact := ship.ListPrefix()
	if exact {
		return []string{prefix}, nil
	}
	var keys []string
	for key, err := range s.cfg.Templates.List(ctx, prefix) {
		if err != nil {
			return nil, fmt.Errorf("list templates under %q: %w", prefix, err)
		}
		if s.roster.owns(ship, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// fanOutTask is a fan-out message as queue.Dispatch sends it.
type fanOutTask struct {
	id, ship, key, runID string
	body                 []byte
}

func newFanOutTask(ship, key, runID string, now time.Time) (fanOutTask, error) {
	body, err := json.Marshal(fanOutMessage{WorkerShip: ship, TemplatePrefix: key})
	if err != nil {
		return fanOutTask{}, fmt.Errorf("template key %q cannot be sent: %w", key, err)
	}
	unique := runID
	if unique == "" { // no tick may be taken for a repetition of another
		unique = now.UTC().Format(time.RFC3339Nano)
	}
	sum := sha256.Sum256([]byte(unique + "\x00" + ship + "\x00" + key))
	return fanOutTask{id: hex.EncodeToString(sum[:]), ship: ship, key: key, runID: runID, body: body}, nil
}

// ID is the deduplication id where the fan-out queue is a FIFO queue.
func (t fanOutTask) ID() string { return t.id }

// Label names ship and template.
func (t fanOutTask) Label() string { return t.ship + " " + t.key }

// AppendBody appends the message.
func (t fanOutTask) AppendBody(dst []byte) []byte { return append(dst, t.body...) }

// Attributes appends the run id, if there is one.
func (t fanOutTask) Attributes(dst []queue.Attribute) []queue.Attribute {
	if t.runID == "" {
		return dst
	}
	return append(dst, queue.Attribute{Name: starfleet.AttributeRunID, Value: t.runID})
}

// AccountID is empty: a fan-out message is no account's.
func (t fanOutTask) AccountID() string { return "" }

// RunID is the message group: the ship, so that one with many templates does not hold up the others.
func (t fanOutTask) RunID() string { return t.ship }
