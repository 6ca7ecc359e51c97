package starfleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/internal/shipcli"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

// commandLine is the ship's own command line, where it does not run on Lambda.
func commandLine[P Payload](ctx context.Context, ship Ship[P], options []Option) int {
	d, err := define(ship)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return shipcli.Main(ctx, os.Args[1:], shipcli.StandardStreams(), os.LookupEnv, shipcli.Ship{
		Name: d.manifest.Name, Version: Version, FanOut: string(d.manifest.FanOut),
		Manifest: func() ([]byte, error) { return d.manifest.Encode() },
		Schema:   func() ([]byte, error) { return d.manifest.Schema() },
		Skeleton: func() ([]byte, error) { return d.manifest.Skeleton(d.manifest.Name + ".schema.json") },
		Validate: func(file string, data []byte) ([]string, error) { return validateTemplate[P](d, file, data) },
		Run: func(ctx context.Context, request shipcli.RunRequest) (shipcli.RunResult, error) {
			return runOnce(ctx, ship, request, options)
		},
		Watch: func(ctx context.Context, request shipcli.WatchRequest) error {
			return watchQueue(ctx, ship, request, options)
		},
	})
}

// validateTemplate is all that can be checked of a template without an index. The payload's own check counts once the rest is in order.
func validateTemplate[P Payload](d *definition, file string, data []byte) (notes []string, err error) {
	doc, err := schema.Parse(file, data)
	if err != nil {
		return nil, err
	}
	if err := checkDocument(d.manifest, d.schemas, doc, nil); err != nil {
		return nil, err
	}
	if expression := uncheckedExpression(doc); expression != "" {
		notes = append(notes, expression+" was not checked: "+accountindex.ErrNoExpressions.Error()+", or use starfleet validate")
	}
	_, err = decodePayload[P](doc)
	return notes, err
}

// uncheckedExpression is the path of an expression in the template that this program cannot check, "" when there is none.
func uncheckedExpression(doc *schema.Document) string {
	for _, key := range []string{"IncludeAccounts", "ExcludeAccounts"} {
		n := doc.Root.Get(key).Get("ByExpression")
		if n != nil && n.Kind == schema.String && errors.Is(accountindex.CheckExpression(n.Text()), accountindex.ErrNoExpressions) {
			return key + ".ByExpression"
		}
	}
	return ""
}

// runOnce does one task here and now, through the same handler as on Lambda.
func runOnce[P Payload](ctx context.Context, ship Ship[P], request shipcli.RunRequest, options []Option) (shipcli.RunResult, error) {
	var result Result
	var notes []string
	options = append(options, WithCommit(request.Commit), forCommandLine(request, &result))
	handler, err := NewHandler(ship, options...)
	if err != nil {
		return shipcli.RunResult{}, err
	}
	if handler.settings.index == nil && handler.shape.strategy != SingleInvocation {
		notes = append(notes, "no account index: only the ids that the payload itself names were checked; give one with --index FILE")
	}
	body, err := handler.taskFor(ctx, request)
	if err != nil {
		return shipcli.RunResult{Notes: notes}, err
	}
	message := queue.Message{ID: "command-line", Body: string(body), ReceiveCount: 1}
	if err := handler.applicable(ctx, message); err != nil {
		return shipcli.RunResult{Outcome: "not-applicable", AccountID: request.AccountID, Region: request.Region, Notes: notes}, err
	}
	err = handler.Handle(ctx, message)
	if err != nil && queue.DispositionOf(err).Action == queue.Acknowledge {
		notes, err = append(notes, err.Error()), nil
	}
	return shipcli.RunResult{
		Outcome: string(result.Outcome), AccountID: result.AccountID, Region: result.Region,
		Changes: changeLines(result.Changes), Notes: notes, Elapsed: result.Elapsed,
	}, err
}

// forCommandLine reads the configuration that a flag names, and keeps the log to a ship's own warnings: the command line says what came of the task.
func forCommandLine(request shipcli.RunRequest, result *Result) Option {
	return func(s *settings) error {
		s.configPath = request.Config
		s.callerCredentials = request.CallerCredentials
		s.unlogged = true
		s.byHand = true
		if s.logger == nil {
			s.logger = slog.New(NewLogHandler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
		}
		s.indexFile = request.Index
		s.observers = append(s.observers, func(_ context.Context, r Result) { *result = r })
		return nil
	}
}

// taskFor renders the task of a template for the account and region of the command line. A task's body is taken as it is. A region is known that
// the built-in table or the index has, as for the Starbase.
func (h *Handler) taskFor(ctx context.Context, request shipcli.RunRequest) ([]byte, error) {
	doc, err := schema.Parse(request.File, request.Payload)
	if err != nil {
		return nil, err
	}
	t, err := newTemplate(h.manifest, h.schemas, doc)
	if err != nil {
		return nil, err
	}
	var index *accountindex.Index
	if h.settings.index != nil && h.shape.strategy == PerAccountRegion {
		if index, err = h.settings.index.Index(ctx); err != nil {
			return nil, fmt.Errorf("account index: %w", err)
		}
	}
	if err := t.CheckRegions(index); err != nil {
		return nil, err
	}
	target := accountindex.Target{AccountID: request.AccountID, Region: request.Region}
	if a := t.base.StarbaseAssignedAccount; target.AccountID == "" && a != nil {
		target.AccountID = *a
	}
	if r := t.base.StarbaseAssignedRegion; target.Region == "" && r != nil {
		target.Region = *r
	}
	if h.shape.strategy != SingleInvocation && target.AccountID == "" {
		return nil, &shipcli.UsageError{Problem: "--account-id is missing", Hint: "this ship works in one account at a time"}
	}
	if h.shape.strategy == PerAccountRegion && target.Region == "" {
		return nil, &shipcli.UsageError{Problem: "--region is missing", Hint: "this ship works in one region of one account at a time"}
	}
	return Task{run: newRenderedRun(t, RunInfo{RunID: "command-line"}), target: target}.AppendBody(nil), nil
}

// applicable says whether the target is one of the payload's at all. For a queue that is a reason to skip, for a person it is an error.
func (h *Handler) applicable(ctx context.Context, m queue.Message) error {
	t, err := h.decodeTask(m)
	if err != nil {
		return err
	}
	return h.guard(ctx, t)
}

func changeLines(changes []Change) []string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		parts := []string{c.What}
		for _, detail := range c.Details {
			parts = append(parts, detail.String())
		}
		lines[i] = strings.Join(parts, " ")
	}
	return lines
}
