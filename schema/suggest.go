package schema

import (
	"strings"
	"unicode/utf8"
)

// maxWord is how long a word may be for DidYouMean to compare it.
const maxWord = 128

// DidYouMean is the candidate nearest to word, and "" when none is near. Case, hyphens and underscores do not count;
// beyond them at most a third of the letters may differ by being missing, added, replaced or swapped with their
// neighbor. Among candidates that are equally near the first wins.
func DidYouMean(word string, candidates []string) string {
	if word == "" || len(word) > maxWord {
		return ""
	}
	plain := plainWord(word)
	best, nearest := "", -1
	for _, candidate := range candidates {
		if candidate == "" || len(candidate) > maxWord {
			continue
		}
		other := plainWord(candidate)
		limit := max(utf8.RuneCountInString(plain), utf8.RuneCountInString(other)) / 3
		distance := editDistance([]rune(plain), []rune(other))
		if distance <= limit && (nearest < 0 || distance < nearest) {
			best, nearest = candidate, distance
		}
	}
	return best
}

var separators = strings.NewReplacer("-", "", "_", "", " ", "")

func plainWord(word string) string { return separators.Replace(strings.ToLower(word)) }

// editDistance is the number of letters missing, added, replaced or swapped with their neighbor between a and b.
func editDistance(a, b []rune) int {
	before := make([]int, len(b)+1) // two rows up
	above := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
