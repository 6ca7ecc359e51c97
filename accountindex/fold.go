package accountindex

import (
	"slices"
	"strings"
	"unicode"
)

// fold is the form in which names, OUs and tags are compared: lower case, as Python's str.lower makes it. No space is
// trimmed.
//
// It differs from strings.ToLower in the two rules of Unicode that are about more than one letter: a capital sigma at
// the end of a word becomes a final sigma, and a capital I with a dot above keeps its dot.
func fold(s string) string {
	if !strings.ContainsAny(s, "\u03a3\u0130") {
		return strings.ToLower(s)
	}
	letters := []rune(s)
	lower := make([]rune, 0, len(letters)+1)
	for i, r := range letters {
		switch {
		case r == '\u0130':
			lower = append(lower, 'i', '\u0307')
		case r == '\u03a3' && endsWord(letters, i):
			lower = append(lower, '\u03c2')
		default:
			lower = append(lower, unicode.ToLower(r))
		}
	}
	return string(lower)
}

// endsWord says whether the letter stands at the end of a word of several letters: after a cased letter and before
// none, not counting marks and the like between them.
func endsWord(letters []rune, i int) bool {
	return isCasedNext(slices.Backward(letters[:i])) && !isCasedNext(slices.All(letters[i+1:]))
}

// isCasedNext says whether the first letter that is not ignored is a cased one.
func isCasedNext(letters func(func(int, rune) bool)) bool {
	for _, r := range letters {
		if !isCaseIgnorable(r) {
			return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
		}
	}
	return false
}

// isCaseIgnorable is the property Case_Ignorable of Unicode: marks, modifiers and formats, and what may stand within a
// word, which are the values MidLetter, MidNumLet and Single_Quote of Word_Break.
func isCaseIgnorable(r rune) bool {
	const withinWords = "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a"
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune(withinWords, r)
}
