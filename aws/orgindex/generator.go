package orgindex

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
)

// parallel is how many calls of one kind are under way at most. At the default rates 10 a second are made, so that answers may take 3 seconds before they
// slow a run down.
const parallel = 32

// Generator makes indexes. It is safe for concurrent use, but runs at the same time share no rate.
type Generator struct{ cfg Config }

// New makes a Generator. It makes no call. All faults of the Config are reported at once.
func New(cfg Config) (*Generator, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Generator{cfg: cfg}, nil
}

// run is one run on its way.
type run struct {
	cfg      Config
	calls    *calls
	previous *accountindex.Index // nil when there is none
	found    *organization
	ids      []string // of all accounts, sorted

	mu       sync.Mutex
	report   Report
	readings map[string]reading
}

// reading is what was read of one account.
type reading struct {
	tags        map[string]string
	regions     []string
	regionsAsOf time.Time // zero: in this run
}

// Generate makes an index. previous, which may be nil, is the index so far: regions that can not be read in this run are taken from it.
//
// The error says that the organization could not be read whole, or is the cause of the context's end. What could not be read of single accounts is in the report.
func (g *Generator) Generate(ctx context.Context, previous *accountindex.Index) (*Result, error) {
	r := &run{
		cfg: g.cfg, calls: newCalls(g.cfg.Rates), previous: previous, readings: map[string]reading{},
		report: Report{Began: time.Now(), States: map[accountindex.State]int{}},
	}
	var err error
	if r.found, err = g.walk(ctx, r.calls); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("account index: %w", err)
	}
	r.report.Listing = time.Since(r.report.Began)
	r.ids = slices.Sorted(maps.Keys(r.found.accounts))
	for _, id := range r.found.moved {
		r.fail(ctx, id, FactPlace, errMoved)
	}
	r.cfg.Logger.InfoContext(ctx, "organization listed", "accounts", len(r.ids), "ous", len(r.found.units), "took", r.report.Listing)

	facts, cancel := r.untilReserve(ctx)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() { r.readTags(facts) })
	both.Go(func() { r.readRegions(facts) })
	both.Wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("account index: %w", context.Cause(ctx))
	}
	r.report.Reading = time.Since(r.report.Began) - r.report.Listing
	return r.finish(ctx)
}

// untilReserve ends the reading of facts early enough for the caller to write the index.
func (r *run) untilReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-r.cfg.Reserve))
	}
	return context.WithCancel(ctx)
}

// fail records a fact that could not be read.
func (r *run) fail(ctx context.Context, id, fact string, err error) {
	r.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "fact of an account not read", slog.String("fact", fact), slog.String("account", id), slog.Any("error", err))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Failures = append(r.report.Failures, Failure{AccountID: id, Fact: fact, Err: err})
}

// keep records what was read of an account.
func (r *run) keep(id string, change func(*reading, *Report)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.readings[id]
	change(&was, &r.report)
	r.readings[id] = was
}

// each calls do for all ids, several at once, and returns when all are done. Before, admit is called for one id after the other, so that what
// it waits for is given out in their order; do gets its error.
func each(ids []string, admit func(id string) error, do func(id string, refused error)) {
	type job struct {
		id      string
		refused error
	}
	work := make(chan job)
	var workers sync.WaitGroup
	for range min(parallel, len(ids)) {
		workers.Go(func() {
			for j := range work {
				do(j.id, j.refused)
			}
		})
	}
	for _, id := range ids {
		work <- job{id, admit(id)}
	}
	close(work)
	workers.Wait()
}

// finish makes the index. An account that no index could hold is left out, and reported.
func (r *run) finish(ctx context.Context) (*Result, error) {
	accounts := make([]accountindex.Account, 0, len(r.ids))
	for _, id := range r.ids {
		a, read := r.found.accounts[id], r.readings[id]
		a.Tags, a.Regions, a.RegionsAsOf = read.tags, read.regions, read.regionsAsOf
		accounts = append(accounts, a)
	}
	slices.SortFunc(r.found.units, func(a, b accountindex.OrgUnit) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.ID, b.ID))
	})
	index, err := accountindex.New(accounts, r.found.units, r.report.Began, accountindex.LoadOptions{})
	if err != nil {
		accounts = slices.DeleteFunc(accounts, func(a accountindex.Account) bool {
			_, fault := accountindex.New([]accountindex.Account{a}, nil, r.report.Began, accountindex.LoadOptions{})
			if fault != nil {
				r.leaveOut(ctx, a.ID, fault)
			}
			return fault != nil
		})
		if index, err = accountindex.New(accounts, r.found.units, r.report.Began, accountindex.LoadOptions{}); err != nil {
			return nil, fmt.Errorf("account index: what Organizations says makes no index: %w", err)
		}
	}
	for _, a := range accounts {
		r.report.States[a.State]++
	}
	r.report.Accounts, r.report.OrgUnits, r.report.Calls = index.Len(), len(index.OrgUnits()), r.calls.made
	sortFailures(r.report.Failures)
	r.cfg.Logger.InfoContext(ctx, "account index made", "report", r.report.String())
	return &Result{Index: index, Report: r.report}, nil
}

// leaveOut takes an account out of the counts.
func (r *run) leaveOut(ctx context.Context, id string, why error) {
	r.fail(ctx, id, FactAccount, why)
	read := r.readings[id]
	if read.tags != nil {
		r.report.TagsRead--
	}
	switch {
	case read.regions == nil:
	case read.regionsAsOf.IsZero():
		r.report.RegionsRead--
	default:
		r.report.RegionsKept--
	}
}

// pythonTime is Python's text form of a time, which the Python Starfleet writes.
func pythonTime(t time.Time) string {
	layout := "2006-01-02 15:04:05.000000-07:00"
	if t.Nanosecond()/1000 == 0 {
		layout = "2006-01-02 15:04:05-07:00"
	}
	return t.UTC().Format(layout)
}
