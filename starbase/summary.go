package starbase

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/state"
)

// RunState is what became of a run so far.
type RunState string

// The states of a run.
const (
	RunDone    RunState = "done"     // every resolved task was sent
	RunGoingOn RunState = "going-on" // the rest is sent by a later invocation
	RunStopped RunState = "stopped"  // the template was deleted or replaced: the rest is not sent
	RunHalted  RunState = "halted"   // people hold the ship up: the rest is sent later
	RunFailed  RunState = "failed"   // it is tried again, unless its message was dead-lettered
)

// RunSummary is what a state store keeps of a run, at the end of each of its hops. It is the output of `starfleet runs`.
type RunSummary struct {
	RunID           string   `json:"run"`
	State           RunState `json:"state"`
	Ship            string   `json:"ship"`
	TemplateKey     string   `json:"template"`
	TemplateName    string   `json:"templateName,omitempty"`
	TemplateVersion string   `json:"templateVersion,omitempty"`
	IndexVersion    string   `json:"indexVersion,omitempty"`
	// Begun is when the run began, Updated when this was written.
	Begun   time.Time `json:"begun"`
	Updated time.Time `json:"updated"`
	// Hops is how many invocations the run took so far.
	Hops int `json:"hops"`
	// Accounts and Resolved are what the template resolves to, in accounts and tasks.
	Accounts int `json:"accounts"`
	Resolved int `json:"resolved"`
	// Sent is how many of the tasks were sent, each counted once; NotSent is the rest.
	Sent    int `json:"sent"`
	NotSent int `json:"notSent"`
	// What follows are counts of all hops.
	Retried            int     `json:"retried"`
	Batches            int     `json:"batches"`
	Bytes              int64   `json:"bytes"`
	PossibleDuplicates int     `json:"possibleDuplicates"`
	Seconds            float64 `json:"seconds"` // of sending
	// Reason says why the run is stopped, halted or failed.
	Reason string `json:"reason,omitempty"`
	// NotSentTargets are the first 100 targets that the last hop tried in vain.
	NotSentTargets []string `json:"notSentTargets,omitempty"`
}

const (
	runsPrefix  = "runs/"
	summaryName = "/summary"
)

func summaryKey(runID string) string { return runsPrefix + runID + summaryName }

// summaryOf is the summary of a hop's report.
func (s *Starbase) summaryOf(r RunReport) RunSummary {
	sum := RunSummary{
		RunID: r.RunID, Ship: r.Ship, TemplateKey: r.TemplateKey, TemplateName: r.TemplateName, TemplateVersion: r.TemplateVersion,
		IndexVersion: r.IndexVersion, Begun: r.Begun.UTC(), Updated: s.cfg.Now().UTC(), Hops: r.Hop, Accounts: r.Accounts,
		Resolved: r.Targets, Sent: r.Done(), Retried: r.Before.Retried + r.Dispatch.Retried, Batches: r.Before.Batches + r.Dispatch.Batches,
		Bytes: r.Before.Bytes + r.Dispatch.Bytes, PossibleDuplicates: r.PossibleDuplicates(),
		Seconds: math.Round((r.Before.Elapsed+r.Dispatch.Elapsed).Seconds()*1000) / 1000, State: RunDone, Reason: r.Stopped,
	}
	sum.NotSent = sum.Resolved - sum.Sent
	var halted *starfleet.HaltedError
	switch {
	case errors.As(r.Err, &halted):
		sum.State = RunHalted
	case r.Err != nil:
		sum.State = RunFailed
	case r.Stopped != "":
		sum.State = RunStopped
	case r.GoesOn:
		sum.State = RunGoingOn
	}
	if r.Err != nil {
		sum.Reason = r.Err.Error()
	}
	if sum.State == RunFailed {
		for _, n := range r.Dispatch.NotSent {
			sum.NotSentTargets = append(sum.NotSentTargets, n.Label)
		}
	}
	return sum
}

// summarize keeps the summary. That it cannot be kept is no fault of the run.
func (s *Starbase) summarize(ctx context.Context, t trigger, r RunReport) {
	if s.cfg.State == nil || r.Repeated {
		return
	}
	data, err := json.Marshal(s.summaryOf(r), jsontext.Multiline(true))
	if err == nil {
		_, err = s.cfg.State.Put(ctx, summaryKey(r.RunID), data)
	}
	if err != nil {
		s.log(t).WarnContext(ctx, "the summary of the run could not be kept", "error", err.Error())
	}
}

// ReadRun reads the summary of a run. One that is not there is state.ErrNotFound.
func ReadRun(ctx context.Context, store state.Store, runID string) (RunSummary, error) {
	var sum RunSummary
	if !IsRunID(runID) {
		return sum, fmt.Errorf("%q is no run id: it has 1 to 128 letters, digits, - and _", runID)
	}
	entry, err := store.Get(ctx, summaryKey(runID))
	if err != nil {
		return sum, fmt.Errorf("run %s: %w", runID, err)
	}
	if err := json.Unmarshal(entry.Data, &sum); err != nil {
		return sum, fmt.Errorf("summary of run %s: %w", runID, err)
	}
	return sum, nil
}

// readsAtOnce is how many summaries are read at the same time.
const readsAtOnce = 16

// ListRuns reads the summaries of all runs that the store has, the latest first.
func ListRuns(ctx context.Context, store state.Store) ([]RunSummary, error) {
	var ids []string
	for key, err := range store.List(ctx, runsPrefix) {
		if err != nil {
			return nil, fmt.Errorf("list the runs: %w", err)
		}
		if id, ok := strings.CutSuffix(strings.TrimPrefix(key, runsPrefix), summaryName); ok {
			ids = append(ids, id)
		}
	}
	runs := make([]RunSummary, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			if runs[i], err = ReadRun(ctx, store, id); errors.Is(err, state.ErrNotFound) {
				return nil // removed meanwhile
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	runs = slices.DeleteFunc(runs, func(r RunSummary) bool { return r.RunID == "" })
	slices.SortStableFunc(runs, func(a, b RunSummary) int {
		if n := b.Begun.Compare(a.Begun); n != 0 {
			return n
		}
		return strings.Compare(a.RunID, b.RunID)
	})
	return runs, nil
}
