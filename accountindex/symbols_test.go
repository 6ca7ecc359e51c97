package accountindex

import (
	"testing"
	"unicode"
)

// TestFoldIsStable: folding a folded text changes nothing, on which the table of symbols relies.
func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x3000 {
			if once := fold(string(r)); fold(once) != once {
				t.Errorf("%q folds to %q, and that to %q", r, once, fold(once))
			}
			continue
		}
		for _, text := range []string{string(r), "\u0391\u03a3" + string(r), string(r) + "\u03a3", "\u0130" + string(r)} {
			if once := fold(text); fold(once) != once {
				t.Errorf("%q folds to %q, and that to %q", text, once, fold(once))
			}
		}
	}
}

// TestFoldIsLower holds fold against what str.lower of CPython answers.
func TestFoldIsLower(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                               "",
		"Payments":                       "payments",
		"\u039f\u0394\u039f\u03a3":       "\u03bf\u03b4\u03bf\u03c2",
		"\u03a3":                         "\u03c3",
		"\u03a3\u0391\u03a3":             "\u03c3\u03b1\u03c2",
		"\u0391 \u03a3":                  "\u03b1 \u03c3",
		"\u0391\u03a3'":                  "\u03b1\u03c2'",
		"\u0391\u03a3'\u0391":            "\u03b1\u03c3'\u03b1",
		"\u0391.\u03a3":                  "\u03b1.\u03c2",
		"\u0391\u03a3.":                  "\u03b1\u03c2.",
		"\u0391\u03a3-\u0391":            "\u03b1\u03c2-\u03b1",
		"\u0391\u03a31":                  "\u03b1\u03c21",
		"1\u03a3":                        "1\u03c3",
		"\u0391\u0301\u03a3\u0301":       "\u03b1\u0301\u03c2\u0301",
		"\u0391\u0301\u03a3\u0301\u0391": "\u03b1\u0301\u03c3\u0301\u03b1",
		"\u00aa\u03a3":                   "\u00aa\u03c2",
		"\u02b0\u03a3":                   "\u02b0\u03c3",
		"\u24d0\u03a3":                   "\u24d0\u03c2",
		"\u03a3\u03a3":                   "\u03c3\u03c2",
		"\u0130zmir":                     "i\u0307zmir",
		"\u0130STANBUL \u0130\u03a3":     "i\u0307stanbul i\u0307\u03c2",
		"\u1e9e":                         "\u00df",
		"\u01c5\u03a3":                   "\u01c6\u03c2",
		"\u0391\u00ad\u03a3":             "\u03b1\u00ad\u03c2",
		"\u0391:\u03a3:\u0391":           "\u03b1:\u03c3:\u03b1",
		"\u0391\u00b7\u03a3":             "\u03b1\u00b7\u03c2",
		"\u4e2d\u03a3":                   "\u4e2d\u03c3",
		"_\u03a3":                        "_\u03c3",
		"\u0391_\u03a3":                  "\u03b1_\u03c3",
		"\u0391\u03a3_\u0391":            "\u03b1\u03c2_\u03b1",
	} {
		if got := fold(text); got != want {
			t.Errorf("%+q folds to %+q, want %+q", text, got, want)
		}
	}
}
