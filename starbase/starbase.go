package starbase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/internal/emf"
	"github.com/starfleet-go/starfleet/internal/sqsbatch"
	"github.com/starfleet-go/starfleet/queue"
)

// Starbase tasks the ships of a fleet. Make one with [New]. It is safe for concurrent use.
type Starbase struct {
	cfg    Config
	roster *roster

	halts   *halt.Book  // nil without a state store
	metrics *emf.Writer // nil: none

	mu      sync.Mutex
	senders map[string]queue.Sender // by URL
}

// Invoke is the Lambda handler. It tells two events apart: a timed event by direct invocation, which [Starbase.Timer] does, and whose
// failure fails the invocation; and an SQS event with messages of the fan-out queue, which [Starbase.Handle] does one by one, and
// which is answered with a partial batch response. Whatever else comes fails the invocation, and nothing is sent.
func (s *Starbase) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	answer, err := s.invoke(ctx, payload)
	return answer, sqsbatch.LambdaError(ctx, err)
}

func (s *Starbase) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	object, err := parseObject("the event", payload)
	if err != nil {
		return nil, s.refuse(ctx, err)
	}
	if object.has("Records") {
		t, d := &tally{failed: map[string][]failed{}}, digests{}
		answer, err := sqsbatch.Serve(context.WithValue(ctx, tallyKey{}, t), payload, s.Handle, sqsbatch.Options{
			Settler: s.cfg.Settler, Logger: s.cfg.Logger, DeadlineBuffer: s.cfg.DeadlineBuffer,
			Settled: func(m queue.Message, _ error, action queue.Action) { s.settled(t, d, m, action) },
		})
		s.sendAlerts(ctx, d)
		if err != nil {
			return nil, s.refuse(ctx, err)
		}
		return answer, nil
	}
	timed, err := parseTimed(object)
	if err != nil {
		return nil, s.refuse(ctx, err)
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	if err := s.Timer(ctx, *timed); err != nil {
		return nil, err
	}
	return []byte("null"), nil
}

// limit ends the work a buffer before the function's deadline, where ctx has one.
func (s *Starbase) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-s.cfg.DeadlineBuffer),
		fmt.Errorf("the function's deadline is %s away: %w", s.cfg.DeadlineBuffer, context.DeadlineExceeded))
}

// refuse logs an event that is refused as a whole.
func (s *Starbase) refuse(ctx context.Context, err error) error {
	s.cfg.Logger.ErrorContext(ctx, "event refused", "error", err.Error())
	return fmt.Errorf("starbase: event refused: %w", err)
}

// Handle does one message of the fan-out queue: a fan-out message, a timed event, or an S3 event, which S3, SNS or EventBridge
// delivered; or one of the continuation queue. The error steers what becomes of the message (queue.DispositionOf): what no retry can cure is dead-lettered at once, with
// its reason. Work ends Config.DeadlineBuffer before the deadline of ctx.
func (s *Starbase) Handle(ctx context.Context, m queue.Message) error {
	return s.telling(ctx, m, s.handle)
}

func (s *Starbase) handle(ctx context.Context, m queue.Message) (err error) {
	defer func() {
		if value := recover(); value != nil {
			stack := debug.Stack()
			s.cfg.Logger.ErrorContext(ctx, "the message made the starbase panic",
				"message", m.ID, "panic", fmt.Sprint(value), "stack", string(stack))
			err = &starfleet.PanicError{Value: value, Stack: stack}
		}
	}()
	ctx, cancel := s.limit(ctx)
	defer cancel()
	e, err := parseBody(m.Body)
	if err != nil {
		s.cfg.Logger.ErrorContext(ctx, "message refused", "message", m.ID, "error", err.Error())
		return starfleet.Permanent(err)
	}
	switch {
	case e.fanOut != nil:
		return s.handleFanOut(ctx, m, *e.fanOut)
	case e.more != nil:
		return s.handleContinuation(ctx, m, e.more)
	case e.timed != nil:
		return s.timer(ctx, *e.timed, firstID(m))
	default:
		return s.handleS3(ctx, m, e.s3)
	}
}

