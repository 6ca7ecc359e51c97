package command_test

import (
	"errors"
	"fmt"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/schema"
)

func TestSafeKeepsWhatCanBeSeen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain, Grüße, 日本, 🚀":  "plain, Grüße, 日本, 🚀",
		"\x1b[31mred\x1b[0m":   `\x1b[31mred\x1b[0m`,
		"a\nb\rc\td":           `a\nb\rc\td`,
		"\u009b31m":            `\u009b31m`,
		"evil\u202etxt":        `evil\u202etxt`,
		"\xff\xfe":             `\xff\xfe`,
		"zero\u200bwidth\x7f":  `zero\u200bwidth\x7f`,
		"tag\U000e0041in name": `tag\U000e0041in name`,
		"replacement \ufffd":   "replacement \ufffd",
	} {
		if got := command.Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSafeLeavesNothingThatATerminalObeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := command.Safe(in)
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("Safe(%q) = %q has %q", in, got, r)
			}
		}
		if again := command.Safe(got); again != got {
			t.Fatalf("Safe is not at rest: %q, then %q", got, again)
		}
	})
}

func TestFaultsTakesErrorsApart(t *testing.T) {
	t.Parallel()
	one := schema.Fault{File: "a.yaml", Line: 1, Column: 2, Path: "X", Problem: "is wrong"}
	two := schema.Fault{File: "b.yaml", Problem: "is empty"}
	plain := schema.Fault{Problem: "no such file"}
	for _, c := range []struct {
		name string
		err  error
		want schema.Faults
	}{
		{"nil", nil, nil},
		{"plain", errors.New("no such file"), schema.Faults{plain}},
		{"faults", schema.Faults{one, two}, schema.Faults{one, two}},
		{"one fault", one, schema.Faults{one}},
		{"wrapped faults", fmt.Errorf("ship X: %w", schema.Faults{one}), schema.Faults{one}},
		{"joined", errors.Join(schema.Faults{one}, errors.New("no such file"), errors.Join(schema.Faults{two})), schema.Faults{one, plain, two}},
	} {
		if diff := cmp.Diff(c.want, command.Faults(c.err)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
