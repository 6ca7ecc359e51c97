package starbase

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/queue"
)

// TooLargeError is a template whose tasks do not fit the ship's queue. Nothing was sent.
type TooLargeError struct {
	// Fields are the biggest top-level fields of the template, at most three, the biggest first.
	Fields []FieldSize
	// Err is the queue's answer, a *queue.TooLargeError, with the size of a task and the limit.
	Err error
}

// FieldSize is how many bytes a field of a template takes in each task.
type FieldSize struct {
	Name  string
	Bytes int
}

// Error names the size, the limit and the biggest fields.
func (e *TooLargeError) Error() string {
	fields := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		fields[i] = fmt.Sprintf("%.60s (%d bytes)", f.Name, f.Bytes)
	}
	return fmt.Sprintf("%v; the biggest fields of the template: %s", e.Err, strings.Join(fields, ", "))
}

// Unwrap is the queue's answer.
func (e *TooLargeError) Unwrap() error { return e.Err }

// ExplainDispatch says more of a dispatch that ended because tasks of the plan do not fit the queue: a *TooLargeError. Other errors stay as they are.
func (p *Plan) ExplainDispatch(err error) error {
	var tooLarge *queue.TooLargeError
	if !errors.As(err, &tooLarge) {
		return err
	}
	const shown = 3
	var fields []FieldSize
	for name, value := range p.Template().Document().Root.Entries() {
		fields = append(fields, FieldSize{Name: name, Bytes: len(value.AppendJSON(nil))})
	}
	slices.SortStableFunc(fields, func(a, b FieldSize) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return &TooLargeError{Fields: fields[:min(len(fields), shown)], Err: err}
}