// handleFanOut does one fan-out message. As in the Python Starfleet, sources and frequency of the ship are not asked again.
func (s *Starbase) handleFanOut(ctx context.Context, m queue.Message, f fanOutMessage) error {
	section, err := s.roster.find(f.WorkerShip)
	if err == nil && !s.roster.owns(section, f.TemplatePrefix) {
		err = &EventError{Problem: fmt.Sprintf("template %.200q does not belong to ship %.64s, whose TemplatePrefix is %q",
			f.TemplatePrefix, f.WorkerShip, section.TemplatePrefix)}
	}
	if err != nil {
		s.cfg.Logger.ErrorContext(ctx, "fan-out message refused",
			"message", m.ID, "ship", f.WorkerShip, "template_key", f.TemplatePrefix, "error", err.Error())
		return permanentUnlessFault(err)
	}
	runID := m.Attributes[starfleet.AttributeRunID]
	if !IsRunID(runID) {
		if runID != "" {
			s.cfg.Logger.WarnContext(ctx, "the run id of the message is not of letters, digits, - and _: its message id is used", "message", m.ID)
		}
		runID = inRunID(firstID(m))
	}
	return s.run(ctx, trigger{section: section, key: f.TemplatePrefix, runID: runID, hop: 1, attempt: m.ReceiveCount})
}

// firstID is the id of the message, or of the one that it was sent anew for, or comes back from the dead-letter queue as: the trigger is the same.
func firstID(m queue.Message) string {
	return cmp.Or(m.Attributes[queue.AttributeSourceMessageID], m.ID)
}

// handleContinuation does one more hop of a run.
func (s *Starbase) handleContinuation(ctx context.Context, m queue.Message, c *continuation) error {
	section, err := s.roster.find(c.Ship)
	switch {
	case err != nil:
	case s.cfg.State == nil:
		err = &EventError{Problem: "the continuation of a fan-out, and this Starbase has no state store"}
	case !s.roster.owns(section, c.TemplateKey):
		err = &EventError{Problem: fmt.Sprintf("template %q does not belong to ship %s, whose TemplatePrefix is %q", c.TemplateKey, c.Ship, section.TemplatePrefix)}
	}
	if err != nil {
		s.cfg.Logger.ErrorContext(ctx, "continuation refused",
			"message", m.ID, "run", c.RunID, "hop", c.Hop, "ship", c.Ship, "template_key", c.TemplateKey, "error", err.Error())
		return permanentUnlessFault(err)
	}
	return s.run(ctx, trigger{
		section: section, key: c.TemplateKey, version: c.TemplateVersion, runID: c.RunID, hop: c.Hop, attempt: m.ReceiveCount, continued: c,
	})
}

// permanentUnlessFault: a fault in the configuration can be put right while the message is retried.
func permanentUnlessFault(err error) error {
	var fault *ShipFaultError
	if errors.As(err, &fault) {
		return err
	}
	return starfleet.Permanent(err)
}

// sender is the sender of a queue. It is opened once.
func (s *Starbase) sender(ctx context.Context, url string) (queue.Sender, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sender, ok := s.senders[url]; ok {
		return sender, nil
	}
	sender, err := s.cfg.OpenQueue(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open queue %s: %w", url, err)
	}
	if sender == nil {
		return nil, fmt.Errorf("open queue %s: Config.OpenQueue returned no sender", url)
	}
	s.senders[url] = sender
	return sender, nil
}

// log is the logger of one run.
func (s *Starbase) log(t trigger) *slog.Logger {
	return s.cfg.Logger.With("run", t.runID, "ship", t.section.Name, "template_key", t.key)
}

// notAfter is when workers begin to refuse the tasks of a run that begins now, zero when they never do.
func (s *Starbase) notAfter() time.Time {
	age := s.cfg.Configuration.Fleet.TaskMaxAge
	if age <= 0 {
		return time.Time{}
	}
	return s.cfg.Now().Add(age)
}
