package starbase

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
)

// MaxHops is how many invocations a fan-out may take: Lambda takes a chain of 16 invocations through a queue for a loop, and one of them sends
// millions of tasks.
const MaxHops = 12

// continuationKey is the member by which a continuation is known. Its value is the version of the format.
const continuationKey = "starfleet_continuation"

const continuationVersion = 1

// continuation is the body of the message by which a fan-out goes on in the next invocation. It has neither worker_ship nor
// template_prefix, so that a Python Starbase can neither take it for a fan-out message nor send it again as one. It names targets and holds
// no task.
type continuation struct {
	Format          int       `json:"starfleet_continuation"`
	RunID           string    `json:"run"`
	Hop             int       `json:"hop"` // of the invocation that is to go on; the first one, which had no such message, was 1
	Ship            string    `json:"ship"`
	TemplateKey     string    `json:"template"`
	TemplateVersion string    `json:"template_version"`
	IndexVersion    string    `json:"index_version,omitempty"`
	Configuration   string    `json:"configuration"` // digest of what bounds the resolution
	Begun           time.Time `json:"begun"`
	NotAfter        time.Time `json:"not_after,omitzero"`
	Resolved        int       `json:"resolved"`
	Done            int       `json:"done"` // of those resolved, each counted once
	Cursor          cursor    `json:"cursor"`
	Totals          totals    `json:"totals"`
}

// cursor says which targets were tasked: all up to After in the order of the resolution, but for those of Missing.
type cursor struct {
	After   string   `json:"after"`
	Missing []string `json:"missing,omitempty"`
}

// totals are the counts of all hops so far.
type totals struct {
	Sent               int     `json:"sent"` // repeated ones too
	Retried            int     `json:"retried"`
	Batches            int     `json:"batches"`
	Bytes              int64   `json:"bytes"`
	PossibleDuplicates int     `json:"possible_duplicates"`
	Seconds            float64 `json:"seconds"`
}

// parseContinuation reads a continuation. The error is an *EventError.
func parseContinuation(body []byte) (*continuation, error) {
	var c continuation
	if err := json.Unmarshal(body, &c, json.RejectUnknownMembers(true)); err != nil {
		return nil, &EventError{Problem: "the continuation of a fan-out cannot be read", Err: err}
	}
	problem := ""
	switch {
	case c.Format != continuationVersion:
		problem = fmt.Sprintf("the continuation is of format %d, and this Starbase knows %d: is it older than the one that sent it?", c.Format, continuationVersion)
	case !IsRunID(c.RunID):
		problem = "the continuation has no run id of letters, digits, - and _"
	case c.Hop < 2 || c.Hop > MaxHops+1:
		problem = fmt.Sprintf("hop %d of the continuation is not from 2 to %d", c.Hop, MaxHops+1)
	case c.Ship == "" || c.TemplateKey == "" || c.TemplateVersion == "" || c.Cursor.After == "":
		problem = "the continuation lacks its ship, its template, the version of the template or its cursor"
	}
	if problem != "" {
		return nil, &EventError{Problem: problem}
	}
	return &c, nil
}

// place is a target as a cursor names it. Places sort as targets do in a resolution.
func place(t accountindex.Target) string {
	if t.Region == "" {
		return t.AccountID
	}
	return t.AccountID + " " + t.Region
}

func placeOf(t starfleet.Task) string {
	return place(accountindex.Target{AccountID: t.AccountID(), Region: t.Region()})
}

// filter tells which targets are still to be tasked.
type filter struct {
	after   string
	missing map[string]bool
}

// filterOf is that of a continuation; nil, the beginning of a run, leaves everything to be tasked.
func filterOf(c *continuation) filter {
	if c == nil {
		return filter{}
	}
	f := filter{after: c.Cursor.After, missing: make(map[string]bool, len(c.Cursor.Missing))}
	for _, name := range c.Cursor.Missing {
		f.missing[name] = true
	}
	return f
}

// left says whether the place is still to be tasked.
func (f filter) left(place string) bool { return place > f.after || f.missing[place] }

// count is how many targets of a plan are still to be tasked.
func (f filter) count(p *Plan) int {
	if f.after == "" || p.Resolution() == nil {
		return p.Count()
	}
	n := 0
	for t := range p.Resolution().All() {
		if f.left(place(t)) {
			n++
		}
	}
	return n
}

// tasks are the tasks of a plan that are still to be sent.
func (f filter) tasks(p *Plan, info starfleet.RunInfo) func(func(starfleet.Task, error) bool) {
	all := p.Tasks(info)
	if f.after == "" {
		return all
	}
	return func(yield func(starfleet.Task, error) bool) {
		for task, err := range all {
			if (err != nil || f.left(placeOf(task))) && !yield(task, err) {
				return
			}
		}
	}
}

// advance is the cursor after a dispatch of these tasks that came as far as c says.
func (f filter) advance(p *Plan, c queue.Cursor) cursor {
	next := cursor{After: f.after}
	var unsent []string // up to what is sent last, or was before
	number := 0
	for t := range p.Resolution().All() {
		name := place(t)
		if !f.left(name) {
			continue
		}
		_, missing := slices.BinarySearch(c.Missing, number)
		switch {
		case number >= c.Next && name > f.after:
			next.Missing = unsent
			return next
		case number >= c.Next, missing:
			unsent = append(unsent, name)
		}
		if number < c.Next {
			next.After = max(next.After, name)
		}
		number++
	}
	next.Missing = unsent
	return next
}

// configurationDigest is that of everything in the configuration that bounds which targets a template of the ship has, and of where they go.
func configurationDigest(c *config.Configuration, ship *config.Ship) (string, error) {
	data, err := json.Marshal([]any{
		c.Fleet.NeverTouch, c.Fleet.Organizations, c.Fleet.AssumeActive, c.Fleet.UnmatchedInclude, c.Fleet.UnmatchedExclude,
		c.Starfleet.ScopeToRegions, ship.NeverTouch, ship.InvocationQueueURL,
	})
	if err != nil {
		return "", fmt.Errorf("digest of the configuration: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// TooManyHopsError is a fan-out that did not end within MaxHops invocations. Its message is dead-lettered, with the cursor in its body.
type TooManyHopsError struct {
	// Sent and Resolved are in tasks.
	Sent, Resolved int
	// After is the last target of the gapless part.
	After string
}

// Error says how far the run came, and what to do.
func (e *TooManyHopsError) Error() string {
	return fmt.Sprintf("the fan-out did not end in %d invocations: %d of %d tasks were sent, all up to %s: "+
		"give the Starbase more time or memory, or split the template", MaxHops, e.Sent, e.Resolved, strings.ReplaceAll(e.After, " ", " in "))
}

// ResolutionChangedError is a fan-out whose template resolves to other targets than when it began, though nothing that decides it changed: what
// was sent and what is left do not make up what was resolved.
type ResolutionChangedError struct {
	// Resolved is what there was at first, Now what there is, both in tasks.
	Resolved, Now int
}

// Error names both numbers.
func (e *ResolutionChangedError) Error() string {
	return fmt.Sprintf("the template resolved to %d tasks when the fan-out began and resolves to %d now, from the same versions of template and index: "+
		"nothing more is sent; start the fan-out again", e.Resolved, e.Now)
}

// ErrRunTooOld is a continuation whose tasks the workers would refuse as too old.
var ErrRunTooOld = errors.New("the fan-out began too long ago: its tasks would be refused as older than Fleet.TaskMaxAge; start it again")
