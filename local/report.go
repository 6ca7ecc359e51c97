package local

import (
	"cmp"
	"slices"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// Report is what a fleet did since it was made.
type Report struct {
	// Runs are the fan-outs, in the order in which they were made.
	Runs []Run
	// DeadLetters are the messages that no ship could do, with their errors.
	DeadLetters []DeadLetter
}

// Run is one template's fan-out and what became of its tasks.
type Run struct {
	starbase.RunReport
	// Results are the last attempts of the tasks, by account and region.
	Results []starfleet.Result
	// Retries counts the attempts that were not a task's first, those of copies of its message included.
	Retries int
}

// DeadLetter is a message on a dead-letter queue.
type DeadLetter struct {
	// From is the ship from whose queue it comes, or "Starbase" for the fan-out queue.
	From string
	// Class and Error are why it is there.
	Class, Error string
	// RunID and TaskID are its run and task; "" for a message of the fan-out queue.
	RunID, TaskID string
	// AccountID and Region are where the task was to work; "" where the message was not understood.
	AccountID, Region string
	Message           queue.Message
}

// Count is how many tasks of the run ended with an outcome.
func (r Run) Count(outcome starfleet.Outcome) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Done is how many tasks of the run ended well: changed, ok or skipped.
func (r Run) Done() int {
	return r.Count(starfleet.OutcomeChanged) + r.Count(starfleet.OutcomeOK) + r.Count(starfleet.OutcomeSkipped)
}

// OK says whether everything was sent and done, and nothing is a dead letter.
func (r *Report) OK() bool {
	for _, run := range r.Runs {
		if run.Err != nil || run.Done() != run.Targets {
			return false
		}
	}
	return len(r.DeadLetters) == 0
}

func (f *Fleet) report() *Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	report := &Report{}
	for _, r := range f.runs {
		report.Runs = append(report.Runs, f.runOf(r))
	}
	for _, s := range append([]*station{f.fanOut}, f.stations...) {
		for _, m := range s.dead.All() {
			where := f.target(m)
			report.DeadLetters = append(report.DeadLetters, DeadLetter{
				AccountID: where.AccountID, Region: where.Region,
				From: s.name, Class: m.Attributes[queue.AttributeErrorClass], Error: m.Attributes[queue.AttributeErrorMessage],
				RunID: m.Attributes[starfleet.AttributeRunID], TaskID: m.Attributes[starfleet.AttributeTaskID], Message: m,
			})
		}
	}
	return report
}

// target is where a message's task was to work, as its handler saw it.
func (f *Fleet) target(m queue.Message) accountindex.Target {
	for _, r := range f.results {
		if r.TaskID == m.Attributes[starfleet.AttributeTaskID] && r.RunID == m.Attributes[starfleet.AttributeRunID] {
			return accountindex.Target{AccountID: r.AccountID, Region: r.Region}
		}
	}
	return accountindex.Target{}
}

func (f *Fleet) runOf(r starbase.RunReport) Run {
	run := Run{RunReport: r}
	last := map[string]starfleet.Result{}
	for _, result := range f.results {
		if result.RunID != r.RunID {
			continue
		}
		if _, again := last[result.TaskID]; again {
			run.Retries++
		}
		last[result.TaskID] = result // results are in the order in which they came
	}
	for _, result := range last {
		run.Results = append(run.Results, result)
	}
	slices.SortFunc(run.Results, func(a, b starfleet.Result) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Region, b.Region))
	})
	return run
}
