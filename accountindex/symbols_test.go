package accountindex

import (
	"testing"
	"unicode"
)

// TestFoldIsStable: folding a folded text changes nothing, on which the table of symbols relies.
func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if once := fold(string(r)); fold(once) != once {
			t.Errorf("%q folds to %q, and that to %q", r, once, fold(once))
		}
	}
}
