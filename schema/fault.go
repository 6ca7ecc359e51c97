package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxFaults is how many faults of one file are listed. A file with more gets a last fault that says how many
// were left out, so that a hostile document can not turn one megabyte of input into a report of gigabytes.
const maxFaults = 1000

// Fault is one thing that is wrong in one file, with the place and, where there is one, the way out.
// Its JSON form is a stable interface: it is what `-o json` prints on standard error.
type Fault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // 1-based; 0 when the fault has no place in the file
	Column  int    `json:"column"` // 1-based, in characters; 0 when the fault has no place in the file
	Path    string `json:"path"`   // such as IncludeAccounts.ByIds[0]; "" is the document as a whole
	Problem string `json:"problem"`
	Hint    string `json:"hint"`
}

// Error is "file:line:column: path: problem: hint". Parts that are empty are left out with their colon.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		if f.File != "" {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%d:%d", f.Line, f.Column)
	}
	for _, part := range []string{f.Path, f.Problem, f.Hint} {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(part)
	}
	return b.String()
}

// Faults are all faults of a file, in the order of their places. As an error it is never empty: use [Faults.Err].
type Faults []Fault

// Error is one line a fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets [errors.As] find each Fault.
func (f Faults) Unwrap() []error {
	errs := make([]error, len(f))
	for i, fault := range f {
		errs[i] = fault
	}
	return errs
}

// Err is f as an error, and nil when there are no faults: an empty Faults never becomes a non-nil error.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Sort returns the faults in the order of their files and places, each once. A list of more than 1,000 faults is cut,
// and its last entry says how many are not shown.
func (f Faults) Sort() Faults {
	sorted := slices.Clone(f)
	slices.SortStableFunc(sorted, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Problem, b.Problem),
			cmp.Compare(a.Hint, b.Hint),
		)
	})
	sorted = slices.Compact(sorted)
	if len(sorted) <= maxFaults {
		return sorted
	}
	left := len(sorted) - maxFaults
	last := sorted[maxFaults-1]
	return append(sorted[:maxFaults:maxFaults], Fault{
		File: last.File, Line: last.Line, Column: last.Column,
		Problem: fmt.Sprintf("%d more faults are not shown", left),
		Hint:    "mend the faults above first",
	})
}
