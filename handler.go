package starfleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/internal/emf"
	"github.com/starfleet-go/starfleet/internal/sqsbatch"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

// Handler is a ship with its payload type erased: what serves its queue. It is a lambda.Handler. Safe for concurrent use.
type Handler struct {
	*definition
	settings *settings
	section  *config.Ship // nil without a configuration
	decode   func(*schema.Document) (any, error)
	execute  ExecuteFunc
	commit   bool
	logger   *slog.Logger
	accounts *credentials
	halts    *halt.Reader // nil: nothing is ever halted
	metrics  *emf.Writer  // nil: none
}

// NewHandler is [Run] for tests and custom mains. It fails on everything that is wired wrongly: a payload type that is no
// struct, or embeds its base by pointer, through an interface or under a json tag, or has a field of the base's JSON name,
// or a Validate of another signature; a bad name; an option with a nil value; a configuration that is at fault or has no section for the ship.
func NewHandler[P Payload](ship Ship[P], options ...Option) (*Handler, error) {
	d, err := define(ship)
	if err != nil {
		return nil, err
	}
	s, err := newSettings(options)
	if err != nil {
		return nil, fmt.Errorf("ship %s: %w", d.manifest.Name, err)
	}
	h := &Handler{definition: d, settings: s, decode: decodePayload[P]}
	if err := h.configure(); err != nil {
		return nil, fmt.Errorf("ship %s: %w", d.manifest.Name, err)
	}
	h.execute = chain(s.middleware, func(ctx context.Context, inv *Invocation[any]) error {
		typed, err := restore[P](ctx, inv)
		if err != nil {
			return err
		}
		return ship.Execute(ctx, typed)
	})
	return h, nil
}

// configure finds the ship's section, the logger, the commit gate and the source of credentials.
func (h *Handler) configure() error {
	s := h.settings
	configuration, err := chooseConfiguration(s)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if configuration != nil {
		s.configuration = configuration
		level = configuration.Starfleet.LogLevel
		if h.section, err = configuration.Ship(h.manifest.Name); err != nil {
			return err
		}
	}
	if err := s.chooseIndex(configuration); err != nil {
		return err
	}
	if err := h.checkExpressions(); err != nil {
		return err
	}
	h.logger = s.logger
	if h.logger == nil {
		h.logger = slog.New(NewLogHandler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	}
	h.commit = commitFrom(s.getenv)
	if s.commit != nil {
		h.commit = *s.commit
	}
	h.metrics = openMetrics(s)
	h.warnOfBlindGuards()
	if h.accounts, err = newCredentials(h); err != nil {
		return err
	}
	if err := s.open(configuration); err != nil {
		return err
	}
	if s.halts != nil {
		h.halts, err = halt.NewReader(s.halts, s.now)
	}
	return err
}

// decodePayload fills the ship's payload type and runs its own check.
func decodePayload[P Payload](doc *schema.Document) (any, error) {
	var payload P
	if err := understood(doc).Decode(&payload); err != nil {
		return nil, err
	}
	if err := validatePayload(&payload); err != nil {
		return nil, schema.Faults{doc.Fault(doc.Root, err.Error(), "")}
	}
	return payload, nil
}

// validatePayload calls Validate() error where the payload type has it. A panic there is a fault of the template's ship, not a crash.
func validatePayload(payload any) (err error) {
	v, ok := payload.(interface{ Validate() error })
	if !ok {
		return nil
	}
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the payload's Validate panicked: %v", value)
		}
	}()
	return v.Validate()
}

// Manifest describes the ship to a Starbase that does not link it.
func (h *Handler) Manifest() Manifest { return h.manifest }

// CheckPayload decodes a template into the ship's payload type and runs its Validate method.
// The error is schema.Faults. It does not check the payload's schema: [ParseTemplate] does.
func (h *Handler) CheckPayload(doc *schema.Document) error {
	_, err := h.decode(doc)
	return err
}

// Commit says whether the ship may write: STARFLEET_COMMIT is "true" in any case, or WithCommit says so.
func (h *Handler) Commit() bool { return h.commit }

// Invoke serves an SQS event with a partial batch response, in which a message is reported as failed unless it is done. An error is that of the
// event as a whole, and reaches Lambda by the name of its own type.
//
// A message that is to be retried is hidden for the time that its error asks for, and reported as failed. AWS does not say that Lambda's event
// source mapping leaves such a visibility alone; it is not proven on AWS. Should it not, the message comes back when the queue's own visibility timeout
// ends.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx = withRequestID(ctx)
	answer, err := h.serve(ctx, payload)
	if err != nil {
		err = fmt.Errorf("ship %s: %w", h.manifest.Name, err)
		h.logger.ErrorContext(ctx, "event failed", "error", err.Error(), "class", errorClass(err))
	}
	return answer, sqsbatch.LambdaError(ctx, err)
}

func (h *Handler) serve(ctx context.Context, payload []byte) ([]byte, error) {
	settler, err := h.settlerFor(ctx)
	if err != nil {
		return nil, err
	}
	t := h.newTally()
	defer h.sendAlerts(ctx, t)
	return sqsbatch.Serve(context.WithValue(ctx, tallyKey{}, t), payload, h.Handle, sqsbatch.Options{
		Settler: settler, Logger: h.logger, DeadlineBuffer: h.settings.deadlineBuffer, Concurrency: h.settings.concurrency,
		Settled: func(m queue.Message, err error, action queue.Action) { t.settled(h.manifest.Name, m, err, action) },
	})
}

