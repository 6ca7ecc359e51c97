package cli

import (
	"fmt"
	"strings"
)

const (
	fewRegions = 3  // as many are always written out
	mostSets   = 26 // that get a letter
	wrapAt     = 100
)

// regionSets gives a letter to each list of regions that several accounts share, so that a table says a long list once.
type regionSets struct {
	letters map[string]string // by the list
	order   []string
}

// newRegionSets counts the lists of the accounts.
func newRegionSets(accounts []taskedAccount) *regionSets {
	s := &regionSets{letters: map[string]string{}}
	seen := map[string]int{}
	for _, a := range accounts {
		if len(a.regions) <= fewRegions {
			continue
		}
		list := strings.Join(a.regions, " ")
		if seen[list]++; seen[list] == 2 && len(s.order) < mostSets {
			s.letters[list] = string(rune('A' + len(s.order)))
			s.order = append(s.order, list)
		}
	}
	return s
}

// words are the number of regions and the letter of their list; the list itself when it has none.
func (s *regionSets) words(regions []string) string {
	letter, ok := s.letters[strings.Join(regions, " ")]
	if !ok {
		return joinRegions(regions)
	}
	return fmt.Sprintf("%d: %s", len(regions), letter)
}

// legend says what the letters stand for, in lines of at most so many columns.
func (s *regionSets) legend(columns int) []string {
	var lines []string
	for _, list := range s.order {
		line := s.letters[list] + " ="
		for region := range strings.FieldsSeq(list) {
			if len(line)+1+len(region) > columns {
				lines = append(lines, line)
				line = "   "
			}
			line += " " + region
		}
		lines = append(lines, line)
	}
	return lines
}
