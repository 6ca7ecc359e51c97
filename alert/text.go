package alert

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ellipsis marks where a text was cut.
const Ellipsis = "…"

// Plain is a text without what could deceive a reader: control characters but for new lines become spaces, and marks that change the
// direction of writing, or have no width, are dropped. Names and tags of accounts may have them.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
}

// Cut is text in at most limit units, with an ellipsis where something was cut off. escape is applied to each character, and what it makes of
// one is kept whole; nil escapes nothing. A unit is a UTF-16 code unit, since that is the most that a sink counts a character as.
func Cut(text string, limit int, escape func(rune) string) string {
	var kept strings.Builder
	units, fits := 0, 0 // fits: the bytes of kept after which an ellipsis still has its place
	for _, r := range text {
		written := string(r)
		if escape != nil {
			written = escape(r)
		}
		size := utf16Length(written)
		if units+size > limit {
			return kept.String()[:fits] + Ellipsis
		}
		kept.WriteString(written)
		if units += size; units < limit {
			fits = kept.Len()
		}
	}
	return kept.String()
}

func utf16Length(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
