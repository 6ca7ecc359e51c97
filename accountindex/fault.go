package accountindex

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/starfleet-go/starfleet/schema"
)

// nowhere is the offset of a fault that has no place in a file.
const nowhere = -1

// maxFaults is how many faults of one index are listed, as many as the schema package lists of one file.
const maxFaults = 1000

// faultList collects what is wrong with an index, with byte offsets, which become lines and columns
// only when there is something to report.
type faultList struct {
	file  string
	data  []byte
	found []locatedFault
}

type locatedFault struct {
	offset              int
	path, problem, hint string
}

func (l *faultList) add(offset int, path, problem, hint string) {
	l.found = append(l.found, locatedFault{offset, path, problem, hint})
}

// err is the faults in the order of their places, nil when there are none. After maxFaults the last one says how
// many are not shown.
func (l *faultList) err() error {
	if len(l.found) == 0 {
		return nil
	}
	slices.SortStableFunc(l.found, func(a, b locatedFault) int { return cmp.Compare(a.offset, b.offset) })
	shown := l.found[:min(len(l.found), maxFaults)]
	faults := make(schema.Faults, 0, len(shown)+1)
	line, column, seen := 1, 1, 0
	for _, f := range shown {
		fault := schema.Fault{File: l.file, Path: f.path, Problem: f.problem, Hint: f.hint}
		if f.offset != nowhere {
			passed := l.data[seen:f.offset]
			if last := bytes.LastIndexByte(passed, '\n'); last >= 0 {
				line += bytes.Count(passed, []byte("\n"))
				column, passed = 1, passed[last+1:]
			}
			column += utf8.RuneCount(passed)
			seen = f.offset
			fault.Line, fault.Column = line, column
		}
		faults = append(faults, fault)
	}
	if left := len(l.found) - len(shown); left > 0 {
		last := faults[len(faults)-1]
		faults = append(faults, schema.Fault{
			File: l.file, Line: last.Line, Column: last.Column,
			Problem: fmt.Sprintf("%d more faults are not shown", left), Hint: "mend the faults above first",
		})
	}
	return faults
}

// place is one step of the path to a value: a key, or a list position when the key is nil.
type place struct {
	key   []byte
	index int
}

// appendPath writes such as accounts.000000000001.Parents[0].Name. A key that is no plain word is
// quoted, so that nothing in a file can pass for something else in a terminal.
func appendPath(dst []byte, places []place) []byte {
	for _, p := range places {
		switch {
		case p.key == nil:
			dst = append(dst, '[')
			dst = strconv.AppendInt(dst, int64(p.index), 10)
			dst = append(dst, ']')
		case !isPlainKey(p.key):
			dst = append(dst, '[')
			dst = strconv.AppendQuote(dst, string(p.key))
			dst = append(dst, ']')
		default:
			if len(dst) > 0 {
				dst = append(dst, '.')
			}
			dst = append(dst, p.key...)
		}
	}
	return dst
}

func isPlainKey(key []byte) bool {
	for _, c := range key {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(key) > 0
}