// Handle does one task: it decodes the message, applies the guards, and executes the ship inside its middleware.
// The error steers what becomes of the message: see queue.Settle. The result was logged and observed when Handle returns.
// Where ctx has a deadline, the context of Execute ends a buffer before it (2 s, or what WithDeadlineBuffer says).
func (h *Handler) Handle(ctx context.Context, m queue.Message) error {
	begin := h.settings.now()
	result := Result{Ship: h.manifest.Name, MessageID: m.ID, RunID: m.Attributes[AttributeRunID], TaskID: m.Attributes[AttributeTaskID],
		Commit: h.commit, Attempt: max(m.ReceiveCount, 1)}
	changes, alerts := &changeLog{}, &alertLog{}
	result.Err = h.attempt(ctx, m, &result, changes, alerts)
	result.Changes, result.Alerts = changes.all(), alerts.all()
	result.Outcome = outcomeOf(result.Err, len(result.Changes))
	result.Elapsed = h.settings.now().Sub(begin)
	h.report(ctx, result)
	h.tell(ctx, m, result)
	return result.Err
}

// tell hands the result to the invocation that the task belongs to, or sends what there is to tell at once when it belongs to none.
func (h *Handler) tell(ctx context.Context, m queue.Message, r Result) {
	if watched, ok := ctx.Value(watchedKey{}).(*watched); ok {
		watched.result = r
		return
	}
	if t, ok := ctx.Value(tallyKey{}).(*tally); ok {
		t.add(r)
		return
	}
	t := h.newTally()
	t.add(r)
	t.settled(r.Ship, m, r.Err, queue.DispositionOf(r.Err).Action)
	h.sendAlerts(ctx, t)
}

// attempt runs the stations of one task in order. It fills in what it learns of the task.
// A panic, the ship's or that of a payload's own decoding, is the failure of this task alone.
func (h *Handler) attempt(ctx context.Context, m queue.Message, result *Result, changes *changeLog, alerts *alertLog) (err error) {
	defer h.recoverTo(ctx, m.ID, &err)
	if err := h.checkHalts(ctx, ""); err != nil { // first of all: what a halt holds up goes nowhere, not to the dead letters either
		return err
	}
	t, err := h.decodeTask(m)
	if err != nil {
		return err
	}
	result.Template, result.AccountID, result.Region = t.template.Name(), t.target.AccountID, t.target.Region
	if err := h.checkHalts(ctx, t.target.AccountID); err != nil {
		return err
	}
	if err := h.guard(ctx, t); err != nil {
		return err
	}
	ctx = withLogAttrs(ctx, result.attrs(0)...)
	inv := &Invocation[any]{
		Payload: t.payload, AccountID: result.AccountID, Region: result.Region, Commit: h.commit, Attempt: result.Attempt,
		MessageID: m.ID, RunID: result.RunID, TaskID: result.TaskID,
		alerts: alerts, secrets: h.settings.secrets,
		Logger: h.taskLogger(ctx), Account: t.account, Index: t.index, changes: changes, awsConfig: h.accounts.forTask(t, result.RunID),
	}
	return h.once(ctx, m, t, func() error { return h.run(ctx, inv) })
}

// taskLogger carries the attributes of the context itself, and does not leave them to the logger's handler:
// a ship may log without a context.
func (h *Handler) taskLogger(ctx context.Context) *slog.Logger {
	inner := h.logger.Handler()
	if wrapped, ok := inner.(*logHandler); ok {
		inner = wrapped.inner
	}
	attrs, _ := ctx.Value(logContextKey{}).([]slog.Attr)
	return slog.New(inner.WithAttrs(attrs))
}

// recoverTo is deferred: it makes a panic the error of the task that it came from.
func (h *Handler) recoverTo(ctx context.Context, message string, err *error) {
	if value := recover(); value != nil {
		stack := debug.Stack()
		h.logger.ErrorContext(ctx, "the task made the ship panic", "message", message, "panic", fmt.Sprint(value), "stack", string(stack))
		*err = &PanicError{Value: value, Stack: stack}
	}
}

// run executes the ship inside its middleware. An error at the deadline carries a cause that names ship, account and region, also where the
// deadline had passed before the ship began.
func (h *Handler) run(ctx context.Context, inv *Invocation[any]) (err error) {
	defer h.recoverTo(ctx, inv.MessageID, &err)
	outOfTime := fmt.Errorf("ship %s in %s ran out of time: %w", h.manifest.Name, place(inv.AccountID, inv.Region), context.DeadlineExceeded)
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-h.settings.deadlineBuffer), outOfTime)
		defer cancel()
	}
	copied := *inv
	err = h.execute(context.WithValue(ctx, taskContextKey{}, inv), &copied)
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	cause := context.Cause(ctx)
	if cause == context.DeadlineExceeded { //nolint:errorlint // the bare one: the caller's own deadline, which names no place
		cause = outOfTime
	}
	return fmt.Errorf("%w: %w", cause, err)
}

// report logs one line an attempt, measures it and tells the observer.
func (h *Handler) report(ctx context.Context, r Result) {
	attrs := append(r.attrs(7), slog.String("outcome", string(r.Outcome)), slog.Bool("commit", r.Commit), slog.Int("attempt", r.Attempt),
		slog.Int("changes", len(r.Changes)), slog.Duration("elapsed", r.Elapsed))
	level := slog.LevelInfo
	if r.Err != nil {
		attrs = append(attrs, slog.String("error", r.Err.Error()), slog.String("class", errorClass(r.Err)))
		switch r.Outcome {
		case OutcomeSkipped:
		case OutcomeHalted, OutcomeBusy:
			level = slog.LevelWarn
		default:
			level = slog.LevelError
		}
	}
	if !h.settings.unlogged {
		h.logger.LogAttrs(ctx, level, "task", attrs...)
	}
	h.measure(ctx, r)
	for _, observe := range h.settings.observers {
		observe(ctx, r)
	}
}
